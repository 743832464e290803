"""Which credit settles which debit: along with an entry, by hand, taken back; never more than either side has."""

from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from customers.models import CreditAccount, Customer, TermsPart
from orders.models import Allocation, OpenItem
from orders.proof.verification import differences
from orders.receivables.forms import propose
from orders.receivables.models import Source
from orders.receivables.services import post_entry
from orders.receivables.settlement import (
    Planned,
    plan_settlement,
    settle_accounts,
    settle_by_hand,
    settle_customers,
    take_back,
)
from salesops.kernel.errors import RuleBroken
from tests.support.at_once import at_once, refusals
from tests.support.build import Sales, make_sales
from tests.support.signed_in import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def sales() -> Sales:
    return make_sales()


def open_amounts(customer: Customer) -> list[str]:
    """What is open: debits by due day, then credits with a minus."""
    items = OpenItem.objects.filter(customer=customer).open().order_by("-is_debit", "due_on", "pk")
    return [f"{'' if item.is_debit else '-'}{item.open_amount}" for item in items]


def credit_of(customer: Customer) -> OpenItem:
    """The latest payment's item."""
    return OpenItem.objects.filter(customer=customer, entry__source=Source.PAYMENT).latest("pk")


def take_back_all(sales: Sales, customer: Customer) -> None:
    """Open again whatever is settled."""
    for made in Allocation.objects.standing().filter(credit__customer=customer):
        take_back(made.pk, by=sales.finance)


def debits_of(customer: Customer) -> list[OpenItem]:
    """What is owed, the oldest due first."""
    return list(OpenItem.objects.filter(customer=customer, is_debit=True).order_by("due_on", "pk"))


def left_open(sales: Sales) -> tuple[Customer, OpenItem]:
    """A customer with debits of 100 and 70 and a payment of 90 beside them, whose allocation was taken back."""
    customer = sales.customer()
    sales.overdue(customer, 100, 50)
    sales.overdue(customer, 70, 5)
    sales.pay(customer, 90)
    take_back(Allocation.objects.get(credit__customer=customer).pk, by=sales.finance)
    return customer, credit_of(customer)


def differing() -> list[str]:
    """What the books differ in, but that the debits of these tests come from no document."""
    return [str(one) for one in differences() if one.claim != "entry without document"]


def refused(rule: str, action: object, *args: object, **kwargs: object) -> RuleBroken:
    before = (Allocation.objects.count(), sorted(OpenItem.objects.values_list("pk", "open_amount")))
    with pytest.raises(RuleBroken) as caught, transaction.atomic():
        action(*args, **kwargs)  # type: ignore[operator]
    assert before == (Allocation.objects.count(), sorted(OpenItem.objects.values_list("pk", "open_amount")))
    assert caught.value.rule == rule
    return caught.value


# ---- parts ----
def test_a_shipment_opens_an_item_for_each_part_of_the_terms(sales: Sales) -> None:
    customer = sales.customer(due_days=90)
    for position, (percent, days) in enumerate([("30", 30), ("33.33", 60)], start=1):
        TermsPart.objects.create(account=customer.account, position=position, percent=percent, due_days=days)
    today = timezone.localdate()
    shipment = sales.ship(sales.approved(customer, 1))
    items = OpenItem.objects.filter(entry__source=Source.SHIPMENT, entry__source_id=shipment.pk).order_by("part")
    assert [(item.part, item.due_on, str(item.open_amount)) for item in items] == [
        (1, today + timedelta(days=30), "30.00"),
        (2, today + timedelta(days=60), "33.33"),
        (3, today + timedelta(days=90), "36.67"),
    ]
    assert items[0].entry.due_on == today + timedelta(days=90)
    assert items[0].pk == items[0].entry_id
    assert len({item.pk for item in items}) == 3
    sales.pay(customer, 40)
    assert open_amounts(customer) == ["23.33", "36.67"]
    assert differing() == []


