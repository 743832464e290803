"""When a month may be closed, what stays on record, and what the database says to whoever comes past the services."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import DatabaseError
from django.utils import timezone

from orders.closing.checks import Check, Left, Level, closing_checks
from orders.closing.days import closed_through, month_of
from orders.closing.queries import next_to_close
from orders.closing.services import close_month
from orders.models import ClosingStep, ReceivableEntry
from orders.proof.services import record_proof
from orders.proof.verification import Difference
from salesops.kernel.errors import RuleBroken
from salesops.kernel.periods import Period
from salesops.web.refusals import as_refusal
from tests.support.build import make_sales
from tests.support.closing import closed, day_in, ended_month, proved

pytestmark = pytest.mark.django_db


def refusal(action: Callable[[], object]) -> RuleBroken:
    """The rule that says no; nothing is closed by it."""
    before = ClosingStep.objects.count()
    with pytest.raises(RuleBroken) as refused:
        action()
    assert ClosingStep.objects.count() == before
    return refused.value


# ---- the order of months ----
def test_a_month_is_closed_and_the_checklist_stays_as_it_was() -> None:
    sales, month = make_sales(), ended_month()
    step = closed(month, by=sales.finance)
    assert (step.kind, step.month, step.closed_through, step.by) == (
        "closed",
        month.start,
        month.last_day,
        sales.finance,
    )
    assert {point["key"] for point in step.checklist} >= {"proof", "approvals", "credits"}
    assert closed_through() == month.last_day


def test_the_running_month_is_not_closed() -> None:
    sales = make_sales()
    proved()
    running = month_of(timezone.localdate())
    assert refusal(lambda: close_month(running, by=sales.finance)).rule == "not over"


def test_months_are_closed_in_order() -> None:
    sales = make_sales()
    closed(ended_month(3), by=sales.finance)
    refused = refusal(lambda: close_month(ended_month(1), by=sales.finance))
    assert (refused.rule, refused.facts["next"]) == ("order", str(ended_month(2)))
    closed(ended_month(2), by=sales.finance)
    closed(ended_month(1), by=sales.finance)


def test_a_month_is_closed_once() -> None:
    sales = make_sales()
    closed(ended_month(2), by=sales.finance)
    assert refusal(lambda: close_month(ended_month(2), by=sales.finance)).rule == "closed already"
    assert refusal(lambda: close_month(ended_month(5), by=sales.finance)).rule == "closed already"


def test_the_next_month_is_the_last_that_ended_before_any_is_closed_and_none_when_all_are() -> None:
    sales = make_sales()
    assert next_to_close() == ended_month(1)
    closed(ended_month(2), by=sales.finance)
    assert next_to_close() == ended_month(1)
    closed(ended_month(1), by=sales.finance)
    assert next_to_close() is None


# ---- the checklist ----
def test_books_that_were_not_proved_today_stop_it() -> None:
    sales, month = make_sales(), ended_month()
    refused = refusal(lambda: close_month(month, by=sales.finance))
    assert (refused.rule, refused.facts["points"]) == ("checklist", ["proof"])
    record_proof([], started_at=timezone.now() - timedelta(days=1))
    assert refusal(lambda: close_month(month, by=sales.finance)).rule == "checklist"


def test_books_that_differ_stop_it() -> None:
    sales = make_sales()
    record_proof([Difference("balance", "A", "1.00", "2.00")], started_at=timezone.now())
    assert refusal(lambda: close_month(ended_month(), by=sales.finance)).facts["points"] == ["proof"]


def test_a_credit_beside_a_debt_has_to_be_accepted() -> None:
    from orders.models import Allocation
    from orders.receivables.settlement import take_back

    sales = make_sales()
    customer = sales.customer()
    sales.overdue(customer, 100, days=40)
    sales.pay(customer, 100)
    take_back(Allocation.objects.get().pk, by=sales.finance)
    proved()
    refused = refusal(lambda: close_month(ended_month(), by=sales.finance))
    assert (refused.rule, refused.facts["points"]) == ("warnings", ["credits"])
    step = close_month(ended_month(), by=sales.finance, accepts_warnings=True)
    assert next(point["left"] for point in step.checklist if point["key"] == "credits") == 1


def test_what_a_feature_adds_to_the_checklist_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    sales = make_sales()
    asked: list[object] = []

    def unfinished(period: Period) -> Left:
        asked.append(period)
        return Left(2, "/")

    check = Check("rounds_of_test", "Rounds", Level.BLOCKS, unfinished)
    monkeypatch.setitem(closing_checks._things, check.key, check)
    proved()
    refused = refusal(lambda: close_month(ended_month(), by=sales.finance, accepts_warnings=True))
    assert "Rounds (2)" in str(refused)
    assert asked == [ended_month()]


# ---- what the database says ----
INSERT = (
    "INSERT INTO orders_receivableentry (customer_id, source, source_id, document, text, posted_on, due_on, debit,"
    " credit, posted_at) VALUES (%s, 'opening', 99, 'X', '', %s, %s, 1, 0, now())"
)


def write(statement: str, *values: date | int) -> None:
    """Past all services."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


