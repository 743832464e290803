"""The books are proved by comparing every kept figure with its rows: each claim is broken by hand, and named.

What is broken here is broken past every guard: triggers are switched off, and constraints dropped where they stand in
the way. The proof must not rest on them.
"""

# ruff: noqa: S608  the statements are the test's own

from dataclasses import dataclass

import pytest
from django.db import connection

from orders.adjustments.services import reverse_adjustment
from orders.bills.services import settle_bill
from orders.models import OpenItem
from orders.proof.claims import CLAIMS
from orders.proof.verification import Difference, Document, differences, were_cut
from salesops.approvals.models import Request
from salesops.approvals.policies import StageInput, publish_policy
from salesops.approvals.services import approve
from salesops.users.roles import Role
from tests.support.adjusting import adjusted, decide
from tests.support.bills import registered
from tests.support.build import Sales, make_sales

pytestmark = pytest.mark.django_db

GUARDED = (
    "orders_adjustment",
    "orders_adjustmentitem",
    "orders_allocation",
    "orders_bill",
    "orders_closingstep",
    "orders_delivery",
    "orders_deliveryline",
    "orders_openitem",
    "orders_payment",
    "orders_paymentreversal",
    "orders_receivableentry",
    "orders_shipment",
    "orders_shipmentline",
    "orders_stock",
    "orders_stockmovement",
    "approvals_decision",
    "approvals_request",
)


@dataclass(frozen=True)
class Break:
    """How a claim is broken, and what is then said and which documents are named."""

    sql: str
    said: str
    documents: tuple[str, ...]
    unguard: str = ""


@pytest.fixture
def sales() -> Sales:
    """Goods shipped in part and paid in part, goods not shipped, goods beyond the limit, goods that wait."""
    made = make_sales(stock=100)
    made.warehouse.code, made.product.sku = "EAST", "KT-1"
    made.warehouse.save()
    made.product.save()
    customer = made.customer(code="C-1")
    delivery = made.approved(customer, 10)
    made.ship(delivery, 6)
    made.pay(customer, 250)
    made.approved(made.customer(code="C-2"), 5)
    over = made.submitted(made.customer(code="C-3", limit=100), 10)
    for person in (made.supervisor, made.regional_manager, made.sales_manager):
        approve(over.pk, by=person)
    made.submitted(made.customer(code="C-4"), 3)
    return made


def adjust(made: Sales) -> None:
    """A debt that is written off, and a debit that is taken back."""
    owing = made.customer(code="C-5")
    made.ship(made.approved(owing, 5))
    adjusted(made, owing, "write_off", items=[OpenItem.objects.open().get(customer=owing).pk])
    back = adjusted(made, owing, "debit", 70)
    decide(made, reverse_adjustment(back.pk, by=made.finance, text="Not theirs"))
    assert differences() == []


DECISION_OF = "request_id = (SELECT id FROM approvals_request WHERE customer_id = {})"


def break_decisions(statement: str, customer: str, which: str = "") -> list[str]:
    """Break what was decided on a customer's delivery, and return what is then said by any claim."""
    break_books(Break(f"{statement} WHERE {DECISION_OF.format(customer)} {which}", "", ()))
    return [short(str(one)) for one in differences()]


def accept_without_asking() -> Sales:
    """The corner of a company whose policy asks nobody about a delivery, and one that is beyond the limit."""
    made = make_sales(stock=100)
    never = {"fact": "amount", "op": "above", "value": "999999"}
    publish_policy("delivery", stages=[StageInput(Role.SUPERVISOR, conditions=[never])], stops=[], by=None)
    made.submitted(made.customer(code="C-1", limit=100), 10)
    return made


def test_books_made_by_the_services_add_up(sales: Sales) -> None:
    assert differences() == []


OF = "(SELECT id FROM customers_customer WHERE code = '{}')"
C1, C2, C3, C4 = (OF.format(f"C-{number}") for number in (1, 2, 3, 4))
LINE = (
    "(SELECT line.id FROM orders_deliveryline line JOIN orders_delivery delivery ON delivery.id = delivery_id"
    f" WHERE customer_id = {C1})"
)

