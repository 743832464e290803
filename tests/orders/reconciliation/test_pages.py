"""Rounds, the board, one reconciliation and its forms, in the browser's words."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from orders.models import Reconciliation, Round
from orders.reconciliation.models import ReconciliationState
from orders.reconciliation.services import explain_difference, sign, state_difference
from salesops.jobs.models import Job
from salesops.users.roles import Role
from tests.support.build import make_sales, make_user
from tests.support.queries import queries_of
from tests.support.signed_in import signed_in
from tests.support.tasks import RunTasks

from .conftest import Sent, open_for

pytestmark = pytest.mark.django_db


def test_finance_opens_a_round_from_a_form() -> None:
    sales = make_sales()
    near, far = sales.customer(grade="A"), sales.customer(grade="B")
    sales.overdue(near, 10, 3)
    sales.overdue(far, 10, 3)
    sales.customer(grade="A")  # nothing happened there
    today = timezone.localdate()
    given = {"first_day": today - timedelta(days=9), "last_day": today, "answer_by": today, "grade": "A", "moved": "on"}
    response = signed_in(sales.finance).post(reverse("orders:round_new"), given)
    made = Round.objects.get()
    assert response["Location"] == made.get_absolute_url()
    assert [one.customer for one in made.reconciliations.all()] == [near]
    assert Job.objects.get().kind == "orders.reconciliation_round"


def test_a_form_that_leaves_nobody_says_so_and_keeps_what_was_typed() -> None:
    sales = make_sales()
    today = timezone.localdate()
    given = {"first_day": today, "last_day": today, "answer_by": today, "note": "October"}
    response = signed_in(sales.finance).post(reverse("orders:round_new"), given)
    assert response.status_code == 422
    assert "Nobody takes part" in response.content.decode() and "October" in response.content.decode()


def test_the_board_leads_to_each_account_and_can_be_narrowed(sent: Sent) -> None:
    client = signed_in(sent.sales.finance)
    page = client.get(sent.round.get_absolute_url())
    assert sent.one.get_absolute_url() in page.content.decode()
    for query, count in (("state=sent", 1), ("state=signed", 0), ("state=late", 0), ("silent=3", 0), ("q=nowhere", 0)):
        rows = client.get(f"{sent.round.get_absolute_url()}?{query}").context["table"].paginated_rows
        assert len(list(rows)) == count, query


def test_an_agent_looks_contradicts_and_confirms(sent: Sent) -> None:
    client = signed_in(sent.agent)
    assert client.get(reverse("orders:rounds"))["Location"] == reverse("orders:reconciliations")
    own = client.get(reverse("orders:reconciliations")).content.decode()
    assert sent.one.number in own and "Your books differ by" in own and "Our closing balance" not in own
    url = sent.one.get_absolute_url()
    assert "Confirm 600.00" in client.get(url).content.decode()
    assert sent.one.state == ReconciliationState.SEEN
    entry = sent.customer.entries.get()
    form = {"kind": "quantity", "entry": entry.pk, "their_amount": "450", "text": "Nine of twelve came"}
    client.post(reverse("orders:difference_new", args=[sent.one.number]), form)
    assert sent.one.differences.get().amount == -150
    explain_difference(sent.one.pk, 1, by=sent.sales.finance, reason="ours_to_post", note="Credited")
    assert "Credited" in client.get(url).content.decode()
    client.post(reverse("orders:reconciliation_signature", args=[sent.one.number]))
    assert (sent.one.their_signer, sent.one.their_signed_from) == (sent.agent, "127.0.0.1")


def test_each_line_of_a_statement_leads_to_what_differs_there(sent: Sent) -> None:
    client = signed_in(sent.agent)
    entry = sent.customer.entries.get()
    url = sent.one.statement.get_absolute_url()  # type: ignore[union-attr]
    form_url = reverse("orders:difference_new", args=[sent.one.number])
    link = f"{form_url}?entry={entry.pk}"
    assert link in client.get(url).content.decode()
    assert client.get(link).context["form"].initial["entry"] == entry.pk
    assert link not in signed_in(sent.sales.supervisor).get(url).content.decode()
    same = client.post(form_url, {"kind": "price", "entry": entry.pk, "their_amount": entry.amount})
    assert same.status_code == 422 and "their_amount" in same.context["form"].errors
    client.post(form_url, {"kind": "price", "entry": entry.pk, "their_amount": "1"})
    page = client.get(url).content.decode()
    assert link not in page and f"{sent.one.get_absolute_url()}#differences" in page


def test_a_difference_leads_to_the_document_that_it_is_about(run_tasks: RunTasks) -> None:
    sales = make_sales()
    customer = sales.customer()
    agent = make_user(Role.AGENT, customer=customer)
    payment = sales.pay(customer, 40)
    with run_tasks():
        open_for(sales, customer)
    one = Reconciliation.objects.get()
    client = signed_in(agent)
    assert payment.get_absolute_url() not in client.get(one.get_absolute_url()).content.decode()
    entry = customer.entries.get()
    state_difference(one.pk, by=agent, kind="payment", amount=entry.amount, entry_id=entry.pk)
    assert payment.get_absolute_url() in client.get(one.get_absolute_url()).content.decode()
    assert client.get(payment.get_absolute_url()).status_code == 200


def test_a_page_that_is_no_longer_true_is_not_signed(sent: Sent) -> None:
    client = signed_in(sent.agent)
    url = reverse("orders:reconciliation_signature", args=[sent.one.number])
    assert f"{url}?closing=600.00" in client.get(sent.one.get_absolute_url()).content.decode()
    state_difference(sent.one.pk, by=sent.sales.finance, kind="other", amount=sent.one.statement.closing, text="x")  # type: ignore[union-attr]
    explain_difference(sent.one.pk, 1, by=sent.sales.finance, reason="timing")
    assert client.post(f"{url}?closing=600.00").status_code == 409
    assert sent.one.their_signed_at is None
    client.post(f"{url}?closing=1200.00")
    assert sent.one.their_signer == sent.agent


@pytest.mark.parametrize(
    ("direction", "amount"), [("lowers", "-20"), ("raises", "20")], ids=["paid more", "received more"]
)
def test_what_the_statement_does_not_show_says_its_direction(sent: Sent, direction: str, amount: str) -> None:
    form = {"kind": "payment", "their_amount": "20", "direction": direction, "document": "FK-1"}
    signed_in(sent.agent).post(reverse("orders:difference_new", args=[sent.one.number]), form)
    assert str(sent.one.differences.get().amount) == f"{amount}.00"


def test_finance_explains_reopens_and_accepts(sent: Sent) -> None:
    state_difference(sent.one.pk, by=sent.agent, kind="other", amount=sent.one.statement.closing, text="x")  # type: ignore[union-attr]
    finance, manager = signed_in(sent.sales.finance), signed_in(sent.sales.sales_manager)
    args = [sent.one.number, 1]
    finance.post(reverse("orders:difference_explanation", args=args), {"reason": "timing", "note": "Next month"})
    assert sent.one.differences.get().reason == "timing"
    finance.post(reverse("orders:difference_reopening", args=args))
    page = finance.get(sent.one.get_absolute_url()).content.decode()
    assert "Unexplained" in page and "is unexplained, 1 differences are open" in page
    manager.post(reverse("orders:unexplained_acceptance", args=args[:1]), {"reason": "Small"})
    assert sent.one.accepted_by == sent.sales.sales_manager
    finance.post(reverse("orders:reconciliation_signature", args=args[:1]))
    assert sent.one.our_signer == sent.sales.finance
    finance.post(reverse("orders:reconciliation_unsigning", args=args[:1]))
    assert sent.one.our_signer is None


def test_a_letter_exists_once_both_have_signed(sent: Sent) -> None:
    client = signed_in(sent.agent)
    url = reverse("orders:reconciliation_letter", args=[sent.one.number])
    assert client.get(url).status_code == 404
    for by in (sent.agent, sent.sales.finance):
        sign(sent.one.pk, by=by)
    assert client.get(url).content.startswith(b"%PDF")


def test_a_statement_is_issued_from_the_account(sent: Sent) -> None:
    today = timezone.localdate()
    url = reverse("orders:statement_new", args=[sent.customer.code])
    response = signed_in(sent.sales.finance).post(url, {"first_day": today, "last_day": today})
    assert "/statements/ST-" in response["Location"]
    wrong = signed_in(sent.sales.finance).post(url, {"first_day": today, "last_day": today - timedelta(days=1)})
    assert wrong.status_code == 422


def test_pages_cost_the_same_for_few_and_for_many(run_tasks: RunTasks) -> None:
    sales = make_sales()
    client = signed_in(sales.finance)

    def costs(count: int) -> list[int]:
        customers = [sales.customer() for _ in range(count)]
        for customer in customers:
            make_user(Role.AGENT, customer=customer)
            for ago in range(count):
                sales.overdue(customer, 10, ago)
        with run_tasks():
            made = open_for(sales, *customers)
        one: Any = Reconciliation.objects.filter(round=made).first()
        for number in range(count):
            state_difference(one.pk, by=sales.finance, kind="other", amount=number + 1, text="x")  # type: ignore[arg-type]
        pages = (
            reverse("orders:rounds"),
            made.get_absolute_url(),
            one.get_absolute_url(),
            one.statement.get_absolute_url(),
            reverse("orders:statements"),
        )
        return [queries_of(client, page) for page in pages]

    costs(1)
    assert costs(2) == costs(6)
