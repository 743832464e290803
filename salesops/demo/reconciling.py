"""Last month's round: every agent has its statement; some looked, some agree, some differ, two are done."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.utils import timezone

from customers.models import Customer
from orders.models import ReceivableEntry, Reconciliation
from orders.reconciliation.models import DifferenceKind, DifferenceReason
from orders.reconciliation.rounds import open_round, send_all
from orders.reconciliation.services import explain_difference, mark_seen, sign, state_difference
from salesops.jobs.models import Job
from salesops.users.models import User

from .cast import Cast
from .clock import acting

FINANCE = "finance"


def sent_at(now: datetime) -> datetime:
    """When the round of the last month was sent: two days ago, or yesterday where the month had not ended before."""
    return now - timedelta(days=1 if timezone.localdate(now).day == 1 else 2)


def reconcile_last_month(cast: Cast, now: datetime) -> None:
    """Open the round once the month has ended, and let the agents who sign in answer it each in its way."""
    first = timezone.localdate(now).replace(day=1)
    last_day = first - timedelta(days=1)
    finance = cast.people[FINANCE]
    with acting(finance, sent_at(now)):
        made, job = open_round(
            by=finance,
            customers=Customer.objects.filter(kind="agent", is_active=True),
            first_day=last_day.replace(day=1),
            last_day=last_day,
            answer_by=max(timezone.localdate(now) + timedelta(days=6), first),
        )
        send_all(made, by=finance)
        Job.objects.filter(pk=job.pk).delete()
    for username, answer in ANSWERS.items():
        person = cast.people[username]
        one = Reconciliation.objects.get(round=made, customer=person.customer_id)
        with acting(person, now - timedelta(hours=20)):
            mark_seen(one.pk, by=person)
            answer(one, person)
    differing = Reconciliation.objects.get(round=made, customer=cast.people["taihu"].customer_id)
    with acting(finance, now - timedelta(hours=5)):
        note = "On its way at the end of the month"
        explain_difference(differing.pk, 1, by=finance, reason=DifferenceReason.TRANSIT, note=note, owner_id=finance.pk)
    done = Reconciliation.objects.get(round=made, customer=cast.people[DONE].customer_id)
    with acting(finance, now - timedelta(hours=3)):
        sign(done.pk, by=finance, address="192.0.2.20")


def _looks(one: Reconciliation, person: User) -> None:
    """It was opened, no more."""


def _signs(one: Reconciliation, person: User) -> None:
    sign(one.pk, by=person, address="203.0.113.40")


def _differs(one: Reconciliation, person: User) -> None:
    """A shipment that is not in the agent's books yet, and a promotion that nobody has credited."""
    assert one.statement is not None
    shipped = ReceivableEntry.objects.filter(
        customer=one.customer_id,
        debit__gt=0,
        posted_on__gte=one.statement.first_day,
        posted_on__lte=one.statement.last_day,
    ).last()
    if shipped:
        state_difference(
            one.pk,
            by=person,
            kind=DifferenceKind.NOT_RECEIVED,
            amount=-shipped.debit,
            entry_id=shipped.pk,
            text="Arrived on the second of the month",
        )
    state_difference(
        one.pk,
        by=person,
        kind=DifferenceKind.OTHER,
        amount=Decimal(-5200),
        document="FY-0088",
        text="秋季促销补贴，已口头同意",
    )


ANSWERS = {"taihu": _differs, "nanhu": _signs, "qinhuai": _signs, "yuhua": _looks}
"""How each agent who signs in answers; the first one, of the demo's role, has it still to do."""
DONE = "nanhu"
