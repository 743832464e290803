"""Agents' ledgers over the API: sent, read, matched, undone; a foreign agent finds nothing."""

from base64 import b64encode
from decimal import Decimal
from typing import Any

import pytest

from customers.models import Customer
from orders.matching.services import match_ledger
from orders.matching.splitting import split_line
from orders.models import LedgerMatch, LedgerSplit, LedgerUpload
from orders.reconciliation.services import explain_difference
from salesops.users.models import User
from salesops.users.roles import Role
from tests.orders.matching.ledgers import make_entries
from tests.orders.matching.test_carried_over import november
from tests.orders.matching.test_differences import Desk
from tests.support.build import Sales, make_sales, make_user
from tests.support.program import Program, made
from tests.support.tasks import RunTasks

pytestmark = pytest.mark.django_db

OCTOBER = {"first_day": "2026-10-01", "last_day": "2026-10-31"}
THEIRS = "日期,单号,借方,贷方\n2026-10-05,RK-1,,58.00\n2026-10-09,FK-1,20,\n"
COLUMNS = {"day": "日期", "reference": "单号", "debit": "借方", "credit": "贷方"}


@pytest.fixture
def sales() -> Sales:
    return make_sales()


@pytest.fixture
def customer(sales: Sales) -> Customer:
    customer = sales.customer(code="A-1")
    make_entries(customer, [(3, "SH-1", 58), (10, "SH-2", 60), (21, "SH-3", 40)])
    return customer


@pytest.fixture
def agent(customer: Customer) -> User:
    return make_user(Role.AGENT, customer=customer)


def lines(*amounts: str) -> dict[str, Any]:
    """The body of a ledger with such lines, of the days from October 20 on."""
    rows = [{"day": f"2026-10-{20 + at}", "reference": f"RK-{at}", "amount": one} for at, one in enumerate(amounts)]
    return {"customer": "A-1", **OCTOBER, "lines": rows}


def file(content: str = THEIRS, **more: Any) -> dict[str, Any]:
    sent = b64encode(content.encode()).decode()
    return {"customer": "A-1", **OCTOBER, "file_name": "theirs.csv", "content": sent, **more}


def rows(program: Program, address: str) -> list[Any]:
    return list(made(program.get(address))["results"])


def test_an_agent_sends_its_ledger_and_learns_what_is_left(customer: Customer, agent: User) -> None:
    program = Program(agent)
    response = program.post("their-ledgers/", {**lines("40.00", "12.00"), "closing": "52.00"}, key="k")
    ledger = made(response, 201)

    assert response["Location"].endswith(f"/api/v1/their-ledgers/{ledger['id']}/")
    assert (ledger["state"], ledger["lines_read"], ledger["not_matched"]) == ("read", 2, 1)
    assert ledger["formula"] == {
        "our_closing": "158.00",
        "opening_apart": "0.00",
        "carried_ours": {"amount": "0.00", "count": 0},
        "carried_theirs": {"amount": "0.00", "count": 0},
        "ours": {"amount": "118.00", "count": 2},
        "theirs": {"amount": "12.00", "count": 1},
        "matched": 1,
        "matched_apart": "0.00",
        "unexplained": "0.00",
        "their_closing": "52.00",
    }
    assert made(program.post("their-ledgers/", {**lines("40.00", "12.00"), "closing": "52.00"}, key="k"), 201) == ledger
    assert made(program.post("their-ledgers/", lines("40.00")), 409)["rule"] == "replaces"
    assert made(program.get(f"their-ledgers/{ledger['id']}/")) == ledger
    assert LedgerUpload.objects.count() == 1


def test_a_file_is_read_as_said_and_the_next_one_as_the_last(sales: Sales, customer: Customer) -> None:
    program = Program(sales.finance)
    assert made(program.post("their-ledgers/files/", file()), 409)["rule"] == "mapping"

    first = made(program.post("their-ledgers/files/", file(columns=COLUMNS)), 201)
    again = made(program.post("their-ledgers/files/", file(replaces=True)), 201)

    assert first["lines_read"] == again["lines_read"] == 2
    amounts = [line["amount"] for line in rows(program, f"their-ledgers/{again['id']}/lines/")]
    assert amounts == ["58.00", "-20.00"]
    assert made(program.get(f"their-ledgers/{first['id']}/"))["state"] == "replaced"


def test_a_file_with_a_bad_row_is_refused_with_the_row_and_not_kept(sales: Sales, customer: Customer) -> None:
    program = Program(sales.finance)
    sent = file(THEIRS + "x,RK-3,,5\n", columns=COLUMNS)

    refused = made(program.post("their-ledgers/files/", sent), 409)

    assert (refused["rule"], refused["facts"]["row"], refused["facts"]["bad"]) == ("rows", 4, 1)
    assert not LedgerUpload.objects.exists()
    taken = made(program.post("their-ledgers/files/", {**sent, "only_good": True}), 201)
    assert (taken["lines_read"], taken["bad"]) == (2, 1)
    assert taken["problems"] == [{"row": 4, "column": "日期", "value": "x", "reason": "is not a date"}]


