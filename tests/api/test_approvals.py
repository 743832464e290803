"""The approval inbox over the API: the queues of the page, the case, the decisions."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from customers.accounts.services import put_on_hold
from orders.credit.services import ask_temporary_limit
from orders.models import Delivery, TemporaryLimit
from salesops.approvals.inbox import rows_of
from salesops.approvals.models import Decision, Request
from salesops.approvals.views import WHOSE
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
    assert [person["username"] for person in said["deciders"]] == [sales.supervisor.username]
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


def test_every_queue_of_every_role_has_the_rows_of_its_page(sales: Sales) -> None:
    sales.submitted(sales.customer())
    held = sales.customer()
    put_on_hold(held.pk, by=sales.finance, reason="Dispute")
    sales.submitted(held)
    decided = sales.submitted(sales.customer())
    made(Program(sales.supervisor).post(f"approvals/{decided.pk}/approval/"))
    counted = []
    for person in (sales.supervisor, sales.regional_manager, sales.finance, make_sales().supervisor):
        for queue in WHOSE:
            rows = set(rows_of(queue, person).values_list("pk", flat=True))
            assert set(ids(Program(person), f"?queue={queue}")) == rows, (person, queue)
            counted.append(len(rows))
    assert counted[:4] == [1, 1, 1, 1]


def test_a_cursor_stays_in_its_queue(sales: Sales) -> None:
    for _each in range(2):
        sales.submitted(sales.customer())
    program = Program(sales.supervisor)
    following = made(program.get("approvals/?queue=mine&page_size=1"))["next"]
    made(program.get(following))
    for queue in ("team", "aside", "decided"):
        answer = made(program.get(following.replace("queue=mine", f"queue={queue}")), 400)
        assert set(answer["fields"]) == {"cursor"}, queue


def test_what_was_decided_is_paged_also_without_a_due_moment(sales: Sales) -> None:
    customer, program = sales.customer(), Program(sales.supervisor)
    requests = [sales.submitted(customer, 1) for _each in range(5)]
    for request in requests:
        made(program.post(f"approvals/{request.pk}/rejection/", {"reason": "no"}))
    Request.objects.filter(pk__in=[request.pk for request in requests[::2]]).update(due_at=None)
    seen, address = [], "approvals/?queue=decided&page_size=2"
    while address:
        page = made(program.get(address))
        seen += [row["id"] for row in page["results"]]
        address = page["next"]
    assert seen == [request.pk for request in reversed(requests)]


def test_another_kind_of_document_is_decided_through_its_own_service(sales: Sales) -> None:
    today = timezone.localdate()
    limit = ask_temporary_limit(
        by=sales.representative,
        customer_id=sales.customer(limit=10_000).pk,
        amount=Decimal(500),
        first_day=today,
        last_day=today + timedelta(days=9),
        reason="Season",
    )
    request = Request.objects.get(document_type="temporary_limit", object_id=limit.pk)
    sales.submitted(sales.customer())
    assert ids(Program(sales.regional_manager), "?queue=team&document_type=temporary_limit") == [request.pk]
    assert len(ids(Program(sales.regional_manager), "?queue=team")) == 2
    wrong = made(Program(sales.regional_manager).get("approvals/?document_type=nothing"), 400)
    assert set(wrong["fields"]) == {"document_type"}
    said = made(Program(sales.regional_manager).post(f"approvals/{request.pk}/approval/", {"note": "Season"}))
    assert said == {"number": limit.number, "state": "approved", "waits_for": "", "amount": "500.00"}
    assert TemporaryLimit.objects.get(pk=limit.pk).state == "approved"


def test_only_its_own_people_withdraw_and_they_decide_nothing_of_it(sales: Sales) -> None:
    request = sales.submitted(sales.customer())
    own, other = Program(sales.representative), Program(sales.supervisor)
    address = f"approvals/{request.pk}/"
    rights = [made(program.get(address))["right"] for program in (own, other)]
    assert [(right["may_withdraw"], right["may_refuse"]) for right in rights] == [(True, False), (False, True)]
    assert made(other.post(f"{address}withdrawal/"), 409)["rule"] == "withdraw"
    assert made(own.post(f"{address}approval/"), 409)["rule"] == "own document"
    assert Request.objects.get(pk=request.pk).is_waiting
    assert made(own.post(f"{address}withdrawal/"))["state"] == "withdrawn"
    assert not made(own.get(address))["right"]["may_withdraw"]


def test_put_aside_is_offered_and_done_only_where_there_is_no_room(sales: Sales) -> None:
    program = Program(sales.supervisor)
    over, fits = sales.submitted(sales.customer(limit=100), 10), sales.submitted(sales.customer(), 10)
    offered = [made(program.get(f"approvals/{one.pk}/"))["right"]["may_put_aside"] for one in (over, fits)]
    assert offered == [True, False]
    assert made(program.post(f"approvals/{fits.pk}/putting-aside/"), 409)["rule"] == "parked"
    made(program.post(f"approvals/{over.pk}/putting-aside/"))
    assert not made(program.get(f"approvals/{over.pk}/"))["right"]["may_put_aside"]


def test_an_agent_reads_and_decides_nothing(sales: Sales) -> None:
    customer = sales.customer()
    request, agent = sales.submitted(customer), Program(make_user(Role.AGENT, customer=customer))
    made(agent.get("approvals/"), 403)
    made(agent.get(f"approvals/{request.pk}/"), 403)
    for name in ("approval", "rejection", "return", "putting-aside", "withdrawal"):
        body: dict[str, Any] = {"reason": "x"} if name in ("rejection", "return") else {}
        made(agent.post(f"approvals/{request.pk}/{name}/", body), 403)
    assert list(Decision.objects.values_list("verdict", flat=True)) == ["submitted"]


def test_a_stage_that_was_read_counts_by_the_number_of_the_delivery_too(sales: Sales) -> None:
    request = sales.submitted(sales.customer(limit=1_000), 11)
    seen, address = request.stage_id, f"deliveries/{request.number}"
    made(Program(sales.supervisor).post(f"{address}/approval/", {"stage": seen}))
    manager = Program(sales.regional_manager)
    for name, body in (("approval", {}), ("rejection", {"reason": "x"}), ("return", {"reason": "x"})):
        assert made(manager.post(f"{address}/{name}/", {**body, "stage": seen}), 409)["rule"] == "moved on"
    assert not Decision.objects.filter(by=sales.regional_manager).exists()
