"""Payments and opening balances out of books, and the ledger that history posts to on its own dates."""

from typing import Annotated, Any

from django.db import IntegrityError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers.accounts.terms import DuePart
from orders.closing.days import closed_through
from orders.deliveries.models import Delivery
from orders.payments.models import Method, OpeningBalance, Payment
from orders.receivables.models import OpenItem, ReceivableEntry, Source
from orders.receivables.settlement import settle_customers
from salesops.approvals.models import Request
from salesops.approvals.services import bring_back
from salesops.imports.books import Books
from salesops.imports.kinds import Kind, Total
from salesops.imports.rows import Amount, Choice, Day, PositiveAmount, Ref, Row, Text
from salesops.imports.staging import execute, fetch, insert_rows
from salesops.kernel.money import ZERO
from salesops.users.models import User

NEW = "standing = 'new' AND NOT bad"
TOUCHED = (
    "SELECT customer_id FROM staged_deliveries WHERE standing = 'new' AND NOT bad"
    " UNION SELECT customer_id FROM staged_payments WHERE standing = 'new' AND NOT bad"
    " UNION SELECT customer_id FROM staged_opening_balances WHERE standing = 'new' AND NOT bad"
)


class OpeningRow(Row):
    """What a customer owed (negative: had paid ahead) when the books begin."""

    customer: Annotated[Text(60), Ref("customers")]  # type: ignore[valid-type]
    day: Day
    amount: Amount


class OpeningBalances(Kind):
    """Opening balances, one for each customer."""

    key = "opening_balances"
    shown_at = "orders:accounts"
    label = gettext_lazy("Opening balances")
    order = 125
    row = OpeningRow
    model = OpeningBalance
    identified_by = ("customer",)
    extra_columns = {"number": "text NOT NULL DEFAULT ''"}
    guesses = {
        "customer": ("customer", "customer number", "customernumber", "客户", "客户编码"),
        "day": ("date", "as of", "日期"),
        "amount": ("balance", "amount", "opening balance", "期初余额", "余额"),
    }

    def check(self, books: Books) -> None:
        """Nothing owed is nothing to load; a customer has one opening balance."""
        execute("UPDATE staged_opening_balances SET standing = 'there' WHERE amount = 0 AND NOT bad")
        books.refuse(self, "day", f"s.day > '{timezone.localdate()}'", _("lies in the future"))
        refuse_closed_months(books, self, "day")
        books.refuse(
            self,
            "customer",
            "s.standing = 'new' AND EXISTS (SELECT 1 FROM orders_openingbalance o WHERE o.customer_id = s.customer_id)",
            _("has an opening balance already, which did not come from these books"),
        )
        twice = "SELECT 1 FROM staged_opening_balances o WHERE o.customer_id = s.customer_id AND o.seq < s.seq"
        books.refuse(self, "customer", f"EXISTS ({twice})", _("has another opening balance in these books"))

    def totals(self, books: Books) -> list[Total]:
        ((amount,),) = fetch(f"SELECT coalesce(sum(amount), 0) FROM staged_opening_balances WHERE {NEW}")  # noqa: S608
        return [Total(_("Amount"), amount, "money")]

    def load(self, books: Books, *, by: User) -> None:
        books.give_numbers(self.key, "number", "OB", "day")
        for rows in books.new_rows(self.key):
            OpeningBalance.objects.bulk_create(
                OpeningBalance(
                    id=row["id"],
                    customer_id=row["customer_id"],
                    on=row["day"],
                    amount=row["amount"],
                    source_key=books.source_key(self, row["key"]),
                )
                for row in rows
            )
            post_entries(
                Source.OPENING,
                [
                    {
                        "customer_id": row["customer_id"],
                        "source_id": row["id"],
                        "document": row["number"],
                        "text": _("Opening balance"),
                        "posted_on": row["day"],
                        "due": [DuePart(row["day"], abs(row["amount"]))],
                        "debit": max(row["amount"], ZERO),
                        "credit": max(-row["amount"], ZERO),
                    }
                    for row in rows
                ],
                by=by,
            )


