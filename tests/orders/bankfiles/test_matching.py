"""Whose money a line is: by account, by what its reference names, by name; what is not certain is left to a person."""

from decimal import Decimal

import pytest

from customers.models import Customer
from orders.bankfiles.services import choose_customer, match_again, record_lines, set_line_aside
from orders.models import BankLine, CustomerBankAccount, OpenItem, Payment
from salesops.kernel.errors import RuleBroken
from tests.orders.bankfiles.files import line, read, states, yesterday
from tests.support.build import Sales, make_sales

pytestmark = pytest.mark.django_db


@pytest.fixture
def sales() -> Sales:
    return make_sales()


@pytest.fixture
def customer(sales: Sales) -> Customer:
    return sales.customer("Suzhou Ruifeng Trading Co., Ltd.", name_zh="苏州瑞丰贸易有限公司", code="A-1042")


@pytest.mark.parametrize(
    "name", ["Suzhou Ruifeng Trading Co., Ltd.", "SUZHOU  RUIFENG TRADING LTD", "苏州瑞丰贸易有限公司", "苏州瑞丰贸易"]
)
def test_a_name_is_found_whatever_its_case_signs_and_form_of_company(
    sales: Sales, customer: Customer, name: str
) -> None:
    one = read(sales.finance, line(100, f'"{name}"'))
    assert states(one) == [("proposed", "name", "")]
    assert one.lines.get().customer == customer


def test_a_reference_names_a_shipment_a_delivery_or_a_customer(sales: Sales, customer: Customer) -> None:
    shipment = sales.ship(sales.approved(customer, 4))
    said = [f"货款{shipment.number}", f"for {shipment.delivery.number.lower()}.", "A-1042 October"]
    one = read(sales.finance, *[line(100 + at, "Somebody", said=words) for at, words in enumerate(said)])
    assert states(one) == [("proposed", "reference", "")] * 3
    assert {each.customer for each in one.lines.all()} == {customer}


def test_an_account_is_known_once_somebody_recorded_a_line_of_it(sales: Sales, customer: Customer) -> None:
    first = read(sales.finance, line(100, "Wang Fang", account="6222 0210-01", number="T1"))
    assert states(first) == [("open", "", "")]
    choose_customer(first.lines.get().pk, by=sales.finance, customer_id=customer.pk)
    assert not CustomerBankAccount.objects.exists()
    record_lines(first.pk, by=sales.finance)

    second = read(sales.finance, line(70, "F. Wang", account="6222021001", number="T2"))
    assert states(second) == [("proposed", "account", "")]
    assert second.lines.get().customer == customer


def test_an_account_of_two_customers_is_left_to_a_person(sales: Sales, customer: Customer) -> None:
    other = sales.customer("Kunshan Hechang")
    one = read(sales.finance, line(1, "W", account="62", number="T1"), line(2, "W", account="62", number="T2"))
    for each, owner in zip(one.lines.order_by("row"), (customer, other), strict=True):
        choose_customer(each.pk, by=sales.finance, customer_id=owner.pk)
    record_lines(one.pk, by=sales.finance)

    lines = [line(3, "W", account="62", number="T3"), line(3, "Kunshan Hechang", account="62", number="T4")]
    assert states(read(sales.finance, *lines)) == [("open", "", "several"), ("proposed", "account", "")]


def test_evidence_that_contradicts_is_left_to_a_person(sales: Sales, customer: Customer) -> None:
    sales.customer("Kunshan Hechang")
    one = read(sales.finance, line(100, "Kunshan Hechang", said="A-1042"))
    assert states(one) == [("open", "", "contradicts")]
    assert one.lines.get().customer is None


def test_two_customers_of_one_name_are_left_to_a_person(sales: Sales) -> None:
    sales.customer("Lakeside Home")
    sales.customer("LAKESIDE HOME LTD")
    assert states(read(sales.finance, line(100, "Lakeside Home"))) == [("open", "", "several")]


def test_what_was_recorded_by_hand_is_not_proposed(sales: Sales, customer: Customer) -> None:
    sales.pay(customer, 100, on=yesterday())
    one = read(sales.finance, line(100, "苏州瑞丰贸易", number="T1"), line(101, "苏州瑞丰贸易", number="T2"))
    assert states(one) == [("open", "", "paid"), ("proposed", "name", "")]


def test_what_went_out_is_set_aside_and_never_recorded(sales: Sales, customer: Customer) -> None:
    one = read(sales.finance, line(debit=30, name="苏州瑞丰贸易"))
    assert states(one) == [("aside", "", "")]
    with pytest.raises(RuleBroken) as refused:
        choose_customer(one.lines.get().pk, by=sales.finance, customer_id=customer.pk)
    assert refused.value.rule == "amount"
    with pytest.raises(RuleBroken):
        record_lines(one.pk, by=sales.finance)
    assert not Payment.objects.exists()
    assert states(one) == [("aside", "", "")]


def test_a_line_is_set_aside_with_a_reason_only_and_may_come_back(sales: Sales, customer: Customer) -> None:
    one = read(sales.finance, line(100, "Tax office"))
    key = one.lines.get().pk
    with pytest.raises(RuleBroken):
        set_line_aside(key, by=sales.finance, reason=" ")
    assert states(one) == [("open", "", "")]
    set_line_aside(key, by=sales.finance, reason="Tax refund")
    assert (BankLine.objects.get().state, BankLine.objects.get().reason) == ("aside", "Tax refund")
    choose_customer(key, by=sales.finance, customer_id=customer.pk)
    assert states(one) == [("proposed", "hand", "")]


def test_matching_again_finds_who_was_filed_since_and_leaves_what_a_person_decided(sales: Sales) -> None:
    one = read(sales.finance, line(100, "Lakeside Home", number="T1"), line(5, "Lakeside Home", number="T2"))
    set_line_aside(one.lines.get(row=3).pk, by=sales.finance, reason="Deposit")
    sales.customer("Lakeside Home")
    assert match_again(one.pk, by=sales.finance) == 1
    assert states(one) == [("proposed", "name", ""), ("aside", "", "")]


def test_the_reference_decides_what_is_settled(sales: Sales, customer: Customer) -> None:
    first, second = (sales.ship(sales.approved(customer, 2)) for _turn in range(2))
    one = read(sales.finance, line(200, "X", said=f"INV {second.number}", number="T1"))
    (payment,) = record_lines(one.pk, by=sales.finance)
    open_of = {item.entry.document: item.open_amount for item in OpenItem.objects.filter(is_debit=True)}
    assert open_of == {first.number: Decimal(200), second.number: Decimal(0)}
    assert payment.reference == f"INV {second.number} T1"
