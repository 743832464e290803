"""How sales stand: what was delivered and collected this month against last year, by day, by person, by product."""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import accumulate
from typing import Any

from django.conf import settings
from django.db.models import F, Q, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from orders.payments.models import Payment
from orders.shipments.models import Shipment, ShipmentLine
from salesops.kernel.money import ZERO, Money, percent_of
from salesops.kernel.periods import Period
from salesops.users.models import User, in_reader_language
from salesops.users.roles import Role
from salesops.web.charts import Chart, Series

from .parts import CardContext, Tile, change, share_text, thousands

FIGURES_FOR = (
    Role.REPRESENTATIVE,
    Role.SUPERVISOR,
    Role.REGIONAL_MANAGER,
    Role.SALES_MANAGER,
    Role.FINANCE,
    Role.MARKETING,
    Role.ADMINISTRATOR,
)
"""Who looks at how sales stand; supply looks at what is to leave, an agent at its own account."""

MOST_PEOPLE = 12
MOST_PRODUCTS = 8


@dataclass(frozen=True)
class SoFar:
    """The month up to a day, and the same days of last year; both half-open."""

    today: date

    @property
    def month(self) -> Period:
        """This calendar month."""
        return Period.month(self.today.year, self.today.month)

    @property
    def now(self) -> Period:
        """This month up to and with today."""
        return Period(self.month.start, self.today + timedelta(days=1))

    @property
    def then(self) -> Period:
        """The same days of last year."""
        start = self.month.last_year.start
        last = min(self.today.day, monthrange(start.year, start.month)[1])
        return Period(start, start.replace(day=last) + timedelta(days=1))

    def query(self, name: str) -> str:
        """The days as the filter `name` of a list takes them."""
        return f"{name}_after={self.now.start}&{name}_before={self.today}"


def delivered_by_day(user: User, so_far: SoFar) -> dict[date, Money]:
    """Return what left in scope on each day of this month and of the same month last year, tax included; one query."""
    month = so_far.month
    rows = Shipment.objects.visible_to(user).filter(
        Q(**month.lookup("shipped_on")) | Q(**month.last_year.lookup("shipped_on"))
    )
    return dict(rows.order_by().values_list("shipped_on").annotate(total=Sum("amount")))


def collected(user: User, so_far: SoFar) -> tuple[Money, Money]:
    """Return what was received this month and on the same days last year, without what was reversed; one query."""
    found = (
        Payment.objects.visible_to(user)
        .filter(reversal=None)
        .aggregate(
            now=Sum("amount", filter=Q(**so_far.now.lookup("received_on"))),
            then=Sum("amount", filter=Q(**so_far.then.lookup("received_on"))),
        )
    )
    return found["now"] or ZERO, found["then"] or ZERO


# ---- this month against last year ----
def pace(user: User) -> dict[str, Any]:
    """The month so far against last year: a chart with its table, and the figures for the top."""
    so_far = SoFar(timezone.localdate())
    by_day = delivered_by_day(user, so_far)
    delivered = sum((amount for day, amount in by_day.items() if day in so_far.now), ZERO)
    before = sum((amount for day, amount in by_day.items() if day in so_far.then), ZERO)
    against = _("on last year, same days")
    tiles = [
        Tile(
            _("Delivered"),
            thousands(delivered),
            f"{reverse('orders:shipments')}?{so_far.query('shipped')}",
            10,
            change(delivered, before, against),
        )
    ]
    if user.has_perm("orders.view_payment"):
        came, came_then = collected(user, so_far)
        tiles.append(
            Tile(
                _("Collected"),
                thousands(came),
                f"{reverse('orders:payments')}?{so_far.query('received')}&state=held",
                20,
                change(came, came_then, against),
                [share_text(came, delivered, _("%(share)s of delivered"))],
            )
        )
    return CardContext(tiles=tiles, more={"chart": _chart(so_far, by_day), "in_thousands": True}).as_dict()


def _chart(so_far: SoFar, by_day: dict[date, Money]) -> Chart:
    """Running totals in thousands; this year's line ends today."""
    now, then = so_far.month, so_far.month.last_year
    days = max((now.end - now.start).days, (then.end - then.start).days)
    return Chart(
        "pace",
        _("%(month)s against last year") % {"month": date_format(now.start, "F")},
        range(1, days + 1),
        [
            Series(str(then.start.year), _running(by_day, then.start, (then.end - then.start).days), "then"),
            Series(str(now.start.year), _running(by_day, now.start, so_far.today.day), "now"),
        ],
        sub=_("delivered, %(currency)s thousand") % {"currency": settings.CURRENCY},
        low=True,
        category_label=_("Day"),
    )


def _running(by_day: dict[date, Money], start: date, days: int) -> Sequence[Decimal]:
    amounts = (by_day.get(start + timedelta(days=day), ZERO) for day in range(days))
    return [total / 1000 for total in accumulate(amounts)]


