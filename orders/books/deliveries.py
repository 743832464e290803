"""Deliveries with their lines and shipments out of books, on their own dates.

They enter as they were: the credit check does not refuse history. What was shipped left the warehouse long ago, so it
takes nothing from today's stock; what is approved and not shipped reserves what there is.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from decimal import Decimal
from typing import Annotated, Any

import pgtrigger
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import Field

from customers.accounts.models import CreditAccount
from customers.accounts.terms import due_parts
from customers.files.models import Customer
from orders.catalogue.amounts import line_amounts
from orders.deliveries.models import Delivery, DeliveryLine, State
from orders.deliveries.reservation import reserve
from orders.receivables.models import Source
from orders.shipments.models import Shipment
from salesops.approvals.services import open_request
from salesops.imports.books import NO_TRIGGER_IGNORED, Books
from salesops.imports.kinds import Kind, Total
from salesops.imports.rows import Choice, Count, Day, Flag, Percent, Price, Quantity, Ref, Row, Text
from salesops.imports.staging import chunks, execute, fetch, insert_rows, settle_down
from salesops.kernel.errors import RuleBroken
from salesops.kernel.money import ZERO, share_of
from salesops.users.models import User

from .goods import lock_stock
from .ledger import (
    bring_parked_back,
    lock_accounts,
    post_entries,
    refuse_closed_months,
    settle_accounts,
    touched_customers,
)

TAKEN = frozenset({State.REJECTED, State.RETURNED, State.WITHDRAWN})
"""States that books do not bring: nobody here decided anything."""
LEFT = "('shipped', 'partly_shipped')"
AT_ONCE = 500
OUR_SERIES = "^[A-Z]{2}-[0-9]{4}-[0-9]{6,}$"
"""Numbers as our own counters give them: one that came with the books would meet theirs one day."""
ADDRESSES = (".", "..", "new", "preview", "products")
"""Addresses below /deliveries/ that are not deliveries."""
NEW = "s.standing = 'new' AND NOT s.bad"


class DeliveryRow(Row):
    """The head of a delivery."""

    number: Text(20) = ""  # type: ignore[valid-type]
    customer: Annotated[Text(60), Ref("customers")]  # type: ignore[valid-type]
    warehouse: Annotated[Text(60), Ref("warehouses")]  # type: ignore[valid-type]
    state: Choice(State, but=TAKEN)  # type: ignore[valid-type]
    ordered_on: Day
    wanted_on: Day | None = None
    shipped_on: Day | None = None
    address: Text(300) = ""  # type: ignore[valid-type]
    note: Text(2000) = ""  # type: ignore[valid-type]
    representative: Annotated[Text(150), Ref("people")] = ""  # type: ignore[valid-type]
    is_disputed: Flag = False
    carrier: Text(120) = ""  # type: ignore[valid-type]
    tracking: Text(120) = ""  # type: ignore[valid-type]


class Deliveries(Kind):
    """Deliveries; their amounts come from their lines."""

    key = "deliveries"
    shown_at = "orders:deliveries"
    label = gettext_lazy("Deliveries")
    order = 110
    row = DeliveryRow
    model = Delivery
    identified_by = ("number",)
    extra_columns = {
        "net": "numeric NOT NULL DEFAULT 0",
        "tax": "numeric NOT NULL DEFAULT 0",
        "amount": "numeric NOT NULL DEFAULT 0",
        "shipped_amount": "numeric NOT NULL DEFAULT 0",
        "cancelled_amount": "numeric NOT NULL DEFAULT 0",
        "pieces": "bigint NOT NULL DEFAULT 0",
        "shipped_pieces": "bigint NOT NULL DEFAULT 0",
        "given_number": "text NOT NULL DEFAULT ''",
        "shipment_number": "text NOT NULL DEFAULT ''",
        "shipment_id": "bigint",
    }
    guesses = {
        "key": ("order number", "ordernumber", "order no", "订单号", "单号"),
        "customer": ("customer", "customer number", "customernumber", "客户", "客户编码"),
        "warehouse": ("warehouse", "仓库"),
        "state": ("state", "status", "状态"),
        "ordered_on": ("order date", "orderdate", "date", "下单日期", "订单日期"),
        "wanted_on": ("required date", "requireddate", "wanted", "要求日期"),
        "shipped_on": ("shipped date", "shippeddate", "shipped", "发货日期"),
        "address": ("address", "地址"),
        "note": ("note", "comments", "remark", "备注"),
    }

    def fingerprint(self) -> str:
        """A delivery says something else when one of its lines does."""
        lines = ", ".join(f"l.{name}" for name in LineRow.model_fields if name not in {"key", "delivery"})
        of_lines = f"string_agg(ROW({lines})::text, '' ORDER BY l.seq)"
        all_lines = f"(SELECT {of_lines} FROM staged_delivery_lines l WHERE l.delivery = s.key)"  # noqa: S608
        return f"{super().fingerprint()} || coalesce({all_lines}, '')"

    def check(self, books: Books) -> None:
        today = timezone.localdate()
        books.refuse(self, "ordered_on", f"s.ordered_on > '{today}'", _("lies in the future"))
        left = f"s.state IN {LEFT} AND "
        books.refuse(self, "shipped_on", left + "s.shipped_on IS NULL", _("is missing: the goods were shipped"))
        books.refuse(self, "shipped_on", left + f"s.shipped_on > '{today}'", _("lies in the future"))
        earlier = left + "s.shipped_on < s.ordered_on"
        books.refuse(self, "shipped_on", earlier, _("is before the order ({value})"), value="s.ordered_on")
        taken = "SELECT 1 FROM orders_delivery d WHERE d.number = s.number"
        new_one = f"s.number <> '' AND s.standing = 'new' AND EXISTS ({taken})"
        books.refuse(self, "number", new_one, _("is the number of a delivery that is there already"))
        self._refuse_impossible_numbers(books)
        execute(f"UPDATE staged_deliveries SET shipped_on = NULL WHERE state NOT IN {LEFT}")  # noqa: S608  a constant
        refuse_closed_months(books, self, "shipped_on")

    def _refuse_impossible_numbers(self, books: Books) -> None:
        new = "s.standing = 'new' AND "
        ours = new + f"s.number ~ '{OUR_SERIES}'"
        books.refuse(self, "number", ours, _("looks like a number of this product's own series; leave it to the key"))
        slashed = new + "s.number LIKE '%%/%%'"
        books.refuse(self, "number", slashed, _("has a slash, which a delivery's number cannot have"))
        books.refuse(self, "number", new + f"s.number IN {ADDRESSES}", _("is a word that a page's address uses"))

    def totals(self, books: Books) -> list[Total]:
        """Number and amount by state."""
        rows = fetch(f"SELECT s.state, count(*), sum(s.amount) FROM staged_deliveries s WHERE {NEW} GROUP BY 1")  # noqa: S608
        by_state = {state: (count, amount) for state, count, amount in rows}
        found = []
        for state in State:
            if state.value in by_state:
                count, amount = by_state[state.value]
                found.append(Total(f"{state.label} ({count:,})", amount, "money"))
        return found

    def lock(self, books: Books) -> None:
        """Accounts, then deliveries that may come back to a desk, then stock: as everybody does."""
        lock_accounts()
        lock_stock()

    def load(self, books: Books, *, by: User) -> None:
        """Insert them in the state, and with the amounts, of what became of them; their lines follow."""
        execute("UPDATE staged_deliveries SET given_number = number")
        books.give_numbers(self.key, "given_number", "DL", "ordered_on")
        with _as_they_were():
            for rows in books.new_rows(self.key):
                ids = {row["customer_id"] for row in rows}
                customers = Customer.objects.only("region", "representative").in_bulk(ids)
                insert_rows(Delivery, (self._delivery(books, row, customers[row["customer_id"]], by) for row in rows))

    def _delivery(self, books: Books, row: dict[str, Any], customer: Customer, by: User) -> dict[str, Any]:
        is_draft, is_decided = row["state"] == State.DRAFT, row["state"] not in {State.DRAFT, State.SUBMITTED}
        moment = noon(row["ordered_on"])
        old = "" if row["number"] else _("Number in the old books: %(number)s") % {"number": row["key"]}
        return {
            "id": row["id"],
            "number": row["given_number"],
            "customer_id": row["customer_id"],
            "warehouse_id": row["warehouse_id"],
            "state": row["state"],
            "ordered_on": row["ordered_on"],
            "wanted_on": row["wanted_on"],
            "address": row["address"],
            "note": "\n".join(filter(None, (row["note"], old))),
            "representative_id": row["representative_id"] or customer.representative_id,
            "region_id": customer.region_id,
            "created_by_id": by.pk,
            "submitted_by_id": None if is_draft else by.pk,
            "submitted_at": None if is_draft else (moment if is_decided else timezone.now()),
            "approved_at": moment if is_decided else None,
            "net": row["net"],
            "tax": row["tax"],
            "amount": row["amount"],
            "approved_amount": row["amount"] if is_decided else 0,
            "cancelled_amount": row["cancelled_amount"],
            "shipped_amount": row["shipped_amount"],
            "is_disputed": row["is_disputed"],
            "source_key": books.source_key(self, row["key"]),
        }


class LineRow(Row):
    """One product of a delivery. Without a tax rate it is the product's; without shipped pieces all were, if any."""

    delivery: Annotated[Text(60), Ref("deliveries")]  # type: ignore[valid-type]
    position: Annotated[Count, Field(ge=1, le=30_000)] | None = None
    product: Annotated[Text(60), Ref("products")]  # type: ignore[valid-type]
    quantity: Quantity
    unit_price: Price
    price_includes_tax: Flag = True
    discount_percent: Percent = Decimal(0)
    tax_rate: Percent | None = None
    shipped_quantity: Count | None = None
    batch: Text(60) = ""  # type: ignore[valid-type]


