"""Documents that came after a statistic was issued, of its days or before: why its figures are others today."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import TruncMonth
from django.urls import reverse
from django.utils.translation import gettext as _

from customers.files.models import Customer
from orders.facts.models import AccountFact
from orders.receivables.models import Allocation, ReceivableEntry, Source
from orders.receivables.queries import document_urls
from orders.shipments.models import Shipment
from salesops.kernel.money import Money
from salesops.kernel.periods import Period

from ..models import IssuedStatistic
from .places import of_place

MOST = 500
"""So many of each kind are looked at."""
GOODS = frozenset({"delivered", "pieces", "new_customers", "lost_customers"})
BALANCES = frozenset({"opening", "closing", "overdue"})
ANY_MONTH = frozenset({"new_customers", "lost_customers"})
"""What a document of one month changes in others too."""


@dataclass
class Late:
    """A document that came later: what it is, and which figures of which rows it changes.

    `flows` are measures that it changes in its month, `balances` those that it changes from its month on. `rows` has
    the keys of its rows by dimension.
    """

    document: str
    url: str
    what: str
    customer: Customer
    day: date
    came: Any
    by: Any
    amount: Money
    month: date
    note: str = ""
    flows: frozenset[str] = frozenset()
    balances: frozenset[str] = frozenset()
    rows: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def changes(self, by: str, row: str, measure: str, period: Period) -> bool:
        """Whether it changes a figure: of a row of a dimension, or of the whole where `row` is empty."""
        if measure not in self.flows | self.balances:
            return False
        if measure == "opening" and not (row and by == "month") and self.month >= period.start:
            return False
        if not row:
            return True
        if by != "month":
            return row in self.rows[by]
        own = self.month.isoformat()
        if measure == "opening":
            return row > own
        if measure in self.balances:
            return row >= own
        return row == own or measure in ANY_MONTH


Places = Mapping[tuple[int, date], list[tuple[int, int | None]]]


@dataclass(frozen=True)
class Came:
    """What came since a statistic was issued; `is_cut` where there is more than was looked at."""

    documents: Sequence[Late]
    is_cut: bool

    def because_of(self, by: str, row: str, measure: str, period: Period) -> list[Late]:
        """Return the documents that change a figure."""
        return [one for one in self.documents if one.changes(by, row, measure, period)]


def came_since(statistic: IssuedStatistic) -> Came:
    """Return what came since a statistic was issued and is of its place, in as many queries whatever that is.

    Shipments that left in its days; entries posted into them or before, or into a later month because theirs was
    closed; settlements that count from a day before its end. What was there is told by its key.
    """
    shipments = _shipments(statistic)
    entries = _entries(statistic)
    allocations = _allocations(statistic)
    places = _places([*entries, *(one.credit.entry for one in allocations)])
    posted = {entry.source_id: entry for entry in entries if entry.source == Source.SHIPMENT}
    urls = document_urls([*entries, *(one.credit.entry for one in allocations)])
    found = [_of_shipment(one, posted.pop(one.pk, None), statistic.period, places) for one in shipments]
    taken = {one.pk for one in shipments}
    found += [
        _of_entry(entry, urls.get(entry.pk, ""), statistic.period, places)
        for entry in entries
        if not (entry.source == Source.SHIPMENT and entry.source_id in taken)
    ]
    found += [_of_allocation(one, urls.get(one.credit.entry_id, ""), places) for one in allocations]
    is_cut = MOST in (len(shipments), len(entries), len(allocations))
    return Came(sorted(found, key=lambda one: (one.came, one.document)), is_cut)


# ---- reading ----
def _shipments(statistic: IssuedStatistic) -> list[Shipment]:
    parameters, period = statistic.parameters, statistic.period
    rows = Shipment.objects.filter(
        of_place(parameters["kept"], region="delivery__region", representative="delivery__representative"),
        pk__gt=parameters["through"]["shipment"],
        **period.lookup("shipped_on"),
    )
    return list(
        rows.select_related("customer", "delivery__representative", "recorded_by")
        .prefetch_related("lines__line")
        .order_by("pk")[:MOST]
    )


def _entries(statistic: IssuedStatistic) -> list[ReceivableEntry]:
    parameters, period = statistic.parameters, statistic.period
    rows = ReceivableEntry.objects.filter(
        Q(posted_on__lt=period.end) | Q(**period.lookup("belongs_on")),
        pk__gt=parameters["through"]["receivableentry"],
    )
    if parameters["kept"]:
        rows = rows.annotate(month=TruncMonth("posted_on")).filter(_is_of_place(parameters["kept"]))
    return list(rows.select_related("customer", "posted_by").order_by("pk")[:MOST])


def _allocations(statistic: IssuedStatistic) -> list[Allocation]:
    """Settlements by hand: those that come along with an entry are said by it."""
    parameters = statistic.parameters
    rows = Allocation.objects.filter(
        pk__gt=parameters["through"]["allocation"], allocated_on__lt=statistic.ends_on, made_by__isnull=False
    )
    if parameters["kept"]:
        rows = rows.annotate(month=TruncMonth("allocated_on")).filter(
            _is_of_place(parameters["kept"], customer="debit__customer")
        )
    return list(rows.select_related("credit__entry__customer", "made_by").order_by("pk")[:MOST])


def _is_of_place(kept: Any, customer: str = "customer") -> Exists:
    """Whether the account was of the place in the month, by the facts of that month."""
    facts = AccountFact.objects.current().filter(of_place(kept))
    return Exists(facts.filter(customer=OuterRef(customer), month=OuterRef("month")))


def _places(entries: Iterable[ReceivableEntry]) -> Places:
    """Regions and representatives of accounts in the months of their entries."""
    entries = list(entries)
    found = defaultdict(list)
    rows = AccountFact.objects.current().filter(
        customer__in={entry.customer_id for entry in entries},
        month__in={entry.posted_on.replace(day=1) for entry in entries},
    )
    for customer, month, *place in rows.values_list("customer", "month", "region", "representative").distinct():
        found[customer, month].append((place[0], place[1]))
    return found


# ---- what each is ----
def _of_shipment(one: Shipment, entry: ReceivableEntry | None, period: Period, places: Places) -> Late:
    late = Late(
        document=one.number,
        url=one.get_absolute_url(),
        what=_("Shipment"),
        customer=one.customer,
        day=one.shipped_on,
        came=one.recorded_at,
        by=one.recorded_by,
        amount=one.amount,
        month=one.shipped_on.replace(day=1),
        flows=GOODS,
    )
    late.rows["product"] = {str(line.line.product_id) for line in one.lines.all()}
    _stands(late, one.customer_id, one.delivery.region_id, one.delivery.representative_id)
    if entry is not None:
        _posts(late, entry, period)
        for region, representative in places.get((entry.customer_id, entry.posted_on.replace(day=1)), ()):
            _stands(late, entry.customer_id, region, representative)
    return late


def _of_entry(entry: ReceivableEntry, url: str, period: Period, places: Places) -> Late:
    late = Late(
        document=entry.document,
        url=url,
        what=str(entry.get_source_display()),
        customer=entry.customer,
        day=entry.belongs_on or entry.posted_on,
        came=entry.posted_at,
        by=entry.posted_by,
        amount=entry.amount,
        month=entry.posted_on.replace(day=1),
    )
    _posts(late, entry, period)
    for region, representative in places.get((entry.customer_id, late.month), ()):
        _stands(late, entry.customer_id, region, representative)
    return late


def _posts(late: Late, entry: ReceivableEntry, period: Period) -> None:
    """What an entry changes by the day on which it is posted."""
    if entry.posted_on >= period.end:
        late.note = _("Posted on %(day)s, since its month was closed: it is in the figures of that day's month.") % {
            "day": entry.posted_on
        }
        return
    late.balances |= BALANCES
    if entry.posted_on in period:
        late.flows |= {_flow_of(entry)}


def _flow_of(entry: ReceivableEntry) -> str:
    if entry.source in (Source.PAYMENT, Source.PAYMENT_REVERSAL):
        return "payments"
    return "debits" if entry.debit else "credits"


def _of_allocation(one: Allocation, url: str, places: Places) -> Late:
    entry, month = one.credit.entry, one.allocated_on.replace(day=1)
    late = Late(
        document=entry.document,
        url=url or reverse("orders:account", args=[entry.customer.code]),
        what=_("Settlement") if one.amount > 0 else _("Settlement taken back"),
        customer=entry.customer,
        day=one.allocated_on,
        came=one.made_at,
        by=one.made_by,
        amount=one.amount,
        month=month,
        balances=frozenset({"overdue"}),
    )
    for region, representative in places.get((entry.customer_id, entry.posted_on.replace(day=1)), ()):
        _stands(late, entry.customer_id, region, representative)
    return late


def _stands(late: Late, customer_id: int, region_id: int, representative_id: int | None) -> None:
    """Note under which rows it stands; regions are told by the row they lie in later."""
    late.rows["customer"].add(str(customer_id))
    late.rows["region"].add(str(region_id))
    late.rows["representative"].add("none" if representative_id is None else str(representative_id))
