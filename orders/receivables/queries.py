"""What pages read of accounts: the list, a statement with running balance, open items, ageing, how a customer pays."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import (
    Count,
    DateField,
    Exists,
    ExpressionWrapper,
    F,
    Func,
    IntegerField,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    Window,
)
from django.db.models.functions import Cast, Coalesce, Least
from django.urls import reverse
from django.utils import timezone

from customers.accounts.models import CreditAccount, CreditAccountQuerySet
from customers.files.models import Customer
from orders.credit.queries import temporary_on_top
from salesops.kernel.money import ZERO, Money, MoneyField
from salesops.kernel.periods import Period
from salesops.users.models import User

from .ageing import EDGES, labels_of, spans_of
from .models import BOUND, Allocation, OpenItem, OpenItemQuerySet, ReceivableEntry, Source

ADJUSTING = frozenset({Source.ADJUSTMENT, Source.WRITE_OFF, Source.REFUND, Source.ADJUSTMENT_REVERSAL})
"""What adjustments post; each stands on the page of its number."""


class DaysBetween(Func):
    """The days from the second date to the first, as the database counts them."""

    template = "(%(expressions)s)"
    arg_joiner = " - "
    output_field = IntegerField()


def _or_zero(amount: Any) -> Coalesce:
    return Coalesce(amount, Value(ZERO), output_field=MoneyField())


# ---- the list of accounts ----
def accounts_for(user: User, today: date | None = None) -> CreditAccountQuerySet:
    """Return the accounts that a person may see, each with what a list shows of it.

    Added: `temporary` (active temporary limits), `whole_limit`, `exposure` (balance + committed), `available`
    (limit less exposure; None where not controlled), `overdue`, `oldest_due`, `overdue_days`. Money with tax.
    """
    day = today or timezone.localdate()
    overdue = OpenItem.objects.overdue_on(day).filter(customer=OuterRef("pk")).order_by().values("customer")
    return (
        CreditAccount.objects.visible_to(user)
        .select_related("customer", "customer__representative", "customer__region")
        .annotate(
            temporary=_or_zero(temporary_on_top(day)),
            overdue=_or_zero(Subquery(overdue.annotate(total=Sum("open_amount")).values("total"))),
            oldest_due=Subquery(overdue.annotate(oldest=Min("due_on")).values("oldest")),
        )
        .annotate(
            exposure=F("balance") + F("committed"),
            whole_limit=F("limit") + F("temporary"),
            overdue_days=DaysBetween(Cast(Value(day), DateField()), F("oldest_due")),
        )
        .annotate(available=F("whole_limit") - F("exposure"))
    )


def beyond_tolerance(accounts: QuerySet[Any]) -> QuerySet[Any]:
    """Keep the accounts of `accounts_for` whose oldest overdue item passes their tolerance."""
    return accounts.filter(overdue_days__gt=F("tolerance_days"))


def with_credits_to_settle(accounts: CreditAccountQuerySet) -> CreditAccountQuerySet:
    """Keep the accounts on which a credit is open beside a debit."""
    items = OpenItem.objects.open().filter(customer=OuterRef("pk")).order_by()
    return accounts.filter(Exists(items.filter(is_debit=False)), Exists(items.filter(is_debit=True)))


def accounts_to_settle(user: User) -> CreditAccountQuerySet:
    """Return the accounts in scope that have both open credits and open debits, each with what is open of both.

    Added: `open_credits`, `open_debits`, and `can_settle`, the smaller of the two.
    """
    items = OpenItem.objects.filter(customer=OuterRef("pk")).open().order_by()

    def total(is_debit: bool) -> Coalesce:
        return _or_zero(
            Subquery(items.filter(is_debit=is_debit).values("customer").annotate(sum=Sum("open_amount")).values("sum"))
        )

    return (
        with_credits_to_settle(CreditAccount.objects.visible_to(user))
        .select_related("customer", "customer__representative", "customer__region")
        .annotate(open_credits=total(False), open_debits=total(True))
        .annotate(can_settle=Least("open_credits", "open_debits"))
    )


# ---- ageing ----
@dataclass(frozen=True)
class Bucket:
    """Open debits of one age: days past the due day from `first` to `last` (None: without end)."""

    key: str
    label: Any
    first: int | None
    last: int | None
    amount: Money = ZERO
    count: int = 0

    def condition(self, today: date) -> Q:
        """The condition on due days."""
        condition = Q()
        if self.first is not None:
            condition &= Q(due_on__lte=today - timedelta(days=self.first))
        if self.last is not None:
            condition &= Q(due_on__gte=today - timedelta(days=self.last))
        return condition


BUCKETS = tuple(
    Bucket(str(at), label, first, last)
    for at, (label, (first, last)) in enumerate(zip(labels_of(EDGES), spans_of(EDGES), strict=True))
)


@dataclass(frozen=True)
class Ageing:
    """Open debits by age on a day; they less the unallocated credits are the balance."""

    day: date
    buckets: Sequence[Bucket]
    credits: Money
    credit_count: int

    @property
    def amounts(self) -> list[Money]:
        """The buckets' amounts, the youngest first."""
        return [bucket.amount for bucket in self.buckets]

    @property
    def debits(self) -> Money:
        """All that is open and owed."""
        return sum((bucket.amount for bucket in self.buckets), ZERO)

    @property
    def overdue(self) -> Money:
        """What is past its due day."""
        return sum((bucket.amount for bucket in self.buckets[1:]), ZERO)

    @property
    def balance(self) -> Money:
        """Debits less credits: the balance of the account."""
        return self.debits - self.credits

    @property
    def debit_count(self) -> int:
        """How many open debits there are."""
        return sum(bucket.count for bucket in self.buckets)


