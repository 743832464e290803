"""Carrying a form out once, however often and however fast it is sent."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.core.exceptions import SuspiciousOperation
from django.db import IntegrityError, transaction
from django.utils import timezone

from .models import FormSubmission

FIELD = "once_key"
KEPT = timedelta(days=14)
"""As long as a session lives: a form that was left open longer asks to sign in first."""


def new_key() -> str:
    """Return a key for a form that is about to be shown."""
    return uuid4().hex


def is_key(text: str) -> bool:
    """Whether the text is a key that we could have made."""
    try:
        return UUID(hex=text).hex == text
    except ValueError:
        return False


def carry_out_once(key: str, *, by: Any, url: str, work: Callable[[], str]) -> tuple[str, bool]:
    """Do the work and remember the address of its result; the second time only return that address.

    Returns (address, whether the work was done now). The key is inserted in the work's own transaction: a second
    request with the same key waits until the first has committed, and sees its result; if the work is refused,
    the key goes with it and may be used again.
    """
    if not is_key(key):
        return work(), True
    with transaction.atomic():
        try:
            with transaction.atomic():
                submission = FormSubmission.objects.create(key=key, user=by, url=url[:400])
                _forget_old_ones(by)
        except IntegrityError:
            return _result_of(key, by=by), False
        result = work()
        submission.result_url = result[:400]
        submission.save(update_fields=["result_url"])
    return result, True


def _forget_old_ones(by: Any) -> None:
    """Drop the person's keys that no open form can still hold, so that the table stays short."""
    FormSubmission.objects.filter(user=by, created_at__lt=timezone.now() - KEPT).delete()


def _result_of(key: str, *, by: Any) -> str:
    submission = FormSubmission.objects.select_for_update().get(key=key)
    if submission.user_id != by.pk:
        raise SuspiciousOperation("somebody else's form key")
    return submission.result_url
