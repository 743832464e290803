"""The main job over the API: an agent applies, two approve, supply ships, finance takes the money."""

from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from customers.models import CreditAccount
from orders.models import Delivery, Payment, Shipment
from orders.proof.verification import differences
from salesops.users.roles import Role
from tests.support.build import Sales, make_sales, make_user
from tests.support.program import Program, made

pytestmark = pytest.mark.django_db


@pytest.fixture
def sales() -> Sales:
    return make_sales()


def credit(program: Program, code: str) -> dict[str, Any]:
    return dict(made(program.get(f"customers/{code}/credit/")))


def test_each_does_its_part_with_its_own_token(sales: Sales) -> None:
    customer = sales.customer()
    agent = Program(make_user(Role.AGENT, customer=customer))
    representative, supervisor = Program(sales.representative), Program(sales.supervisor)
    supply, finance = Program(sales.supply), Program(sales.finance)
    body = {"warehouse": sales.warehouse.code, "lines": [{"sku": sales.product.sku, "quantity": 10}]}
    number = made(agent.post("deliveries/", body, key="write"), 201)["number"]
    assert made(agent.post("deliveries/", body, key="write"), 201)["number"] == number
    made(agent.post(f"deliveries/{number}/submission/", key="submit"))
    assert made(agent.post(f"deliveries/{number}/approval/"), 403)

    assert made(supervisor.post(f"deliveries/{number}/approval/"), 409)["rule"] == "right"
    passed = made(representative.post(f"deliveries/{number}/approval/", key="see-first"))
    assert (passed["state"], passed["waits_for"]) == ("waiting", "supervisor")
    decided = made(supervisor.post(f"deliveries/{number}/approval/", {"note": "Fits"}, key="approve"))
    assert decided == {"number": number, "state": "approved", "waits_for": "", "amount": "1000.00"}
    assert made(supervisor.post(f"deliveries/{number}/approval/", {"note": "Fits"}, key="approve")) == decided
    assert made(supervisor.post(f"deliveries/{number}/approval/"), 409)["rule"] == "decided"
    assert credit(supervisor, customer.code)["committed"] == "1000.00"

    part = {"lines": [{"position": 1, "quantity": 4, "batch": "B-7"}], "carrier": "SF"}
    response = supply.post(f"deliveries/{number}/shipments/", part, key="ship")
    shipment = made(response, 201)
    assert response["Location"].endswith(f"/api/v1/shipments/{shipment['number']}/")
    assert made(supply.post(f"deliveries/{number}/shipments/", part, key="ship"), 201) == shipment
    assert (shipment["amount"], shipment["lines"][0]["batch"]) == ("400.00", "B-7")
    assert Shipment.objects.count() == 1
    assert made(agent.get(f"shipments/{shipment['number']}/"))["delivery"] == number
    assert [row["number"] for row in made(supply.get("shipments/"))["results"]] == [shipment["number"]]

    made(finance.post("payments/", {"customer": customer.code, "amount": "150.00"}, key="pay"), 201)
    made(finance.post("payments/", {"customer": customer.code, "amount": "150.00"}, key="pay"), 201)
    assert Payment.objects.count() == 1
    after = credit(agent, customer.code)
    assert (after["balance"], after["committed"], after["exposure"]) == ("250.00", "600.00", "850.00")
    assert differences() == []


def test_a_decider_trims_by_position(sales: Sales) -> None:
    request = sales.submitted(sales.customer(), 10)
    address = f"deliveries/{request.number}/approval/"
    program = Program(sales.supervisor)
    wrong = made(program.post(address, {"lines": [{"position": 9, "quantity": 1}]}), 400)
    assert "lines.0.position" in wrong["fields"]
    assert made(program.post(address, {"lines": [{"position": 1, "quantity": 11}]}), 409)["rule"] == "trim"
    assert made(program.post(address, {"lines": [{"position": 1, "quantity": 3}]}))["amount"] == "300.00"
    assert Delivery.objects.get(number=request.number).approved_amount == Decimal("300.00")


def test_a_no_has_a_reason_and_a_higher_stage_is_named(sales: Sales) -> None:
    program = Program(sales.supervisor)
    for name, state in (("rejection", "rejected"), ("return", "returned")):
        request = sales.submitted(sales.customer(), 10)
        assert "reason" in made(program.post(f"deliveries/{request.number}/{name}/"), 400)["fields"]
        said = made(program.post(f"deliveries/{request.number}/{name}/", {"reason": "Too much"}))
        assert (said["state"], Delivery.objects.get(number=request.number).state) == (state, state)
    over = sales.submitted(sales.customer(), 107)
    said = made(program.post(f"deliveries/{over.number}/approval/"))
    assert (said["state"], said["waits_for"]) == ("waiting", Role.REGIONAL_MANAGER)


def test_nobody_decides_or_ships_out_of_scope(sales: Sales) -> None:
    other = make_sales()
    request = sales.submitted(sales.customer(), 10)
    for name in ("approval", "rejection", "return"):
        made(
            Program(other.supervisor).post(
                f"deliveries/{request.number}/{name}/", {"reason": "x"} if name != "approval" else {}
            ),
            404,
        )
    line = {"lines": [{"position": 1, "quantity": 1}]}
    made(Program(sales.supervisor).post(f"deliveries/{request.number}/shipments/", line), 403)
    made(Program(sales.supply).post("deliveries/DL-2020-000001/shipments/", line), 404)
    assert Delivery.objects.get(number=request.number).state == "submitted"
    assert not Shipment.objects.exists()


def test_what_cannot_leave_is_said_at_its_line(sales: Sales) -> None:
    delivery = sales.approved(sales.customer(), 10)
    program, address = Program(sales.supply), f"deliveries/{delivery.number}/shipments/"
    too_many = made(program.post(address, {"lines": [{"position": 1, "quantity": 11}]}), 409)
    assert (too_many["rule"], list(too_many["fields"])) == ("more than approved", ["lines.0.quantity"])
    assert too_many["facts"] == {"position": 1, "sku": sales.product.sku, "open": 10, "asked": 11}
    wrong = made(Program(sales.representative).post(f"deliveries/{delivery.number}/submission/"), 409)
    assert wrong["facts"] == {"state": "approved", "allowed": ["draft", "returned", "withdrawn"]}
    twice = [{"position": 1, "quantity": 1}, {"position": 1, "quantity": 2}]
    assert "lines.1.position" in made(program.post(address, {"lines": twice}), 400)["fields"]
    assert "lines.0.position" in made(program.post(address, {"lines": [{"position": 5, "quantity": 1}]}), 400)["fields"]
    assert made(program.post(address, {"lines": []}), 400)
    assert CreditAccount.objects.get(pk=delivery.customer_id).committed == Decimal("1000.00")
    made(program.post(address, {"lines": [{"position": 1, "quantity": 1}], "shipped_on": timezone.localdate()}), 201)
