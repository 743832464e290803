"""A month is closed; a closed one is asked to be reopened, and reopened once that is approved."""

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from salesops.approvals.models import Request
from salesops.approvals.services import open_request, withdraw
from salesops.kernel.errors import found, require
from salesops.kernel.numbering import next_number
from salesops.kernel.periods import Period
from salesops.users.models import User
from salesops.web.history import recorded

from .checks import Checklist, Point, checklist_of
from .days import closed_through, lock_months, month_of
from .models import ClosingStep, Reopening, ReopeningState, StepKind
from .notices import tell_of_closing, tell_of_reopening
from .queries import last_closed_month, month_described, waiting_reopening


@transaction.atomic
@recorded
def close_month(month: Period, *, by: User, accepts_warnings: bool = False, note: str = "") -> ClosingStep:
    """Close a month: from now on nothing is posted into it, and what comes late goes into the first open one.

    What is being posted is waited for. The checklist is asked again and kept as it was. The first month that is ever
    closed closes all before it. Raises RuleBroken where it has not ended or is not the next one, a reopening waits, a
    point of the checklist stops it, or there are warnings that `by` does not accept.
    """
    lock_months()
    _require_next(month)
    waiting = waiting_reopening()
    require(
        waiting is None,
        _("%(number)s asks to reopen %(month)s; it has to be decided first.")
        % {"number": waiting, "month": waiting.period if waiting else ""},
        rule="reopening waits",
        number=str(waiting or ""),
    )
    checklist = checklist_of(month, by)
    _require_done(checklist, accepts_warnings=accepts_warnings)
    step = ClosingStep.objects.create(
        month=month.start, kind=StepKind.CLOSED, by=by, reason=note.strip(), checklist=checklist.as_json()
    )
    step.refresh_from_db()
    tell_of_closing(step)
    return step


def _require_next(month: Period) -> None:
    today = timezone.localdate()
    require(
        month.end <= today,
        _("%(month)s ends on %(day)s; it is closed after that.") % {"month": month, "day": month.last_day},
        rule="not over",
        month=str(month),
        last_day=month.last_day,
    )
    described = month_described(month)
    closed = closed_through()
    following = month_of(closed).shifted(1) if closed else month
    require(
        not described.is_closed,
        _("%(month)s is closed already.") % {"month": month},
        rule="closed already",
        closed_through=closed,
    )
    require(
        described.is_next,
        _("Months are closed in order; the next one is %(month)s.") % {"month": following},
        rule="order",
        next=str(following),
    )


def _require_done(checklist: Checklist, *, accepts_warnings: bool) -> None:
    require(
        not checklist.blocking,
        _("%(month)s cannot be closed yet: %(points)s.")
        % {"month": checklist.period, "points": _named(checklist.blocking)},
        rule="checklist",
        points=[point.check.key for point in checklist.blocking],
    )
    require(
        accepts_warnings or not checklist.warnings,
        _("Say that you accept what is left: %(points)s.") % {"points": _named(checklist.warnings)},
        rule="warnings",
        field="accepts_warnings",
        points=[point.check.key for point in checklist.warnings],
    )


def _named(points: Iterable[Point]) -> str:
    return "; ".join(f"{point.check.label} ({point.left.count})" for point in points)


@transaction.atomic
@recorded
def ask_reopening(month: Period, *, by: User, reason: str) -> Reopening:
    """Ask to reopen the month that was closed last; it is open once that is approved.

    What is being closed or asked just now is waited for. Raises RuleBroken without a reason, for another month, and
    where a request waits already.
    """
    require(reason.strip(), _("Say why it has to be opened again."), rule="reason", field="reason")
    lock_months()
    _require_last_closed(month)
    waiting = waiting_reopening()
    require(
        waiting is None,
        _("%(number)s waits for a decision already.") % {"number": waiting},
        rule="reopening waits",
        number=str(waiting or ""),
    )
    reopening = Reopening.objects.create(
        number=next_number(Reopening.series, timezone.localdate().year),
        month=month.start,
        reason=reason.strip(),
        created_by=by,
    )
    open_request("period_reopening", reopening, by=by, note=reopening.reason)
    reopening.refresh_from_db()
    return reopening


def _require_last_closed(month: Period) -> None:
    last = last_closed_month()
    require(
        last == month,
        _("Only the month that was closed last is opened again: %(month)s.") % {"month": last}
        if last
        else _("No month is closed."),
        rule="not the last closed",
        last_closed=str(last or ""),
    )


@transaction.atomic
@recorded
def withdraw_reopening(reopening_id: int, *, by: User) -> None:
    """Take a request back before it is decided; RuleBroken where it does not wait any more."""
    request = Request.objects.waiting().filter(document_type="period_reopening", object_id=reopening_id).first()
    withdraw(found(request, _("It does not wait for a decision any more."), rule="state").pk, by=by)


def move_reopening(reopening: Reopening, state: ReopeningState) -> None:
    """Set what became of a locked request that waits; RuleBroken where it waits no more."""
    require(
        reopening.state == ReopeningState.SUBMITTED,
        _("%(number)s is “%(state)s”.") % {"number": reopening.number, "state": reopening.get_state_display()},
        rule="state",
    )
    reopening.state = state
    reopening.save(update_fields=["state"])


def reopen_month(reopening: Reopening, *, by: User | None) -> ClosingStep:
    """Open the month of an approved request again, on record with it; RuleBroken where it is not the last closed one.

    `by` decided; nobody where the policy asks nobody, which counts as whoever asked.
    """
    lock_months()
    _require_last_closed(reopening.period)
    move_reopening(reopening, ReopeningState.APPROVED)
    step = ClosingStep.objects.create(
        month=reopening.month,
        kind=StepKind.REOPENED,
        by=by or reopening.created_by,
        reason=reopening.reason,
        reopening=reopening,
    )
    step.refresh_from_db()
    tell_of_reopening(step)
    return step