BREAKS: dict[str, Break] = {
    "balance": Break(
        f"UPDATE customers_creditaccount SET balance = 1 WHERE customer_id = {C1}",
        "C-1: the balance is 1.00, its entries add up to 350.00",
        ("C-1",),
    ),
    "committed": Break(
        f"UPDATE customers_creditaccount SET committed = 1 WHERE customer_id = {C1}",
        "C-1: committed is 1.00, approved and not shipped is 400.00",
        ("C-1", "DL-1"),
    ),
    "open items": Break(
        "UPDATE orders_openitem SET open_amount = 1 WHERE is_debit",
        "C-1: the balance is 350.00, its open items add up to 1.00",
        ("C-1",),
    ),
    "known overdue": Break(
        "UPDATE customers_creditaccount SET known_overdue_amount = 1, known_overdue_on = ("
        f"SELECT min(due_on) + 5 FROM orders_openitem WHERE customer_id = {C1} AND is_debit) WHERE customer_id = {C1}",
        "C-1: remembered as overdue is 1.00 / 0 (amount / days), open items say 350.00 / 5",
        ("C-1",),
    ),
    "posted": Break(
        "UPDATE orders_receivableentry SET debit = 99 WHERE source = 'shipment'",
        "SH-1: the document says 600.00, its entry 99.00",
        ("SH-1",),
    ),
    "owner": Break(
        f"UPDATE orders_receivableentry SET customer_id = {C2} WHERE source = 'payment'",
        "PM-1: the document is of customer C-1, its entry stands on the account of C-2",
        ("PM-1", "C-1", "C-2"),
    ),
    "entry without document": Break(
        "UPDATE orders_receivableentry SET source_id = 4711 WHERE source = 'payment'",
        "PM-1: an entry of -250.00 names a document that is not there: payment 4711",
        ("C-1",),
    ),
    "posted twice": Break(
        "INSERT INTO orders_receivableentry (customer_id, source, source_id, document, text, posted_on, due_on, debit,"
        " credit, posted_at) SELECT customer_id, source, source_id, document, text, posted_on, due_on, debit, credit,"
        " now() FROM orders_receivableentry WHERE source = 'shipment'",
        "SH-1: one document has 2 entries",
        ("C-1",),
        "ALTER TABLE orders_receivableentry DROP CONSTRAINT a_document_is_posted_once",
    ),
    "closed month": Break(
        "UPDATE orders_receivableentry SET posted_on = '2025-01-15' WHERE source = 'payment';"
        "INSERT INTO orders_closingstep (month, kind, closed_through, entries_through, by_id, at, reason, checklist)"
        " SELECT '2025-01-01', 'closed', '2025-01-31', MAX(entry.id) - 1, MAX(person.id), now(), '', '[]'"
        " FROM orders_receivableentry entry, users_user person",
        "PM-1: posted on 2025-01-15, when the books were closed through 2025-01-31",
        ("C-1",),
    ),
    "item": Break(
        "UPDATE orders_openitem SET is_debit = TRUE WHERE NOT is_debit",
        "PM-1: the entry says -250.00, its open item 250.00",
        ("C-1",),
    ),
    "settled": Break(
        "DELETE FROM orders_allocation",
        "SH-1: 250.00 of it is settled, its allocations add up to 0",
        ("C-1",),
    ),
    "allocated": Break(
        "UPDATE orders_allocation SET amount = 251",
        "PM-1: 250.00 can be settled on this side, 251.00 is allocated",
        ("C-1",),
    ),
    "allocated across": Break(
        f"UPDATE orders_receivableentry SET customer_id = {C2} WHERE source = 'shipment'",
        "PM-1 → SH-1: a credit of C-1 settles a debit of C-2",
        ("C-1", "C-2"),
    ),
    "taken back": Break(
        "INSERT INTO orders_allocation (debit_id, credit_id, amount, reverses_id)"
        " SELECT debit_id, credit_id, -249, id FROM orders_allocation",
        "PM-1: 250.00 was settled, 249.00 was taken back, or not on the same documents",
        ("C-1",),
    ),
    "adjustment decided": Break(
        "UPDATE approvals_request SET state = 'rejected' WHERE number LIKE 'AD-%-000001'",
        "AD-1: it is “approved”, its last request “rejected”",
        ("AD-1",),
    ),
    "adjustment reversed": Break(
        "UPDATE orders_adjustment SET state = 'approved' WHERE kind = 'debit'",
        "AD-2: it is “approved”, taken back by AD-3",
        ("AD-2", "AD-3"),
    ),
    "adjusted items": Break(
        "UPDATE orders_adjustmentitem SET amount = 499",
        "AD-1: the adjustment says 500.00, its items of that account 499.00",
        ("AD-1",),
    ),
    "bill": Break(
        "UPDATE orders_bill SET amount = 81",
        "BL-1: the bill is settled 81.00 C-6, its payment PM-2 80.00 C-6",
        ("BL-1", "PM-2"),
    ),
    "shipped": Break(
        f"UPDATE orders_delivery SET shipped_amount = 100 WHERE customer_id = {C1}",
        "DL-1: shipped is 100.00, its shipments add up to 600.00",
        ("DL-1", "SH-1"),
    ),
    "pieces": Break(
        f"UPDATE orders_deliveryline SET shipped_quantity = 5 WHERE id = {LINE}",
        "DL-1 KT-1: 5 pieces are shipped, the shipments have 6",
        ("DL-1", "KT-1"),
    ),
    "head": Break(
        f"UPDATE orders_delivery SET approved_amount = 900 WHERE customer_id = {C1}",
        "DL-1: net / tax / amount / approved / cancelled / shipped are 884.96 / 115.04 / 1000.00 / 900.00 / 0.00 /"
        " 600.00, by its lines 884.96 / 115.04 / 1000.00 / 1000.00 / 0.00 / 600.00",
        ("DL-1",),
    ),
    "state": Break(
        f"UPDATE orders_delivery SET state = 'shipped' WHERE customer_id = {C1}",
        "DL-1: it is “shipped”, with 10 / 0 / 6 pieces approved / cancelled / shipped",
        ("DL-1",),
    ),
    "waiting": Break(
        f"UPDATE orders_delivery SET state = 'returned' WHERE customer_id = {C4}",
        "DL-4: the delivery is “–”, its request “waiting”",
        ("DL-4",),
    ),
    "undecided": Break(
        f"UPDATE approvals_request SET state = 'rejected' WHERE customer_id = {C2}",
        "DL-2: it is “approved”, its last request “rejected”",
        ("DL-2",),
    ),
    "accepted": Break(
        "UPDATE approvals_decision SET accepted = '{}' WHERE request_id ="
        f" (SELECT id FROM approvals_request WHERE customer_id = {C3}) AND accepted <> '{{}}'",
        "DL-3: amount / beyond the limit were decided as 1000.00 / 0, they are 1000.00 / 900.00",
        ("DL-3",),
    ),
    "granted": Break(
        f"UPDATE orders_deliveryline SET granted_quantity = 9 WHERE id = {LINE}",
        "DL-1 KT-1: 10 pieces are approved, deciders granted 9",
        ("DL-1", "KT-1"),
    ),
    "parts": Break(
        "UPDATE orders_shipmentline SET amount = 599.99",
        "SH-1: the shipment says 600.00, its lines 599.99",
        ("SH-1",),
    ),
    "stray": Break(
        f"UPDATE orders_shipment SET delivery_id = (SELECT id FROM orders_delivery WHERE customer_id = {C2})",
        "SH-1: the shipment is one of DL-2, its pieces are of DL-1",
        ("SH-1", "DL-2", "DL-1"),
    ),
    "on hand": Break(
        "UPDATE orders_stock SET on_hand = 95",
        "EAST KT-1: 95 pieces are on hand, its movements add up to 94",
        ("KT-1",),
    ),
    "moved": Break(
        "UPDATE orders_stockmovement SET quantity = -7 WHERE kind = 'shipment'",
        "SH-1 KT-1: the shipment has 6 pieces, stock moved by 7",
        ("SH-1", "KT-1"),
    ),
    "reserved": Break(
        "UPDATE orders_stock SET reserved = 1",
        "EAST KT-1: 1 pieces are reserved, for lines 19",
        ("KT-1", "DL-1", "DL-2", "DL-3"),
    ),
    "reserved line": Break(
        f"UPDATE orders_deliveryline SET reserved_quantity = 5 WHERE id = {LINE}",
        "DL-1 KT-1: 5 pieces are reserved for a line of which 4 are still to ship",
        ("DL-1", "KT-1"),
        "ALTER TABLE orders_deliveryline DROP CONSTRAINT no_more_pieces_reserved_than_open",
    ),
    "below": Break(
        "UPDATE orders_stock SET on_hand = -1",
        "EAST KT-1: -1 pieces are on hand, 19 reserved",
        ("KT-1",),
        "ALTER TABLE orders_stock DROP CONSTRAINT stock_is_never_below_zero,"
        " DROP CONSTRAINT no_more_is_reserved_than_there_is",
    ),
}