class DeliveryLines(Kind):
    """Lines, and with the last of them the shipments of what left."""

    key = "delivery_lines"
    label = gettext_lazy("Lines of deliveries")
    order = 120
    row = LineRow
    model = DeliveryLine
    part_of = ("deliveries", "delivery")
    extra_columns = {
        "net": "numeric NOT NULL DEFAULT 0",
        "tax": "numeric NOT NULL DEFAULT 0",
        "amount": "numeric NOT NULL DEFAULT 0",
        "approved": "bigint NOT NULL DEFAULT 0",
        "shipped": "bigint NOT NULL DEFAULT 0",
        "cancelled": "bigint NOT NULL DEFAULT 0",
        "shipped_amount": "numeric NOT NULL DEFAULT 0",
        "cancelled_amount": "numeric NOT NULL DEFAULT 0",
        "rank": "int NOT NULL DEFAULT 1",
    }
    guesses = {
        "delivery": ("order number", "ordernumber", "order no", "订单号", "单号"),
        "position": ("line", "line number", "orderlinenumber", "行号"),
        "product": ("product", "sku", "product code", "productcode", "商品编码"),
        "quantity": ("quantity", "quantityordered", "qty", "数量"),
        "unit_price": ("price", "unit price", "priceeach", "单价"),
        "discount_percent": ("discount", "折扣"),
        "tax_rate": ("tax rate", "税率"),
    }

    def key_of(self, row: Row) -> str:
        position = getattr(row, "position", None)
        return row.key or (f"{getattr(row, 'delivery', '')}/{position}" if position else "")

    def check(self, books: Books) -> None:
        orphan = (
            "s.delivery_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM staged_deliveries d WHERE d.id = s.delivery_id)"
        )
        books.refuse(self, "delivery", orphan, _("is a delivery that is there already; lines are not added to it"))
        too_many = "s.shipped_quantity > s.quantity"
        books.refuse(self, "shipped_quantity", too_many, _("is more than was ordered"))
        self._settle_pieces()

    def _settle_pieces(self) -> None:
        """Say of each line how much of it was approved, shipped and cancelled, and in which order the lines stand."""
        execute(
            "UPDATE staged_delivery_lines l SET rank = ranked.rank, tax_rate = coalesce(l.tax_rate, p.tax_rate),"
            " approved = CASE WHEN d.state IN ('draft', 'submitted') THEN 0 ELSE l.quantity END,"
            " shipped = CASE WHEN d.state = 'shipped' THEN coalesce(l.shipped_quantity, l.quantity)"
            "  WHEN d.state = 'partly_shipped' THEN coalesce(l.shipped_quantity, 0) ELSE 0 END,"
            " cancelled = CASE WHEN d.state = 'cancelled' THEN l.quantity"
            "  WHEN d.state = 'shipped' THEN l.quantity - coalesce(l.shipped_quantity, l.quantity) ELSE 0 END"
            " FROM staged_deliveries d,"
            " (SELECT seq, row_number() OVER (PARTITION BY delivery_id ORDER BY position, seq) AS rank"
            "  FROM staged_delivery_lines) ranked,"
            " (SELECT id, tax_rate FROM orders_product UNION ALL"
            "  SELECT id, tax_rate FROM staged_products WHERE standing = 'new' AND NOT bad) p"
            " WHERE d.id = l.delivery_id AND ranked.seq = l.seq AND p.id = l.product_id AND NOT l.bad"
        )

    def check_wholes(self, books: Books) -> None:
        """Add the lines up; a delivery has some, and they say of it what its state does."""
        self._settle_amounts()
        deliveries = Deliveries()
        books.refuse(deliveries, "key", "s.pieces = 0", _("has no lines"))
        partly = "s.state = 'partly_shipped' AND (s.shipped_pieces = 0 OR s.shipped_pieces = s.pieces)"
        words = _("is partly shipped, but its lines do not say that some left and some did not")
        books.refuse(deliveries, "state", partly, words)
        nothing = "s.state = 'shipped' AND s.shipped_pieces = 0"
        books.refuse(deliveries, "state", nothing, _("is shipped, but nothing of it left"))

    def _settle_amounts(self) -> None:
        """Work out the amounts of lines, rounded where all amounts are, and of deliveries."""
        for rows in chunks("staged_delivery_lines", NEW):
            execute(
                "UPDATE staged_delivery_lines l SET net = v.net, tax = v.tax, amount = v.amount,"
                " shipped_amount = v.shipped, cancelled_amount = v.cancelled"
                " FROM unnest(%s::bigint[], %s::numeric[], %s::numeric[], %s::numeric[], %s::numeric[], %s::numeric[])"
                " v(seq, net, tax, amount, shipped, cancelled) WHERE v.seq = l.seq",
                [list(column) for column in zip(*map(_amounts, rows), strict=True)],
            )
        execute(
            "UPDATE staged_deliveries d SET net = t.net, tax = t.tax, amount = t.amount, shipped_amount = t.shipped,"
            " cancelled_amount = t.cancelled, pieces = t.pieces, shipped_pieces = t.shipped_pieces FROM ("
            "SELECT delivery_id, sum(net) AS net, sum(tax) AS tax, sum(amount) AS amount, sum(quantity) AS pieces,"
            " sum(shipped) AS shipped_pieces, sum(shipped_amount) AS shipped, sum(cancelled_amount) AS cancelled"
            " FROM staged_delivery_lines GROUP BY delivery_id) t WHERE t.delivery_id = d.id"
        )

    def load(self, books: Books, *, by: User) -> None:
        with _as_they_were():
            execute(
                "INSERT INTO orders_deliveryline (id, delivery_id, position, product_id, quantity, unit_price,"
                " price_includes_tax, discount_percent, tax_rate, net, tax, amount,"
                " approved_quantity, shipped_quantity, cancelled_quantity, reserved_quantity)"
                " SELECT id, delivery_id, rank, product_id, quantity, unit_price, price_includes_tax, discount_percent,"
                " tax_rate, net, tax, amount, approved, shipped, cancelled, 0"
                " FROM staged_delivery_lines WHERE standing = 'new' AND NOT bad ORDER BY seq"
            )
        settle_down("orders_deliveryline")
        self._ship(books, by)

    def _ship(self, books: Books, by: User) -> None:
        """One shipment for each delivery that left, with one entry on the customer's account, on the day it left."""
        books.give_numbers("deliveries", "shipment_number", "SH", "shipped_on")
        books.give_ids("deliveries", "shipment_id", "orders_shipment")
        for rows in chunks("staged_deliveries", f"{NEW} AND s.state IN {LEFT}"):
            insert_rows(
                Shipment,
                (
                    {
                        "id": row["shipment_id"],
                        "number": row["shipment_number"],
                        "delivery_id": row["id"],
                        "customer_id": row["customer_id"],
                        "warehouse_id": row["warehouse_id"],
                        "shipped_on": row["shipped_on"],
                        "amount": row["shipped_amount"],
                        "carrier": row["carrier"],
                        "tracking": row["tracking"],
                        "recorded_by_id": by.pk,
                        "source_key": f"{books.mapping.name}/shipments/{row['key']}",
                    }
                    for row in rows
                ),
            )
            accounts = CreditAccount.objects.prefetch_related("parts").in_bulk({row["customer_id"] for row in rows})
            post_entries(
                Source.SHIPMENT,
                [
                    {
                        "customer_id": row["customer_id"],
                        "source_id": row["shipment_id"],
                        "document": row["shipment_number"],
                        "text": _("Shipment of %(number)s") % {"number": row["given_number"]},
                        "posted_on": row["shipped_on"],
                        "due": due_parts(account, account.parts.all(), row["shipped_amount"], row["shipped_on"]),
                        "debit": row["shipped_amount"],
                        "credit": ZERO,
                    }
                    for row in rows
                    for account in [accounts[row["customer_id"]]]
                ],
                by=by,
            )
        settle_down("orders_shipment")
        self._ship_lines()

    def _ship_lines(self) -> None:
        execute(
            "INSERT INTO orders_shipmentline (shipment_id, line_id, quantity, batch, amount)"
            " SELECT d.shipment_id, l.id, l.shipped, l.batch, l.shipped_amount FROM staged_delivery_lines l"
            " JOIN staged_deliveries d ON d.id = l.delivery_id"
            " WHERE l.standing = 'new' AND NOT l.bad AND l.shipped > 0 ORDER BY d.shipment_id, l.rank"
        )

    def conclude(self, books: Books, *, by: User) -> None:
        """Settle the accounts, reserve stock for what is still to ship, then send what waits to those who decide."""
        customer_ids = touched_customers()
        settle_accounts(customer_ids)
        _reserve_open()
        _submit_waiting(by)
        bring_parked_back(customer_ids)


