"""Statements, rounds and one reconciliation over the API, as finance's and as the agent's own system."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.utils import timezone
from openpyxl import load_workbook

from customers.models import Customer
from orders.models import Adjustment, IssuedStatement, Reconciliation, Round
from salesops.jobs.models import Job
from salesops.users.roles import Role
from tests.orders.reconciliation.conftest import Sent, sent  # noqa: F401  a fixture
from tests.support.adjusting import decide
from tests.support.build import Sales, make_region, make_sales, make_user
from tests.support.program import Program, made
from tests.support.tasks import RunTasks

pytestmark = pytest.mark.django_db


@pytest.fixture
def sales() -> Sales:
    return make_sales()


def days(**more: object) -> dict[str, object]:
    today = timezone.localdate()
    return {
        "first_day": f"{today - timedelta(days=30)}",
        "last_day": f"{today}",
        "answer_by": f"{today + timedelta(days=5)}",
        **more,
    }


def span(**more: object) -> dict[str, object]:
    given = days(**more)
    return {name: given[name] for name in ("first_day", "last_day")}


def test_a_statement_is_issued_and_read_with_its_lines(sales: Sales) -> None:
    customer = sales.customer(code="LAKE")
    debt = sales.overdue(customer, 700, 40)
    payment = sales.pay(customer, 200)
    program = Program(sales.finance)
    first = f"{debt.posted_on}"
    issued = made(program.post("customers/LAKE/statements/", span(first_day=first), key="k"), 201)
    assert made(program.post("customers/LAKE/statements/", span(first_day=first), key="k"), 201) == issued
    assert IssuedStatement.objects.count() == 1
    assert (issued["opening"], issued["debits"], issued["credits"], issued["closing"]) == (
        "0.00",
        "700.00",
        "200.00",
        "500.00",
    )
    assert [(line["document"], line["balance"]) for line in issued["lines"]] == [
        (debt.document, "700.00"),
        (payment.number, "500.00"),
    ]
    ages = {(one["first"], one["last"]): one["amount"] for one in issued["ageing"] if one["amount"] != "0.00"}
    assert ages == {(31, 60): "500.00"}
    sales.pay(customer, 50)
    again = made(program.get(f"statements/{issued['number']}/"))
    assert (again["lines"], again["closing"], again["later_entries"], again["is_unchanged"]) == (
        issued["lines"],
        "500.00",
        1,
        True,
    )
    sheet = load_workbook(BytesIO(program.get(f"statements/{issued['number']}/sheet/").content)).active
    assert sheet is not None
    assert 500 in [cell for row in sheet.iter_rows(values_only=True) for cell in row]
    assert program.get(f"statements/{issued['number']}/pdf/").content.startswith(b"%PDF")


def test_a_round_is_opened_over_those_who_are_chosen(sales: Sales, run_tasks: RunTasks) -> None:
    region = make_region(parent=sales.region)
    near, idle = sales.customer(code="NEAR", grade="C"), sales.customer(code="IDLE")
    Customer.objects.filter(pk__in=[near.pk, idle.pk]).update(region=region)
    sales.overdue(near, 10, 3)
    sales.customer(code="FAR")
    program = Program(sales.finance)
    body = days(region=region.code, representative=sales.representative.username, moved=True)
    with run_tasks():
        opened = made(program.post("rounds/", body), 201)
    assert (opened["accounts"], opened["job"]) == (1, str(Job.objects.get(kind="orders.reconciliation_round").pk))
    board = made(program.get(f"rounds/{opened['number']}/"))
    assert (board["tally"]["states"]["sent"], board["tally"]["closing"], board["job"]) == (1, "10.00", None)
    (row,) = made(program.get(f"reconciliations/?round={opened['number']}"))["results"]
    assert (row["customer"]["code"], row["closing"], row["state"]) == ("NEAR", "10.00", "sent")
    assert made(program.get("reconciliations/?round=RR-0"))["results"] == []
    assert len(made(program.get("reconciliations/?grade=C&state=sent"))["results"]) == 1
    refused = made(program.post("rounds/", body), 409)
    assert (refused["rule"], refused["facts"]["number"]) == ("round", opened["number"])
    assert Round.objects.count() == 1


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"customers": ["NOBODY"]}, "customers.0"),
        ({"region": "NOWHERE"}, "region"),
        ({"representative": "nobody"}, "representative"),
        ({"grade": "Z"}, "grade"),
        ({"mood": "good"}, "mood"),
    ],
)
def test_who_is_not_there_takes_no_part(sales: Sales, given: dict[str, object], field: str) -> None:
    sales.customer()
    assert list(made(Program(sales.finance).post("rounds/", days(**given)), 400)["fields"]) == [field]
    assert not Round.objects.exists()


def test_the_agents_system_contradicts_and_finances_explains_then_both_sign(sent: Sent) -> None:  # noqa: F811
    agent, finance = Program(sent.agent), Program(sent.sales.finance)
    path = f"reconciliations/{sent.one.number}/"
    assert made(finance.get(path))["seen_at"] is None
    one = made(agent.get(path))
    assert (one["state"], one["seen_at"] is None, one["closing"]) == ("seen", False, "600.00")
    (line,) = made(agent.get(f"statements/{one['statement']}/"))["lines"]
    body = {"kind": "price", "entry": line["entry"], "amount": "-150.00", "text": "As agreed"}
    one = made(agent.post(f"{path}differences/", body), 201)
    assert one["formula"] == {
        "ours": "600.00",
        "terms": [],
        "unexplained": "-150.00",
        "theirs": "450.00",
        "is_settled": False,
    }
    assert (one["state"], one["differences"][0]["document"]) == ("differing", line["document"])
    assert made(agent.post(f"{path}signature/"), 409)["facts"] == {"unexplained": "-150.00", "open": 1}
    payment = sent.sales.pay(sent.customer, 150).number
    explanation = {"reason": "ours_to_post", "owner": sent.sales.finance.username, "resolution": "AJ-1"}
    assert made(finance.post(f"{path}differences/1/explanation/", explanation), 409)["rule"] == "document"
    one = made(finance.post(f"{path}differences/1/explanation/", {**explanation, "resolution": payment.lower()}))
    assert one["differences"][0]["put_right"] == {"number": payment, "state": "posted"}
    assert one["formula"]["terms"] == [{"reason": "ours_to_post", "amount": "-150.00", "count": 1}]
    assert made(agent.get(f"{path}letter/"), 404)
    assert made(agent.post(f"{path}signature/", {"closing": "600.00"}), 409)["facts"] == {"closing": "450.00"}
    assert made(agent.post(f"{path}signature/", {"closing": "450.00"}))["state"] == "agreed"
    assert made(agent.delete(f"{path}signature/"))["their_signature"] is None
    made(agent.post(f"{path}signature/"))
    one = made(finance.post(f"{path}signature/"))
    assert (one["state"], one["is_frozen"]) == ("signed", True)
    assert (one["our_signature"]["by"]["username"], one["our_signature"]["address"]) == (
        sent.sales.finance.username,
        "127.0.0.1",
    )
    assert agent.get(f"{path}letter/").content.startswith(b"%PDF")
    assert made(agent.post(f"{path}differences/", {**body, "entry": None}), 409)["rule"] == "signed"


def test_the_adjustment_that_a_difference_needs_is_asked_for(sent: Sent) -> None:  # noqa: F811
    agent, finance, path = Program(sent.agent), Program(sent.sales.finance), f"reconciliations/{sent.one.number}/"
    made(agent.post(f"{path}differences/", {"kind": "price", "amount": "-150.00", "text": "As agreed"}), 201)
    made(agent.post(f"{path}differences/1/adjustment/"), 403)
    one = made(finance.post(f"{path}differences/1/adjustment/"), 201)["differences"][0]
    assert (one["reason"], one["put_right"]["state"]) == ("ours_to_post", "waits")
    refused = made(finance.post(f"{path}differences/1/adjustment/"), 409)
    assert (refused["rule"], refused["facts"]["number"]) == ("posted", one["resolution"])
    assert made(agent.get(path))["differences"][0]["put_right"] is None
    decide(sent.sales, Adjustment.objects.get())
    assert made(agent.get(path))["differences"][0]["put_right"]["state"] == "posted"


def test_a_closing_balance_is_written_taken_back_and_what_it_leaves_accepted(sent: Sent) -> None:  # noqa: F811
    agent, path = Program(sent.agent), f"reconciliations/{sent.one.number}/"
    one = made(agent.put(f"{path}closing/", {"amount": "595.00"}))
    assert (one["their_closing"], one["unexplained"]) == ("595.00", "-5.00")
    accepted = made(Program(sent.sales.sales_manager).post(f"{path}acceptance/", {"reason": "Small"}))
    assert (accepted["acceptance"]["amount"], accepted["formula"]["is_settled"]) == ("-5.00", True)
    one = made(agent.put(f"{path}closing/", {"amount": None}))
    assert (one["acceptance"], one["formula"]["theirs"]) == (None, "600.00")
    made(Program(sent.sales.finance).post(f"{path}acceptance/", {"reason": "Small"}), 403)


def test_what_is_another_customers_is_not_there(sent: Sent) -> None:  # noqa: F811
    one = sent.one
    assert one.statement
    other = sent.sales.customer()
    foreign = Program(make_user(Role.AGENT, customer=other))
    path = f"reconciliations/{one.number}/"
    for address in (path, f"{path}letter/", f"{path}differences/1/evidence/", f"rounds/{one.round.number}/"):
        made(foreign.get(address), 404)
    for address in ("", "pdf/", "sheet/"):
        made(foreign.get(f"statements/{one.statement.number}/{address}"), 404)
    for address in ("signature/", "differences/", "differences/1/withdrawal/"):
        made(foreign.post(f"{path}{address}"), 404)
    made(foreign.put(f"{path}closing/", {"amount": "1.00"}), 404)
    made(foreign.delete(f"{path}signature/"), 404)
    for name in ("reconciliations", "statements", "rounds"):
        assert made(foreign.get(f"{name}/"))["results"] == []
    for address, body in (("rounds/", days()), (f"rounds/{one.round.number}/reminder/", {})):
        made(Program(sent.agent).post(address, body), 403)
    entry = sent.sales.overdue(other, 5, 1)
    stated = {"kind": "price", "amount": "1.00", "entry": entry.pk}
    refused = made(Program(sent.agent).post(f"{path}differences/", stated), 409)
    assert refused["rule"] == "scope"
    assert not one.differences.exists()
    assert Reconciliation.objects.get().their_signed_at is None


def test_who_is_silent_is_reminded(sent: Sent, run_tasks: RunTasks) -> None:  # noqa: F811
    program, path = Program(sent.sales.finance), f"rounds/{sent.round.number}/reminder/"
    refused = made(program.post(path, {"silent_days": 7}), 409)
    assert (refused["rule"], refused["facts"]) == ("answered", {"days": 7})
    with run_tasks():
        job = made(program.post(path))["job"]
    assert made(program.get(f"jobs/{job}/"))["summary"] == {"Reminded": 1, "Nobody to tell": 0}
    assert sent.one.reminded_at is not None
    assert made(program.post(f"rounds/{sent.round.number}/sending/"), 409)["rule"] == "sent"