def test_no_item_ever_gets_the_key_of_another_entry(sales: Sales) -> None:
    customer = sales.customer()
    TermsPart.objects.create(account=customer.account, position=1, percent=50, due_days=1)
    for _shipment in range(3):
        sales.ship(sales.approved(customer, 1))
    keys = list(OpenItem.objects.filter(part=1).values_list("pk", "entry"))
    assert all(key == entry for key, entry in keys)
    others = set(OpenItem.objects.filter(part=2).values_list("pk", flat=True))
    assert len(others) == 3
    assert not others & {entry for _key, entry in keys}


# ---- along with an entry ----
def test_an_entry_leaves_alone_what_somebody_left_open(sales: Sales) -> None:
    customer, _credit = left_open(sales)
    sales.pay(customer, 30)
    assert open_amounts(customer) == ["70.00", "70.00", "-90.00"]
    sales.overdue(customer, 200, 1)
    assert open_amounts(customer) == ["70.00", "70.00", "110.00"]
    assert differing() == []


def test_it_counts_from_the_later_of_both_days(sales: Sales) -> None:
    customer, today = sales.customer(), timezone.localdate()
    sales.pay(customer, 50, on=today - timedelta(days=9))
    sales.overdue(customer, 20, 3)
    sales.overdue(customer, 30, 12)
    made = Allocation.objects.order_by("amount")
    assert [(one.amount, one.allocated_on) for one in made] == [
        (Decimal(20), today - timedelta(days=3)),
        (Decimal(30), today - timedelta(days=9)),
    ]


# ---- by hand ----
def test_a_credit_settles_what_is_chosen(sales: Sales) -> None:
    customer, credit = left_open(sales)
    old, new = debits_of(customer)
    made = settle_by_hand(credit.pk, {new.pk: Decimal(70), old.pk: Decimal("0.01")}, by=sales.finance)
    assert [(one.amount, one.made_by, one.allocated_on) for one in made] == [
        (Decimal(70), sales.finance, timezone.localdate()),
        (Decimal("0.01"), sales.finance, timezone.localdate()),
    ]
    assert open_amounts(customer) == ["99.99", "-19.99"]
    assert differing() == []


def test_no_more_is_settled_than_is_open_on_either_side(sales: Sales) -> None:
    customer, credit = left_open(sales)
    old, new = debits_of(customer)
    settle = partial(settle_by_hand, credit.pk, by=sales.finance)
    told = refused("more than open", settle, {new.pk: Decimal("70.01")})
    assert told.facts["open"] == Decimal(70)
    assert told.field == f"amount_{new.pk}"
    refused("more than open", settle, {new.pk: Decimal(70), old.pk: Decimal("20.01")})
    refused("amount", settle, {new.pk: Decimal(0)})
    refused("amount", settle, {new.pk: Decimal(-1)})
    refused("amount", settle, {})
    assert open_amounts(customer) == ["100.00", "70.00", "-90.00"]


def test_debits_settle_nothing_and_nobody_elses_are_settled(sales: Sales) -> None:
    customer, credit = left_open(sales)
    other, other_credit = left_open(sales)
    old, _new = debits_of(customer)
    refused("side", settle_by_hand, old.pk, {old.pk: Decimal(1)}, by=sales.finance)
    refused("scope", settle_by_hand, credit.pk, {debits_of(other)[0].pk: Decimal(1)}, by=sales.finance)
    refused("scope", settle_by_hand, credit.pk, {other_credit.pk: Decimal(1)}, by=sales.finance)
    stranger = make_sales().representative
    refused("scope", settle_by_hand, credit.pk, {old.pk: Decimal(1)}, by=stranger)
    refused("scope", take_back, Allocation.objects.filter(credit=credit)[0].pk, by=stranger)
    refused("scope", settle_by_hand, 0, {old.pk: Decimal(1)}, by=sales.finance)