def _amounts(row: dict[str, Any]) -> tuple[int, Decimal, Decimal, Decimal, Decimal, Decimal]:
    """seq, net, tax, amount, and of the amount what was shipped and what was cancelled."""
    net, tax, gross = line_amounts(
        row["quantity"], row["unit_price"], row["price_includes_tax"], row["discount_percent"], row["tax_rate"]
    )
    kept = share_of(gross, row["approved"] - row["cancelled"], row["quantity"])
    cancelled = share_of(gross, row["approved"], row["quantity"]) - kept
    return row["seq"], net, tax, gross, share_of(gross, row["shipped"], row["quantity"]), cancelled


@contextmanager
def _as_they_were() -> Iterator[None]:
    """Let deliveries and their lines enter as history left them, not as drafts: nobody decides on them any more.

    Where the block fails, the end of the transaction takes it back. `pgtrigger.ignore` would ask the database then,
    which answers nothing more, and hide what had failed.
    """
    guards = pgtrigger.registered("orders.Delivery:starts_as_a_draft", "orders.DeliveryLine:decided_lines_stay")
    ignored = ",".join(trigger.get_pgid(model) for model, trigger in guards)
    execute("SELECT set_config('pgtrigger.ignore', %s, true)", [f"{{{ignored}}}"])
    yield
    execute(NO_TRIGGER_IGNORED)