class PaymentRow(Row):
    """A receipt from a customer."""

    customer: Annotated[Text(60), Ref("customers")]  # type: ignore[valid-type]
    received_on: Day
    amount: PositiveAmount
    method: Choice(Method) = "transfer"  # type: ignore[valid-type]
    reference: Text(120) = ""  # type: ignore[valid-type]
    note: Text(300) = ""  # type: ignore[valid-type]


REFERENCE_USED = (
    "s.reference <> '' AND EXISTS (SELECT 1 FROM orders_payment p"
    " WHERE p.customer_id = s.customer_id AND upper(p.reference) = upper(s.reference)"
    " AND NOT EXISTS (SELECT 1 FROM orders_paymentreversal r WHERE r.payment_id = p.id))"
)
"""Whether a payment of the customer that was not reversed has the reference of a staged row `s`."""


class Payments(Kind):
    """Payments, told apart by customer and reference where they have no key of their own."""

    key = "payments"
    shown_at = "orders:payments"
    label = gettext_lazy("Payments")
    order = 130
    row = PaymentRow
    model = Payment
    identified_by = ("customer", "reference")
    extra_columns = {"number": "text NOT NULL DEFAULT ''"}
    guesses = {
        "customer": ("customer", "customer number", "customernumber", "客户", "客户编码"),
        "received_on": ("date", "payment date", "paymentdate", "received", "收款日期", "日期"),
        "amount": ("amount", "金额", "收款金额"),
        "method": ("method", "方式", "收款方式"),
        "reference": ("reference", "check number", "checknumber", "凭证号", "流水号"),
        "note": ("note", "remark", "备注"),
    }

    def check(self, books: Books) -> None:
        future = f"s.received_on > '{timezone.localdate()}'"
        books.refuse(self, "received_on", future, _("lies in the future"))
        refuse_closed_months(books, self, "received_on")
        books.refuse(
            self,
            "reference",
            f"s.standing = 'new' AND {REFERENCE_USED}",
            _("is the reference of another payment of the customer, which did not come from these books"),
        )
        twice = (
            "s.reference <> '' AND EXISTS (SELECT 1 FROM staged_payments p"
            " WHERE p.customer_id = s.customer_id AND upper(p.reference) = upper(s.reference) AND p.seq < s.seq)"
        )
        books.refuse(self, "reference", twice, _("is the reference of another payment of the customer"))

    def totals(self, books: Books) -> list[Total]:
        ((amount,),) = fetch(f"SELECT coalesce(sum(amount), 0) FROM staged_payments WHERE {NEW}")  # noqa: S608
        return [Total(_("Amount"), amount, "money")]

    def load(self, books: Books, *, by: User) -> None:
        used = f"SELECT count(*) FROM staged_payments s WHERE {NEW} AND {REFERENCE_USED}"  # noqa: S608  our own words
        if fetch(used)[0][0]:
            raise IntegrityError("a reference was used after the check")
        books.give_numbers(self.key, "number", "PM", "received_on")
        for rows in books.new_rows(self.key):
            insert_rows(
                Payment,
                (
                    {
                        "id": row["id"],
                        "number": row["number"],
                        "customer_id": row["customer_id"],
                        "received_on": row["received_on"],
                        "amount": row["amount"],
                        "method": row["method"],
                        "reference": row["reference"],
                        "note": row["note"],
                        "recorded_by_id": by.pk,
                        "source_key": books.source_key(self, row["key"]),
                    }
                    for row in rows
                ),
            )
            post_entries(
                Source.PAYMENT,
                [
                    {
                        "customer_id": row["customer_id"],
                        "source_id": row["id"],
                        "document": row["number"],
                        "text": f"{Method(row['method']).label} {row['reference']}".strip(),
                        "posted_on": row["received_on"],
                        "due": [DuePart(row["received_on"], row["amount"])],
                        "debit": ZERO,
                        "credit": row["amount"],
                    }
                    for row in rows
                ],
                by=by,
            )


