"""Customers, products, deliveries and payments over the API, as the roles of the main job use them."""

import json
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier
from typing import Any

import psycopg
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone

from orders.models import Delivery, Payment
from salesops.api.schema_page import schema_in
from salesops.users.roles import Role
from tests.support.build import Sales, make_sales, make_user
from tests.support.program import V1, Program, made
from tests.support.servers import url_of_database

pytestmark = pytest.mark.django_db


LISTS = ("approvals", "customers", "deliveries", "jobs", "payments", "products", "shipments", "tokens")


@pytest.fixture
def sales() -> Sales:
    return make_sales()


def test_a_delivery_is_written_changed_and_submitted(sales: Sales) -> None:
    customer = sales.customer()
    program = Program(sales.representative)
    body = {
        "customer": customer.code,
        "warehouse": sales.warehouse.code,
        "lines": [{"sku": sales.product.sku, "quantity": 3}],
    }
    response = program.post("deliveries/", body)
    delivery = made(response, 201)
    assert (delivery["amount"], delivery["state"]) == ("300.00", "draft")
    assert response["Location"].endswith(f"/api/v1/deliveries/{delivery['number']}/")
    change = {**body, "version": delivery["version"], "lines": [{"sku": sales.product.sku, "quantity": 5}]}
    del change["customer"]
    assert made(program.put(f"deliveries/{delivery['number']}/", change))["amount"] == "500.00"
    assert made(program.put(f"deliveries/{delivery['number']}/", change), 409)["rule"] == "version"
    assert made(program.post(f"deliveries/{delivery['number']}/submission/"))["state"] == "submitted"
    assert made(program.post(f"deliveries/{delivery['number']}/submission/"), 409)["rule"] == "state"
    assert made(program.post(f"deliveries/{delivery['number']}/withdrawal/"))["state"] == "withdrawn"


def test_credit_has_exactly_the_figures_that_are_promised(sales: Sales) -> None:
    customer = sales.customer(limit=10_000)
    sales.approved(customer, 4)
    sales.overdue(customer, "250.00", days=7)
    assert made(Program(sales.finance).get(f"customers/{customer.code}/credit/")) == {
        "limit": "10000.00",
        "temporary_limits": [],
        "balance": "250.00",
        "committed": "400.00",
        "exposure": "650.00",
        "available": "9350.00",
        "overdue_amount": "250.00",
        "oldest_overdue_days": 7,
        "hold": None,
    }


def test_an_agent_sees_its_own_account_and_no_stock(sales: Sales) -> None:
    customer, other = sales.customer(), sales.customer()
    agent = Program(make_user(Role.AGENT, customer=customer))
    assert [one["code"] for one in made(agent.get("customers/"))["results"]] == [customer.code]
    for path in (f"customers/{other.code}/", f"customers/{other.code}/credit/"):
        assert made(agent.get(path), 404)["code"] == "not_found"
    product = made(agent.get(f"products/{sales.product.sku}/"))
    assert (product["price"]["amount"], product["free_stock"], product["stock"]) == ("100.00", None, None)
    delivery = made(agent.post("deliveries/", {"lines": [{"sku": sales.product.sku, "quantity": 1}]}), 201)
    assert delivery["customer"]["code"] == customer.code
    assert delivery["lines"][0]["stock"] is None
    assert made(agent.post("payments/", {}), 403)["code"] == "forbidden"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"lines": [{"sku": "nothing", "quantity": 1}]}, "lines.0.sku"),
        ({"lines": [{"sku": "x", "quantity": 0}]}, "lines.0.quantity"),
        ({"lines": []}, "lines"),
        ({"customer": "nobody"}, "customer"),
        ({"customer": "a\x00"}, "customer"),
        ({"warehouse": "nowhere"}, "warehouse"),
        ({"wanted_on": "yesterday"}, "wanted_on"),
        ({"wantd_on": "2026-01-01"}, "wantd_on"),
    ],
)
def test_what_is_malformed_is_named_and_nothing_written(sales: Sales, change: dict, field: str) -> None:
    body = {"customer": sales.customer().code, "lines": [{"sku": sales.product.sku, "quantity": 1}], **change}
    answer = made(Program(sales.representative).post("deliveries/", body), 400)
    assert any(name.startswith(field) for name in answer["fields"]), answer
    assert not Delivery.objects.exists()


@pytest.mark.parametrize(
    "body", [b"{", b"\xff", b"[" * 100_000, b'{"amount": NaN}', b"[]", b'{"a": ' + b"9" * 5_000 + b"}"]
)
def test_what_is_no_json_is_said(sales: Sales, body: bytes) -> None:
    response = Program(sales.finance).send("POST", "payments/", body)
    assert made(response, 400)["code"] == "malformed"
    assert response.json()["fields"]["body"]