def short(text: str) -> str:
    """DL-2026-000001 as DL-1, so that what is expected says no year."""
    for kind in ("DL", "SH", "PM", "AD", "BL"):
        head, *rest = text.split(f"{kind}-")
        text = head + "".join(f"{kind}-{part[5:11].lstrip('0')}{part[11:]}" for part in rest)
    return text


def break_books(broken: Break) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in GUARDED:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        if broken.unguard:
            cursor.execute(broken.unguard)
        cursor.execute(broken.sql)
        assert cursor.rowcount


def test_every_claim_is_broken_once() -> None:
    assert set(BREAKS) == {claim.key for claim in CLAIMS}


@pytest.mark.parametrize("key", BREAKS)
def test_a_claim_that_does_not_hold_is_named_with_its_documents(sales: Sales, key: str) -> None:
    if key.startswith("adjust"):
        adjust(sales)
    if key == "bill":
        settle_bill(registered(sales, sales.customer(code="C-6"), 80).pk)
    break_books(BREAKS[key])
    found = [one for one in differences() if one.claim == key]
    said = {short(str(one)): tuple(short(place.number) for place in one.documents) for one in found}
    assert BREAKS[key].said in said, differences()
    assert said[BREAKS[key].said] == BREAKS[key].documents
    assert [place.url for one in found for place in one.documents]