# ---- taken back ----
def test_taking_back_opens_both_sides_and_deletes_nothing(sales: Sales) -> None:
    customer, credit = left_open(sales)
    assert open_amounts(customer) == ["100.00", "70.00", "-90.00"]
    made, back = Allocation.objects.filter(credit=credit).order_by("pk")
    assert (back.reverses, back.amount, back.made_by) == (made, Decimal(-90), sales.finance)
    assert list(Allocation.objects.standing()) == []
    assert CreditAccount.objects.get(customer=customer).balance == Decimal(80)
    assert differing() == []


def test_nothing_is_taken_back_twice(sales: Sales) -> None:
    _customer, credit = left_open(sales)
    made, back = Allocation.objects.filter(credit=credit).order_by("pk")
    refused("taken back", take_back, made.pk, by=sales.finance)
    refused("taken back", take_back, back.pk, by=sales.finance)
    again = Allocation(debit=made.debit, credit=made.credit, amount=-made.amount, reverses=made)
    with pytest.raises(IntegrityError), transaction.atomic():
        again.save()  # the database says so too


def test_what_was_taken_back_is_settled_oldest_first_when_somebody_says_so(sales: Sales) -> None:
    customer, _credit = left_open(sales)
    with transaction.atomic():
        CreditAccount.objects.locked(customer.pk)
        settle_customers([customer.pk], on=timezone.localdate(), by=sales.finance)
    assert open_amounts(customer) == ["10.00", "70.00"]
    made = Allocation.objects.standing().get()
    assert (made.made_by, made.allocated_on) == (sales.finance, timezone.localdate())


# ---- by reference ----
def settled_pairs(customer: Customer) -> list[tuple[str, str, Decimal]]:
    """What settled what, and how much, the smallest first."""
    made = Allocation.objects.standing().filter(credit__customer=customer).order_by("amount")
    return [(one.credit.entry.text, one.debit.entry.document, one.amount) for one in made]


def test_a_payment_settles_what_its_reference_names_before_what_is_due_first(sales: Sales) -> None:
    customer = sales.customer()
    old, named, new = (sales.overdue(customer, amount, days) for amount, days in ((100, 50), (70, 20), (30, 5)))
    sales.pay(customer, 90, reference=f"货款{named.document.lower()}, thanks")
    pairs = settled_pairs(customer)
    assert [(document, amount) for _text, document, amount in pairs] == [
        (old.document, Decimal(20)),
        (named.document, Decimal(70)),
    ]
    sales.pay(customer, 25, reference=f"{new.document}+{old.document}")  # of two, the one that is due first
    assert settled_pairs(customer)[1][1:] == (old.document, Decimal(25))
    assert open_amounts(customer) == ["55.00", "30.00"]
    assert differing() == []


def test_a_number_inside_of_another_is_not_named(sales: Sales) -> None:
    customer = sales.customer()
    old, new = sales.overdue(customer, 100, 50), sales.overdue(customer, 70, 20)
    sales.pay(customer, 10, reference=f"{new.document}7 X{new.document}")
    assert [document for _text, document, _amount in settled_pairs(customer)] == [old.document]


def test_of_two_that_name_one_debit_the_first_settles_it(sales: Sales) -> None:
    customer = sales.customer()
    old, named = sales.overdue(customer, 100, 50), sales.overdue(customer, 70, 20)
    today = timezone.localdate()
    for days, amount in ((1, 60), (9, 50)):
        sales.pay(customer, amount, on=today - timedelta(days=days), reference=f"{named.document} {days}")
    take_back_all(sales, customer)
    settle_accounts([customer.pk], by=sales.finance)
    assert settled_pairs(customer) == [
        ("Bank transfer " + f"{named.document} 1", named.document, Decimal(20)),
        ("Bank transfer " + f"{named.document} 1", old.document, Decimal(40)),
        ("Bank transfer " + f"{named.document} 9", named.document, Decimal(50)),
    ]
    assert differing() == []


