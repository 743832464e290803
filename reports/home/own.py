"""What somebody has begun, what came back to them, what is under way; and which of their customers need a word."""

from datetime import timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from customers.accounts.models import CreditAccount
from orders.deliveries.models import SHIPPABLE, Delivery, State
from orders.shipments.models import Shipment
from salesops.approvals.models import Request
from salesops.users.models import User
from salesops.users.roles import Role
from salesops.web.figures import day_text
from salesops.web.page import Action, Empty

from .late import accounts_over_limit
from .parts import CardContext, Tile, Todo, short_money, thousands

WRITE = "orders.write_delivery"
MOST_SHOWN = 6
DAYS_ON_THE_ROAD = 7
"""So long what has left in full is shown as under way."""
BEGUN = (State.RETURNED, State.DRAFT)


def writes(user: User) -> bool:
    """Whether writing applications is somebody's daily work."""
    return user.has_role(Role.REPRESENTATIVE)


def is_agent(user: User) -> bool:
    """Whether somebody looks at an own account."""
    return user.has_role(Role.AGENT)


# ---- a representative's applications ----
def applications(user: User) -> dict[str, Any]:
    """What came back first, then what was begun; above, how much waits for others."""
    begun = _begun_by(user).order_by("-state", "-pk")
    waiting = Delivery.objects.visible_to(user).awaiting_approval()
    amounts = list(waiting.values_list("amount", flat=True)[:1000])
    shown = list(begun[:MOST_SHOWN])
    returned = sum(delivery.state == State.RETURNED for delivery in shown)
    says = []
    if returned:
        words = ngettext("%(count)d application came back.", "%(count)d applications came back.", returned)
        says.append(words % {"count": returned})
    deliveries = reverse("orders:deliveries")
    return CardContext(
        rows=[_begun(delivery) for delivery in shown],
        empty=Empty(
            _("Nothing is begun"),
            _("An application that you save without submitting waits here."),
            Action(_("New application"), reverse("orders:delivery_new"), "plus", permission=WRITE),
            icon="pen",
        ),
        note=_("what came back first") if shown else "",
        url=f"{deliveries}?state=draft" if shown else "",
        link=_("All drafts"),
        tiles=[
            Tile(
                _("Waits for approval"),
                thousands(sum(amounts)),
                f"{deliveries}?state=submitted",
                5,
                notes=[
                    ngettext("%(count)d application", "%(count)d applications", len(amounts)) % {"count": len(amounts)}
                ],
            )
        ],
        says=says,
        actions=[Action(_("New application"), reverse("orders:delivery_new"), "plus", primary=True, permission=WRITE)],
    ).as_dict()


def _begun_by(user: User) -> QuerySet[Delivery]:
    """What is begun in scope, or came back."""
    rows = Delivery.objects.visible_to(user).filter(Q(state__in=BEGUN)).select_related("customer", "created_by")
    return rows.filter(Q(created_by=user) | Q(submitted_by=user) | Q(state=State.RETURNED))


def _begun(delivery: Delivery) -> Todo:
    is_returned = delivery.state == State.RETURNED
    return Todo(
        title=delivery.customer.name,
        title_zh=delivery.customer.name_zh,
        url=delivery.get_absolute_url(),
        sub=f"{delivery.get_state_display()}, {delivery.number}",
        icon="undo" if is_returned else "pen",
        money=delivery.amount,
        note=day_text(delivery.submitted_at if is_returned else delivery.created_at),
        is_bad=is_returned,
    )


