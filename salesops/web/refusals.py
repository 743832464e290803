"""A "no" on its way to the page, whether a service said it or the database itself."""

from collections.abc import Callable
from typing import Any

from django.db import DatabaseError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from salesops.kernel.errors import RuleBroken

RAISED_BY_TRIGGER = "P0001"
DEADLOCK = "40P01"
LOCK_NOT_AVAILABLE = "55P03"
UNIQUE_VIOLATION = "23505"

SAID_BY_TRIGGERS: dict[str, Callable[[str], RuleBroken]] = {}
"""What a trigger's no means in words of ours, by the CONSTRAINT that it names; it is handed the DETAIL."""

FACT_WORDS: dict[str, Any] = {
    "limit": gettext_lazy("Credit limit"),
    "balance": gettext_lazy("Balance"),
    "committed": gettext_lazy("Approved, not shipped"),
    "amount": gettext_lazy("Amount"),
    "exposure": gettext_lazy("Exposure"),
    "over_amount": gettext_lazy("Over the limit by"),
    "over_percent": gettext_lazy("Over the limit, percent"),
    "overdue_days": gettext_lazy("Days overdue"),
    "overdue_amount": gettext_lazy("Overdue"),
    "asked": gettext_lazy("Asked for"),
    "allowed": gettext_lazy("Allowed"),
    "available": gettext_lazy("Available"),
    "who": gettext_lazy("Who can help"),
    "role": gettext_lazy("Role"),
    "state": gettext_lazy("State"),
}


def as_refusal(error: BaseException) -> RuleBroken | None:
    """Return the refusal that an error is, or None when it is a mistake of ours.

    A trigger that guards a table (states, the ledger) raises SQLSTATE P0001: the database said no, in its words.
    """
    if isinstance(error, RuleBroken):
        return error
    if not isinstance(error, DatabaseError):
        return None
    cause = error.__cause__
    state = getattr(cause, "sqlstate", None)
    if state == RAISED_BY_TRIGGER:
        diag = getattr(cause, "diag", None)
        said = SAID_BY_TRIGGERS.get(getattr(diag, "constraint_name", None) or "")
        if said is not None:
            return said(getattr(diag, "message_detail", None) or "")
        return RuleBroken(_words_of(cause), rule="database")
    if state == UNIQUE_VIOLATION:
        return RuleBroken(_("Somebody else has just entered the same. Look again before you repeat it."), rule="unique")
    if state in (DEADLOCK, LOCK_NOT_AVAILABLE):
        return RuleBroken(_("Somebody else is changing the same thing at this moment. Try again."), rule="locked")
    return None


def _words_of(cause: BaseException | None) -> str:
    """The trigger's own words where they are meant for people; pgtrigger's are not."""
    diag = getattr(cause, "diag", None)
    words = str(getattr(diag, "message_primary", "") or "")
    if not words or words.startswith("pgtrigger:"):
        return _("The books do not allow this change: what was recorded stays, and states follow their order.")
    return words


def facts_in_words(refusal: RuleBroken) -> list[tuple[Any, Any]]:
    """Return the figures behind a refusal with their labels."""
    return [(FACT_WORDS.get(name, name.replace("_", " ").capitalize()), v) for name, v in refusal.facts.items()]
