"""What pages read of collections: promises with what became of them, the worklist, reminders."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Count,
    DecimalField,
    ExpressionWrapper,
    F,
    OuterRef,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Greatest, Least
from django.utils import timezone

from orders.payments.models import Payment
from orders.receivables.models import OpenItem
from orders.receivables.queries import accounts_for
from salesops.kernel.money import ZERO, MoneyField
from salesops.users.models import User

from .models import Dispute, DisputeState, Outcome, Promise, Reminder


def with_outcome(promises: Any, today: date | None = None) -> Any:
    """Add to promises `paid` and `outcome`.

    Paid is what was received from the day it was given to its day and recorded after it, less what was reversed: what
    had come before, or had kept the promise before it, does not count again.

    A promise is kept as soon as as much was paid, broken once its day is over without, open until then.
    """
    day = today or timezone.localdate()
    payments = Payment.objects.filter(
        customer=OuterRef("customer"),
        received_on__gte=OuterRef("given_on"),
        received_on__lte=OuterRef("promised_for"),
        recorded_at__gt=OuterRef("made_at"),
        reversal=None,
    )
    paid = payments.order_by().values("customer").annotate(total=Sum("amount")).values("total")
    return promises.annotate(paid=Coalesce(Subquery(paid), Value(ZERO), output_field=MoneyField())).annotate(
        outcome=Case(
            When(withdrawn_at__isnull=False, then=Value(Outcome.WITHDRAWN)),
            When(paid__gte=F("amount"), then=Value(Outcome.KEPT)),
            When(promised_for__lt=day, then=Value(Outcome.BROKEN)),
            default=Value(Outcome.OPEN),
            output_field=CharField(),
        )
    )


def open_promise_of(customer_id: int, today: date | None = None) -> Promise | None:
    """Return the promise of a customer that is neither kept nor broken, if there is one."""
    found: Promise | None = (
        with_outcome(Promise.objects.filter(customer=customer_id), today).filter(outcome=Outcome.OPEN).first()
    )
    return found


def with_disputed(items: Any) -> Any:
    """Add to items `disputed`, by all open disputes and at most what is open of it, and `undisputed`, what is left."""
    total = Dispute.objects.open().filter(item=OuterRef("pk")).order_by().values("item").annotate(total=Sum("amount"))
    disputed = Coalesce(Subquery(total.values("total")), Value(ZERO), output_field=MoneyField())
    return items.annotate(disputed=Least(disputed, F("open_amount"))).annotate(
        undisputed=F("open_amount") - F("disputed")
    )


def with_state(disputes: Any) -> Any:
    """Add to disputes `state`, a DisputeState, and `left`: how much of its item is disputed by it.

    That is its amount, or as much of it as is open of the item once older disputes have theirs; nothing once it is
    closed or settled.
    """
    older = Dispute.objects.open().filter(item=OuterRef("item"), pk__lt=OuterRef("pk")).order_by().values("item")
    taken = Coalesce(Subquery(older.annotate(total=Sum("amount")).values("total")), Value(ZERO))
    left = Greatest(Least(F("amount"), F("item__open_amount") - taken), Value(ZERO), output_field=MoneyField())
    return disputes.annotate(
        state=Case(
            When(closed_at__isnull=False, then=Value(DisputeState.CLOSED)),
            When(item__open_amount=0, then=Value(DisputeState.SETTLED)),
            default=Value(DisputeState.OPEN),
            output_field=CharField(),
        )
    ).annotate(left=Case(When(state=DisputeState.OPEN, then=left), default=Value(ZERO), output_field=MoneyField()))


BROKEN_DAYS = 365
"""Promises broken within so many days count in the order of the worklist."""


def worklist_for(user: User, today: date | None = None) -> Any:
    """Return the accounts in scope that are overdue, each with what says how urgent it is.

    Beside what `accounts_for` adds: `broken` (promises broken within a year), `promised_for` and `promised` (of the
    open promise), `disputed` (of open disputes, at most what is open of their items), `last_level` and `reminded_on`
    (of the last reminder), and `urgency` = overdue × days late × (1 + broken promises), by which the list is sorted.
    Money with tax.
    """
    day = today or timezone.localdate()
    promises = with_outcome(Promise.objects.filter(customer=OuterRef("pk")), day)
    broken = promises.filter(outcome=Outcome.BROKEN, promised_for__gte=day - timedelta(days=BROKEN_DAYS))
    still = promises.filter(outcome=Outcome.OPEN).order_by("promised_for")
    items = OpenItem.objects.open().filter(customer=OuterRef("pk"), pk__in=Dispute.objects.open().values("item"))
    in_dispute = with_disputed(items).order_by().values("customer").annotate(total=Sum("disputed"))
    last = Reminder.objects.filter(customer=OuterRef("pk")).order_by("-pk")
    number = DecimalField(max_digits=24, decimal_places=2)
    return (
        accounts_for(user, day)
        .filter(overdue__gt=0)
        .annotate(
            broken=Coalesce(
                Subquery(broken.order_by().values("customer").annotate(n=Count("pk")).values("n")), Value(0)
            ),
            promised_for=Subquery(still.values("promised_for")[:1]),
            promised=Subquery(still.values("amount")[:1]),
            disputed=Coalesce(Subquery(in_dispute.values("total")), Value(ZERO), output_field=MoneyField()),
            last_level=Subquery(last.values("level")[:1]),
            reminded_on=Subquery(last.values("made_on")[:1]),
        )
        .annotate(
            urgency=ExpressionWrapper(F("overdue") * F("overdue_days") * (F("broken") + Value(1)), output_field=number)
        )
    )


def promises_for(user: User, today: date | None = None) -> Any:
    """Return the promises that a person may see, with what became of them."""
    return with_outcome(Promise.objects.visible_to(user).select_related("customer", "made_by"), today)


def disputes_for(user: User) -> Any:
    """Return the disputes that a person may see, with how they stand."""
    mine = Dispute.objects.filter(item__in=OpenItem.objects.visible_to(user))
    return with_state(mine).select_related("item__entry", "item__customer", "owner", "opened_by", "closed_by")


def items_to_dispute(user: User) -> Any:
    """Return the open debits that a person may see, with `disputed` and `undisputed` of each."""
    mine = OpenItem.objects.visible_to(user).debits().open()
    return with_disputed(mine).select_related("entry", "customer")


def reminders_for(user: User) -> Any:
    """Return the reminders that a person may see, with whether their mail has left."""
    return Reminder.objects.visible_to(user).select_related("customer", "made_by", "mail", "statement")


def disputed_items(item_ids: Iterable[int]) -> set[int]:
    """Return which of some open items have an open dispute."""
    return set(Dispute.objects.open().filter(item__in=list(item_ids)).order_by().values_list("item", flat=True))