@pytest.mark.parametrize(
    ("more", "name"),
    [({"content": "%%%"}, "content"), ({"columns": {"day": ""}}, "columns.day"), ({"last_day": "soon"}, "last_day")],
)
def test_a_malformed_file_names_what_is_wrong(
    sales: Sales, customer: Customer, more: dict[str, Any], name: str
) -> None:
    answer = made(Program(sales.finance).post("their-ledgers/files/", {**file(columns=COLUMNS), **more}), 400)
    assert list(answer["fields"]) == [name]


def test_a_line_that_moves_nothing_is_malformed(sales: Sales, customer: Customer) -> None:
    assert "lines.0.amount" in made(Program(sales.finance).post("their-ledgers/", lines("0.00")), 400)["fields"]
    assert "lines" in made(Program(sales.finance).post("their-ledgers/", lines()), 400)["fields"]


def test_both_sides_are_read_matched_by_hand_and_undone(sales: Sales, customer: Customer) -> None:
    program = Program(sales.finance)
    ledger = made(program.post("their-ledgers/", lines("40.00", "118.30")), 201)
    address = f"their-ledgers/{ledger['id']}"
    entries = rows(program, f"{address}/entries/?matched=no")
    theirs = rows(program, f"{address}/lines/?matched=no")
    assert [entry["document"] for entry in entries] == ["SH-1", "SH-2"]
    assert [entry["document"] for entry in rows(program, f"{address}/entries/?matched=yes")] == ["SH-3"]
    sent = {"ours": [entry["id"] for entry in entries], "theirs": [line["id"] for line in theirs]}

    assert made(program.post(f"{address}/matches/", sent), 409)["rule"] == "reason"
    match = made(program.post(f"{address}/matches/", {**sent, "reason": "Rounded"}), 201)

    assert (match["way"], match["difference"], match["made_by"]["username"]) == ("hand", "0.30", sales.finance.username)
    assert [one["way"] for one in rows(program, f"{address}/matches/")] == ["amount", "hand"]
    assert rows(program, f"{address}/lines/?matched=no") == []

    undone = made(program.post(f"{address}/matches/{match['id']}/undoing/"))
    assert undone["formula"]["matched"] == 1
    assert made(program.post(f"{address}/matches/{match['id']}/undoing/"), 409)["rule"] == "undone"
    assert made(program.post(f"{address}/matching/"))["formula"]["matched"] == 1


def test_an_agent_reads_and_matches_nothing(customer: Customer, agent: User) -> None:
    program = Program(agent)
    ledger = made(program.post("their-ledgers/", lines("40.00", "118.30")), 201)
    address = f"their-ledgers/{ledger['id']}"

    assert len(rows(program, f"{address}/entries/")) == 3
    line = rows(program, f"{address}/lines/?matched=no")[0]["id"]
    split = split_line(line, by=make_user(Role.FINANCE), amounts=[Decimal(18), Decimal("100.30")])
    refused = (
        "matches/",
        "matching/",
        f"matches/{LedgerMatch.objects.get().pk}/undoing/",
        f"lines/{line}/parts/",
        f"splits/{split.pk}/undoing/",
    )
    for part in refused:
        made(program.post(f"{address}/{part}", {}), 403)
    assert LedgerSplit.objects.get().undone_at is None


def test_a_foreign_agent_finds_nothing_by_any_address(sales: Sales, customer: Customer, agent: User) -> None:
    ledger = made(Program(agent).post("their-ledgers/", lines("40.00")), 201)
    foreign = Program(make_user(Role.AGENT, customer=sales.customer()))
    address = f"their-ledgers/{ledger['id']}/"

    for part in ("", "entries/", "lines/", "matches/", "carried/"):
        made(foreign.get(address + part), 404)
    assert rows(foreign, "their-ledgers/") == []
    assert "customer" in made(foreign.post("their-ledgers/", lines("40.00")), 400)["fields"]
    assert "customer" in made(foreign.post("their-ledgers/files/", file(columns=COLUMNS)), 400)["fields"]
    assert LedgerUpload.objects.count() == 1


