"""Bills over the API, from registering to what becomes of one."""

from decimal import Decimal

import pytest

from orders.models import Bill
from salesops.users.roles import Role
from tests.support.bills import day, registered
from tests.support.build import make_sales, make_user
from tests.support.program import Program, made

pytestmark = pytest.mark.django_db


def test_a_bill_lives_over_the_api() -> None:
    sales = make_sales()
    customer = sales.customer(code="A-1")
    finance = Program(sales.finance)
    agent = Program(make_user(Role.AGENT, customer=customer))
    body = {"customer": "A-1", "kind": "bank", "instrument": "AB1", "bank": "ICBC", "amount": "12.30"}
    body["matures_on"] = str(day(9))
    number = made(finance.post("bills/", body), 201)["number"]
    assert made(finance.post("bills/", body), 409)["rule"] == "registered already"
    made(agent.post("bills/", body), 403)
    passed = {"endorsed_as": "discount", "endorsed_to": "CMB"}
    assert made(finance.post(f"bills/{number}/endorsement/", passed))["endorsement"]["endorsed_to"] == "CMB"
    assert made(agent.get(f"bills/{number}/"))["endorsement"] is None
    assert made(finance.post(f"bills/{number}/settlement/", {}), 409)["rule"] == "not due"
    assert made(finance.post(f"bills/{number}/return/", {"reason": "x"}), 409)["rule"] == "endorsed"
    seen = {"reason": "No cover", "seen": "settled"}
    assert made(finance.post(f"bills/{number}/dishonour/", seen), 409)["rule"] == "changed meanwhile"
    assert made(finance.post(f"bills/{number}/dishonour/", {**seen, "seen": "held"}))["state"] == "dishonoured"
    due, other = registered(sales, customer, 5), registered(sales, customer, 6)
    assert made(finance.post(f"bills/{due.number}/settlement/", {}))["payment"].startswith("PM-")
    assert made(finance.post(f"bills/{other.number}/return/", {"reason": "x"}))["state"] == "returned"
    listed = made(agent.get("bills/?state=settled"))["results"]
    assert [(one["number"], Decimal(one["amount"])) for one in listed] == [(due.number, Decimal(5))]
    assert made(Program(make_sales().representative).get("bills/"))["results"] == []
    assert Bill.objects.count() == 3
