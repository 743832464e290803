"""What statistics count, and by what they add it up: one line each, used by screen, file and API alike."""

from dataclasses import dataclass
from typing import Any, Literal

from django.utils.translation import gettext_lazy as _

Over = Literal["sum", "first", "last"]


@dataclass(frozen=True)
class Measure:
    """A figure. `field` is that of a fact; over several months it is their sum, or that of the first or last of them.

    `of_goods` says whether it can be told by product. A rise of what is `good` is good news, of what is not, bad.
    """

    key: str
    label: Any
    says: Any
    field: str
    kind: Literal["money", "int"] = "money"
    over: Over = "sum"
    of_goods: bool = False
    is_good: bool = True

    @property
    def of_accounts(self) -> bool:
        """Whether it says of a single customer what only those may know who see accounts."""
        return self.kind == "money" and not self.of_goods


MEASURES = {
    measure.key: measure
    for measure in (
        Measure(
            "delivered",
            _("Delivered"),
            _("Amount of the goods that left, by day of shipment, tax included"),
            "amount",
            of_goods=True,
        ),
        Measure(
            "pieces", _("Pieces"), _("Pieces that left, by day of shipment"), "quantity", kind="int", of_goods=True
        ),
        Measure("payments", _("Payments"), _("Money received, less payments that were reversed"), "payments"),
        Measure("credits", _("Other credits"), _("Credits that are no payment: adjustments, write-offs"), "credits"),
        Measure(
            "debits",
            _("Debits"),
            _("What was charged: shipments, adjustments, refunds, by day of posting"),
            "debits",
        ),
        Measure("opening", _("Opening receivable"), _("What was owed when the period began"), "opening", over="first"),
        Measure(
            "closing",
            _("Closing receivable"),
            _("What is owed at the end of the period: opening, debits less payments and other credits"),
            "closing",
            over="last",
            is_good=False,
        ),
        Measure(
            "overdue",
            _("Overdue"),
            _("Debits past their day at the end of the period, less what was allocated to them"),
            "overdue",
            over="last",
            is_good=False,
        ),
        Measure(
            "new_customers",
            _("New customers"),
            _("Customers whose first delivery left in the period"),
            "new_customers",
            kind="int",
        ),
        Measure(
            "lost_customers",
            _("Lost customers"),
            _("Customers without a delivery for so many whole months that they count as lost in the last of them"),
            "lost_customers",
            kind="int",
            is_good=False,
        ),
    )
}


@dataclass(frozen=True)
class Dimension:
    """What figures are added up by. `path` leads from a fact to its key: as of the document's day, and as of today.

    `of_goods` says that only goods have it. Those of `time` are folded out of months.
    """

    key: str
    label: Any
    path: str
    path_today: str = ""
    of_goods: bool = False
    is_time: bool = False

    def path_by(self, *, today: bool) -> str:
        """The path by today's structure or by that of the document's day."""
        return self.path_today if today and self.path_today else self.path


DIMENSIONS = {
    dimension.key: dimension
    for dimension in (
        Dimension("month", _("Month"), "month", is_time=True),
        Dimension("quarter", _("Quarter"), "month", is_time=True),
        Dimension("year", _("Year"), "month", is_time=True),
        Dimension("region", _("Region"), "region_id", "customer__region_id"),
        Dimension("team", _("Team"), "representative__team_id", "customer__representative__team_id"),
        Dimension("representative", _("Representative"), "representative_id", "customer__representative_id"),
        Dimension("customer", _("Customer"), "customer_id"),
        Dimension("grade", _("Grade"), "customer__grade"),
        Dimension("category", _("Category"), "product__category_id", of_goods=True),
        Dimension("product", _("Product"), "product_id", of_goods=True),
    )
}
"""A team is that in which the representative is today: who sold it is of the document's day."""

MEASURE_KEYS, DIMENSION_KEYS = list(MEASURES), list(DIMENSIONS)
"""What programs may name."""
