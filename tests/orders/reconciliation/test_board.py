"""The board of a round: where each stands, how many, who is silent for how long, and who is told again."""

from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from orders.models import Reconciliation, Round
from orders.reconciliation.rounds import remind, send_again
from orders.reconciliation.services import mark_seen, sign, state_difference
from salesops.jobs.models import Job
from salesops.notify.models import Notice, OutgoingMail
from salesops.users.models import User
from salesops.users.roles import Role
from tests.support.build import Sales, make_sales, make_user
from tests.support.signed_in import signed_in
from tests.support.tasks import RunTasks

from .conftest import Sent, open_for, refused

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


class Board:
    """A round in which every state occurs, by the name of the state."""

    def __init__(self, sales: Sales, run_tasks: RunTasks) -> None:
        self.sales = sales
        names = ("sent", "seen", "differing", "agreed", "signed")
        customers = {name: sales.customer(name, grade="C" if name == "sent" else "A") for name in names}
        self.agents: dict[str, User] = {
            name: make_user(Role.AGENT, customer=customer, email=f"{name}@agents.example")
            for name, customer in customers.items()
        }
        for at, customer in enumerate(customers.values(), start=1):
            sales.overdue(customer, 100 * at, 5)
        with run_tasks():
            self.round: Round = open_for(sales, *customers.values())
        self.rows = {name: Reconciliation.objects.get(customer=customer) for name, customer in customers.items()}
        key = {name: row.pk for name, row in self.rows.items()}
        mark_seen(key["seen"], by=self.agents["seen"])
        amount = Decimal(-7)
        state_difference(key["differing"], by=self.agents["differing"], kind="other", amount=amount, text="x")
        sign(key["agreed"], by=self.agents["agreed"])
        sign(key["signed"], by=self.agents["signed"])
        sign(key["signed"], by=sales.finance)
        unsent = sales.customer("unsent")
        self.rows["not_sent"] = Reconciliation.objects.create(number="RC-0", round=self.round, customer=unsent)

    def read(self, query: str = "", *, by: User | None = None) -> Any:
        return signed_in(by or self.sales.finance).get(f"{self.round.get_absolute_url()}?{query}")

    def shown(self, query: str = "", *, by: User | None = None) -> set[str]:
        rows = self.read(query, by=by).context["table"].paginated_rows
        return {row.record.customer.name for row in rows}


@pytest.fixture
def board(run_tasks: RunTasks) -> Board:
    return Board(make_sales(), run_tasks)


def test_each_state_is_counted_and_leads_to_its_accounts(board: Board) -> None:
    tally = board.read().context["tally"]
    assert tally.states == dict.fromkeys(("not_sent", "sent", "seen", "differing", "agreed", "signed"), 1)
    assert (tally.closing, tally.unexplained) == (Decimal(1500), Decimal(7))
    for state in ("sent", "seen", "differing", "agreed", "signed"):
        assert board.shown(f"state={state}") == {state}
    assert board.shown("state=not_sent") == {"unsent"}
    Round.objects.update(answer_by=timezone.localdate() - DAY)
    assert board.shown("state=late") == {"sent", "seen"}
    assert board.read().context["tally"].late == 2


def test_each_row_leads_to_its_reconciliation_once_it_is_sent(board: Board) -> None:
    said = board.read().content.decode()
    for name, row in board.rows.items():
        assert (row.get_absolute_url() in said) == (name != "not_sent"), name
        status = signed_in(board.sales.finance).get(row.get_absolute_url()).status_code
        assert status == (404 if name == "not_sent" else 200)


def test_it_is_narrowed_by_grade_and_by_days_of_silence(board: Board) -> None:
    assert board.shown("grade=C") == {"sent"}
    Reconciliation.objects.filter(pk=board.rows["seen"].pk).update(sent_at=timezone.now() - 8 * DAY)
    assert board.shown("silent=7") == {"seen"}
    assert board.shown("silent=14") == set()


def test_the_file_says_what_the_board_says(board: Board) -> None:
    sheet = load_workbook(BytesIO(board.read("export=xlsx&state=differing").content)).active
    assert sheet is not None
    cells = [cell for row in sheet.iter_rows(values_only=True) for cell in row]
    assert board.rows["differing"].number in cells
    assert board.rows["sent"].number not in cells
    assert {Decimal(300), Decimal(-7)} <= {Decimal(str(cell)) for cell in cells if isinstance(cell, int | float)}


def test_the_button_reminds_those_whom_the_board_shows_as_silent(board: Board, run_tasks: RunTasks) -> None:
    Reconciliation.objects.filter(pk=board.rows["seen"].pk).update(sent_at=timezone.now() - 8 * DAY)
    url = reverse("orders:round_reminder", args=[board.round.number])
    assert "Remind 2" in board.read().content.decode()
    page = board.read("silent=7").content.decode()
    assert "Remind 1" in page and f"{url}?silent=7" in page
    Notice.objects.all().delete()
    OutgoingMail.objects.all().delete()
    client = signed_in(board.sales.finance)
    with run_tasks():
        client.post(f"{url}?silent=7")
    assert [notice.user for notice in Notice.objects.filter(kind="reconciliation.published")] == [board.agents["seen"]]
    assert OutgoingMail.objects.filter(to=board.agents["seen"].email).count() == 1
    assert Job.objects.get(kind="orders.reconciliation_reminder").summary == {"Reminded": 1, "Nobody to tell": 0}
    with run_tasks():
        client.post(url)
    assert Notice.objects.filter(kind="reconciliation.published").count() == 2
    assert "Remind" not in board.read().content.decode().split("<main", 1)[1].split("so-kpis", 1)[0]


def test_a_reminder_stands_in_the_history_with_who_sent_it(board: Board, run_tasks: RunTasks) -> None:
    with run_tasks():
        remind(board.round.pk, by=board.sales.finance)
    client = signed_in(board.sales.finance)
    panel = client.get(reverse("web:panel", args=["reconciliation", "history", board.rows["sent"].number]))
    said = panel.content.decode()
    assert "reminded" in said.lower() and board.sales.finance.full_name in said


def test_only_finance_reminds_and_sends(board: Board) -> None:
    for person in (board.sales.supervisor, board.agents["sent"]):
        refused("permission", remind, board.round.pk, by=person)
        refused("permission", send_again, board.round.pk, by=person)
        assert "Remind" not in board.read(by=board.sales.supervisor).content.decode()
    assert not Job.objects.filter(kind="orders.reconciliation_reminder").exists()


def test_who_sees_a_part_of_the_accounts_counts_that_part(sent: Sent, run_tasks: RunTasks) -> None:
    other = make_sales()
    with run_tasks():
        made = open_for(sent.sales, other.customer(), first_day=timezone.localdate())
    assert signed_in(other.representative).get(made.get_absolute_url()).context["tally"].count == 1
    assert signed_in(sent.sales.representative).get(made.get_absolute_url()).status_code == 404
