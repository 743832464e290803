"""Which letter is due to whom: levels one after the other, disputes left out, one letter with all items."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from customers.files.models import Customer
from orders.collections.models import ReminderLevel
from orders.collections.proposals import LateItem, late_items, proposals
from orders.collections.reminding import remind
from orders.collections.services import close_dispute, open_dispute
from orders.models import Dispute, OpenItem, Reminder, ReminderItem
from tests.support.build import Sales, make_sales

pytestmark = pytest.mark.django_db
DAYS = timedelta(days=1)


@pytest.fixture
def sales() -> Sales:
    return make_sales()


def due(customer: Customer, *, after: int = 0) -> list[LateItem]:
    return late_items(timezone.localdate() + after * DAYS, Customer.objects.filter(pk=customer.pk))


def letters(*customers: Customer, after: int = 0) -> list[tuple[object, ...]]:
    found = proposals(
        timezone.localdate() + after * DAYS, Customer.objects.filter(pk__in=[one.pk for one in customers])
    )
    return [(one.customer_id, one.level, one.amount) for one in found]


def backdate(days: int) -> None:
    """Let all reminders have been sent so many days earlier."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE orders_reminder SET made_on = made_on - %s", [days])
        cursor.execute("UPDATE orders_reminderitem SET made_on = made_on - %s", [days])
        cursor.execute("SET LOCAL session_replication_role = origin")


def test_the_first_levels_are_there() -> None:
    assert list(ReminderLevel.objects.values_list("number", "days")) == [(1, 0), (2, 7), (3, 21), (4, 45)]


def test_nobody_is_reminded_of_what_is_not_overdue(sales: Sales) -> None:
    customer = sales.customer()
    sales.overdue(customer, 100, 0)
    sales.pay(sales.customer(), 50)
    assert letters(customer) == []
    assert letters(customer, after=1) == [(customer.pk, 1, 100)]


def test_an_old_item_begins_at_the_first_level_and_goes_up_one_by_one(sales: Sales) -> None:
    customer = sales.customer()
    sales.overdue(customer, 100, 60)
    sent = []
    for _turn in range(6):
        made = remind(customer.pk, by=sales.finance)
        sent.append(made and made.level)
        assert remind(customer.pk, by=sales.finance) is None  # once a day
        backdate(14)
    assert sent == [1, 2, 3, 4, None, None]


def test_a_level_waits_for_its_gap(sales: Sales) -> None:
    customer = sales.customer()
    sales.overdue(customer, 100, 60)
    remind(customer.pk, by=sales.finance)
    backdate(6)
    assert letters(customer) == []
    backdate(1)
    assert letters(customer) == [(customer.pk, 2, 100)]


def test_one_letter_has_all_items_each_at_its_level_and_the_highest(sales: Sales) -> None:
    customer = sales.customer()
    sales.overdue(customer, 100, 20)
    remind(customer.pk, by=sales.finance)
    backdate(7)
    young = sales.overdue(customer, 40, 2)
    made = remind(customer.pk, by=sales.finance)
    assert made is not None
    assert (made.level, made.amount) == (2, Decimal(140))
    assert [(line.level, line.amount) for line in made.lines.all()] == [(2, Decimal(100)), (1, Decimal(40))]
    assert made.lines.last().document == young.document  # type: ignore[union-attr]


def test_a_young_item_alone_does_not_raise_an_older_one(sales: Sales) -> None:
    customer = sales.customer()
    sales.overdue(customer, 100, 3)
    remind(customer.pk, by=sales.finance)
    backdate(2)
    sales.overdue(customer, 40, 1)
    made = remind(customer.pk, by=sales.finance)
    assert made is not None
    assert [line.level for line in made.lines.all()] == [1, 1]


@pytest.mark.parametrize(("disputed", "left"), [(100, None), (30, 70)], ids=["whole", "part"])
def test_a_dispute_stops_reminders_of_what_it_is_about(sales: Sales, disputed: int, left: int | None) -> None:
    customer = sales.customer()
    entry = sales.overdue(customer, 100, 5)
    other = sales.overdue(customer, 20, 5)
    item = OpenItem.objects.get(entry=entry)
    open_dispute(by=sales.finance, item_id=item.pk, kind="price", amount=Decimal(disputed), text="Too dear")
    amounts = {one.document: one.amount for one in due(customer)}
    assert amounts == {other.document: 20} | ({entry.document: left} if left else {})
    close_dispute(Dispute.objects.get().pk, by=sales.finance, outcome="Ours was right")
    assert {one.document: one.amount for one in due(customer)} == {entry.document: 100, other.document: 20}


def test_what_was_paid_meanwhile_is_not_reminded_of(sales: Sales) -> None:
    customer = sales.customer()
    sales.overdue(customer, 100, 5)
    sales.pay(customer, 60)
    made = remind(customer.pk, by=sales.finance)
    assert made is not None and made.amount == 40
    sales.pay(customer, 40)
    backdate(30)
    assert remind(customer.pk, by=sales.finance) is None


def test_the_order_is_level_then_amount_and_costs_one_query(sales: Sales, django_assert_num_queries: object) -> None:
    small, large, old = sales.customer(), sales.customer(), sales.customer()
    sales.overdue(old, 1, 30)
    remind(old.pk, by=sales.finance)
    backdate(7)
    sales.overdue(small, 10, 3)
    sales.overdue(large, 900, 3)
    with django_assert_num_queries(1):  # type: ignore[operator]
        found = letters(small, large, old)
    assert [one[0] for one in found] == [old.pk, large.pk, small.pk]
    assert ReminderItem.objects.count() == Reminder.objects.count() == 1


def test_days_of_the_first_level_count_from_the_day_after_the_due_day(sales: Sales) -> None:
    ReminderLevel.objects.filter(number=1).update(days=3)
    customer = sales.customer()
    sales.overdue(customer, 100, 2)
    assert letters(customer) == []
    assert letters(customer, after=1) == [(customer.pk, 1, 100)]