def _reserve_open() -> None:
    """Reserve what there is for approved deliveries, the oldest first."""
    wanted = fetch(
        f"SELECT s.warehouse_id, array_agg(s.id ORDER BY s.ordered_on, s.id) FROM staged_deliveries s WHERE {NEW}"  # noqa: S608
        " AND s.state IN ('approved', 'partly_shipped') GROUP BY s.warehouse_id ORDER BY s.warehouse_id"
    )
    for warehouse_id, ids in wanted:
        place = {delivery_id: at for at, delivery_id in enumerate(ids)}
        for start in range(0, len(ids), AT_ONCE):
            lines = DeliveryLine.objects.filter(delivery__in=ids[start : start + AT_ONCE])
            reserve(warehouse_id, sorted(lines, key=lambda line: (place[line.delivery_id], line.position)))


def _submit_waiting(by: User) -> None:
    """Open the request of each delivery that waits. RuleBroken where nobody may decide on it."""
    ids = fetch(f"SELECT s.id FROM staged_deliveries s WHERE {NEW} AND s.state = 'submitted' ORDER BY s.seq")  # noqa: S608
    for (delivery_id,) in ids:
        delivery = Delivery.objects.locked(delivery_id)
        try:
            open_request("delivery", delivery, by=by, note=delivery.note)
        except RuleBroken as refusal:
            raise RuleBroken(
                _("%(delivery)s waits for approval. %(reason)s")
                % {"delivery": delivery.source_key, "reason": refusal.message},
                rule=refusal.rule,
            ) from refusal


def noon(day: date) -> datetime:
    """The middle of a day in the company's zone: all that is known of a moment in old books."""
    return timezone.make_aware(datetime.combine(day, time(12)))