def test_a_debit_is_settled_by_what_named_it_before_it_was_there(sales: Sales) -> None:
    customer = sales.customer()
    sales.pay(customer, 40, reference="first", on=timezone.localdate() - timedelta(days=3))
    sales.pay(customer, 50, reference="for SH-1")
    with transaction.atomic():
        post_entry(
            CreditAccount.objects.locked(customer.pk),
            source=Source.OPENING,
            source_id=1,
            document="SH-1",
            posted_on=timezone.localdate(),
            due=timezone.localdate(),
            debit=Decimal(60),
            by=None,
        )
    assert [amount for _text, _document, amount in settled_pairs(customer)] == [10, 50]
    assert open_amounts(customer) == ["-30.00"]


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    debits=st.lists(st.tuples(st.integers(1, 40), st.integers(0, 9)), min_size=1, max_size=8),
    payments=st.lists(
        st.tuples(st.integers(1, 60), st.integers(0, 9), st.sets(st.integers(0, 9), max_size=3)),
        min_size=1,
        max_size=8,
    ),
)
def test_the_rule_settles_what_it_says_and_no_more_whatever_is_open(debits: list[Any], payments: list[Any]) -> None:
    with transaction.atomic():
        sales = make_sales()
        customer = sales.customer(limit=None)
        entries = [sales.overdue(customer, amount, 30 - late) for amount, late in debits]
        for number, (amount, ago, named) in enumerate(payments):
            words = " ".join(entries[at].document for at in named if at < len(entries))
            sales.pay(customer, amount, on=timezone.localdate() - timedelta(days=ago), reference=f"{number}: {words}")
        take_back_all(sales, customer)
        owed = {item.pk: item.open_amount for item in debits_of(customer)}
        paid = {item.pk: item for item in OpenItem.objects.filter(customer=customer, is_debit=False)}
        planned = plan_settlement([customer.pk])
        for one in planned:
            document = OpenItem.objects.get(pk=one.debit_id).entry.document
            assert not one.is_named or document in paid[one.credit_id].entry.text.split()
        settled = settle_accounts([customer.pk], by=sales.finance)
        assert (
            settled.amount
            == sum(one.amount for one in planned)
            == min(sum(owed.values()), sum(item.open_amount for item in paid.values()))
        )
        made = Allocation.objects.standing().filter(credit__customer=customer)
        assert sorted((one.debit_id, one.credit_id, one.amount) for one in made) == sorted(
            (one.debit_id, one.credit_id, one.amount) for one in planned
        )
        assert not [one for one in planned if one.amount <= 0]
        assert_named_come_first(planned, owed, paid)
        transaction.set_rollback(True)


def assert_named_come_first(planned: list[Planned], owed: dict[int, Any], paid: dict[int, OpenItem]) -> None:
    """A credit settles something that it does not name only where nothing that it names was left by the others."""
    by_name = {key: sum(one.amount for one in planned if one.is_named and one.debit_id == key) for key in owed}
    documents = {item.pk: item.entry.document for item in OpenItem.objects.filter(pk__in=owed)}
    for credit in paid.values():
        rest = [one for one in planned if one.credit_id == credit.pk and not one.is_named]
        named = [key for key in owed if documents[key] in credit.entry.text.split()]
        if rest and len(named) == 1:
            assert by_name[named[0]] == owed[named[0]]


# ---- at once ----
@pytest.mark.django_db(transaction=True)
def test_two_clerks_settle_one_credit_and_only_what_is_there_is_used(sales: Sales) -> None:
    customer, credit = left_open(sales)
    old, new = debits_of(customer)
    results = at_once(
        lambda: settle_by_hand(credit.pk, {old.pk: Decimal(60)}, by=sales.finance),
        lambda: settle_by_hand(credit.pk, {new.pk: Decimal(60)}, by=sales.finance),
    )
    (told,) = refusals(results)
    assert (told.rule, told.facts["open"]) == ("more than open", Decimal(30))
    assert differing() == []


