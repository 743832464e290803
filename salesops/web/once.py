"""Carrying a form out once, however often and however fast it is sent."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

from django.core.exceptions import SuspiciousOperation
from django.db import IntegrityError, transaction

from .models import FormSubmission

FIELD = "once_key"


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
        except IntegrityError:
            return _result_of(key, by=by), False
        result = work()
        submission.result_url = result[:400]
        submission.save(update_fields=["result_url"])
    return result, True


def _result_of(key: str, *, by: Any) -> str:
    submission = FormSubmission.objects.select_for_update().get(key=key)
    if submission.user_id != by.pk:
        raise SuspiciousOperation("somebody else's form key")
    return submission.result_url