def ageing_of(customer_id: int, today: date | None = None) -> Ageing:
    """Return the open items of an account by due day, in one query."""
    day = today or timezone.localdate()
    wanted: dict[str, Any] = {}
    for bucket in BUCKETS:
        condition = Q(is_debit=True) & bucket.condition(day)
        wanted[f"sum_{bucket.key}"] = _or_zero(Sum("open_amount", filter=condition))
        wanted[f"count_{bucket.key}"] = Count("pk", filter=condition)
    wanted["sum_credits"] = _or_zero(Sum("open_amount", filter=Q(is_debit=False)))
    wanted["count_credits"] = Count("pk", filter=Q(is_debit=False))
    found = OpenItem.objects.filter(customer=customer_id).open().order_by().aggregate(**wanted)
    buckets = [
        Bucket(each.key, each.label, each.first, each.last, found[f"sum_{each.key}"], found[f"count_{each.key}"])
        for each in BUCKETS
    ]
    return Ageing(day, buckets, found["sum_credits"], found["count_credits"])


# ---- open items ----
def open_items_of(customer_id: int, age: str = "", today: date | None = None) -> OpenItemQuerySet:
    """Return what is open of an account: debits the oldest due first, then credits; `age` keeps one bucket.

    `age` is a bucket's key, "overdue", or "credits".
    """
    day = today or timezone.localdate()
    items = OpenItem.objects.filter(customer=customer_id).open().select_related("entry")
    items = items.order_by("-is_debit", "due_on", "pk")
    if age == "credits":
        return items.filter(is_debit=False)
    if age == "overdue":
        return items.overdue_on(day)
    bucket = next((bucket for bucket in BUCKETS if bucket.key == age), None)
    return items.filter(Q(is_debit=True) & bucket.condition(day)) if bucket else items


@dataclass(frozen=True)
class OpenRow:
    """An open item as a page shows it: its document, where that leads, how late it is, whether it is disputed."""

    item: OpenItem
    url: str
    late: int
    is_disputed: bool = False

    @property
    def due_in(self) -> int:
        """Days until it is due."""
        return -self.late


