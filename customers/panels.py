"""What the panels of a customer's page show."""

from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from salesops.web import once
from salesops.web.badges import Badge
from salesops.web.figures import day_text
from salesops.web.history import Links, Parts, history_panel
from salesops.web.pages import Action
from salesops.web.registry import may

from .accounts.terms import terms_in_words
from .attachments.services import WARN_DAYS
from .files.completeness import completeness_of
from .files.models import Address, Attachment, Contact, Customer, TerritoryPart
from .files.views import FILE, TERMS
from .portal.panels import invitations_in_history

MOST_CHILDREN = 20


def terms(request: Any, customer: Customer) -> dict[str, Any]:
    """The terms of the account; where it stands is shown by whoever keeps the ledger."""
    change = Action(_("Change"), reverse("customers:credit_terms", args=[customer.code]), "pen")
    return {
        "account": customer.account,
        "terms": terms_in_words(customer.account, customer.account.parts.all()),
        "inside": may(request.user, (FILE, TERMS)),
        "head_actions": [change] if may(request.user, TERMS) else [],
    }


def contacts(request: Any, customer: Customer) -> dict[str, Any]:
    """The people, the main one first."""
    return {
        "contacts": list(customer.contacts.all()),
        "may_file": may(request.user, FILE),
        "head_actions": _add(request, _("Add"), "customers:contact_new", customer),
    }


def addresses(request: Any, customer: Customer) -> dict[str, Any]:
    """The places, the one that goods go to first."""
    return {
        "addresses": list(customer.addresses.all()),
        "may_file": may(request.user, FILE),
        "head_actions": _add(request, _("Add"), "customers:address_new", customer),
    }


def attachments(request: Any, customer: Customer) -> dict[str, Any]:
    """The papers, each with how long it still is valid."""
    papers = [(paper, expiry_badge(paper)) for paper in customer.attachments.all()]
    return {
        "papers": papers,
        "may_file": may(request.user, FILE),
        "head_actions": _add(request, _("Add paper"), "customers:attachment_new", customer),
    }


def expiry_badge(paper: Attachment) -> Badge:
    """How long a paper is still valid, in words."""
    days = paper.days_left(timezone.localdate())
    if days is None:
        return Badge("", "", _("No last day"))
    if days < 0:
        return Badge("bad", "x", _("Expired %(day)s") % {"day": day_text(paper.valid_until)})
    if days <= WARN_DAYS:
        return Badge("warn", "clock", _("%(n)s days left") % {"n": days})
    return Badge("good", "check", _("Until %(day)s") % {"day": day_text(paper.valid_until)})


def notes(request: Any, customer: Customer) -> dict[str, Any]:
    """The notes, latest first, and a field for a new one."""
    return {
        "notes": list(customer.notes.select_related("written_by")[:50]),
        "note_url": reverse("customers:note_new", args=[customer.code]),
        "once_key": once.new_key(),
        "may_file": may(request.user, FILE),
    }


def place(request: Any, customer: Customer) -> dict[str, Any]:
    """Identity and place: what the file itself says."""
    seen = Customer.objects.visible_to(request.user)
    return {
        "territory": list(customer.territory.all()),
        "parent": seen.filter(pk=customer.parent_id).first(),
        "children": list(seen.filter(parent=customer)[:MOST_CHILDREN]),
    }


def completeness(request: Any, customer: Customer) -> dict[str, Any]:
    """What the file still misses, each with the way to fill it in."""
    return {"score": completeness_of(customer), "may_file": may(request.user, FILE)}


def history(request: Any, customer: Customer) -> dict[str, Any]:
    """Who changed what of the file, its parts and its terms."""
    return history_panel(
        customer,
        customer.account,
        Links(TerritoryPart, "region", _("territory"), customer=customer),
        Parts(Contact, customer=customer),
        Parts(Address, customer=customer),
        Parts(Attachment, customer=customer),
        invitations_in_history(customer),
    )


def _add(request: Any, label: str, name: str, customer: Customer) -> list[Action]:
    return [Action(label, reverse(name, args=[customer.code]), "plus")] if may(request.user, FILE) else []