@pytest.mark.parametrize("body", [rb'{"\ud800": 1}', rb'{"method": "\uDFFF"}', rb'["\udbff\ud800"]'])
@pytest.mark.parametrize("path", ["tokens/", "payments/"])
def test_half_a_sign_is_no_text(sales: Sales, body: bytes, path: str) -> None:
    program = Program(sales.finance if path == "payments/" else None)
    assert "body" in made(program.send("POST", path, body), 400)["fields"]


def test_a_sign_in_two_halves_is_text(sales: Sales) -> None:
    body = {"customer": sales.customer().code, "amount": "12.30", "note": "\U0001f4b0"}
    sent = json.dumps(body)
    assert "\\ud83d" in sent
    assert made(Program(sales.finance).send("POST", "payments/", sent), 201)["note"] == "\U0001f4b0"


@pytest.mark.parametrize("path", ["tokens/", "payments/"])
def test_a_form_with_files_is_no_json(sales: Sales, path: str) -> None:
    program = Program(sales.finance if path == "payments/" else None)
    file = SimpleUploadedFile("a.txt", b"x" * 100)
    response = program.client.post(V1 + path, {"customer": "x", "file": file}, headers=program.headers)
    assert made(response, 415)["code"] == "unsupported_media_type"


@pytest.mark.parametrize("path", ["payments/", "deliveries/"])
@pytest.mark.parametrize("amount", ["1e200000", "-1e99999", "1.001", "9" * 15, "NaN&amount_max=sNaN"])
def test_an_amount_that_no_column_holds_is_malformed(sales: Sales, path: str, amount: str) -> None:
    wrong = {end for end in ("amount_min", "amount_max") if end == "amount_min" or end in amount}
    assert set(made(Program(sales.finance).get(f"{path}?amount_min={amount}"), 400)["fields"]) == wrong


def test_a_repeat_gets_the_first_answer_and_has_no_effect(sales: Sales) -> None:
    customer = sales.customer()
    program = Program(sales.finance)
    body = {"customer": customer.code, "amount": "12.30"}
    first, second = (program.post("payments/", body, key="k-1") for _ in range(2))
    assert made(first, 201) == made(second, 201)
    assert first["Location"] == second["Location"]
    assert (first.headers.get("Idempotent-Replayed"), second["Idempotent-Replayed"]) == (None, "true")
    assert Payment.objects.count() == 1
    other = made(program.post("payments/", {**body, "amount": "12.31"}, key="k-1"), 422)
    assert other["code"] == "key_reused"
    assert Payment.objects.get().amount == Decimal("12.30")


def test_a_key_is_ones_own(sales: Sales) -> None:
    body = {"customer": sales.customer().code, "amount": "12.30"}
    mine = made(Program(sales.finance).post("payments/", body, key="same"), 201)
    theirs = made(Program(make_user(Role.FINANCE)).post("payments/", body, key="same"), 201)
    assert mine["number"] != theirs["number"]


def test_a_refusal_is_the_first_answer_too(sales: Sales) -> None:
    number = sales.submitted(sales.customer()).number
    program = Program(sales.representative)
    first = made(program.post(f"deliveries/{number}/submission/", key="k"), 409)
    assert Delivery.objects.get(number=number).state == "submitted"
    made(program.post(f"deliveries/{number}/withdrawal/"))
    assert made(program.post(f"deliveries/{number}/submission/", key="k"), 409) == first
    assert made(program.post(f"deliveries/{number}/submission/", key="k2"))["state"] == "submitted"


def test_what_was_malformed_may_be_sent_again_under_its_key(sales: Sales) -> None:
    program = Program(sales.finance)
    made(program.post("payments/", {"amount": "1"}, key="k"), 400)
    made(program.post("payments/", {"customer": sales.customer().code, "amount": "1"}, key="k"), 201)


@pytest.mark.django_db(transaction=True)
def test_both_at_once_have_one_effect_and_one_answer() -> None:
    sales = make_sales()
    program = Program(sales.finance)
    body = {"customer": sales.customer().code, "amount": "5.00"}
    barrier = Barrier(4)

    def send() -> tuple[int, str]:
        one = Program(Authorization=program.headers["Authorization"])
        try:
            barrier.wait(timeout=20)
            response = one.post("payments/", body, key="at-once")
            return response.status_code, made(response, 201)["number"]
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        answers = {future.result(timeout=60) for future in [pool.submit(send) for _ in range(4)]}
    assert answers == {(201, Payment.objects.get().number)}


