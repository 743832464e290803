"""Adjustments over the API: asked for, changed, withdrawn, taken back; what a rule refuses is named."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from customers.models import CreditAccount, Customer
from orders.models import Adjustment, OpenItem, ReceivableEntry
from salesops.approvals.models import Request
from salesops.approvals.services import send_back
from salesops.users.roles import Role
from tests.support.adjusting import adjusted, decide, open_item, submitted
from tests.support.build import Sales, make_sales, make_user
from tests.support.program import Program, made
from tests.support.queries import queries_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def sales() -> Sales:
    return make_sales()


@pytest.fixture
def customer(sales: Sales) -> Customer:
    return sales.customer("Lakeside", code="LAKE")


def body(**said: Any) -> dict[str, Any]:
    return {"customer": "LAKE", "kind": "credit", "amount": "30.00", "reason": "price", "text": "Agreed", **said}


def balance(customer: Customer) -> Any:
    return CreditAccount.objects.get(customer=customer).balance


def test_it_is_asked_for_once_and_posted_with_the_decision(sales: Sales, customer: Customer) -> None:
    debt = sales.overdue(customer, 100, 9)
    program = Program(sales.finance)
    asked = made(program.post("adjustments/", body(concerns="2026-01-05"), key="k"), 201)
    assert made(program.post("adjustments/", body(concerns="2026-01-05"), key="k"), 201) == asked
    one = Adjustment.objects.get()
    assert (asked["number"], asked["state"], asked["posted_on"], asked["settled"]) == (
        one.number,
        "submitted",
        None,
        [],
    )
    assert (asked["effect"], asked["concerns"], asked["text"]) == ("-30.00", "2026-01-05", "Agreed")
    assert asked["asked_by"]["username"] == sales.finance.username
    assert balance(customer) == 100
    decide(sales, one)
    posted = made(program.get(f"adjustments/{one.number}/"))
    assert (posted["state"], posted["posted_on"]) == ("approved", f"{timezone.localdate()}")
    assert [(row["document"], row["amount"]) for row in posted["settled"]] == [(debt.document, "30.00")]
    assert posted["approval"][-1]["look"] == "done"


def test_a_write_off_and_a_refund_are_of_all_that_is_open_of_what_is_named(sales: Sales, customer: Customer) -> None:
    debt = open_item(sales.overdue(customer, 100, 9))
    program = Program(sales.finance)
    written = made(program.post("adjustments/", body(kind="write_off", amount=None, items=[debt])), 201)
    assert (written["amount"], written["items"][0]["id"], written["items"][0]["open"]) == ("100.00", debt, "100.00")
    decide(sales, Adjustment.objects.get())
    sales.pay(customer, 40)
    credit = OpenItem.objects.open().get(customer=customer).pk
    said = body(kind="refund", amount="25.00", items=[credit], method="transfer", reference="R-1")
    refund = made(program.post("adjustments/", said), 201)
    assert (refund["effect"], refund["method"], refund["reference"]) == ("25.00", "transfer", "R-1")
    decide(sales, Adjustment.objects.get(number=refund["number"]))
    assert balance(customer) == -15


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"customer": "NOBODY"}, "customer"),
        ({"kind": "reversal"}, "kind"),
        ({"amount": "0.00"}, "amount"),
        ({"amount": "x"}, "amount"),
        ({"reason": "because"}, "reason"),
        ({"text": " "}, "text"),
        ({"concerns": "soon"}, "concerns"),
        ({"items": ["x"]}, "items.0"),
        ({"items": [2**63]}, "items.0"),
        ({"method": "barter"}, "method"),
        ({"mood": "good"}, "mood"),
    ],
)
def test_what_makes_no_sense_is_named(sales: Sales, customer: Customer, said: dict[str, Any], field: str) -> None:
    assert list(made(Program(sales.finance).post("adjustments/", body(**said)), 400)["fields"]) == [field]
    assert not Adjustment.objects.exists()


def test_each_refusal_has_its_rule_and_its_figures(sales: Sales, customer: Customer) -> None:
    debt = open_item(sales.overdue(customer, 100, 9))
    credit_of = sales.customer()
    sales.pay(credit_of, 20)
    credit = OpenItem.objects.get(customer=credit_of).pk
    program = Program(sales.finance)

    def refused(**said: Any) -> tuple[str, list[str]]:
        answer = made(program.post("adjustments/", body(**said)), 409)
        return answer["rule"], list(answer["fields"])

    tomorrow = timezone.localdate() + timedelta(1)
    before = Adjustment.objects.count()
    assert refused(amount=None) == ("amount", ["amount"])
    assert refused(amount="1000000000.00") == ("amount", ["amount"])
    assert refused(concerns=f"{tomorrow}") == ("date", ["concerns"])
    assert refused(concerns="0202-01-01") == ("year", ["concerns"])
    assert refused(kind="write_off", amount=None) == ("items", ["items"])
    assert refused(kind="write_off", amount="99.00", items=[debt]) == ("amount", ["amount"])
    assert refused(kind="debit", items=[debt]) == ("items", ["items"])
    assert refused(kind="refund", items=[debt], method="cash") == ("items", ["items"])
    assert refused(kind="refund", amount=None, items=[credit], method="cash") == ("items", ["items"])
    elsewhere = {"customer": credit_of.code, "kind": "refund", "items": [credit]}
    assert refused(**elsewhere, amount="5.00") == ("method", ["method"])
    answer = made(program.post("adjustments/", body(**elsewhere, amount="21.00", method="cash")), 409)
    assert (answer["rule"], answer["facts"]["open"], answer["facts"]["asked"]) == ("more than open", "20.00", "21.00")
    assert Adjustment.objects.count() == before
    first = submitted(sales, customer, "write_off", items=[debt])
    answer = made(program.post("adjustments/", body(kind="write_off", amount=None, items=[debt])), 409)
    assert (answer["rule"], answer["facts"]["number"]) == ("asked already", first.number)
    assert Adjustment.objects.count() == before + 1
    assert not ReceivableEntry.objects.filter(source="write_off").exists()


def test_one_that_was_returned_is_submitted_again_by_who_asked(sales: Sales, customer: Customer) -> None:
    one = submitted(sales, customer, "credit", 5)
    program, again = Program(sales.finance), {"amount": "6.00", "reason": "rebate", "text": "Six"}
    assert made(program.put(f"adjustments/{one.number}/", again), 409)["rule"] == "state"
    request = Request.objects.get(document_type="adjustment", object_id=one.pk)
    send_back(request.pk, by=sales.sales_manager, note="Six")
    other = Program(make_user(Role.FINANCE))
    assert made(other.put(f"adjustments/{one.number}/", again), 409)["rule"] == "scope"
    assert list(made(program.put(f"adjustments/{one.number}/", {**again, "kind": "debit"}), 400)["fields"]) == ["kind"]
    answer = made(program.put(f"adjustments/{one.number}/", again))
    assert (answer["state"], answer["amount"], answer["reason"]) == ("submitted", "6.00", "rebate")
    decide(sales, one)
    assert balance(customer) == -6


def test_it_is_withdrawn_before_it_is_decided_by_who_asked(sales: Sales, customer: Customer) -> None:
    one = submitted(sales, customer, "credit", 5)
    path = f"adjustments/{one.number}/withdrawal/"
    assert made(Program(make_user(Role.FINANCE)).post(path), 409)["rule"] == "withdraw"
    program = Program(sales.finance)
    assert made(program.post(path))["state"] == "withdrawn"
    refused = made(program.post(path), 409)
    assert (refused["rule"], refused["facts"]) == ("state", {"state": "withdrawn"})
    again = submitted(sales, customer, "credit", 6)
    send_back(Request.objects.waiting().get(object_id=again.pk).pk, by=sales.sales_manager, note="Which month?")
    assert made(program.post(f"adjustments/{again.number}/withdrawal/"))["state"] == "withdrawn"
    assert balance(customer) == 0


def test_a_mistake_is_taken_back_by_a_document_of_its_own(sales: Sales, customer: Customer) -> None:
    debt = sales.overdue(customer, 100, 90)
    written = submitted(sales, customer, "write_off", items=[open_item(debt)])
    program, path = Program(sales.finance), f"adjustments/{written.number}/reversal/"
    assert made(program.post(path, {"text": "x"}), 409)["rule"] == "state"
    decide(sales, written)
    assert list(made(program.post(path), 400)["fields"]) == ["text"]
    back = made(program.post(path, {"text": "They pay after all"}), 201)
    assert (back["kind"], back["reverses"], back["reason"], back["effect"]) == (
        "reversal",
        written.number,
        "mistake",
        "100.00",
    )
    again = made(program.post(path, {"text": "x"}), 409)
    assert (again["rule"], again["facts"]) == ("asked already", {"number": back["number"]})
    reversal = decide(sales, Adjustment.objects.get(number=back["number"]))
    assert made(program.get(f"adjustments/{written.number}/"))["reversals"] == [back["number"]]
    assert made(program.post(f"adjustments/{reversal.number}/reversal/", {"text": "x"}), 409)["rule"] == "reversal"
    assert balance(customer) == 100


def test_an_agent_sees_what_is_posted_on_its_own_without_the_explanation(sales: Sales, customer: Customer) -> None:
    posted = adjusted(sales, customer, "credit", 5)
    waiting = submitted(sales, customer, "credit", 6)
    foreign = adjusted(sales, sales.customer(), "credit", 7)
    agent = Program(make_user(Role.AGENT, customer=customer))
    assert [row["number"] for row in made(agent.get("adjustments/"))["results"]] == [posted.number]
    answer = made(agent.get(f"adjustments/{posted.number}/"))
    assert (answer["effect"], answer["text"], answer["approval"]) == ("-5.00", "", [])
    for hidden in (waiting, foreign):
        made(agent.get(f"adjustments/{hidden.number}/"), 404)
    made(agent.post("adjustments/", body()), 403)
    made(agent.post(f"adjustments/{posted.number}/reversal/", {"text": "x"}), 403)
    assert Adjustment.objects.count() == 3


def test_out_of_scope_it_is_not_there(sales: Sales, customer: Customer) -> None:
    one = adjusted(sales, customer, "credit", 5)
    stranger = Program(make_sales().representative)
    made(stranger.get(f"adjustments/{one.number}/"), 404)
    assert made(stranger.get("adjustments/"))["results"] == []
    for method, path in (("POST", "reversal/"), ("POST", "withdrawal/"), ("PUT", "")):
        made(Program(sales.representative).send(method, f"adjustments/{one.number}/{path}", {"text": "x"}), 403)


def test_the_list_is_narrowed_as_the_page_is(sales: Sales, customer: Customer) -> None:
    waiting, posted = submitted(sales, customer, "debit", 5), adjusted(sales, customer, "credit", 7)
    submitted(sales, sales.customer(), "debit", 5)
    program = Program(sales.finance)

    def numbers(query: str) -> list[str]:
        return [row["number"] for row in made(program.get(f"adjustments/?{query}"))["results"]]

    assert numbers("customer=LAKE&state=submitted") == [waiting.number]
    assert numbers("kind=credit") == [posted.number]
    assert numbers(f"q={posted.number}") == [posted.number]
    assert numbers("customer=LAKE&amount_min=6") == [posted.number]
    assert list(made(program.get("adjustments/?mood=good"), 400)["fields"]) == ["mood"]


def test_one_with_many_items_costs_no_more_queries_than_one_with_few(sales: Sales) -> None:
    program, asked = Program(sales.finance), []
    made(program.get("adjustments/"))  # the first request of a token notes that it was used
    for count in (2, 20):
        customer = sales.customer()
        debts = [open_item(sales.overdue(customer, 10, 9)) for _each in range(count)]
        one = adjusted(sales, customer, "write_off", items=debts)
        asked.append(queries_of(program, f"/api/v1/adjustments/{one.number}/"))
    assert asked[0] == asked[1]