def open_rows(items: Iterable[OpenItem], today: date | None = None) -> list[OpenRow]:
    """Return open items with their documents, in three queries more, however many they are."""
    from orders.collections.queries import disputed_items
    from orders.shipments.models import Shipment

    day = today or timezone.localdate()
    rows = list(items)
    urls = document_urls(item.entry for item in rows)
    shipped = [item.entry.source_id for item in rows if item.entry.source == Source.SHIPMENT]
    contested = disputed_items(item.pk for item in rows)
    disputed = set(
        Shipment.objects.filter(pk__in=shipped, delivery__is_disputed=True).order_by().values_list("pk", flat=True)
    )
    return [
        OpenRow(
            item,
            urls.get(item.entry_id, ""),
            (day - item.due_on).days,
            item.pk in contested or (item.entry.source == Source.SHIPMENT and item.entry.source_id in disputed),
        )
        for item in rows
    ]


def document_urls(entries: Iterable[ReceivableEntry]) -> dict[int, str]:
    """Return where the document of each entry stands, by entry id; an opening balance has no page of its own."""
    from orders.payments.models import PaymentReversal

    entries = list(entries)
    reversals = [entry.source_id for entry in entries if entry.source == Source.PAYMENT_REVERSAL]
    reversed_numbers = (
        dict(PaymentReversal.objects.filter(pk__in=reversals).values_list("pk", "payment__number")) if reversals else {}
    )
    urls = {}
    for entry in entries:
        if entry.source == Source.SHIPMENT:
            urls[entry.pk] = reverse("orders:shipment", args=[entry.document])
        elif entry.source == Source.PAYMENT:
            urls[entry.pk] = reverse("orders:payment", args=[entry.document])
        elif entry.source in ADJUSTING:
            urls[entry.pk] = reverse("orders:adjustment", args=[entry.document])
        elif entry.source_id in reversed_numbers and entry.source == Source.PAYMENT_REVERSAL:
            urls[entry.pk] = reverse("orders:payment", args=[reversed_numbers[entry.source_id]])
    return urls


# ---- the statement ----
@dataclass(frozen=True)
class Statement:
    """An account over a span of days: what was owed before, every entry with the balance after it."""

    period: Period
    opening: Money
    debits: Money
    credits: Money
    count: int
    entries: QuerySet[ReceivableEntry]

    @property
    def closing(self) -> Money:
        """What is owed at the end of the last day."""
        return self.opening + self.debits - self.credits


def statement_of(customer_id: int, period: Period, *, upto: int | None = None) -> Statement:
    """Return the statement of an account; `entries` come in posting order, each with `running`, the balance after it.

    The running balance is a window over the entries, so that page and file of any length count it alike. With `upto`
    only entries up to that key count: the account as it was when that one was its last.
    """
    entries = ReceivableEntry.objects.filter(customer=customer_id)
    if upto is not None:
        entries = entries.filter(pk__lte=upto)
    before = entries.filter(posted_on__lt=period.start).aggregate(balance=_or_zero(Sum(F("debit") - F("credit"))))[
        "balance"
    ]
    within = entries.filter(**period.lookup("posted_on"))
    sums = within.aggregate(debits=_or_zero(Sum("debit")), credits=_or_zero(Sum("credit")), count=Count("pk"))
    running = Window(
        Sum(F("debit") - F("credit")), order_by=[F("posted_on").asc(), F("pk").asc()], output_field=MoneyField()
    )
    return Statement(
        period=period,
        opening=before,
        debits=sums["debits"],
        credits=sums["credits"],
        count=sums["count"],
        entries=within.annotate(
            running=ExpressionWrapper(running + Value(before, output_field=MoneyField()), output_field=MoneyField())
        ).in_order(),
    )


