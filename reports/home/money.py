"""Money: what came in lately, which accounts are stopped or over; and an agent's own account."""

from typing import Any

from django.conf import settings
from django.db.models import Count, Q, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from customers.accounts.models import CreditAccount
from orders.credit.queries import CreditPicture, credit_picture
from orders.payments.models import Payment
from orders.receivables.models import OpenItem
from orders.receivables.queries import open_rows
from orders.shipments.queries import shipped_by_month
from salesops.kernel.money import ZERO
from salesops.users.models import User
from salesops.users.roles import Role
from salesops.web.charts import Chart, Series
from salesops.web.figures import day_text, money_text
from salesops.web.page import Action, Empty

from .parts import CardContext, Tile, Todo, days_text, thousands

RECORD = "orders.record_payment"
MOST_SHOWN = 6


def books_money(user: User) -> bool:
    """Whether payments are somebody's daily work."""
    return user.has_role(Role.FINANCE)


def payments(user: User) -> dict[str, Any]:
    """The latest payments, and what came today."""
    today = timezone.localdate()
    rows = Payment.objects.visible_to(user).filter(reversal=None)
    came = rows.filter(received_on=today).aggregate(amount=Sum("amount", default=ZERO), count=Count("pk"))
    held = CreditAccount.objects.visible_to(user).aggregate(
        count=Count("pk", filter=Q(is_on_hold=True)), owed=Sum("balance", filter=Q(is_on_hold=True), default=ZERO)
    )
    url = reverse("orders:payments")
    words = ngettext("%(count)d payment", "%(count)d payments", came["count"]) % {"count": came["count"]}
    record = Action(_("Record a payment"), reverse("orders:payment_new"), "plus", permission=RECORD)
    return CardContext(
        rows=[
            _payment(payment)
            for payment in rows.select_related("customer").order_by("-received_on", "-pk")[:MOST_SHOWN]
        ],
        empty=Empty(_("No payments yet"), _("Record the first one when money comes in."), record, icon="wallet"),
        note=_("today %(amount)s") % {"amount": money_text(came["amount"])} if came["count"] else _("none today"),
        url=url,
        tiles=[
            Tile(
                _("Came today"),
                thousands(came["amount"]),
                f"{url}?received_after={today}&received_before={today}&state=held",
                5,
                notes=[words],
            ),
            Tile(
                _("On hold"),
                str(held["count"]),
                f"{reverse('orders:accounts')}?only=hold",
                35,
                notes=[_("%(amount)s owed") % {"amount": thousands(held["owed"])}],
            ),
        ],
        says=[_("Today %(count)s came in.") % {"count": words}]
        if came["count"]
        else [_("No money came in today yet.")],
        actions=[Action(record.label, record.url, record.icon, primary=True, permission=RECORD)],
    ).as_dict()


def _payment(payment: Payment) -> Todo:
    reference = f", {payment.reference}" if payment.reference else ""
    return Todo(
        title=payment.customer.name,
        title_zh=payment.customer.name_zh,
        url=payment.get_absolute_url(),
        sub=f"{payment.get_method_display()}{reference}",
        icon="wallet",
        money=payment.amount,
        note=day_text(payment.received_on),
    )


# ---- an agent's own account ----
def account(user: User) -> dict[str, Any]:
    """What the agent owes, what is under way, what the limit leaves, and what is overdue."""
    assert user.customer_id is not None
    today = timezone.localdate()
    row = CreditAccount.objects.select_related("customer").get(pk=user.customer_id)
    picture = credit_picture(row.pk)
    url = reverse("orders:account", args=[row.customer.code])
    items = list(OpenItem.objects.filter(customer=row.pk).debits().open().select_related("entry")[:4])
    more = {
        "picture": picture,
        "account_url": url,
        "committed_url": f"{reverse('orders:deliveries')}?state=open",
        "is_on_hold": picture.is_on_hold,
        "open_rows": open_rows(items, today),
    }
    return CardContext(
        url=url, link=_("Account"), tiles=_account_tiles(picture, url), says=[_account_sentence(picture)], more=more
    ).as_dict()


def bought(user: User) -> dict[str, Any]:
    """What the agent was sent in each of the last twelve months."""
    assert user.customer_id is not None
    months = shipped_by_month(user.customer_id, timezone.localdate())
    chart = Chart(
        "bought",
        _("Received by month"),
        [f"{month.month:%Y-%m}" for month in months],
        [Series(_("Received"), [month.amount / 1000 for month in months], "now")],
        sub=_("%(currency)s thousand") % {"currency": settings.CURRENCY},
        kind="bar",
        strong=[len(months) - 1],
        low=True,
        category_label=_("Month"),
        url=reverse("orders:shipments"),
    )
    return CardContext(more={"chart": chart}).as_dict()


def _account_tiles(picture: CreditPicture, url: str) -> list[Tile]:
    """Amounts in full: it is the agent's own money."""
    owed = _("owed") if picture.balance >= 0 else _("paid ahead")
    tiles = [Tile(_("Balance"), money_text(picture.balance), url, 10, notes=[owed])]
    if picture.limit is None:
        tiles.append(Tile(_("Limit"), "–", url, 20, notes=[_("not controlled")]))
    elif picture.over_amount:
        tiles.append(Tile(_("Over the limit"), money_text(picture.over_amount), url, 20, tone="bad"))
    else:
        of = _("of %(limit)s") % {"limit": money_text(picture.limit)} if picture.limit else _("against prepayment")
        tiles.append(Tile(_("Limit left"), money_text(picture.remains), url, 20, notes=[of]))
    late = days_text(picture.overdue_days) if picture.overdue_days else _("nothing is overdue")
    tone = "bad" if picture.overdue_amount else ""
    tiles.append(
        Tile(_("Overdue"), money_text(picture.overdue_amount), f"{url}?age=overdue", 30, notes=[late], tone=tone)
    )
    deliveries = f"{reverse('orders:deliveries')}?state=open"
    tiles.append(
        Tile(_("On the way"), money_text(picture.committed), deliveries, 40, notes=[_("approved, not shipped")])
    )
    return tiles


def _account_sentence(picture: CreditPicture) -> str:
    if picture.is_on_hold:
        return _("Your account is on hold; speak to your representative.")
    if picture.overdue_amount:
        return _("%(amount)s is overdue.") % {"amount": money_text(picture.overdue_amount)}
    return _("Nothing is overdue.")
