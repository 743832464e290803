"""Collections over the API: each does what its page does, refuses what that refuses, and is nothing to an agent."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from customers.models import CreditAccount, Customer
from orders.collections.models import ReminderLevel
from orders.collections.reminding import remind
from orders.models import Dispute, OpenItem, Promise, Reminder
from salesops.jobs.models import Job
from salesops.users.roles import Role
from tests.support.build import Sales, make_sales, make_user
from tests.support.program import Program, made
from tests.support.tasks import RunTasks

pytestmark = pytest.mark.django_db
LISTS = ("collections/", "promises/", "disputes/", "reminders/", "reminders/due/")


@pytest.fixture
def sales() -> Sales:
    return make_sales()


def in_days(days: int) -> str:
    return f"{timezone.localdate() + timedelta(days=days)}"


def owed(sales: Sales, customer: Customer, amount: int = 100, days: int = 9) -> OpenItem:
    return OpenItem.objects.get(entry=sales.overdue(customer, amount, days))


def contested(item: OpenItem, **more: Any) -> dict[str, Any]:
    return {"item": item.pk, "kind": "quality", "text": "Two are broken", **more}


# ---- the worklist ----
def test_the_worklist_comes_by_urgency_a_page_at_a_time(sales: Sales) -> None:
    for days in (3, 30, 12, 12, 7):
        owed(sales, sales.customer(), days=days)
    program, address, seen = Program(sales.representative), "collections/?page_size=2", []
    while address:
        page = made(program.get(address))
        seen += page["results"]
        address = page["next"]
    assert [row["urgency"] for row in seen] == ["3000.00", "1200.00", "1200.00", "700.00", "300.00"]
    assert len({row["customer"]["code"] for row in seen}) == 5


def test_the_worklist_says_what_happened_so_far_and_is_narrowed_by_it(sales: Sales) -> None:
    customer, other = sales.customer(), sales.customer()
    item = owed(sales, customer)
    owed(sales, other)
    remind(customer.pk, by=sales.finance)
    program = Program(sales.finance)
    made(program.post("disputes/", contested(item, amount="40.00")), 201)
    made(program.post("promises/", {"customer": customer.code, "amount": "60.00", "promised_for": in_days(2)}), 201)
    (row,) = made(program.get("collections/?only=disputed"))["results"]
    assert row["customer"]["code"] == customer.code
    assert {name: row[name] for name in ("overdue", "disputed", "promised", "promised_for", "last_level")} == {
        "overdue": "100.00",
        "disputed": "40.00",
        "promised": "60.00",
        "promised_for": in_days(2),
        "last_level": 1,
    }
    for query, expected in (("only=never", other), ("level=1", customer), (f"q={other.code}", other)):
        (row,) = made(program.get(f"collections/?{query}"))["results"]
        assert row["customer"]["code"] == expected.code, query
    made(program.get("collections/?only=nothing"), 400)


# ---- promises ----
def test_a_promise_is_recorded_read_and_withdrawn(sales: Sales) -> None:
    customer, program = sales.customer(), Program(sales.representative)
    body = {"customer": customer.code, "amount": "60.00", "promised_for": in_days(2), "given_by": "Ms Wang"}
    response = program.post("promises/", body, key="p")
    promise = made(response, 201)
    assert (promise["state"], promise["paid"], promise["given_by"]) == ("open", "0.00", "Ms Wang")
    assert response["Location"].endswith(f"/api/v1/promises/{promise['id']}/")
    assert made(program.post("promises/", body, key="p"), 201) == promise
    assert made(program.post("promises/", body), 409)["rule"] == "promise"
    assert made(program.post(f"promises/{promise['id']}/withdrawal/"))["state"] == "withdrawn"
    assert made(program.post(f"promises/{promise['id']}/withdrawal/"), 409)["rule"] == "state"
    assert [row["id"] for row in made(program.get("promises/?state=withdrawn"))["results"]] == [promise["id"]]
    assert Promise.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [({"customer": "nobody"}, "customer"), ({"amount": "0"}, "amount"), ({"promised_for": "soon"}, "promised_for")],
)
def test_what_is_no_promise_is_named_and_nothing_written(sales: Sales, change: dict[str, str], field: str) -> None:
    body = {"customer": sales.customer().code, "amount": "1.00", "promised_for": in_days(2), **change}
    assert field in made(Program(sales.finance).post("promises/", body), 400)["fields"]
    assert not Promise.objects.exists()


def test_a_promise_of_yesterday_is_refused(sales: Sales) -> None:
    body = {"customer": sales.customer().code, "amount": "1.00", "promised_for": in_days(-1)}
    assert made(Program(sales.finance).post("promises/", body), 409)["rule"] == "date"
    assert not Promise.objects.exists()


# ---- disputes ----
def test_a_dispute_is_of_all_that_is_left_unless_it_says_how_much(sales: Sales) -> None:
    item, program = owed(sales, sales.customer()), Program(sales.finance)
    part = made(program.post("disputes/", contested(item, amount="30.00", owner=sales.supervisor.username)), 201)
    response = program.post("disputes/", contested(item, kind="return"))
    rest = made(response, 201)
    assert response["Location"].endswith(f"/api/v1/disputes/{rest['id']}/")
    assert [(one["amount"], one["owner"]["username"]) for one in (part, rest)] == [
        ("30.00", sales.supervisor.username),
        ("70.00", sales.finance.username),
    ]
    refusal = made(program.post("disputes/", contested(item, amount="0.01")), 409)
    assert (refusal["rule"], refusal["facts"]) == ("more than open", {"open": "100.00", "disputed": "100.00"})
    assert [row["id"] for row in made(program.get("disputes/?kind=return"))["results"]] == [rest["id"]]
    assert Dispute.objects.count() == 2


def test_a_dispute_says_what_is_disputed_now_and_is_closed_once(sales: Sales) -> None:
    customer, program = sales.customer(), Program(sales.finance)
    dispute = made(program.post("disputes/", contested(owed(sales, customer))), 201)
    address = f"disputes/{dispute['id']}/"
    sales.pay(customer, 40)
    assert [made(program.get(address))[name] for name in ("state", "amount", "left")] == ["open", "100.00", "60.00"]
    sales.pay(customer, 60)
    assert [made(program.get(address))[name] for name in ("state", "left")] == ["settled", "0.00"]
    assert "outcome" in made(program.post(f"{address}closing/", {}), 400)["fields"]
    closed = made(program.post(f"{address}closing/", {"outcome": "Paid after all"}))
    assert (closed["state"], closed["closed_by"]["username"]) == ("closed", sales.finance.username)
    assert made(program.post(f"{address}closing/", {"outcome": "Again"}), 409)["rule"] == "state"
    assert Dispute.objects.get().outcome == "Paid after all"


def test_what_cannot_be_disputed_is_named_and_nothing_written(sales: Sales) -> None:
    customer, program = sales.customer(), Program(sales.representative)
    item, foreign = owed(sales, customer), owed(sales, make_sales().customer())
    paid = owed(sales, sales.customer())
    sales.pay(paid.customer, 100)
    ahead = sales.pay(customer, 500)
    credit = OpenItem.objects.get(entry__document=ahead.number)
    for wrong in (foreign, paid, credit):
        assert "item" in made(program.post("disputes/", contested(wrong)), 400)["fields"]
    agent = make_user(Role.AGENT, customer=customer)
    fresh = owed(sales, sales.customer())
    for owner in (agent.username, make_sales().representative.username, "nobody"):
        assert "owner" in made(program.post("disputes/", contested(fresh, owner=owner)), 400)["fields"]
    assert item and not Dispute.objects.exists()


# ---- reminders ----
def test_letters_are_looked_at_sent_by_a_job_once_and_read(sales: Sales, run_tasks: RunTasks) -> None:
    customer, program = sales.customer(email="pay@example.com"), Program(sales.finance)
    item = owed(sales, customer)
    (due,) = made(program.get("reminders/due/"))["results"]
    assert (due["customer"]["code"], due["level"], due["amount"], due["items"], due["sent_to"]) == (
        customer.code,
        1,
        "100.00",
        1,
        "pay@example.com",
    )
    preview = made(program.get(f"customers/{customer.code}/reminder/"))
    assert preview["is_due"] and [one["item"] for one in preview["items"]] == [item.pk]
    assert not Reminder.objects.exists()
    with run_tasks():
        response = program.post("reminders/", {"customers": [customer.code]}, key="r")
    job = made(response, 201)
    assert response["Location"].endswith(f"/api/v1/jobs/{job['id']}/")
    assert made(program.get(f"jobs/{job['id']}/"))["state"] == "done"
    with run_tasks():
        repeat = program.post("reminders/", {"customers": [customer.code]}, key="r")
    assert (made(repeat, 201)["id"], repeat["Idempotent-Replayed"]) == (job["id"], "true")
    (row,) = made(program.get("reminders/"))["results"]
    letter = made(program.get(f"reminders/{row['number']}/"))
    assert [(one["document"], one["amount"]) for one in letter["items"]] == [(item.entry.document, "100.00")]
    assert (letter["sent_to"], letter["puts_on_hold"]) == ("pay@example.com", False)
    assert program.get(f"reminders/{row['number']}/letter/").content.startswith(b"%PDF")
    assert made(program.get("reminders/due/"))["results"] == []
    assert not made(program.get(f"customers/{customer.code}/reminder/"))["is_due"]
    assert Job.objects.count() == Reminder.objects.count() == 1


def test_all_that_are_due_are_sent_where_nobody_is_named(sales: Sales, run_tasks: RunTasks) -> None:
    late = [sales.customer(), sales.customer()]
    for customer in late:
        owed(sales, customer)
    owed(sales, sales.customer(), days=0)
    with run_tasks():
        made(Program(sales.finance).post("reminders/"), 201)
    assert {one.customer for one in Reminder.objects.all()} == set(late)


def test_no_letter_is_begun_for_nobody_or_for_a_stranger(sales: Sales) -> None:
    program = Program(sales.finance)
    refusal = made(program.post("reminders/"), 409)
    assert (refusal["rule"], refusal["facts"]) == ("customers", {"asked": 0})
    assert "customers.1" in made(program.post("reminders/", {"customers": [sales.customer().code, "x"]}), 400)["fields"]
    assert made(program.post("reminders/", {"customers": []}), 409)["rule"] == "customers"  # nobody is not everybody
    made(program.get(f"customers/{sales.customer().code}/reminder/"), 404)
    owed(sales, sales.customer())
    assert made(Program(sales.representative).post("reminders/"), 403)["code"] == "forbidden"
    assert not Job.objects.exists() and not Reminder.objects.exists()


def test_a_second_run_waits_for_the_first(sales: Sales) -> None:
    first, second = sales.customer(), sales.customer()
    job = made(Program(sales.finance).post("reminders/", {"customers": [first.code]}), 201)
    again = made(Program(sales.finance).post("reminders/", {"customers": [first.code]}), 201)
    other = made(Program(sales.finance).post("reminders/", {"customers": [second.code]}), 409)
    assert (again["id"], other["rule"]) == (job["id"], "busy")
    assert Job.objects.count() == 1


# ---- holds ----
def test_a_hold_is_lifted_with_a_reason_by_who_sets_terms(sales: Sales) -> None:
    ReminderLevel.objects.filter(number=1).update(holds=True)
    customer = sales.customer()
    owed(sales, customer)
    remind(customer.pk, by=sales.finance)
    address = f"customers/{customer.code}/release/"
    assert made(Program(sales.representative).post(address, {"note": "x"}), 403)
    program = Program(sales.finance)
    assert made(program.get(f"customers/{customer.code}/credit/"))["hold"]
    assert "note" in made(program.post(address, {}), 400)["fields"]
    assert CreditAccount.objects.get(pk=customer.pk).is_on_hold
    assert made(program.post(address, {"note": "Pays by instalments"}))["hold"] is None
    assert made(program.post(address, {"note": "Again"}), 409)["rule"] == "state"
    assert customer.notes.count() == 1


# ---- scope ----
def test_a_row_out_of_scope_is_not_there(sales: Sales) -> None:
    item, program = owed(sales, sales.customer()), Program(sales.finance)
    dispute = made(program.post("disputes/", contested(item, amount="1.00")), 201)
    promise = made(
        program.post("promises/", {"customer": item.customer.code, "amount": "1.00", "promised_for": in_days(1)}), 201
    )
    letter = remind(item.customer_id, by=sales.finance)
    assert letter is not None
    stranger = Program(make_sales().representative)
    for path in ("collections/", "promises/", "disputes/", "reminders/"):
        assert made(stranger.get(path))["results"] == []
    for path in (f"promises/{promise['id']}/", f"disputes/{dispute['id']}/", f"reminders/{letter.number}/"):
        made(stranger.get(path), 404)
    made(stranger.post(f"promises/{promise['id']}/withdrawal/"), 404)
    made(stranger.post(f"disputes/{dispute['id']}/closing/", {"outcome": "x"}), 404)
    assert Promise.objects.get().withdrawn_at is None and Dispute.objects.get().closed_at is None


def test_an_agent_learns_nothing_of_collections_of_its_own_account(sales: Sales) -> None:
    customer = sales.customer()
    item = owed(sales, customer)
    ReminderLevel.objects.filter(number=1).update(holds=True)
    letter = remind(customer.pk, by=sales.finance)
    assert letter is not None
    program = Program(sales.finance)
    dispute = made(program.post("disputes/", contested(item, amount="1.00")), 201)
    agent = Program(make_user(Role.AGENT, customer=customer))
    for path in (*LISTS, f"disputes/{dispute['id']}/", f"reminders/{letter.number}/", "customers/x/reminder/"):
        assert made(agent.get(path), 403)["code"] == "forbidden", path
    body = {"customer": customer.code, "amount": "1.00", "promised_for": in_days(1)}
    for path, sent in (("promises/", body), ("disputes/", contested(item)), ("reminders/", {})):
        made(agent.post(path, sent), 403)
    made(agent.post(f"customers/{customer.code}/release/", {"note": "x"}), 403)
    assert made(agent.get(f"customers/{customer.code}/credit/"))["hold"] == {"reason": ""}
    assert Decimal(made(agent.get("open-items/"))["results"][0]["open"]) == 100
    assert Dispute.objects.count() == 1 and not Promise.objects.exists()
