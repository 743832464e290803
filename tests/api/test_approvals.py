"""The approval inbox over the API: the queues of the page, the case, the decisions."""

import pytest
from django.utils import timezone

from orders.models import Delivery
from salesops.approvals.models import Request
from salesops.users.models import Delegation
from salesops.users.roles import Role
from tests.support.build import Sales, make_sales, make_user
from tests.support.program import Program, made
from tests.support.queries import queries_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def sales() -> Sales:
    return make_sales()


def ids(program: Program, query: str = "") -> list[int]:
    return [row["id"] for row in made(program.get(f"approvals/{query}"))["results"]]


def test_the_queues_are_those_of_the_page(sales: Sales) -> None:
    first, second = sales.submitted(sales.customer()), sales.submitted(sales.customer(limit=500), 10)
    program = Program(sales.supervisor)
    assert ids(program) == ids(program, "?queue=team") == [second.pk, first.pk]
    assert ids(program, "?queue=aside") == ids(program, "?queue=decided") == []

    made(program.post(f"approvals/{second.pk}/putting-aside/", {"note": "Waits for money"}))
    assert (ids(program), ids(program, "?queue=aside")) == ([first.pk], [second.pk])
    made(program.post(f"approvals/{first.pk}/approval/"))
    assert (ids(program), ids(program, "?queue=decided")) == ([], [first.pk])
    assert "queue" in made(program.get("approvals/?queue=all"), 400)["fields"]


def test_a_case_shows_facts_and_the_right_of_who_asks(sales: Sales) -> None:
    request = sales.submitted(sales.customer(limit=1_000), 11)
    said = made(Program(sales.supervisor).get(f"approvals/{request.pk}/"))
    assert (said["number"], said["waits_for"], said["amount"]) == (request.number, "supervisor", "1100.00")
    assert (said["facts"]["over_amount"], said["facts"]["over_percent"]) == ("100.00", "10.0000")
    assert said["right"]["may_approve"] and not said["right"]["is_final"] and said["right"]["because"]
    assert [step["look"] for step in said["timeline"]][:2] == ["done", "now"]
    own = made(Program(sales.representative).get(f"approvals/{request.pk}/"))
    assert not own["right"]["may_approve"]
    stranger = make_user(Role.SUPERVISOR)
    made(Program(stranger).get(f"approvals/{request.pk}/"), 404)
    made(Program(stranger).post(f"approvals/{request.pk}/approval/"), 404)
    made(Program(sales.supervisor).get(f"approvals/{2**70}/"), 404)


def test_a_delegate_is_told_in_whose_place(sales: Sales) -> None:
    request = sales.submitted(sales.customer())
    delegate = make_user(Role.REPRESENTATIVE, team=sales.team)
    today = timezone.localdate()
    Delegation.objects.create(giver=sales.supervisor, taker=delegate, first_day=today, last_day=today)
    right = made(Program(delegate).get(f"approvals/{request.pk}/"))["right"]
    assert right["in_place_of"]["username"] == sales.supervisor.username


def test_decisions_count_once_and_meet_the_stage_that_was_seen(sales: Sales) -> None:
    over = sales.submitted(sales.customer(limit=1_000), 11)
    seen = over.stage_id
    program = Program(sales.supervisor)
    address = f"approvals/{over.pk}/approval/"
    said = made(program.post(address, {"note": "Good customer", "stage": seen}, key="yes"))
    assert said == {"number": over.number, "state": "waiting", "waits_for": "regional_manager", "amount": "1100.00"}
    assert made(program.post(address, {"note": "Good customer", "stage": seen}, key="yes")) == said
    assert over.decisions.filter(by=sales.supervisor).count() == 1
    manager = Program(sales.regional_manager)
    assert made(manager.post(address, {"stage": seen}), 409)["rule"] == "moved on"
    assert "reason" in made(manager.post(f"approvals/{over.pk}/rejection/"), 400)["fields"]
    assert made(manager.post(f"approvals/{over.pk}/return/", {"reason": "Less"}))["state"] == "returned"
    assert Delivery.objects.get(pk=over.object_id).state == "returned"
    assert made(manager.post(f"approvals/{over.pk}/rejection/", {"reason": "No"}), 409)["rule"] == "decided"


def test_pages_of_a_queue_hold_each_request_once_and_cost_the_same(sales: Sales) -> None:
    for _each in range(2):
        sales.submitted(sales.customer())
    program = Program(sales.supervisor)
    made(program.get("approvals/"))
    few = queries_of(program, "approvals/?page_size=50")
    for _each in range(9):
        sales.submitted(sales.customer())
    assert queries_of(program, "approvals/?page_size=50") == few <= 7
    found, page = [], "approvals/?page_size=4"
    while page:
        said = made(program.get(page))
        found += [row["id"] for row in said["results"]]
        page = said["next"] or ""
    assert found == list(Request.objects.order_by("-pk").values_list("pk", flat=True))