def test_ids_of_another_ledger_are_refused(sales: Sales, customer: Customer) -> None:
    program = Program(sales.finance)
    other = sales.customer()
    make_entries(other, [(19, "X", 40)])
    theirs = made(program.post("their-ledgers/", {**lines("40.00"), "customer": other.code}), 201)
    ledger = made(program.post("their-ledgers/", lines("99.00")), 201)
    match = LedgerMatch.objects.filter(upload=theirs["id"])[0]

    line = rows(program, f"their-ledgers/{theirs['id']}/lines/")[0]["id"]
    sent = {"ours": [rows(program, f"their-ledgers/{ledger['id']}/entries/")[0]["id"]], "theirs": [line]}
    assert made(program.post(f"their-ledgers/{ledger['id']}/matches/", sent), 409)["rule"] == "scope"
    made(program.post(f"their-ledgers/{ledger['id']}/matches/{match.pk}/undoing/"), 404)
    free = made(program.post("their-ledgers/", {**lines("7.00"), "customer": other.code, "replaces": True}), 201)
    line = rows(program, f"their-ledgers/{free['id']}/lines/")[0]["id"]
    made(program.post(f"their-ledgers/{ledger['id']}/lines/{line}/parts/", PARTS), 404)
    split = split_line(line, by=sales.finance, amounts=[Decimal(3), Decimal(4)])
    made(program.post(f"their-ledgers/{ledger['id']}/splits/{split.pk}/undoing/"), 404)
    assert list(LedgerSplit.objects.values_list("undone_at", flat=True)) == [None]


# ---- in parts, carried over ----
PARTS = {"amounts": ["3.00", "4.00"]}


def test_a_line_is_split_once_however_often_it_is_sent_and_put_together(sales: Sales, customer: Customer) -> None:
    program = Program(sales.finance)
    ledger = made(program.post("their-ledgers/", lines("7.00")), 201)
    address = f"their-ledgers/{ledger['id']}"
    (line,) = rows(program, f"{address}/lines/")
    assert line["split"] is None

    response = program.post(f"{address}/lines/{line['id']}/parts/", PARTS, key="k")
    split = made(response, 201)

    assert made(program.post(f"{address}/lines/{line['id']}/parts/", PARTS, key="k"), 201) == split
    assert (split["line"], [part["amount"] for part in split["parts"]]) == (line["id"], ["3.00", "4.00"])
    assert {part["split"] for part in rows(program, f"{address}/lines/")} == {split["id"]}
    assert response["Location"].endswith(f"/{address}/lines/")
    assert made(program.get(f"{address}/"))["not_matched"] == 2

    undone = made(program.post(f"{address}/splits/{split['id']}/undoing/"))
    assert (undone["not_matched"], rows(program, f"{address}/lines/")) == (1, [line])
    again = made(program.post(f"{address}/splits/{split['id']}/undoing/"), 409)
    assert again["rule"] == "undone"
    assert LedgerSplit.objects.count() == 1


@pytest.mark.parametrize(
    ("amounts", "status", "said"),
    [
        (["3.00", "4.01"], 409, "sum"),
        (["7.00", "0.00"], 409, "amount"),
        (["7.00"], 400, "amounts"),
        (["1.00"] * 21, 400, "amounts"),
        (["3.005", "3.995"], 400, "amounts.0"),
    ],
)
def test_parts_that_make_no_sense_are_refused(
    sales: Sales, customer: Customer, amounts: list[str], status: int, said: str
) -> None:
    program = Program(sales.finance)
    ledger = made(program.post("their-ledgers/", lines("7.00")), 201)
    line = rows(program, f"their-ledgers/{ledger['id']}/lines/")[0]["id"]

    answer = made(program.post(f"their-ledgers/{ledger['id']}/lines/{line}/parts/", {"amounts": amounts}), status)

    assert answer["rule"] == said if status == 409 else said in answer["fields"]
    assert not LedgerSplit.objects.exists()


def test_both_ledgers_say_where_what_was_carried_over_was_cleared(run_tasks: RunTasks) -> None:
    desk = Desk(run_tasks)
    desk.state("SH-3", "FK-9")
    explain_difference(desk.one.pk, 2, by=desk.finance, reason="timing")
    upload = november(desk, (34, "RK-77", 40))
    match_ledger(upload.pk, by=desk.finance)
    program = Program(desk.agent)

    earlier = made(program.get(f"their-ledgers/{desk.upload.pk}/carried/"))
    later = made(program.get(f"their-ledgers/{upload.pk}/carried/"))

    line = upload.lines.get()
    theirs, ours = earlier["carried_forward"]
    assert (theirs["what"]["document"], theirs["cleared"]) == ("FK-9", None)
    assert ours == {
        "what": {
            "side": "ours",
            "id": desk.customer.entries.get(document="SH-3").pk,
            "document": "SH-3",
            "day": "2026-10-29",
            "amount": "40.00",
        },
        "reason": "timing",
        "reconciliation": desk.one.number,
        "position": 1,
        "cleared": {
            "ledger": upload.pk,
            "first_day": "2026-11-01",
            "last_day": "2026-11-30",
            "match": upload.matches.get().pk,
            "matched_with": [
                {"side": "theirs", "id": line.pk, "document": "RK-77", "day": "2026-11-03", "amount": "40.00"}
            ],
        },
    }
    assert later == {"brought_forward": earlier["carried_forward"], "carried_forward": []}
    assert earlier["brought_forward"] == []
    LedgerUpload.objects.filter(pk=desk.upload.pk).update(state="replaced")
    replaced = made(program.get(f"their-ledgers/{desk.upload.pk}/carried/"))
    assert replaced == {"brought_forward": [], "carried_forward": []}
