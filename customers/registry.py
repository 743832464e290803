"""What customers add to the shell: menu, search, panels of their page, a card of the home page, a kind of notice."""

from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from salesops.notify.registry import NoticeKind, notice_kinds
from salesops.users.models import User
from salesops.web import registry

from . import panels
from .attachments.services import WARN_DAYS
from .files.models import Attachment, Customer
from .files.queries import find_customers
from .files.views import ACCOUNTS, FILE, SEE, TERMS
from .portal.panels import people
from .portal.queries import LOOK_AFTER

INSIDE = (FILE, TERMS)
"""Who reads what is written about a customer, not for it."""

registry.menu.add(registry.MenuEntry("customers", _("Customers"), "customers:list", "users", "sell", SEE, order=10))


def find(user: User, text: str, limit: int) -> list[registry.Hit]:
    """Find customers in the person's scope."""
    rows = Customer.objects.visible_to(user).select_related("region")
    return [
        registry.Hit(one.name or one.name_zh, f"{one.code} · {one.region}", one.get_absolute_url(), one.name_zh)
        for one in find_customers(rows, text)[:limit]
    ]


registry.search.add(registry.SearchProvider("customers", _("Customers"), "users", find, permission=SEE, order=10))


def panel(key: str, title: Any, order: int, context: Any, permission: Any = "", **more: Any) -> None:
    """Register a panel of a customer's page."""
    registry.panels.add(
        registry.Panel("customer", key, title, order, f"customers/panel_{key}.html", context, permission, **more)
    )


panel("terms", _("Credit terms"), 10, panels.terms, (ACCOUNTS, TERMS), side=True, eager=True)
panel("completeness", _("Completeness of the file"), 20, panels.completeness, INSIDE, side=True)
panel("contacts", _("Contacts"), 30, panels.contacts, side=True)
panel("addresses", _("Addresses"), 40, panels.addresses, side=True)
registry.panels.add(
    registry.Panel(
        "customer", "people", _("People who sign in"), 45, "customers/portal/people.html", people, LOOK_AFTER, side=True
    )
)
panel("place", _("Identity and place"), 50, panels.place, side=True)
panel("attachments", _("Licences and agreements"), 600, panels.attachments)
panel("notes", _("Notes"), 700, panels.notes, INSIDE)
registry.panels.add(
    registry.Panel("customer", "history", _("History"), 900, "web/history.html", panels.history, INSIDE)
)


def expiring_papers(user: User) -> dict[str, Any]:
    """Papers of the person's customers that have expired or soon will, the worst first."""
    until = timezone.localdate() + timedelta(WARN_DAYS)
    rows = Attachment.objects.visible_to(user).filter(valid_until__lte=until, customer__is_active=True)
    papers = [
        (paper, panels.expiry_badge(paper)) for paper in rows.select_related("customer").order_by("valid_until")[:8]
    ]
    return {"papers": papers}


def has_expiring_papers(user: User) -> bool:
    """Whether the card has anything to say."""
    return bool(expiring_papers(user)["papers"])


registry.home_cards.add(
    registry.HomeCard(
        "expiring_papers",
        _("Licences and agreements that expire"),
        60,
        FILE,
        "customers/card_expiring.html",
        expiring_papers,
        show=has_expiring_papers,
    )
)
notice_kinds.add(
    NoticeKind("attachment.expiring", _("A paper of my customer expires"), email_by_default=True, permission=FILE)
)