# ---- customers that need a word ----
def watched(user: User) -> dict[str, Any]:
    """The customers in scope that are on hold or over their limit."""
    held = list(CreditAccount.objects.visible_to(user).filter(is_on_hold=True).select_related("customer"))
    over = list(accounts_over_limit(user).filter(is_on_hold=False).order_by("available", "pk")[:MOST_SHOWN])
    rows = [
        Todo(
            title=account.customer.name,
            title_zh=account.customer.name_zh,
            url=reverse("orders:account", args=[account.customer.code]),
            sub=_("On hold: %(reason)s") % {"reason": account.hold_reason},
            icon="lock",
            money=account.balance,
            note=_("owed"),
            is_bad=True,
        )
        for account in held[:MOST_SHOWN]
    ]
    rows += [
        Todo(
            title=account.customer.name,
            title_zh=account.customer.name_zh,
            url=reverse("orders:account", args=[account.customer.code]),
            sub=_("Exposure %(exposure)s of %(limit)s")
            % {"exposure": short_money(account.exposure), "limit": short_money(account.whole_limit)},
            icon="over",
            money=-account.available,
            note=_("over the limit"),
        )
        for account in over
    ]
    return CardContext(
        rows=rows[: MOST_SHOWN + 2],
        empty=Empty(_("Everybody is within the limit"), _("Nobody is on hold."), icon="check"),
        url=f"{reverse('orders:accounts')}?only=over" if over else "",
        link=_("All over the limit"),
    ).as_dict()


# ---- an agent's deliveries ----
def under_way(user: User) -> dict[str, Any]:
    """What an agent has ordered, or its people have begun, and has not got, the newest first; what each waits for."""
    under_way = Q(state__in=[State.SUBMITTED, *SHIPPABLE]) | Q(state=State.DRAFT, created_by__customer=user.customer_id)
    left = Shipment.objects.filter(
        customer=user.customer_id, shipped_on__gt=timezone.localdate() - timedelta(days=DAYS_ON_THE_ROAD)
    )
    under_way |= Q(state=State.SHIPPED, pk__in=left.values("delivery"))
    rows = Delivery.objects.visible_to(user).filter(under_way).order_by("-ordered_on", "-pk")
    shown = list(rows[:MOST_SHOWN])
    of_shown = Shipment.objects.filter(delivery__in=shown).order_by("shipped_on", "pk")
    shipped = {shipment.delivery_id: shipment for shipment in of_shown}
    parked = set(
        Request.objects.waiting()
        .filter(document_type="delivery", object_id__in=[one.pk for one in shown], parked_at__isnull=False)
        .values_list("object_id", flat=True)
    )
    return CardContext(
        rows=[_under_way(delivery, delivery.pk in parked, shipped.get(delivery.pk)) for delivery in shown],
        empty=Empty(
            _("Nothing is under way"),
            _("What you order appears here until it has left."),
            Action(_("Order goods"), reverse("orders:delivery_new"), "plus", permission=WRITE),
            icon="truck",
        ),
        url=reverse("orders:deliveries") if shown else "",
        actions=[Action(_("Order goods"), reverse("orders:delivery_new"), "plus", primary=True, permission=WRITE)],
    ).as_dict()


ICONS = {State.RETURNED: "undo", State.DRAFT: "pen", State.SUBMITTED: "clock"}


def _under_way(delivery: Delivery, is_parked: bool, shipment: Shipment | None) -> Todo:
    """What it waits for; of what has left the day of the latest part, with carrier and tracking number."""
    late = bool(delivery.state in SHIPPABLE and delivery.wanted_on and delivery.wanted_on < timezone.localdate())
    state = _("Waits until there is room on the account") if is_parked else delivery.get_state_display()
    if shipment is not None:
        road = " ".join(part for part in (shipment.carrier, shipment.tracking) if part)
        state = ", ".join(part for part in (f"{state} {day_text(shipment.shipped_on)}", road) if part)
    return Todo(
        title=delivery.number,
        url=delivery.get_absolute_url(),
        sub=state,
        icon=ICONS.get(State(delivery.state), "truck"),
        money=delivery.amount,
        note=_("wanted %(day)s") % {"day": day_text(delivery.wanted_on)} if delivery.wanted_on else "",
        is_bad=late or delivery.state == State.RETURNED,
    )