@pytest.mark.parametrize("back", [1, 2, 30])
def test_the_database_refuses_an_entry_in_a_closed_month(back: int) -> None:
    sales = make_sales()
    customer = sales.customer()
    closed(ended_month(1), by=sales.finance)
    day = ended_month(back).last_day
    with pytest.raises(DatabaseError) as refused:
        write(INSERT, customer.pk, day, day)
    said = as_refusal(refused.value)
    assert said is not None
    assert (said.rule, said.facts) == ("closed month", {"closed_through": ended_month(1).last_day})
    assert not ReceivableEntry.objects.exists()


def test_the_database_takes_an_entry_of_the_first_open_day() -> None:
    sales = make_sales()
    closed(ended_month(1), by=sales.finance)
    write(INSERT, sales.customer().pk, ended_month(1).end, ended_month(1).end)


def test_one_closed_day_among_many_rows_is_seen() -> None:
    sales, month = make_sales(), ended_month(1)
    customer = sales.customer()
    closed(month, by=sales.finance)
    many = (
        "INSERT INTO orders_receivableentry (customer_id, source, source_id, document, text, posted_on, due_on, debit,"
        " credit, posted_at) SELECT %s, 'opening', n, 'X', '', %s::date - n, now(), 1, 0, now()"
        " FROM generate_series(0, 5) n"
    )
    with pytest.raises(DatabaseError, match="closed"):
        write(many, customer.pk, month.end + timedelta(days=4))
    write(many, customer.pk, month.end + timedelta(days=5))


def test_the_database_refuses_an_allocation_in_a_closed_month() -> None:
    sales, month = make_sales(), ended_month(1)
    customer = sales.customer()
    sales.overdue(customer, 100, days=(timezone.localdate() - month.start).days)
    sales.pay(customer, 40, on=day_in(month))
    closed(month, by=sales.finance)
    again = (
        "INSERT INTO orders_allocation (debit_id, credit_id, amount, allocated_on)"
        " SELECT debit_id, credit_id, 1, %s FROM orders_allocation"
    )
    with pytest.raises(DatabaseError, match="closed"):
        write(again, month.last_day)
    write(again, month.end)


@pytest.mark.parametrize("statement", ["UPDATE orders_closingstep SET month = month", "DELETE FROM orders_closingstep"])
def test_what_happened_to_a_month_is_not_changed(statement: str) -> None:
    closed(ended_month(), by=make_sales().finance)
    with pytest.raises(DatabaseError):
        write(statement)


def test_the_database_sets_what_is_closed_and_refuses_another_order() -> None:
    sales = make_sales()

    def step(month: date, **more: object) -> ClosingStep:
        with transaction.atomic():
            made = ClosingStep.objects.create(kind="closed", month=month, by=sales.finance, **more)
            made.refresh_from_db()
            return made

    with pytest.raises(IntegrityError, match="a_month_is_named_by_its_first_day"):
        step(ended_month(3).start + timedelta(days=1))
    assert step(ended_month(3).start, closed_through=date(2099, 1, 1)).closed_through == ended_month(3).last_day
    with pytest.raises(DatabaseError, match="in order"):
        step(ended_month(1).start)
    with pytest.raises(DatabaseError, match="in order"):
        step(ended_month(3).start)
    with pytest.raises(DatabaseError, match="in order"):
        step(ended_month(2).start + timedelta(days=1))
    assert closed_through() == ended_month(3).last_day
