"""Bank files over the API: sent, read, recorded once; nobody without the right gets anything."""

import base64
from typing import Any

import pytest

from orders.models import BankFile, Payment
from salesops.users.models import User
from tests.orders.bankfiles.files import HEAD, NUMBERED, line
from tests.support.build import Sales, make_sales
from tests.support.program import Program, made

pytestmark = pytest.mark.django_db

COLUMNS = NUMBERED.columns()


@pytest.fixture
def sales() -> Sales:
    sales = make_sales()
    sales.customer("Suzhou Ruifeng", code="A-1042")
    return sales


def file(*lines: str, **more: Any) -> dict[str, Any]:
    content = base64.b64encode((HEAD + "".join(lines)).encode()).decode()
    return {"account": "ICBC 6222", "file_name": "bank.csv", "content": content, **more}


def test_a_file_is_sent_read_recorded_and_recorded_once(sales: Sales) -> None:
    program = Program(sales.finance)
    lines = [line(100, "Suzhou Ruifeng", number="T1"), line(5, "Nobody", number="T2"), line(debit=3, number="T3")]
    one = made(program.post("bank-files/", file(*lines, columns=COLUMNS)), 201)
    assert (one["state"], one["lines"], one["total"], one["left"]) == ("read", 3, "102.00", 2)
    rows = made(program.get(f"bank-files/{one['id']}/lines/"))["results"]
    assert [(row["state"], row["way"]) for row in rows] == [("proposed", "name"), ("open", ""), ("aside", "")]
    assert rows[0]["customer"]["code"] == "A-1042"

    assert made(program.post(f"bank-files/{one['id']}/recording/", {}))["recorded"] == 1
    assert made(program.post(f"bank-files/{one['id']}/recording/", {}), 409)["rule"] == "proposed"
    again = made(program.post("bank-files/", file(*lines)), 201)
    rows = made(program.get(f"bank-files/{again['id']}/lines/?state=repeated"))["results"]
    assert [row["payment"] for row in rows] == [Payment.objects.get().number, None, None]


def test_what_cannot_be_read_is_said_with_its_row_and_nothing_is_kept(sales: Sales) -> None:
    program = Program(sales.finance)
    assert made(program.post("bank-files/", file()), 409)["rule"] == "mapping"
    answer = made(program.post("bank-files/", file(line("abc", "X"), columns=COLUMNS)), 409)
    assert (answer["rule"], answer["facts"]["row"]) == ("rows", 2)
    assert not BankFile.objects.exists()


def test_who_may_not_record_payments_gets_nothing(sales: Sales) -> None:
    one = made(Program(sales.finance).post("bank-files/", file(line(1, "X"), columns=COLUMNS)), 201)
    others: list[User] = [sales.representative, sales.sales_manager]
    for other in others:
        program = Program(other)
        for address in ("bank-files/", f"bank-files/{one['id']}/", f"bank-files/{one['id']}/lines/"):
            made(program.get(address), 403)
        made(program.post(f"bank-files/{one['id']}/recording/", {}), 403)
    assert BankFile.objects.count() == 1
    assert not Payment.objects.exists()