@pytest.mark.django_db(transaction=True)
def test_two_clerks_take_one_allocation_back_and_it_comes_back_once(sales: Sales) -> None:
    customer = sales.customer()
    sales.overdue(customer, 100, 5)
    sales.pay(customer, 60)
    made = Allocation.objects.get()
    (told,) = refusals(at_once(*[partial(take_back, made.pk, by=sales.finance)] * 2))
    assert told.rule == "taken back"
    assert open_amounts(customer) == ["100.00", "-60.00"]
    assert differing() == []


@pytest.mark.django_db(transaction=True)
def test_settling_by_hand_meets_a_payment_and_nothing_is_settled_twice(sales: Sales) -> None:
    customer, credit = left_open(sales)
    old, _new = debits_of(customer)
    results = at_once(
        lambda: settle_by_hand(credit.pk, {old.pk: Decimal(90)}, by=sales.finance),
        lambda: sales.pay(customer, 100),
    )
    settled = 100 if refusals(results) else 190  # the payment took the debit first, or what was left of it
    assert sum(Allocation.objects.standing().values_list("amount", flat=True)) == Decimal(min(settled, 170))
    assert differing() == []


# ---- on the pages ----
def test_finance_settles_what_is_proposed_and_takes_it_back(sales: Sales) -> None:
    customer, credit = left_open(sales)
    client = signed_in(sales.finance)
    account = client.get(f"/accounts/{customer.code}/").content.decode()
    url = f"/accounts/{customer.code}/credits/{credit.pk}/settlement/"
    assert f'href="{url}"' in account
    page = client.get(url).content.decode()
    old, new = debits_of(customer)
    assert 'value="90.00"' in page
    sent = {"on": timezone.localdate().isoformat(), f"amount_{old.pk}": "15.50", f"amount_{new.pk}": ""}
    assert client.post(url, sent)["Location"] == f"/accounts/{customer.code}/"
    assert open_amounts(customer) == ["84.50", "70.00", "-74.50"]
    made = Allocation.objects.standing().get()
    payment = client.get(f"/payments/{credit.entry.document}/").content.decode()
    back = f"/accounts/{customer.code}/allocations/{made.pk}/reversal/"
    assert f'action="{back}"' in payment
    assert client.post(back).status_code == 302
    assert open_amounts(customer) == ["100.00", "70.00", "-90.00"]


def test_what_is_too_much_is_said_at_its_field_and_what_was_typed_stays(sales: Sales) -> None:
    customer, credit = left_open(sales)
    old, _new = debits_of(customer)
    url = f"/accounts/{customer.code}/credits/{credit.pk}/settlement/"
    refused = signed_in(sales.finance).post(url, {"on": timezone.localdate().isoformat(), f"amount_{old.pk}": "100.01"})
    assert refused.status_code == 422
    assert "100.00 is open; 100.01 cannot be settled." in refused.content.decode()
    assert 'value="100.01"' in refused.content.decode()
    assert open_amounts(customer) == ["100.00", "70.00", "-90.00"]


def test_what_the_text_of_a_credit_names_is_proposed_first(sales: Sales) -> None:
    customer, credit = left_open(sales)
    old, new = debits_of(customer)
    assert propose(credit) == {old.pk: Decimal(90)}
    sales.pay(customer, 90, reference=f"for {new.entry.document}")
    take_back_all(sales, customer)
    assert propose(credit_of(customer)) == {new.pk: Decimal(70), old.pk: Decimal(20)}


def test_nobody_reaches_another_account_by_its_keys(sales: Sales) -> None:
    customer, credit = left_open(sales)
    other, _credit = left_open(make_sales())
    client = signed_in(sales.finance)
    made = Allocation.objects.filter(credit=credit)[0]
    assert client.get(f"/accounts/{other.code}/credits/{credit.pk}/settlement/").status_code == 404
    assert client.post(f"/accounts/{other.code}/allocations/{made.pk}/reversal/").status_code == 404
    assert (
        signed_in(sales.representative).post(f"/accounts/{customer.code}/allocations/{made.pk}/reversal/").status_code
        == 403
    )
