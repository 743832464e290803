"""A round: who takes part, statements for all in the background, reminders."""

from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers.files.models import Customer
from salesops.jobs.models import Job
from salesops.jobs.progress import Progress
from salesops.jobs.registry import job_kind
from salesops.jobs.services import start_job
from salesops.kernel.errors import found, require
from salesops.kernel.numbering import next_number, next_numbers
from salesops.kernel.periods import require_meant
from salesops.users.models import User
from salesops.web.history import recorded

from . import telling
from .models import Reconciliation, ReconciliationState, Round
from .services import RUN
from .statements import issue_statements, require_days

KIND = "orders.reconciliation_round"
REMIND = "orders.reconciliation_reminder"
AT_ONCE = 100
"""So many accounts are issued in a transaction: their locks are held for a fraction of a second."""


@transaction.atomic
@recorded
def open_round(
    *, by: User, customers: QuerySet[Customer], first_day: date, last_day: date, answer_by: date, note: str = ""
) -> tuple[Round, Job]:
    """Open a round over the accounts in somebody's scope that are asked for, and have its statements made.

    RuleBroken without the right, where nobody takes part, where the days make no span that has been, where answers are
    due before today, and where one of the accounts takes part in another round over the same days.
    """
    require(by.has_perm(RUN), _("Finance opens rounds."), rule="permission")
    require_days(first_day, last_day)
    require_meant(answer_by, field="answer_by")
    today = timezone.localdate()
    require(
        answer_by >= today, _("Answers are due today at the earliest."), rule="date", field="answer_by", first=today
    )
    wanted = Customer.objects.visible_to(by).filter(pk__in=customers.order_by().values("pk"))
    ids = list(wanted.order_by("code").values_list("pk", flat=True))
    require(ids, _("Nobody takes part: no account is left by what you chose."), rule="customers", field="customers")
    number = next_number(Round.series, today.year)  # held until the end: of two who open one round, the second sees it
    again = Reconciliation.objects.filter(
        customer__in=ids, round__first_day=first_day, round__last_day=last_day
    ).select_related("customer", "round")
    other = again.first()
    require(
        other is None,
        _("%(customer)s takes part in %(number)s over the same days already.")
        % {"customer": other.customer if other else "", "number": other.round.number if other else ""},
        rule="round",
        field="customers",
        number=other.round.number if other else "",
    )
    made = Round.objects.create(
        number=number,
        first_day=first_day,
        last_day=last_day,
        answer_by=answer_by,
        note=note.strip(),
        opened_by=by,
    )
    numbers = next_numbers(Reconciliation.series, today.year, len(ids))
    Reconciliation.objects.bulk_create(
        [Reconciliation(number=one, round=made, customer_id=key) for one, key in zip(numbers, ids, strict=True)],
        batch_size=2000,
    )
    return made, _start(made, by)


def _start(made: Round, by: User) -> Job:
    return start_job(
        KIND,
        by=by,
        title=_("Statements of %(period)s") % {"period": made.period},
        params={"round": made.number},
        key=f"{KIND}/{made.number}",
    )


@job_kind(KIND, label=gettext_lazy("Statements of a round"), permission=RUN)
def send_statements(job: Job, progress: Progress) -> None:
    """Issue and send what is not sent yet, some accounts at a time: a second attempt goes on where the first ended."""
    made = Round.objects.get(number=job.params["round"])
    keys = _unsent(made)
    progress.start_part(_("Making statements"), len(keys))
    for start in range(0, len(keys), AT_ONCE):
        _send(made, keys[start : start + AT_ONCE], by=job.owner)
        progress.step(min(start + AT_ONCE, len(keys)))
    with progress.finishing() as result:
        result.url = made.get_absolute_url()
        sent = Reconciliation.objects.filter(round=made, sent_at__gte=job.queued_at)  # by earlier attempts, too
        alone = sent.exclude(Exists(User.objects.filter(customer=OuterRef("customer"), is_active=True)))
        result.summary = {_("Statements"): sent.count(), _("Nobody to tell"): alone.count()}


def send_all(made: Round, *, by: User | None) -> None:
    """Issue and publish in one transaction what is not sent yet."""
    _send(made, _unsent(made), by=by)


