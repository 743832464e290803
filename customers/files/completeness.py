"""How complete a customer's file is, and where what is missing is filled in."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .models import Attachment, Customer, Kind

SELLING_ON = frozenset({Kind.AGENT, Kind.WHOLESALER})
"""Kinds that have a territory."""


@dataclass(frozen=True)
class Item:
    """Something that a file should have, and the address where it is filled in."""

    label: Any
    done: bool
    url: str


@dataclass(frozen=True)
class Completeness:
    """What a file has of what it should have."""

    items: tuple[Item, ...]

    @property
    def missing(self) -> list[Item]:
        """What is still to be filled in."""
        return [item for item in self.items if not item.done]

    @property
    def percent(self) -> int:
        """The share that is there, in whole percent, rounded down so that 100 means complete."""
        return (len(self.items) - len(self.missing)) * 100 // len(self.items)


def completeness_of(customer: Customer) -> Completeness:
    """Return what the file has and misses; five queries."""
    contacts = list(customer.contacts.all())
    papers = _valid_papers(customer)
    at = _addresses(customer)
    items = [
        Item(_("Tax number"), bool(customer.tax_number), at("file", "#id_tax_number")),
        Item(_("Telephone"), bool(customer.phone), at("file", "#id_phone")),
        Item(_("E-mail"), bool(customer.email), at("file", "#id_email")),
        Item(_("Sales representative"), customer.representative_id is not None, at("file", "#id_representative")),
        Item(_("Main contact"), any(one.is_main for one in contacts), at("contact", "")),
        Item(_("Telephone of a contact"), any(one.phone for one in contacts), at("contact", "")),
        Item(_("Address that goods go to"), customer.addresses.filter(is_default=True).exists(), at("address", "")),
    ]
    if customer.kind in SELLING_ON:
        items.append(Item(_("Territory"), customer.territory.exists(), at("file", "#id_territory")))
    if customer.kind != Kind.DIRECT:
        items.append(Item(_("Valid licence"), Attachment.Paper.LICENCE in papers, at("paper", "?paper=licence")))
    if customer.kind == Kind.AGENT:
        items.append(Item(_("Valid agreement"), Attachment.Paper.AGREEMENT in papers, at("paper", "?paper=agreement")))
    return Completeness(tuple(items))


def _valid_papers(customer: Customer) -> set[str]:
    today = timezone.localdate()
    holds = Q(valid_until=None) | Q(valid_until__gte=today)
    return set(customer.attachments.filter(holds).values_list("paper", flat=True))


def _addresses(customer: Customer) -> Callable[[str, str], str]:
    names = {
        "file": "customers:change",
        "contact": "customers:contact_new",
        "address": "customers:address_new",
        "paper": "customers:attachment_new",
    }

    def at(what: str, where: str) -> str:
        return reverse(names[what], args=[customer.code]) + where

    return at
