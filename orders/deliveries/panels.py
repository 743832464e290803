"""Parts of a delivery's page, and of its customer's."""

from dataclasses import replace
from typing import Any

from django.db.models import Sum
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from customers.files.models import Customer
from orders.credit.queries import credit_picture
from orders.receivables.models import OpenItem, Source
from orders.stock.queries import SEES_STOCK
from salesops.approvals.timeline import TimelineStep, policy_in_words, steps_of
from salesops.kernel.money import ZERO
from salesops.web.history import history_panel

from .approval import granted_amount
from .models import EDITABLE, SHIPPABLE, Delivery, State
from .preview import DraftLine, Preview, preview
from .queries import SEES_FACTS, deliveries_for, line_rows, lines_with_products
from .tables import state_badge
from .views import new_delivery_action

LATEST = 10
WRITE = "orders.write_delivery"


def lines(request: HttpRequest, delivery: Delivery) -> dict[str, Any]:
    """The lines: what was asked, and once decided what became of it."""
    sees_stock = request.user.has_perm(SEES_STOCK)
    rows = line_rows(delivery, stock=sees_stock)
    is_decided = bool(delivery.approved_at)
    has_discount = any(row.line.discount_percent for row in rows)
    return {
        "delivery": delivery,
        "rows": rows,
        "head_note": delivery.warehouse,
        "sees_stock": sees_stock,
        "is_decided": is_decided,
        "has_discount": has_discount,
        "has_cancelled": any(row.line.cancelled_quantity for row in rows),
        "has_open": delivery.state in SHIPPABLE,
        "pieces": sum(row.line.quantity for row in rows),
        "approved_pieces": sum(row.line.approved_quantity for row in rows),
        "shipped_pieces": sum(row.line.shipped_quantity for row in rows),
        "cancelled_pieces": sum(row.line.cancelled_quantity for row in rows),
        "columns_before_quantity": 2 + int(sees_stock and not is_decided) + int(has_discount),
    }


def waits_for_decision(request: HttpRequest, delivery: Delivery) -> bool:
    """Whether the delivery is not yet on the account."""
    return delivery.state in EDITABLE or delivery.state == State.SUBMITTED


def credit(request: HttpRequest, delivery: Delivery) -> dict[str, Any]:
    """The account with this delivery on it; while it may still change also who would decide."""
    return {
        "preview": _as_it_would_be(request.user, delivery),
        "head_note": _("as it stands now"),
        "head_url": reverse("orders:account", args=[delivery.customer.code]),
        "head_link": _("Open the account"),
    }


def _as_it_would_be(user: Any, delivery: Delivery) -> Preview:
    """Priced anew while it may still change; once submitted its amounts stand, and only the account is looked up."""
    if not delivery.is_editable:
        return Preview(picture=credit_picture(delivery.customer_id, granted_amount(delivery)))
    drafts = [
        DraftLine(line.position, line.product, line.quantity, line.discount_percent)
        for line in lines_with_products(delivery)
    ]
    return preview(drafts, customer=delivery.customer, warehouse=None, writer=user)


def facts(request: HttpRequest, delivery: Delivery) -> dict[str, Any]:
    """From where to where, when, and who."""
    is_late = delivery.state in SHIPPABLE and delivery.wanted_on and delivery.wanted_on < timezone.localdate()
    return {"delivery": delivery, "is_late": is_late}


def approval(request: HttpRequest, delivery: Delivery) -> dict[str, Any]:
    """The way through approval; supply comes last."""
    inside = request.user.has_perm(SEES_FACTS)
    requests = delivery.approval_requests
    timeline = steps_of(requests, inside=inside)
    if timeline and delivery.state in {State.SUBMITTED, *SHIPPABLE}:
        timeline.append(TimelineStep("next", _("Supply ships")))
    return {"timeline": timeline, "head_note": policy_in_words(requests[-1]) if inside and requests else ""}


def shipments(request: HttpRequest, delivery: Delivery) -> dict[str, Any]:
    """What left."""
    return {"shipments": delivery.shipments.annotate(pieces=Sum("lines__quantity")).order_by("shipped_on", "pk")}


def entries(request: HttpRequest, delivery: Delivery) -> dict[str, Any]:
    """What its shipments posted to the account, and how much of it is still open."""
    posted = OpenItem.objects.filter(
        customer=delivery.customer_id,
        entry__source=Source.SHIPMENT,
        entry__source_id__in=delivery.shipments.values("pk"),
    )
    return {
        "rows": posted.select_related("entry").order_by("entry__posted_on", "pk"),
        "head_url": reverse("orders:account", args=[delivery.customer.code]),
        "head_link": _("Open the account"),
    }


def has_been_approved(request: HttpRequest, delivery: Delivery) -> bool:
    """Whether goods may have left."""
    return delivery.approved_at is not None


def history(request: HttpRequest, delivery: Delivery) -> dict[str, Any]:
    """Who changed what."""
    return history_panel(delivery)


# ---- on the customer's page ----
def of_customer(request: HttpRequest, customer: Customer) -> dict[str, Any]:
    """The latest deliveries of a customer, and how many are on their way."""
    user: Any = request.user
    rows = deliveries_for(user).filter(customer=customer)
    latest = [(delivery, state_badge(delivery)) for delivery in rows[:LATEST]]
    to_ship = sum((delivery.committed_amount for delivery in rows.to_ship()), ZERO)
    code = customer.code
    return {
        "latest": latest,
        "to_ship": to_ship,
        "to_ship_url": f"{reverse('orders:deliveries')}?customer={code}&state=open",
        "head_url": f"{reverse('orders:deliveries')}?customer={code}",
        "head_actions": [replace(new_delivery_action(code), primary=False)] if user.has_perm(WRITE) else [],
        "head_link": _("All"),
    }