# ---- by person ----
@dataclass(frozen=True)
class Standing:
    """One person, team or product in a table of shares."""

    name: str
    url: str
    now: Money
    then: Money
    share: Decimal
    bar: Decimal
    name_zh: str = ""

    @property
    def now_text(self) -> str:
        """This year's amount in thousands."""
        return thousands(self.now)

    @property
    def then_text(self) -> str:
        """Last year's amount in thousands."""
        return thousands(self.then)


def team(user: User) -> dict[str, Any]:
    """Who delivered how much this month; teams instead of people for those who see the whole company."""
    so_far = SoFar(timezone.localdate())
    by_team = user.has_role(Role.SALES_MANAGER, Role.ADMINISTRATOR)
    who = "customer__representative__team" if by_team else "customer__representative"
    name = f"{who}__name" if by_team else f"{who}__full_name"
    rows = (
        Shipment.objects.visible_to(user)
        .filter(Q(**so_far.now.lookup("shipped_on")) | Q(**so_far.then.lookup("shipped_on")))
        .exclude(**{who: None})
        .order_by()
        .values(who)
        .annotate(
            name=F(name),
            name_zh=F(f"{name}_zh"),
            now=Sum("amount", filter=Q(**so_far.now.lookup("shipped_on")), default=ZERO),
            then=Sum("amount", filter=Q(**so_far.then.lookup("shipped_on")), default=ZERO),
        )
        .order_by("-now", "name")
    )
    standings, total, before = _standings(
        rows, lambda row: "" if by_team else f"{so_far.query('shipped')}&representative={row[who]}"
    )
    note = _("delivered this month, %(currency)s thousand") % {"currency": settings.CURRENCY}
    title = _("Team") if by_team else _("Person")
    more = {
        "standings": standings[:MOST_PEOPLE],
        "total": thousands(total),
        "before": thousands(before),
        "who": title,
        "whole": 100 if total else 0,
    }
    return CardContext(note=note, more=more).as_dict()


def _standings(rows: Any, query: Any) -> tuple[list[Standing], Money, Money]:
    found = list(rows)
    total = sum((row["now"] for row in found), ZERO)
    before = sum((row["then"] for row in found), ZERO)
    standings = []
    for row in found:
        asked = query(row)
        url = f"{reverse('orders:shipments')}?{asked}" if asked else ""
        share = percent_of(row["now"], total)
        standings.append(Standing(row["name"], url, row["now"], row["then"], share, share, row["name_zh"]))
    return standings, total, before


# ---- by product ----
def best_sellers(user: User) -> dict[str, Any]:
    """The products of which most was delivered this month, with their share of everything."""
    so_far = SoFar(timezone.localdate())
    rows = (
        ShipmentLine.objects.filter(shipment__in=Shipment.objects.visible_to(user))
        .filter(Q(**so_far.now.lookup("shipment__shipped_on")) | Q(**so_far.then.lookup("shipment__shipped_on")))
        .order_by()
        .values(sku=F("line__product__sku"), name=F("line__product__name"), name_zh=F("line__product__name_zh"))
        .annotate(
            now=Sum("amount", filter=Q(**so_far.now.lookup("shipment__shipped_on")), default=ZERO),
            then=Sum("amount", filter=Q(**so_far.then.lookup("shipment__shipped_on")), default=ZERO),
        )
        .order_by("-now", "sku")
    )
    found = list(rows)
    total = sum((row["now"] for row in found), ZERO)
    before = sum((row["then"] for row in found), ZERO)
    standings = [
        Standing(
            in_reader_language(row["name"], row["name_zh"]),
            reverse("orders:product", args=[row["sku"]]),
            row["now"],
            row["then"],
            percent_of(row["now"], total),
            percent_of(row["now"], found[0]["now"]),
        )
        for row in found[:MOST_PRODUCTS]
    ]
    note = _("delivered this month, %(currency)s thousand") % {"currency": settings.CURRENCY}
    more = {
        "standings": standings,
        "total": thousands(total),
        "before": thousands(before),
        "who": _("Product"),
        "is_part": True,
        "whole": 100 if total else 0,
    }
    tiles = [
        Tile(_("Products sold"), str(sum(row["now"] > 0 for row in found)), reverse("orders:products"), 30),
        Tile(_("Customers that bought"), str(_buyers(user, so_far)), reverse("customers:list"), 35),
    ]
    return CardContext(note=note, url=reverse("orders:products"), tiles=tiles, more=more).as_dict()


def _buyers(user: User, so_far: SoFar) -> int:
    """How many customers goods have left for this month."""
    rows = Shipment.objects.visible_to(user).filter(**so_far.now.lookup("shipped_on"))
    return rows.values("customer").distinct().count()


def leads_people(user: User) -> bool:
    """Whether somebody looks at how people or teams stand."""
    return user.has_role(Role.SUPERVISOR, Role.REGIONAL_MANAGER, Role.SALES_MANAGER)


def looks_at_figures(user: User) -> bool:
    """Whether somebody looks at how sales stand."""
    return user.has_role(*FIGURES_FOR)


def sells(user: User) -> bool:
    """Whether what sells best is somebody's daily work."""
    return user.has_role(Role.MARKETING)
