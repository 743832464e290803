"""Due dates, credit terms and holds."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from customers.accounts.hooks import after_terms_changed
from customers.accounts.models import CreditAccount, DueRule, TermsPart
from customers.accounts.services import DueInput, lift_hold, put_on_hold, set_credit_terms
from customers.accounts.terms import due_date, due_parts, terms_in_words
from customers.files.models import Note
from salesops.kernel.errors import RuleBroken
from salesops.users.roles import Role
from salesops.web.history import history_of
from tests.support.build import make_customer, make_user
from tests.support.signed_in import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def told() -> Iterator[list[int]]:
    """The customers that higher apps were told of."""
    heard: list[int] = []
    after_terms_changed.append(heard.append)
    yield heard
    after_terms_changed.remove(heard.append)


@pytest.mark.parametrize(
    ("rule", "days", "shipped", "due"),
    [
        (DueRule.SHIPMENT, 30, date(2026, 11, 23), date(2026, 12, 23)),
        (DueRule.SHIPMENT, 0, date(2026, 11, 23), date(2026, 11, 23)),
        (DueRule.SHIPMENT, 30, date(2028, 1, 30), date(2028, 2, 29)),
        (DueRule.SHIPMENT, 30, date(2027, 1, 30), date(2027, 3, 1)),
        (DueRule.SHIPMENT, 366, date(2027, 12, 31), date(2028, 12, 31)),
        (DueRule.MONTH_END, 0, date(2028, 2, 1), date(2028, 2, 29)),
        (DueRule.MONTH_END, 0, date(2028, 2, 29), date(2028, 2, 29)),
        (DueRule.MONTH_END, 10, date(2027, 2, 14), date(2027, 3, 10)),
        (DueRule.MONTH_END, 30, date(2026, 12, 31), date(2027, 1, 30)),
        (DueRule.MONTH_END, 31, date(2026, 12, 1), date(2027, 1, 31)),
    ],
)
def test_goods_are_due_by_the_terms(rule: str, days: int, shipped: date, due: date):
    assert due_date(CreditAccount(due_rule=rule, due_days=days), shipped) == due


def terms(**changes: Any) -> dict[str, Any]:
    return {"limit": Decimal("900000.00"), "due_rule": "month_end", "due_days": 45, "tolerance_days": 10, **changes}


def test_terms_are_set_and_told(told: list[int]):
    customer, finance = make_customer(limit=Decimal(0)), make_user(Role.FINANCE, full_name="Zhao Min")
    set_credit_terms(customer.pk, by=finance, **terms())
    account = CreditAccount.objects.get(pk=customer.pk)
    assert (account.limit, account.due_rule, account.due_days, account.tolerance_days) == (
        Decimal("900000.00"),
        "month_end",
        45,
        10,
    )
    assert told == [customer.pk]
    change = next(one for one in history_of(customer, account) if one.field == "Credit limit")
    assert (change.by, change.old, change.new) == ("Zhao Min", "0.00", "900,000.00")


def test_an_empty_limit_is_not_controlled():
    customer = make_customer(limit=Decimal(5))
    set_credit_terms(customer.pk, by=make_user(Role.FINANCE), **terms(limit=None))
    assert CreditAccount.objects.get(pk=customer.pk).limit is None


@pytest.mark.parametrize(
    "changes",
    [{"limit": Decimal(-1)}, {"due_rule": "never"}, {"due_days": 366}, {"due_days": -1}, {"tolerance_days": 400}],
)
def test_terms_that_cannot_be_are_refused(told: list[int], changes: dict[str, Any]):
    customer = make_customer(limit=Decimal(5))
    with pytest.raises(RuleBroken):
        set_credit_terms(customer.pk, by=make_user(Role.FINANCE), **terms(**changes))
    account = CreditAccount.objects.get(pk=customer.pk)
    assert (account.limit, account.due_days) == (Decimal(5), 30)
    assert told == []


def test_a_hold_has_a_reason_and_is_told(told: list[int]):
    customer, finance = make_customer(), make_user(Role.FINANCE)
    with pytest.raises(RuleBroken):
        put_on_hold(customer.pk, by=finance, reason=" ")
    assert not CreditAccount.objects.get(pk=customer.pk).is_on_hold
    put_on_hold(customer.pk, by=finance, reason="cheque returned")
    account = CreditAccount.objects.get(pk=customer.pk)
    assert (account.is_on_hold, account.hold_reason, account.hold_by) == (True, "cheque returned", finance)
    assert told == [customer.pk]


def test_nothing_is_held_twice_nor_lifted_twice(told: list[int]):
    customer, finance = make_customer(is_on_hold=True, hold_reason="late"), make_user(Role.FINANCE)
    with pytest.raises(RuleBroken):
        put_on_hold(customer.pk, by=finance, reason="other")
    assert CreditAccount.objects.get(pk=customer.pk).hold_reason == "late"
    lift_hold(customer.pk, by=finance, note="paid")
    with pytest.raises(RuleBroken):
        lift_hold(customer.pk, by=finance, note="paid")
    assert told == [customer.pk]


def test_a_hold_is_lifted_with_a_note_that_stays():
    customer, finance = make_customer(is_on_hold=True, hold_reason="late"), make_user(Role.FINANCE)
    with pytest.raises(RuleBroken):
        lift_hold(customer.pk, by=finance, note="")
    assert CreditAccount.objects.get(pk=customer.pk).is_on_hold
    lift_hold(customer.pk, by=finance, note="paid in full")
    account = CreditAccount.objects.get(pk=customer.pk)
    assert (account.is_on_hold, account.hold_reason, account.hold_at) == (False, "", None)
    assert Note.objects.get().text == "Hold lifted: paid in full (it was: late)"


@pytest.mark.django_db
def test_terms_and_holds_stay_inside_the_scope() -> None:
    customer = make_customer()
    stranger = make_user(Role.REPRESENTATIVE)
    with pytest.raises(RuleBroken) as caught:
        put_on_hold(customer.pk, by=stranger, reason="Not mine")
    assert caught.value.rule == "scope"
    assert not CreditAccount.objects.get(pk=customer.pk).is_on_hold


@pytest.mark.parametrize(
    ("rule", "days", "day", "shipped", "due"),
    [
        (DueRule.TO_MONTH_END, 0, 31, date(2028, 2, 1), date(2028, 2, 29)),
        (DueRule.TO_MONTH_END, 30, 31, date(2026, 12, 2), date(2027, 1, 31)),
        (DueRule.TO_MONTH_END, 30, 31, date(2026, 12, 1), date(2026, 12, 31)),
        (DueRule.DAY_OF_MONTH, 0, 15, date(2026, 11, 15), date(2026, 11, 15)),
        (DueRule.DAY_OF_MONTH, 1, 15, date(2026, 11, 15), date(2026, 12, 15)),
        (DueRule.DAY_OF_MONTH, 20, 10, date(2026, 12, 15), date(2027, 1, 10)),
        (DueRule.DAY_OF_MONTH, 0, 30, date(2027, 2, 3), date(2027, 2, 28)),
        (DueRule.DAY_OF_MONTH, 30, 31, date(2027, 1, 31), date(2027, 3, 31)),
    ],
)
def test_goods_are_due_on_a_day_of_a_month(rule: str, days: int, day: int, shipped: date, due: date):
    assert due_date(CreditAccount(due_rule=rule, due_days=days, due_day=day), shipped) == due


def part(percent: str, days: int) -> TermsPart:
    return TermsPart(percent=Decimal(percent), due_rule=DueRule.SHIPMENT, due_days=days)


@pytest.mark.parametrize(
    ("parts", "amount", "amounts"),
    [
        ([], "100.00", ["100.00"]),
        ([("30", 30), ("50", 60)], "100.00", ["30.00", "50.00", "20.00"]),
        ([("33.33", 30), ("33.33", 60)], "0.10", ["0.03", "0.03", "0.04"]),
        ([("50", 30), ("49.99", 60)], "0.01", ["0.01"]),
        ([("0.01", 30)], "1.00", ["1.00"]),
        ([("99.99", 30)], "0.01", ["0.01"]),
    ],
)
def test_parts_of_an_amount_add_up_to_it(parts: list[tuple[str, int]], amount: str, amounts: list[str]):
    account = CreditAccount(due_rule=DueRule.SHIPMENT, due_days=90)
    found = due_parts(account, [part(*one) for one in parts], Decimal(amount), date(2026, 11, 1))
    assert [str(one.amount) for one in found] == amounts


def of_part(percent: str, days: int = 30, **changes: Any) -> DueInput:
    return DueInput(**{"due_rule": "shipment", "due_days": days, "percent": Decimal(percent), **changes})


def test_terms_have_parts_and_the_next_ones_take_their_place():
    customer, finance = make_customer(), make_user(Role.FINANCE)
    set_credit_terms(
        customer.pk, by=finance, **terms(parts=[of_part("30"), of_part("50", 60, due_rule="to_month_end")])
    )
    account = CreditAccount.objects.get(pk=customer.pk)
    assert terms_in_words(account, account.parts.all()) == (
        "30% 30 days, 50% 60 days to month end, the rest month end + 45 days"
    )
    set_credit_terms(customer.pk, by=finance, **terms(due_rule="day_of_month", due_day=10))
    account.refresh_from_db()
    assert terms_in_words(account, account.parts.all()) == "day 10, at least 45 days away"


@pytest.mark.parametrize(
    ("parts", "field"),
    [
        ([of_part("0")], "percent_1"),
        ([of_part("100")], "percent_1"),
        ([of_part("-5")], "percent_1"),
        ([of_part("60"), of_part("40")], "percent_2"),
        ([of_part("10", 366)], "due_days_1"),
        ([of_part("10"), of_part("10", due_rule="never")], "due_rule_2"),
        ([of_part("10", due_day=32)], "due_day_1"),
    ],
)
def test_parts_that_cannot_be_are_refused_at_their_field(parts: list[DueInput], field: str):
    customer = make_customer()
    with pytest.raises(RuleBroken) as refused:
        set_credit_terms(customer.pk, by=make_user(Role.FINANCE), **terms(parts=parts))
    assert refused.value.field == field
    assert not TermsPart.objects.exists()


def test_the_form_takes_parts_and_says_what_one_lacks():
    customer = make_customer()
    client = signed_in(make_user(Role.FINANCE))
    url = f"/customers/{customer.code}/credit-terms/"
    sent = {"limit": "", "due_rule": "shipment", "due_days": "90", "due_day": "", "tolerance_days": "5"}
    lacking = client.post(url, {**sent, "percent_1": "30", "due_days_2": "10"})
    assert lacking.status_code == 422
    assert "In how many days?" in lacking.content.decode()
    assert "How much of it?" in lacking.content.decode()
    assert client.post(url, {**sent, "percent_1": "30", "due_days_1": "0"}).status_code == 302
    assert "30% 0 days, the rest 90 days" in client.get(customer.get_absolute_url()).content.decode()
    assert 'value="30.00"' in client.get(url).content.decode()
