"""Whom closing concerns is told: that a month can be closed, was closed, is open again."""

from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _

from salesops.notify.services import notify
from salesops.users.models import User
from salesops.users.people.queries import holders_of

from .models import ClosingStep
from .queries import next_to_close

CLOSE = "orders.close_periods"
SEE = "orders.view_closingstep"
EITHER = (CLOSE, SEE)


def tell_of_closing(step: ClosingStep) -> None:
    """Tell finance and managers that a month is closed."""
    notify(
        "period.closed",
        to=_readers(step),
        title=lambda: _("%(month)s is closed") % {"month": step.period},
        text=lambda: _("Closed by %(who)s. What comes late is posted on the first open day.") % {"who": step.by},
        url=_page_of(step),
    )


def tell_of_reopening(step: ClosingStep) -> None:
    """Tell finance and managers that a month is open again."""
    notify(
        "period.reopened",
        to=_readers(step),
        title=lambda: _("%(month)s is open again") % {"month": step.period},
        text=lambda: _("%(number)s: %(reason)s") % {"number": step.reopening, "reason": step.reason},
        url=_page_of(step),
    )


def tell_what_can_be_closed(today: date) -> None:
    """Tell those who close months that the next one has ended, where it has; those who did not read it get no second.

    Nobody is told before the first month was closed: the company may not work so.
    """
    month = next_to_close(today)
    if month is None or not ClosingStep.objects.exists():
        return
    notify(
        "period.closable",
        to=holders_of(CLOSE),
        title=lambda: _("%(month)s can be closed") % {"month": month},
        text=lambda: _("Go through the checklist; what is left stands there."),
        url=reverse("orders:period", args=[month]),
        dedupe=f"period.closable {month}",
    )


def _readers(step: ClosingStep) -> list[User]:
    people = {person.pk: person for right in EITHER for person in holders_of(right)}
    return [person for person in people.values() if person.pk != step.by_id]


def _page_of(step: ClosingStep) -> str:
    return reverse("orders:period", args=[step.period])
