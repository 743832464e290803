"""Reads of bills, and what of them is expected when."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Aggregate, Count, Q, QuerySet, Sum
from django.db.models.functions import Reverse, Upper
from django.db.models.lookups import StartsWith
from django.utils import timezone

from salesops.kernel.money import ZERO, Money
from salesops.users.models import User

from .models import Bill, BillQuerySet, BillState

WEEK = timedelta(days=7)


def bills_for(user: User) -> BillQuerySet:
    """Return the bills that a person may see, with what a list shows joined."""
    return Bill.objects.visible_to(user).select_related("customer", "customer__region")


def by_instrument(text: str) -> Q:
    """The condition that the number printed on a bill begins or ends with a text, in capitals or not."""
    return Q(instrument__istartswith=text) | Q(StartsWith(Reverse(Upper("instrument")), text.upper()[::-1]))


@dataclass(frozen=True)
class Expected:
    """What is expected of bills within some days, both included; no first or no last day: without that end."""

    first: date | None
    last: date | None
    amount: Money
    count: int


@dataclass(frozen=True)
class Expectation:
    """All that bills are expected to bring, by when: until today, this week, next week, later."""

    due: Expected
    this_week: Expected
    next_week: Expected
    later: Expected

    @property
    def amount(self) -> Money:
        """All of it."""
        return sum((part.amount for part in self.parts), ZERO)

    @property
    def count(self) -> int:
        """Of how many bills."""
        return sum(part.count for part in self.parts)

    @property
    def parts(self) -> tuple[Expected, ...]:
        """In order of days; they add up to all."""
        return (self.due, self.this_week, self.next_week, self.later)


def expectation_of(bills: QuerySet[Bill], today: date | None = None) -> Expectation:
    """Return what held ones among some bills will bring, by week of their maturity, in one query; weeks end on Sunday.

    `due` matured today or before and waits to be settled. Money in the company's currency.
    """
    day = today or timezone.localdate()
    sunday = day + timedelta(days=6 - day.weekday())
    tomorrow = day + timedelta(days=1)
    spans = {
        "due": (None, day),
        "this_week": (tomorrow, sunday),
        "next_week": (sunday + timedelta(days=1), sunday + WEEK),
        "later": (sunday + WEEK + timedelta(days=1), None),
    }
    asked: dict[str, Aggregate] = {}
    for name, (first, last) in spans.items():
        within = Q(matures_on__gte=first) if first else Q()
        within &= Q(matures_on__lte=last) if last else Q()
        asked[f"{name}_amount"] = Sum("amount", filter=within, default=ZERO)
        asked[f"{name}_count"] = Count("pk", filter=within)
    found = bills.filter(state=BillState.HELD).order_by().aggregate(**asked)
    return Expectation(
        **{
            name: Expected(first, last, found[f"{name}_amount"], found[f"{name}_count"])
            for name, (first, last) in spans.items()
        }
    )


def due_bills(today: date) -> QuerySet[Bill]:
    """Return the held bills that have matured by a day, the longest ago first."""
    return Bill.objects.held().filter(matures_on__lte=today).order_by("matures_on", "pk")
