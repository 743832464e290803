"""A round: who takes part, statements for all exactly once, reminders."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from orders.models import IssuedStatement, Reconciliation
from orders.reconciliation.models import ReconciliationState
from orders.reconciliation.queries import moved_within, reconciliations_for, tally_of, waits_for
from orders.reconciliation.rounds import remind, send_again
from orders.reconciliation.services import accept_unexplained, mark_seen, state_difference
from salesops.jobs.models import Job, JobState
from salesops.jobs.running import run_job
from salesops.notify.models import Notice
from salesops.users.roles import Role
from tests.support.build import make_sales, make_user
from tests.support.signed_in import signed_in
from tests.support.tasks import RunTasks

from .conftest import Sent, open_for, refused, these

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def test_everybody_gets_a_statement_and_a_notice(run_tasks: RunTasks) -> None:
    sales = make_sales()
    customers = [sales.customer() for _ in range(5)]
    agents = [make_user(Role.AGENT, customer=one) for one in customers[:4]]
    with run_tasks():
        made = open_for(sales, *customers)
    rows = Reconciliation.objects.filter(round=made)
    assert {one.state for one in rows} == {ReconciliationState.SENT}
    assert {one.statement.customer_id for one in rows if one.statement} == {one.pk for one in customers}
    told = Notice.objects.filter(kind="reconciliation.published")
    assert {notice.user_id for notice in told} == {agent.pk for agent in agents}
    assert Job.objects.get().summary == {"Statements": 5, "Nobody to tell": 1}


def test_who_takes_part_must_be_somebody_and_once() -> None:
    sales = make_sales()
    customer = sales.customer()
    refused("customers", open_for, sales)
    foreign = make_sales().customer()
    open_for(sales, customer, foreign)  # finance sees the whole company
    refused("round", open_for, sales, customer)
    open_for(sales, customer, first_day=timezone.localdate() - 3 * DAY)


def test_days_of_a_round_make_sense() -> None:
    sales = make_sales()
    customer, today = sales.customer(), timezone.localdate()
    refused("date", open_for, sales, customer, last_day=today + DAY)
    refused("date", open_for, sales, customer, first_day=today, last_day=today - DAY)
    refused("date", open_for, sales, customer, answer_by=today - DAY)


def test_only_finance_opens_rounds() -> None:
    sales = make_sales()
    customer = sales.customer()
    sales.finance = sales.supervisor
    refused("permission", open_for, sales, customer)


def test_an_agent_sees_it_once_it_is_sent(run_tasks: RunTasks) -> None:
    sales = make_sales()
    customer = sales.customer()
    agent = make_user(Role.AGENT, customer=customer)
    with run_tasks():
        open_for(sales, customer)
        assert not reconciliations_for(agent).exists()
        assert reconciliations_for(sales.supervisor).exists()
    assert reconciliations_for(agent).exists()
    assert not reconciliations_for(make_user(Role.AGENT, customer=sales.customer())).exists()


def test_a_second_attempt_goes_on_where_the_first_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    from orders.reconciliation import rounds

    sales = make_sales()
    made = open_for(sales, *[sales.customer() for _ in range(6)])
    monkeypatch.setattr(rounds, "AT_ONCE", 2)
    rows = Reconciliation.objects.filter(round=made)
    send = rounds._send
    calls: list[int] = []

    def dies_after_two(*given: object, **named: object) -> None:
        if len(calls) == 2:
            raise MemoryError("the worker is gone")
        calls.append(1)
        send(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(rounds, "_send", dies_after_two)
    job = Job.objects.get()
    run_job(job.pk)
    assert rows.exclude(state=ReconciliationState.NOT_SENT).count() == 4
    monkeypatch.setattr(rounds, "_send", send)
    again = send_again(made.pk, by=sales.finance)
    run_job(again.pk)
    again.refresh_from_db()
    assert again.state == JobState.DONE
    assert rows.filter(state=ReconciliationState.SENT).count() == 6
    assert IssuedStatement.objects.count() == 6
    refused("sent", send_again, made.pk, by=sales.finance)


def test_who_has_not_answered_is_reminded_once_a_day(sent: Sent, run_tasks: RunTasks) -> None:
    with run_tasks():
        remind(sent.round.pk, by=sent.sales.finance)
    told = Notice.objects.filter(user=sent.agent, kind="reconciliation.published")
    assert told.count() == 2
    refused("answered", remind, sent.round.pk, by=sent.sales.finance)
    Reconciliation.objects.update(reminded_at=timezone.now() - 2 * DAY)
    refused("answered", remind, sent.round.pk, by=sent.sales.finance, silent_days=5)
    with run_tasks():
        remind(sent.round.pk, by=sent.sales.finance)
    assert told.count() == 3


def test_the_board_counts_who_stands_where(sent: Sent) -> None:
    mark_seen(sent.one.pk, by=sent.agent)
    tally = tally_of(reconciliations_for(sent.sales.finance))
    assert these(tally.states["seen"], tally.count, tally.late, tally.closing) == (1, 1, 0, 600)
    later = tally_of(reconciliations_for(sent.sales.finance, today=timezone.localdate() + 11 * DAY))
    assert later.late == 1


def test_what_is_too_much_here_does_not_hide_what_is_too_little_there(run_tasks: RunTasks) -> None:
    sales = make_sales()
    customers = [sales.customer(), sales.customer()]
    with run_tasks():
        made = open_for(sales, *customers)
    for one, amount in zip(made.reconciliations.all(), (100, -100), strict=True):
        state_difference(one.pk, by=sales.finance, kind="other", amount=Decimal(amount), text="x")
    tally = tally_of(reconciliations_for(sales.finance))
    assert these(tally.unexplained, tally.net) == (200, 0)
    page = signed_in(sales.finance).get(made.get_absolute_url())
    assert page.context["table"].totals["unexplained"] == tally.unexplained
    assert "net 0.00" in page.content.decode()
    one = made.reconciliations.first()
    assert one
    accept_unexplained(one.pk, by=sales.sales_manager, reason="Small")
    page = signed_in(sales.finance).get(made.get_absolute_url())
    assert page.context["table"].totals["unexplained"] == page.context["tally"].unexplained == 100


def test_the_menu_counts_what_the_person_can_do_something_about(sent: Sent) -> None:
    sales = sent.sales
    state_difference(sent.one.pk, by=sent.agent, kind="other", amount=Decimal(-7), text="x")
    assert waits_for(sales.supervisor).count() == waits_for(sales.representative).count() == 0
    people = (sales.finance, sales.sales_manager, sent.agent)
    assert [waits_for(one).count() for one in people] == [1, 1, 0], "it waits for the company"
    accept_unexplained(sent.one.pk, by=sales.sales_manager, reason="Small")
    assert [waits_for(one).count() for one in people] == [1, 0, 1]


def test_who_had_a_balance_then_takes_part_though_it_is_paid_today() -> None:
    sales = make_sales()
    today = timezone.localdate()
    owed, paid, never = sales.customer(), sales.customer(), sales.customer()
    for customer in (owed, paid):
        sales.overdue(customer, 70, 20)
    sales.pay(paid, 70, on=today)
    first, last = today - 9 * DAY, today - DAY
    assert {row["customer"] for row in moved_within(first, last)} == {owed.pk, paid.pk}
    assert {row["customer"] for row in moved_within(today + DAY, today + DAY)} == {owed.pk}
    assert never.pk not in {row["customer"] for row in moved_within(first, today)}
