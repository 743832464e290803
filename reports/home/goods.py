"""What supply works on: what is to leave, what it waits for, what comes."""

from typing import Any

from django.db.models import Count, F, Min, OuterRef, Q, Subquery, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from orders.deliveries.models import SHIPPABLE, Delivery, DeliveryLine
from orders.shipments.queries import to_ship_for
from orders.stock.models import ExpectedGoods
from orders.stock.queries import BACK_ORDER
from salesops.users.models import User
from salesops.users.roles import Role
from salesops.web.figures import quantity_text
from salesops.web.page import Action, Empty

from .parts import CardContext, Tile, Todo, days_text

SHIP = "orders.ship_delivery"
MOST_SHOWN = 8


def ships(user: User) -> bool:
    """Whether shipping is somebody's daily work."""
    return user.has_role(Role.SUPPLY)


def to_ship(user: User) -> dict[str, Any]:
    """What is to leave, the earliest wanted first, and how much of it lies ready."""
    today = timezone.localdate()
    url = reverse("orders:to_ship")
    found = (
        Delivery.objects.visible_to(user)
        .to_ship()
        .aggregate(
            count=Count("pk"),
            late=Count("pk", filter=Q(wanted_on__lt=today)),
            today=Count("pk", filter=Q(wanted_on=today)),
        )
    )
    shown = list(to_ship_for(user).order_by(F("wanted_on").asc(nulls_last=True), "pk")[:MOST_SHOWN])
    count, late, due = found["count"], found["late"], found["today"]
    words = ngettext("%(count)d delivery is to leave", "%(count)d deliveries are to leave", count) % {"count": count}
    more = ", ".join(part for part in (_many(late, _("%(count)d late")), _many(due, _("%(count)d today"))) if part)
    says = [f"{words}: {more}." if more else f"{words}."] if count else [_("Everything has left.")]
    return CardContext(
        rows=[_leaving(delivery) for delivery in shown],
        empty=Empty(_("Everything has left"), _("Deliveries appear here as soon as they are approved."), icon="truck"),
        note=_("earliest wanted first") if shown else "",
        url=url if count else "",
        link=_("All %(count)d") % {"count": count},
        tiles=[
            Tile(_("To ship"), str(count), url, 10, notes=[_("%(count)d wanted today") % {"count": due}]),
            Tile(_("Late"), str(late), f"{url}?only=late", 20, notes=[_("wanted before today")], tone=_bad(late)),
        ],
        says=says,
        actions=[Action(_("Ship goods"), url, "truck", primary=True, permission=SHIP)] if count else [],
    ).as_dict()


def _many(count: int, words: Any) -> str:
    return words % {"count": count} if count else ""


def _bad(count: int) -> str:
    return "bad" if count else ""


def _leaving(delivery: Any) -> Todo:
    today = timezone.localdate()
    days = (delivery.wanted_on - today).days if delivery.wanted_on else None
    if delivery.customer.account.is_on_hold:
        state, icon = _("On hold, nothing leaves"), "lock"
    elif delivery.ready_pieces >= delivery.open_pieces:
        state, icon = _("Ready in full"), "check"
    elif delivery.ready_pieces:
        state = _("%(ready)s of %(open)s pieces ready") % {
            "ready": quantity_text(delivery.ready_pieces),
            "open": quantity_text(delivery.open_pieces),
        }
        icon = "box"
    else:
        state, icon = _("Waits for goods"), "clock"
    return Todo(
        title=delivery.customer.name,
        title_zh=delivery.customer.name_zh,
        url=delivery.get_absolute_url(),
        sub=f"{delivery.number}, {delivery.warehouse}",
        icon=icon,
        figure=_wanted(delivery, days),
        note=state,
        is_bad=days is not None and days < 0,
    )


def _wanted(delivery: Any, days: int | None) -> str:
    if days is None:
        return _("no day")
    if days < 0:
        return _("%(days)s late") % {"days": days_text(-days)}
    return _("today") if days == 0 else delivery.wanted_on.isoformat()


def short_goods(user: User) -> dict[str, Any]:
    """Products that approved deliveries wait for, and when more comes; goods that should have come by now first."""
    today = timezone.localdate()
    coming = ExpectedGoods.objects.filter(
        product=OuterRef("product"), warehouse=OuterRef("delivery__warehouse"), received_at=None
    ).order_by("expected_on", "pk")
    owed = (
        DeliveryLine.objects.filter(delivery__state__in=SHIPPABLE)
        .annotate(short=BACK_ORDER)
        .filter(short__gt=0)
        .order_by()
        .values("product", "product__sku", "product__name", "product__name_zh", "delivery__warehouse__code")
        .annotate(
            pieces=Sum("short"),
            deliveries=Count("delivery", distinct=True),
            wanted=Min("delivery__wanted_on"),
            expected_on=Subquery(coming.values("expected_on")[:1]),
            expected=Subquery(coming.values("quantity")[:1]),
        )
        .order_by(F("expected_on").asc(nulls_first=True), "product__sku")
    )
    rows: list[Any] = list(owed[:200])
    late = list(
        ExpectedGoods.objects.filter(received_at=None, expected_on__lt=today)
        .select_related("product", "warehouse")
        .order_by("expected_on", "pk")[:200]
    )
    pieces = sum(row["pieces"] for row in rows)
    stock, expected = reverse("orders:stock"), reverse("orders:expected")
    todos = [_late_goods(goods, (today - goods.expected_on).days) for goods in late[:3]]
    todos += [_short(row) for row in rows[: MOST_SHOWN - len(todos)]]
    products = ngettext("%(count)d product", "%(count)d products", len(rows)) % {"count": len(rows)}
    return CardContext(
        rows=todos,
        empty=Empty(_("Nothing is short"), _("Back-orders and late goods appear here."), icon="check"),
        note=_("late ones first") if todos else "",
        url=f"{stock}?state=short" if rows else "",
        link=_("All back-orders"),
        tiles=[
            Tile(_("Back-ordered"), quantity_text(pieces), f"{stock}?state=short", 30, notes=[products]),
            Tile(
                _("Goods late"),
                str(len(late)),
                f"{expected}?state=late",
                40,
                notes=[_("should have come by now")],
                tone=_bad(len(late)),
            ),
        ],
    ).as_dict()


def _late_goods(goods: ExpectedGoods, days: int) -> Todo:
    return Todo(
        title=goods.product.name,
        title_zh=goods.product.name_zh,
        url=f"{reverse('orders:expected')}?state=late",
        sub=f"{goods.warehouse}" + (f", {goods.note}" if goods.note else ""),
        icon="clock",
        figure=_("%(pieces)s pieces") % {"pieces": quantity_text(goods.quantity)},
        note=_("%(days)s late") % {"days": days_text(days)},
        is_bad=True,
    )


def _short(row: dict[str, Any]) -> Todo:
    waiting = ngettext("%(count)d delivery waits", "%(count)d deliveries wait", row["deliveries"])
    comes = _("%(pieces)s come %(day)s") % {"pieces": quantity_text(row["expected"]), "day": row["expected_on"]}
    return Todo(
        title=row["product__name"],
        title_zh=row["product__name_zh"],
        url=reverse("orders:product", args=[row["product__sku"]]),
        sub=f"{waiting % {'count': row['deliveries']}}, {row['delivery__warehouse__code']}",
        icon="box",
        figure=_("%(pieces)s short") % {"pieces": quantity_text(row["pieces"])},
        note=comes if row["expected_on"] else _("none expected"),
        is_bad=not row["expected_on"],
    )
