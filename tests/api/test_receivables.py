"""Ageing, open items of a day, settling and taking back over the API."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from customers.models import Customer
from orders.models import Allocation, OpenItem
from orders.receivables.settlement import take_back
from salesops.users.roles import Role
from tests.support.build import Sales, make_region, make_sales, make_user
from tests.support.program import Program, made

pytestmark = pytest.mark.django_db


@pytest.fixture
def sales() -> Sales:
    return make_sales()


def left_open(sales: Sales) -> tuple[Customer, OpenItem]:
    """A customer who owes 100 and 70, with a payment of 90 beside."""
    customer = sales.customer("Lakeside", code="LAKE")
    sales.overdue(customer, 100, 50)
    sales.overdue(customer, 70, 5)
    sales.pay(customer, 90)
    take_back(Allocation.objects.get(credit__customer=customer).pk, by=sales.finance)
    return customer, OpenItem.objects.get(customer=customer, is_debit=False)


def test_the_ageing_of_a_day_with_its_proof(sales: Sales) -> None:
    left_open(sales)
    program = Program(sales.finance)
    today = timezone.localdate()
    assert made(program.get("ageing/")) == {
        "day": today.isoformat(),
        "by": "due_on",
        "edges": [30, 60, 90, 120],
        "rows": [
            {
                "kind": "customer",
                "code": "LAKE",
                "name": "Lakeside",
                "name_zh": "",
                "debits": ["0.00", "70.00", "100.00", "0.00", "0.00", "0.00"],
                "credits": "90.00",
                "outstanding": "80.00",
            }
        ],
        "total": {
            "debits": ["0.00", "70.00", "100.00", "0.00", "0.00", "0.00"],
            "credits": "90.00",
            "outstanding": "80.00",
        },
        "proof": {"ledger": "80.00", "holds": True},
    }
    then = made(program.get(f"ageing/?day={today - timedelta(days=20)}&edges=10,29&by=posted_on&group=grade"))
    assert [(row["kind"], row["code"], row["debits"]) for row in then["rows"]] == [
        ("grade", "B", ["0.00", "0.00", "0.00", "100.00"])
    ]


def test_regions_and_people_are_named_by_codes(sales: Sales) -> None:
    customer, _credit = left_open(sales)
    below = make_region(parent=sales.region)
    Customer.objects.filter(pk=customer.pk).update(region=below)
    program = Program(sales.finance)
    rows = made(program.get(f"ageing/?group=region&region={sales.region.code}"))["rows"]
    assert [(row["kind"], row["code"]) for row in rows] == [("region", below.code)]
    found = made(program.get(f"ageing/?representative={sales.representative.username}&q=lake"))
    assert found["total"]["outstanding"] == "80.00"
    assert made(program.get("ageing/?q=nobody"))["rows"] == []


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("day=2999-01-01", "day"),
        ("day=x", "day"),
        ("edges=30,20", "edges"),
        ("edges=a", "edges"),
        ("group=mood", "group"),
        ("by=mood", "by"),
        ("grade=Z", "grade"),
        ("region=NOWHERE", "region"),
        ("colour=red", "colour"),
        ("page=2", "page"),
    ],
)
def test_what_makes_no_sense_is_named(sales: Sales, query: str, name: str) -> None:
    for path in ("ageing/", "open-items/"):
        assert list(made(Program(sales.finance).get(f"{path}?{query}"), 400)["fields"]) == [name]


def test_open_items_of_an_account_at_a_day(sales: Sales) -> None:
    customer, credit = left_open(sales)
    sales.overdue(sales.customer(), 5, 1)
    program = Program(sales.finance)

    def items(**query: object) -> list[tuple[str, str]]:
        text = "&".join(f"{name}={value}" for name, value in query.items())
        return [(one["due_on"], one["open"]) for one in made(program.get(f"open-items/?{text}"))["results"]]

    today = timezone.localdate()
    ago = lambda days: (today - timedelta(days=days)).isoformat()  # noqa: E731
    assert items(customer="LAKE") == [(ago(50), "100.00"), (ago(5), "70.00"), (ago(0), "-90.00")]
    assert items(customer="LAKE", day=ago(10)) == [(ago(50), "100.00")]
    assert items(customer="LAKE", age=2) == [(ago(50), "100.00")]
    assert items(customer="LAKE", age="credits") == [(ago(0), "-90.00")]
    (one,) = made(program.get("open-items/?age=credits"))["results"]
    assert (one["id"], one["document"], one["kind"]) == (credit.pk, credit.entry.document, "payment")
    agent = Program(make_user(Role.AGENT, customer=customer))
    assert len(made(agent.get("open-items/"))["results"]) == 3


def test_a_credit_settles_by_hand_and_what_was_settled_is_taken_back(sales: Sales) -> None:
    customer, credit = left_open(sales)
    old, new = OpenItem.objects.filter(customer=customer, is_debit=True).order_by("due_on")
    program = Program(sales.finance)
    body = {"debits": [{"document": new.entry.document, "amount": "70.00"}], "on": timezone.localdate().isoformat()}
    (one,) = made(program.post(f"open-items/{credit.pk}/settlement/", body, key="k"), 201)["allocations"]
    assert (one["credit"], one["debit"], one["amount"]) == (credit.entry.document, new.entry.document, "70.00")
    assert made(program.post(f"open-items/{credit.pk}/settlement/", body, key="k"), 201)["allocations"] == [one]
    too_much = {"debits": [{"document": old.entry.document, "amount": "20.01"}]}
    refused = made(program.post(f"open-items/{credit.pk}/settlement/", too_much), 409)
    assert (refused["rule"], refused["facts"]["open"]) == ("more than open", "20.00")

    payment = made(program.get(f"payments/{credit.entry.document}/"))
    assert payment["settled"] == [{"id": one["id"], "document": new.entry.document, "amount": "70.00"}]
    back = made(program.post(f"allocations/{one['id']}/reversal/"), 201)
    assert (back["takes_back"], back["amount"]) == (one["id"], "-70.00")
    assert made(program.post(f"allocations/{one['id']}/reversal/"), 409)["rule"] == "taken back"
    assert [item.open_amount for item in OpenItem.objects.filter(customer=customer).order_by("due_on")] == [100, 70, 90]


def test_what_is_not_there_or_said_twice_settles_nothing(sales: Sales) -> None:
    customer, credit = left_open(sales)
    document = OpenItem.objects.filter(customer=customer, is_debit=True)[0].entry.document
    program = Program(sales.finance)
    path = f"open-items/{credit.pk}/settlement/"

    def wrong(*debits: dict[str, object]) -> list[str]:
        return list(made(program.post(path, {"debits": list(debits)}), 400)["fields"])

    assert wrong({"document": "NONE", "amount": "1.00"}) == ["debits.0.document"]
    assert wrong({"document": document, "part": 2, "amount": "1.00"}) == ["debits.0.document"]
    assert wrong({"document": document, "amount": "0.00"}) == ["debits.0.amount"]
    assert wrong(*[{"document": document, "amount": "1.00"}] * 2) == ["debits"]
    assert wrong() == ["debits"]
    other = make_sales()
    other_debit = other.overdue(other.customer(), 5, 1)
    assert wrong({"document": other_debit.document, "amount": "1.00"}) == ["debits.0.document"]
    body = {"debits": [{"document": document, "amount": "1.00"}]}
    made(program.post("open-items/999999999/settlement/", body), 404)
    made(program.post("allocations/999999999/reversal/"), 404)
    made(Program(sales.representative).post(path, body), 403)
    assert OpenItem.objects.get(pk=credit.pk).open_amount == Decimal(90)
    assert Allocation.objects.standing().count() == 0