def test_a_document_without_its_entry_is_said(sales: Sales) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO orders_payment"
            " (number, customer_id, received_on, amount, method, reference, note, recorded_at)"
            " SELECT 'PM-1', customer_id, received_on, 99, 'cash', '', '', now() FROM orders_payment LIMIT 1"
        )
    assert [str(one) for one in differences()] == ["PM-1: the document says -99.00, its entry 0"]


def test_an_approved_delivery_that_has_lost_its_lines_is_said(sales: Sales) -> None:
    number = sales.draft(sales.customer()).number
    break_books(Break(f"UPDATE orders_delivery SET state = 'approved' WHERE number = '{number}'", "", ()))
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM orders_deliveryline line USING orders_delivery delivery"
            " WHERE delivery.id = line.delivery_id AND number = %s",
            [number],
        )
        cursor.execute("UPDATE orders_delivery SET net = 0, tax = 0, amount = 0 WHERE number = %s", [number])
    found = [str(one) for one in differences() if one.claim == "state"]
    assert found == [f"{number}: it is “approved”, with 0 / 0 / 0 pieces approved / cancelled / shipped"]


def test_a_delivery_that_waits_for_nobody_is_said(sales: Sales) -> None:
    break_books(Break(f"UPDATE approvals_request SET state = 'withdrawn' WHERE customer_id = {C4}", "", ()))
    assert Request.objects.waiting().count() == 0
    assert [short(str(one)) for one in differences()] == ["DL-4: the delivery is “submitted”, its request “–”"]


