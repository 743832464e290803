"""What finance did about late payers: letters of two weeks, a promise that was kept or not, a dispute."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.utils import timezone

from customers.models import Customer
from orders.collections.models import DisputeKind
from orders.collections.proposals import proposals
from orders.collections.queries import worklist_for
from orders.collections.reminding import remind
from orders.collections.services import open_dispute, record_promise
from orders.models import OpenItem

from .cast import Cast
from .clock import acting

FINANCE = "finance"
LETTERS_DAYS = (12, 4)
"""So many days ago letters went out."""


def collect(cast: Cast, now: datetime) -> None:
    """Remind whoever is late some days ago, twice; then record promises and a dispute of those who are most urgent."""
    finance = cast.people[FINANCE]
    for ago in LETTERS_DAYS:
        moment = now - timedelta(days=ago)
        with acting(finance, moment):
            for one in proposals(timezone.localdate(moment), Customer.objects.visible_to(finance))[:6]:
                remind(one.customer_id, by=finance)
    urgent = list(worklist_for(finance, timezone.localdate(now)).order_by("-urgency")[:5])
    for account, (ago, days) in zip(urgent, ((9, 6), (3, 9), (1, 5)), strict=False):
        moment = now - timedelta(days=ago)
        with acting(finance, moment):
            record_promise(
                by=finance,
                customer_id=account.pk,
                amount=account.overdue,
                promised_for=timezone.localdate(moment) + timedelta(days=days),
                given_by="Accounts department",
            )
    items = OpenItem.objects.overdue_on(timezone.localdate(now)).filter(customer__in=[one.pk for one in urgent[3:]])
    item = items.order_by("due_on", "pk").first()
    if item is not None:
        with acting(finance, now - timedelta(days=2)):
            open_dispute(
                by=finance,
                item_id=item.pk,
                kind=DisputeKind.QUALITY,
                amount=min(item.open_amount, Decimal(3_600)),
                text="Two cartons came in dented",
            )