# ---- how a customer pays ----
DAYS_TO_PAY = """
SELECT SUM(made.amount * (COALESCE(credit.belongs_on, credit.posted_on)
                          - COALESCE(debit.belongs_on, debit.posted_on)))
       / NULLIF(SUM(made.amount), 0)
FROM orders_allocation made
JOIN orders_openitem debited ON debited.id = made.debit_id
JOIN orders_openitem credited ON credited.id = made.credit_id
JOIN orders_receivableentry debit ON debit.id = debited.entry_id
JOIN orders_receivableentry credit ON credit.id = credited.entry_id
WHERE debit.customer_id = %s AND debit.source = 'shipment' AND credit.source = 'payment' AND credit.posted_on >= %s
"""


def days_to_pay(customer_id: int, since: date) -> int | None:
    """Return after how many days shipments were paid on the average, weighted by amount; None where nothing was.

    Counted from the day of shipment to the day of payment, over payments since a day. A prepayment counts below zero.
    """
    with connection.cursor() as cursor:
        cursor.execute(DAYS_TO_PAY, [customer_id, since])
        (days,) = cursor.fetchone()
    return None if days is None else int(Decimal(days).to_integral_value())


def account_customers(user: User) -> QuerySet[Customer]:
    """Return the customers whose accounts a person may see."""
    return Customer.objects.visible_to(user).with_account()


# ---- what settled what ----
@dataclass(frozen=True)
class Settled:
    """Part of an entry that another one settled: that entry, where its document stands, how much, and by which row."""

    entry: ReceivableEntry
    url: str
    amount: Money
    due_on: date
    allocation: Allocation

    @property
    def is_bound(self) -> bool:
        """Whether it is taken back with the document only that settles it, never by itself."""
        return self.entry.source in BOUND


@dataclass(frozen=True)
class Posting:
    """What a document posted: its open items, the part that is due first in front, and what settled or was settled."""

    items: Sequence[OpenItem]
    settled_by: Sequence[Settled]

    @property
    def posted_on(self) -> date:
        """The day in the ledger."""
        return self.items[0].posted_on

    @property
    def belongs_to(self) -> Period | None:
        """The closed month that it came too late for."""
        return self.items[0].entry.belongs_to

    @property
    def is_late(self) -> bool:
        """Whether its month was closed when it was posted."""
        return self.belongs_to is not None

    @property
    def amount(self) -> Money:
        """All that was posted."""
        return sum((item.amount for item in self.items), ZERO)

    @property
    def open_amount(self) -> Money:
        """What is still open of it."""
        return sum((item.open_amount for item in self.items), ZERO)

    @property
    def settled(self) -> Money:
        """What is settled of it."""
        return self.amount - self.open_amount

    @property
    def due_on(self) -> date:
        """When what is open of it is due first, or when the last of it was."""
        return min((item.due_on for item in self.items if item.open_amount), default=self.items[-1].due_on)


def day_posted(source: Source, source_id: int) -> date | None:
    """Return the day on which a document was posted, later than its own where its month was closed; None: never."""
    entries = ReceivableEntry.objects.filter(source=source, source_id=source_id)
    return entries.values_list("posted_on", flat=True).first()


def posting_of(source: Source, source_id: int) -> Posting | None:
    """Return what a document posted, with what settled its debit or what its credit settled; None: it posted nothing.

    Allocations that were taken back are left out.
    """
    rows = OpenItem.objects.filter(entry__source=source, entry__source_id=source_id)
    items = list(rows.select_related("entry").order_by("due_on", "pk"))
    if not items:
        return None
    here, there = ("debit", "credit") if items[0].is_debit else ("credit", "debit")
    made = Allocation.objects.standing().filter(**{f"{here}__in": items}).select_related(f"{there}__entry")
    made = made.order_by(f"{there}__entry__posted_on" if there == "credit" else "debit__due_on", "pk")
    others = [(one, getattr(one, there)) for one in made]
    urls = document_urls(other.entry for _one, other in others)
    settled = [
        Settled(other.entry, urls.get(other.entry_id, ""), one.amount, other.due_on, one) for one, other in others
    ]
    return Posting(items, settled)