def refuse_closed_months(books: Books, kind: Kind, field: str) -> None:
    """Refuse new rows whose day lies in a closed month: books are taken over as they were, not as late documents."""
    closed = closed_through()
    if closed:
        words = _("lies in a closed month: nothing is posted up to %(day)s") % {"day": closed}
        books.refuse(kind, field, f"s.standing = 'new' AND s.{field} <= '{closed}'", words)


def lock_accounts() -> None:
    """Lock the accounts that loading changes in the order of their ids, then their deliveries that are put aside."""
    touched = f"SELECT customer_id FROM customers_creditaccount WHERE customer_id IN ({TOUCHED})"  # noqa: S608
    ids = [pk for (pk,) in fetch(f"{touched} ORDER BY customer_id FOR UPDATE")]
    parked = Request.objects.waiting().filter(customer__in=ids, document_type="delivery", parked_at__isnull=False)
    waiting = Delivery.objects.filter(pk__in=parked.values("object_id")).order_by("pk")
    list(waiting.select_for_update(of=("self",)).values_list("pk"))
    list(parked.order_by("pk").select_for_update(of=("self",)).values_list("pk"))


def post_entries(source: Source, entries: list[dict[str, Any]], *, by: User) -> None:
    """Post entries to accounts that are locked, each with an open item for every part of `due` (see due_parts).

    Entries of nothing are left out.
    """
    posted = [entry for entry in entries if entry["debit"] or entry["credit"]]
    due = {entry["source_id"]: entry.pop("due") for entry in posted}
    insert_rows(
        ReceivableEntry,
        (
            {
                **entry,
                "due_on": max(part.due_on for part in due[entry["source_id"]]),
                "source": source.value,
                "posted_by_id": by.pk,
            }
            for entry in posted
        ),
    )
    keys = dict(ReceivableEntry.objects.filter(source=source, source_id__in=list(due)).values_list("source_id", "pk"))
    insert_rows(
        OpenItem,
        (
            {
                "entry_id": keys[entry["source_id"]],
                "part": number,
                "customer_id": entry["customer_id"],
                "is_debit": bool(entry["debit"]),
                "posted_on": entry["posted_on"],
                "due_on": part.due_on,
                "amount": part.amount,
                "open_amount": part.amount,
            }
            for entry in posted
            for number, part in enumerate(due[entry["source_id"]], start=1)
        ),
    )


def touched_customers() -> list[int]:
    """Return the customers to whose accounts the books post something, in the order of their ids."""
    return [pk for (pk,) in fetch(f"{TOUCHED} ORDER BY 1")]


def settle_accounts(customer_ids: list[int]) -> None:
    """Set balance and committed to what ledger and deliveries say, and settle what can be settled, all at once."""
    execute(
        "UPDATE customers_creditaccount a SET balance = coalesce(e.balance, 0), committed = coalesce(d.committed, 0)"
        " FROM unnest(%(ids)s::bigint[]) touched(id) LEFT JOIN ("
        "SELECT customer_id, sum(debit - credit) AS balance FROM orders_receivableentry"
        " WHERE customer_id = ANY(%(ids)s) GROUP BY 1) e ON e.customer_id = touched.id LEFT JOIN ("
        "SELECT customer_id, sum(approved_amount - cancelled_amount - shipped_amount) AS committed FROM orders_delivery"
        " WHERE customer_id = ANY(%(ids)s) AND state IN ('approved', 'partly_shipped') GROUP BY 1"
        ") d ON d.customer_id = touched.id WHERE a.customer_id = touched.id",
        {"ids": customer_ids},
    )
    settle_customers(customer_ids)


def bring_parked_back(customer_ids: list[int]) -> None:
    """Bring deliveries back that were put aside, where a payment out of the books has made room."""
    parked = Request.objects.waiting().filter(customer__in=customer_ids, parked_at__isnull=False)
    for customer_id in sorted({pk for pk in parked.values_list("customer_id", flat=True) if pk is not None}):
        bring_back(customer_id)
