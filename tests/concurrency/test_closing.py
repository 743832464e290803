"""Closing against a late posting: whichever comes first, nothing comes into a month after it was closed."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from functools import partial
from threading import Event

import pytest
from django.db import transaction
from django.db.models import QuerySet

from customers.models import CreditAccount, Customer
from orders.closing.services import ask_reopening, close_month
from orders.models import ClosingStep, ReceivableEntry, Reopening
from orders.receivables.models import Source
from orders.receivables.services import post_entry
from salesops.kernel.errors import RuleBroken
from salesops.web.refusals import as_refusal
from tests.support.at_once import at_once, begun, on_its_own, refusals
from tests.support.build import make_sales
from tests.support.closing import closed as closed_one
from tests.support.closing import day_in, ended_month, proved

pytestmark = pytest.mark.django_db(transaction=True)
SOON = 20


def late_of(step: ClosingStep) -> QuerySet[ReceivableEntry]:
    """Entries that came into the closed month after it was closed."""
    rows = ReceivableEntry.objects.filter(posted_on__lte=step.closed_through)
    return rows.filter(pk__gt=step.entries_through)


def post(customer: Customer, day: date) -> None:
    """An entry without a number of its own: nobody waits for its series."""
    post_entry(
        CreditAccount.objects.locked(customer.pk),
        source=Source.OPENING,
        source_id=1,
        document="OB-1",
        posted_on=day,
        due=day,
        debit=Decimal(5),
        by=None,
    )


def test_closing_waits_for_a_posting_that_has_begun_and_counts_it_in() -> None:
    sales, month = make_sales(), ended_month()
    customer = sales.customer()
    proved()
    posted, may_end = Event(), Event()

    def post_slowly() -> None:
        with transaction.atomic():
            post(customer, day_in(month))
            posted.set()
            assert may_end.wait(SOON)

    with ThreadPoolExecutor(2) as pool:
        posting = pool.submit(on_its_own, post_slowly)
        assert posted.wait(SOON)
        closing = begun(pool, partial(close_month, month, by=sales.finance))
        assert not closing.done()
        may_end.set()
        posting.result(SOON)
        step = closing.result(SOON)
    entry = ReceivableEntry.objects.get()
    assert (entry.posted_on, entry.pk) == (day_in(month), step.entries_through)


def test_a_posting_that_begins_while_a_month_is_closed_goes_into_the_open_one() -> None:
    sales, month = make_sales(), ended_month()
    customer = sales.customer()
    proved()
    closed, may_end = Event(), Event()

    def close_slowly() -> None:
        with transaction.atomic():
            close_month(month, by=sales.finance)
            closed.set()
            assert may_end.wait(SOON)

    with ThreadPoolExecutor(2) as pool:
        closing = pool.submit(on_its_own, close_slowly)
        assert closed.wait(SOON)
        paying = begun(pool, partial(sales.pay, customer, 10, on=day_in(month)))
        assert not paying.done()
        may_end.set()
        closing.result(SOON)
        paying.result(SOON)
    entry = ReceivableEntry.objects.get()
    assert (entry.posted_on, entry.belongs_on) == (month.end, day_in(month))


def test_a_posting_that_never_ends_does_not_stop_all_others() -> None:
    """Closing gives up after seconds, and says so; who posts meanwhile goes on."""
    sales, month = make_sales(), ended_month()
    customer, other = sales.customer(), sales.customer()
    proved()
    posted, may_end = Event(), Event()

    def hang() -> None:
        with transaction.atomic():
            post(customer, day_in(month))
            posted.set()
            assert may_end.wait(SOON)

    def close() -> object:
        try:
            return close_month(month, by=sales.finance)
        except Exception as error:  # noqa: BLE001  what a page would say of it is what is asked
            return as_refusal(error)

    with ThreadPoolExecutor(3) as pool:
        hanging = pool.submit(on_its_own, hang)
        assert posted.wait(SOON)
        closing = begun(pool, close)
        paying = pool.submit(on_its_own, partial(sales.pay, other, 2, on=day_in(month)))
        paying.result(SOON)
        said = closing.result(SOON)
        may_end.set()
        hanging.result(SOON)
    assert isinstance(said, RuleBroken)
    assert said.rule == "locked"
    assert not ClosingStep.objects.exists()


def test_of_two_who_close_at_once_one_does() -> None:
    sales, month = make_sales(), ended_month()
    proved()
    results = at_once(*[partial(close_month, month, by=sales.finance) for _n in range(2)])
    (refused,) = refusals(results)
    assert refused.rule == "closed already"
    assert ClosingStep.objects.count() == 1


def test_who_asks_to_reopen_a_month_while_the_next_is_closed_is_told_which_is_the_last() -> None:
    sales, earlier, month = make_sales(), ended_month(2), ended_month()
    closed_one(earlier, by=sales.finance)
    closed, may_end = Event(), Event()

    def close_slowly() -> None:
        with transaction.atomic():
            closed_one(month, by=sales.finance)
            closed.set()
            assert may_end.wait(SOON)

    with ThreadPoolExecutor(2) as pool:
        closing = pool.submit(on_its_own, close_slowly)
        assert closed.wait(SOON)
        asking = begun(pool, partial(ask_reopening, earlier, by=sales.finance, reason="The bank sent it again"))
        assert not asking.done()
        may_end.set()
        closing.result(SOON)
        with pytest.raises(RuleBroken) as refused:
            asking.result(SOON)
    assert refused.value.rule == "not the last closed"
    assert not Reopening.objects.exists()


def test_of_closing_and_asking_to_reopen_at_once_one_is_refused() -> None:
    sales, earlier, month = make_sales(), ended_month(2), ended_month()
    closed_one(earlier, by=sales.finance)
    results = at_once(
        partial(close_month, month, by=sales.finance, accepts_warnings=True),
        *[partial(ask_reopening, earlier, by=sales.finance, reason="The bank sent it again") for _n in range(2)],
    )
    said = sorted(refused.rule for refused in refusals(results))
    assert said in (["reopening waits", "reopening waits"], ["not the last closed", "not the last closed"])
    assert Reopening.objects.count() == int(said[0] == "reopening waits")


def test_many_late_payments_against_a_closing() -> None:
    for back in (4, 3, 2, 1):
        sales, month = make_sales(), ended_month(back)
        proved()
        payments = [partial(sales.pay, sales.customer(), 10, on=day_in(month)) for _n in range(12)]
        results = at_once(*payments[:6], partial(close_month, month, by=sales.finance), *payments[6:])
        assert refusals(results) == []
        step = ClosingStep.objects.last()
        assert step is not None
        assert not late_of(step).exists()
        days = ReceivableEntry.objects.filter(pk__in=[0, *_entries_of(results)])
        assert {(one.posted_on, one.belongs_on) for one in days} <= {
            (day_in(month), None),
            (month.end, day_in(month)),
        }


def _entries_of(results: list[object]) -> list[int]:
    numbers = [str(result) for result in results if hasattr(result, "received_on")]
    assert len(numbers) == 12
    return list(ReceivableEntry.objects.filter(document__in=numbers).values_list("pk", flat=True))