@pytest.mark.django_db(transaction=True)
def test_a_no_of_the_moment_is_not_remembered() -> None:
    sales = make_sales()
    customer = sales.customer()
    program, body = Program(sales.finance), {"customer": customer.code, "amount": "5.00"}
    with psycopg.connect(url_of_database(connection.settings_dict["NAME"])) as other, connection.cursor() as ours:
        other.execute("SELECT 1 FROM customers_creditaccount FOR UPDATE")
        ours.execute("SET lock_timeout = '50ms'")
        assert made(program.post("payments/", body, key="k-1"), 409)["rule"] == "locked"
        ours.execute("RESET lock_timeout")
    assert made(program.post("payments/", body, key="k-1"), 201)["amount"] == "5.00"
    assert Payment.objects.count() == 1


def test_pages_visit_each_row_once_over_many_on_one_day(sales: Sales) -> None:
    customer = sales.customer()
    numbers = {sales.pay(customer, 1 + each).number for each in range(13)}
    program, address, seen = Program(sales.finance), "payments/?page_size=4", []
    while address:
        page = made(program.get(address))
        assert len(page["results"]) <= 4
        seen += [row["number"] for row in page["results"]]
        address = page["next"]
    assert len(seen) == 13
    assert set(seen) == numbers


@pytest.mark.parametrize(
    "query", ["cursor=x", "page_size=0", "page_size=201", "page_size=a", "state=nothing", "amount_min=x"]
)
def test_a_list_says_which_part_of_its_address_is_wrong(sales: Sales, query: str) -> None:
    answer = made(Program(sales.finance).get(f"payments/?{query}"), 400)
    assert list(answer["fields"]) == [query.partition("=")[0]]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_who_forgets_the_last_slash_is_told_and_led_nowhere(sales: Sales, method: str) -> None:
    answer = made(Program(sales.finance).send(method, "payments", {}), 404)
    assert answer["message"] == "There is no such address; there is /api/v1/payments/."
    assert made(Program(sales.finance).send(method, "payment", {}), 404)["message"] == "There is no such address."


def test_a_list_is_filtered_as_its_page_is(sales: Sales) -> None:
    first, second = sales.customer(), sales.customer()
    sales.pay(first, 10)
    sales.pay(second, 20)
    program = Program(sales.finance)
    day = timezone.localdate().isoformat()
    for query in (
        f"customer={first.code}",
        "amount_max=15",
        f"q={first.code}",
        f"region={sales.region.code}&amount_max=15",
    ):
        found = made(program.get(f"payments/?received_after={day}&{query}"))["results"]
        assert [row["customer"]["code"] for row in found] == [first.code], query


@pytest.mark.parametrize("name", sorted(LISTS))
@pytest.mark.parametrize("unknown", ["amount_mim=5", "sort=amount", "page=2", "q%00=1", "format=json"])
def test_a_name_that_nothing_listens_to_is_refused(sales: Sales, name: str, unknown: str) -> None:
    answer = made(Program(sales.sales_manager).get(f"{name}/?{unknown}"), 400)
    assert [*answer["fields"]] == [unknown.split("=")[0].replace("%00", "\x00")]


def test_a_filter_that_a_role_has_not_is_refused(sales: Sales) -> None:
    agent = Program(make_user(Role.AGENT, customer=sales.customer()))
    made(agent.get(f"deliveries/?region={sales.region.code}"), 400)
    made(agent.get("deliveries/?state=draft&q=1&page_size=5"))
    made(Program(sales.supply).get("customers/?credit=over"), 400)


def test_a_payment_is_reversed_once(sales: Sales) -> None:
    payment = sales.pay(sales.customer(), 10)
    program = Program(sales.finance)
    assert made(program.post(f"payments/{payment.number}/reversal/", {"reason": "typo"}))["is_reversed"]
    assert made(program.post(f"payments/{payment.number}/reversal/", {"reason": "typo"}), 409)["rule"] == "reversed"


def test_the_schema_is_made_without_a_warning(capsys: pytest.CaptureFixture[str]) -> None:
    from drf_spectacular.drainage import GENERATOR_STATS

    schema_in.cache_clear()
    GENERATOR_STATS.reset()
    schema = made(Program().get("/api/schema/"))
    assert not GENERATOR_STATS, capsys.readouterr().err
    assert "/api/v1/customers/{code}/credit/" in schema["paths"]


def test_the_schema_is_made_once_in_each_language_whatever_is_asked_for() -> None:
    def ask(query: str = "") -> Any:
        return made(Program().get(f"/api/schema/{query}"))

    schema_in.cache_clear()
    english, chinese = ask(), ask("?lang=zh-hans")

    assert english != chinese
    assert ask() == ask("?version=7") == ask("?lang=tlh") == english
    assert ask("?lang=zh-hans") == chinese
    assert schema_in.cache_info().misses == 2
