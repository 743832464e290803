"""What is late or soon will be: money and goods, the worst of each. Papers have a card of their own."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.db.models import Count, F, Min, OuterRef, Q, Subquery, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from customers.accounts.models import CreditAccountQuerySet
from orders.deliveries.models import Delivery, DeliveryLine
from orders.deliveries.queries import late_to_ship
from orders.receivables.models import OpenItem
from orders.receivables.queries import accounts_for
from orders.stock.models import ExpectedGoods
from orders.stock.queries import BACK_ORDER
from salesops.kernel.money import ZERO
from salesops.users.models import User, in_reader_language
from salesops.users.roles import Role
from salesops.web.page import Empty

from .parts import CardContext, Tile, Todo, days_text, share_text, thousands

ACCOUNTS, DELIVERIES, STOCK = "orders.view_accounts", "orders.view_delivery", "orders.view_stock"
MOST = {ACCOUNTS: 4, DELIVERIES: 3, STOCK: 2}
MOST_SHOWN = 6
OVER_LIMIT = Q(limit__lt=F("balance") + F("committed"), available__lt=0)
"""Over accounts_for(). Most are ruled out by their own limit, before temporary limits are looked up."""


def is_shown(user: User) -> bool:
    """To everybody inside but supply, which has lists of its own; an agent sees its account."""
    return not user.has_role(Role.AGENT, Role.SUPPLY)


def late(user: User) -> dict[str, Any]:
    """The worst overdue accounts, deliveries that have not left, goods that are short."""
    today = timezone.localdate()
    kinds = [list(read(user, today)) for permission, read in READERS.items() if user.has_perm(permission)]
    rows = _shortened(kinds)
    may_see_accounts = user.has_perm(ACCOUNTS)
    return CardContext(
        rows=rows,
        empty=Empty(_("Nothing is late"), _("Overdue money and late goods appear here."), icon="check"),
        note=_("worst first") if rows else "",
        url=f"{reverse('orders:accounts')}?only=overdue" if rows and may_see_accounts else "",
        link=_("All overdue"),
        tiles=list(_tiles(user, today)) if may_see_accounts else [],
    ).as_dict()


def _shortened(kinds: list[list[Todo]]) -> list[Todo]:
    """The worst of each kind, MOST_SHOWN together: the longest kind gives way."""
    while sum(map(len, kinds)) > MOST_SHOWN:
        max(kinds, key=len).pop()
    return [row for rows in kinds for row in rows]


def _overdue(user: User, today: date) -> Iterator[Todo]:
    rows = (
        OpenItem.objects.visible_to(user)
        .overdue_on(today)
        .order_by()
        .values("customer__code", "customer__name", "customer__name_zh")
        .annotate(amount=Sum("open_amount"), oldest=Min("due_on"), items=Count("pk"))
        .order_by("-amount", "customer__code")[: MOST[ACCOUNTS]]
    )
    for row in rows:
        title, title_zh = _about(_("%(customer)s owes"), "customer", row["customer__name"], row["customer__name_zh"])
        yield Todo(
            title=title,
            title_zh=title_zh,
            url=reverse("orders:account", args=[row["customer__code"]]),
            sub=ngettext("%(count)d item overdue", "%(count)d items overdue", row["items"]) % {"count": row["items"]},
            icon="wallet",
            money=row["amount"],
            note=days_text((today - row["oldest"]).days),
        )


def _not_shipped(user: User, today: date) -> Iterator[Todo]:
    waiting = DeliveryLine.objects.filter(delivery=OuterRef("pk")).annotate(short=BACK_ORDER).filter(short__gt=0)
    rows = late_to_ship(Delivery.objects.visible_to(user), today).select_related("customer")
    first = waiting.order_by("position")
    rows = rows.annotate(
        waits_for=Subquery(first.values("product__name")[:1]),
        waits_for_zh=Subquery(first.values("product__name_zh")[:1]),
    )
    for delivery in rows.order_by("wanted_on", "pk")[: MOST[DELIVERIES]]:
        product = in_reader_language(delivery.waits_for or "", delivery.waits_for_zh or "")
        names = {"customer": delivery.customer, "product": product}
        yield Todo(
            title=_("%(number)s has not shipped") % {"number": delivery.number},
            url=delivery.get_absolute_url(),
            sub=_("%(customer)s waits for %(product)s") % names if product else str(delivery.customer),
            icon="truck",
            money=delivery.committed_amount,
            note=days_text((today - delivery.wanted_on).days),
        )


def _short(user: User, today: date) -> Iterator[Todo]:
    """Products that approved deliveries in scope wait for, the most pieces first, and when more comes."""
    coming = ExpectedGoods.objects.filter(product=OuterRef("product"), received_at=None).order_by("expected_on", "pk")
    rows = (
        DeliveryLine.objects.filter(delivery__in=Delivery.objects.visible_to(user).to_ship())
        .annotate(short=BACK_ORDER)
        .filter(short__gt=0)
        .order_by()
        .values("product", "product__sku", "product__name", "product__name_zh")
        .annotate(
            pieces=Sum("short"),
            expected_on=Subquery(coming.values("expected_on")[:1]),
            expected=Subquery(coming.values("quantity")[:1]),
        )
        .order_by("-pieces", "product__sku")[: MOST[STOCK]]
    )
    for row in rows:
        pieces = {"pieces": row["pieces"]}
        coming_words = _("%(pieces)d arrive") % {"pieces": row["expected"]} if row["expected"] else _("none expected")
        title, title_zh = _about(_("%(product)s is short"), "product", row["product__name"], row["product__name_zh"])
        yield Todo(
            title=title,
            title_zh=title_zh,
            url=reverse("orders:product", args=[row["product__sku"]]),
            sub=ngettext("%(pieces)d piece is waited for", "%(pieces)d pieces are waited for", row["pieces"]) % pieces
            + f"; {coming_words}",
            icon="box",
            figure=_day(row["expected_on"]),
            note=_from_today(row["expected_on"], today),
            is_bad=bool(row["expected_on"] and row["expected_on"] < today),
        )


READERS = {ACCOUNTS: _overdue, DELIVERIES: _not_shipped, STOCK: _short}


def _about(words: str, key: str, name: str, name_zh: str) -> tuple[str, str]:
    """A sentence about something, and the Chinese name to stand behind it; on a Chinese page it stands in it."""
    if (get_language() or "").startswith("zh") and name_zh:
        return words % {key: name_zh}, ""
    return words % {key: name or name_zh}, name_zh


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _from_today(day: date | None, today: date) -> str:
    """In how many days, or for how many days it has been so."""
    if day is None:
        return ""
    days = (day - today).days
    if days < 0:
        return _("%(days)s ago") % {"days": days_text(-days)}
    return _("today") if days == 0 else _("in %(days)s") % {"days": days_text(days)}


# ---- figures for the top ----
def _tiles(user: User, today: date) -> Iterator[Tile]:
    overdue = Q(due_on__lt=today)
    owed = (
        OpenItem.objects.visible_to(user)
        .debits()
        .open()
        .aggregate(
            all=Sum("open_amount", default=ZERO),
            overdue=Sum("open_amount", filter=overdue, default=ZERO),
            accounts=Count("customer", filter=overdue, distinct=True),
        )
    )
    many = ngettext("%(count)d account", "%(count)d accounts", owed["accounts"]) % {"count": owed["accounts"]}
    yield Tile(
        _("Overdue"),
        thousands(owed["overdue"]),
        f"{reverse('orders:accounts')}?only=overdue",
        30,
        notes=[many, share_text(owed["overdue"], owed["all"], _("%(share)s of receivables"))],
        tone="bad" if owed["overdue"] else "",
    )
    if user.has_perm(DELIVERIES):
        found = accounts_for(user).aggregate(
            open=Sum("committed", default=ZERO), over=Count("pk", filter=OVER_LIMIT, distinct=True)
        )
        words = ngettext("%(over)d account over its limit", "%(over)d accounts over their limits", found["over"])
        yield Tile(
            _("Approved, not shipped"),
            thousands(found["open"]),
            f"{reverse('orders:deliveries')}?state=open",
            40,
            notes=[words % found],
        )


def accounts_over_limit(user: User) -> CreditAccountQuerySet:
    """Return the accounts in scope whose exposure passes their limit with what is on top of it today."""
    return accounts_for(user).filter(OVER_LIMIT)