def _unsent(made: Round) -> list[int]:
    waiting = Reconciliation.objects.filter(round=made, state=ReconciliationState.NOT_SENT).order_by("customer_id")
    return list(waiting.values_list("pk", flat=True))


@transaction.atomic
def _send(made: Round, keys: list[int], *, by: User | None) -> None:
    """Issue and publish those of some that are still to be sent."""
    rows = Reconciliation.objects.select_for_update(of=("self",)).select_related("round", "customer")
    rows = rows.filter(pk__in=keys, state=ReconciliationState.NOT_SENT).order_by("customer_id")
    found_rows = {one.customer_id: one for one in rows}
    issued = issue_statements(found_rows.keys(), made.first_day, made.last_day, by=by)
    now = timezone.now()
    for key, one in found_rows.items():
        one.statement, one.state, one.sent_at = issued[key], ReconciliationState.SENT, now
    Reconciliation.objects.bulk_update(found_rows.values(), ["statement", "state", "sent_at"])
    telling.of_publication(found_rows.values())


@transaction.atomic
def send_again(round_id: int, *, by: User) -> Job:
    """Have the statements made that a cancelled or failed job left unsent.

    RuleBroken without the right, and where all are sent.
    """
    require(by.has_perm(RUN), _("Finance sends statements."), rule="permission")
    made = found(Round.objects.filter(pk=round_id).first(), _("This round is not there."))
    waiting = Reconciliation.objects.visible_to(by).filter(round=made, state=ReconciliationState.NOT_SENT)
    require(waiting.exists(), _("All statements are sent."), rule="sent")
    return _start(made, by)


@transaction.atomic
def remind(round_id: int, *, by: User, silent_days: int = 0) -> Job:
    """Remind, in the background, all of a round in scope who have not answered for so many days since it was sent.

    RuleBroken without the right, and where nobody is to be reminded: all have answered, or were reminded today.
    """
    require(by.has_perm(RUN), _("Finance sends reminders."), rule="permission")
    made = found(Round.objects.filter(pk=round_id).first(), _("This round is not there."))
    require(
        silents(by, made, silent_days).exists(),
        _("Nobody is to be reminded: all have answered, or were reminded within a day."),
        rule="answered",
        days=silent_days,
    )
    return start_job(
        REMIND,
        by=by,
        title=_("Reminders of %(period)s") % {"period": made.period},
        params={"round": made.number, "days": silent_days},
        key=f"{REMIND}/{made.number}",
    )


def silents(user: User, made: Round, days: int) -> Any:
    """Return those of a round in scope who have not answered for so many days, and were not reminded within them.

    0 days: all who have not answered, but for those who were reminded within a day.
    """
    before = timezone.now() - timedelta(days=max(days, 1))
    rows = Reconciliation.objects.visible_to(user).filter(round=made).unanswered()
    if days:
        rows = rows.filter(sent_at__lte=before)
    return rows.exclude(reminded_at__gt=before)


@job_kind(REMIND, label=gettext_lazy("Reminders to answer"), permission=RUN)
def send_reminders(job: Job, progress: Progress) -> None:
    """Remind some at a time; who was reminded by a first attempt is not reminded again."""
    made = Round.objects.get(number=job.params["round"])
    by, days = job.owner, job.params["days"]
    keys = list(silents(by, made, days).order_by("pk").values_list("pk", flat=True))
    progress.start_part(_("Reminding"), len(keys))
    told = alone = 0
    for start in range(0, len(keys), AT_ONCE):
        count, nobody = _remind(made, keys[start : start + AT_ONCE], days, by=by)
        told, alone = told + count, alone + nobody
        progress.step(min(start + AT_ONCE, len(keys)))
    with progress.finishing() as result:
        result.url = made.get_absolute_url()
        result.summary = {_("Reminded"): told - alone, _("Nobody to tell"): alone}


@transaction.atomic
@recorded
def _remind(made: Round, keys: list[int], days: int, *, by: User) -> tuple[int, int]:
    """Remind those of some who are still silent; returns how many those are, and how many have nobody to tell."""
    rows = silents(by, made, days).filter(pk__in=keys).select_for_update(of=("self",)).select_related("round")
    reminded = list(rows.order_by("pk"))
    alone = telling.of_publication(reminded, again=True)
    Reconciliation.objects.filter(pk__in=[one.pk for one in reminded]).update(reminded_at=timezone.now())
    return len(reminded), alone