def test_an_approved_delivery_without_its_decision_is_said(sales: Sales) -> None:
    """Only the decision goes: its submission, which decided nothing, does not stand in for it."""
    said = break_decisions("DELETE FROM approvals_decision", C3, "AND verdict = 'approved'")
    assert said == ["DL-3: amount / beyond the limit were decided as – / –, they are 1000.00 / –"]


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ("'{}'", "– / 900.00, they are 1000.00 / –"),
        ("facts - 'amount'", "– / 900.00, they are 1000.00 / 900.00"),
        ("facts - 'limit'", "1000.00 / 900.00, they are 1000.00 / –"),
        ("facts - 'balance'", "1000.00 / 900.00, they are 1000.00 / –"),
        ("facts - 'committed'", "1000.00 / 900.00, they are 1000.00 / –"),
    ],
)
def test_a_decision_without_its_facts_is_said(sales: Sales, facts: str, said: str) -> None:
    found = break_decisions(f"UPDATE approvals_decision SET facts = {facts}", C3)
    assert found == [f"DL-3: amount / beyond the limit were decided as {said}"]


def test_an_account_without_a_limit_has_nothing_beyond_it(sales: Sales) -> None:
    sales.approved(sales.customer(code="C-5", limit=None), 10)
    assert differences() == []


def test_what_a_policy_approves_without_asking_is_decided_by_its_submission() -> None:
    accept_without_asking()
    assert differences() == []


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("DELETE FROM approvals_decision", "– / –, they are 1000.00 / –"),
        ("UPDATE approvals_decision SET facts = '{}'", "– / –, they are 1000.00 / –"),
        (
            """UPDATE approvals_decision SET facts = facts || '{"over_amount": "0"}'""",
            "1000.00 / 0, they are 1000.00 / 900.00",
        ),
    ],
)
def test_what_a_policy_approved_without_asking_is_said_where_it_does_not_hold(statement: str, said: str) -> None:
    accept_without_asking()
    found = break_decisions(statement, C1)
    assert found == [f"DL-1: amount / beyond the limit were decided as {said}"]


def test_a_delivery_out_of_books_is_let_off_its_request_only_where_it_never_had_one(sales: Sales) -> None:
    break_books(Break(f"UPDATE orders_delivery SET source_key = 'old/7' WHERE customer_id = {C2}", "", ()))
    assert differences() == []
    break_books(Break(f"UPDATE approvals_request SET state = 'rejected' WHERE customer_id = {C2}", "", ()))
    assert [short(str(one)) for one in differences()] == ["DL-2: it is “approved”, its last request “rejected”"]


def test_no_more_differences_than_asked_for_are_said_of_one_claim_and_that_there_are_more(sales: Sales) -> None:
    break_books(Break("UPDATE customers_creditaccount SET balance = 1", "", ()))
    first, second = [one for one in differences(most=2) if one.claim == "balance"]
    assert (first.more_follow, second.more_follow) == (False, True)
    assert str(second) == "C-2: the balance is 1.00, its entries add up to 0 … and more of this claim"


def test_as_many_differences_as_asked_for_are_all(sales: Sales) -> None:
    break_books(Break("UPDATE customers_creditaccount SET balance = 1", "", ()))
    found = differences(most=4)
    assert len([one for one in found if one.claim == "balance"]) == 4
    assert not were_cut(found)
    assert were_cut(differences(most=3))


@pytest.mark.parametrize("more", [False, True])
def test_a_difference_is_kept_and_read_again(more: bool) -> None:
    one = Difference("balance", "C-1", "1.00", "2.00", (Document("account", "C-1"),), more_follow=more)
    assert Difference.from_json(one.as_json()) == one


def test_a_difference_kept_before_it_said_whether_more_follow_is_read() -> None:
    kept = {"claim": "balance", "about": "C-1", "kept": "1.00", "found": "2.00", "documents": [["account", "C-1"]]}
    assert Difference.from_json(kept).more_follow is False
