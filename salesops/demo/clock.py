"""The product's clock, set to a moment, so that its own services do then what they would have done then."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from unittest.mock import patch

import pghistory
from django.apps import apps
from django.db import connection
from django.utils import timezone

from salesops.notify.models import Notice
from salesops.users.models import User

AT = "demo_at"
"""The key under which a context of the history remembers its moment, until `backdate_history`."""


@contextmanager
def clock_at(moment: datetime) -> Iterator[None]:
    """Let the product's clock stand at a moment."""
    with patch.object(timezone, "now", lambda: moment):
        yield


@contextmanager
def acting(by: User, moment: datetime) -> Iterator[None]:
    """Let somebody act at a moment: rules, numbers, notices and the history see that moment and that person.

    One thing at a time: nothing tracked may be written outside of such a block within the transaction, because the
    database keeps the last context until the end.
    """
    real = timezone.now()
    with pghistory.context(user=by.pk, **{AT: moment.isoformat()}), clock_at(moment):
        yield
    Notice.objects.filter(created_at__gte=real).update(created_at=moment)


def backdate_history() -> None:
    """Give every event of the history the moment at which it happened in the demo."""
    models = [model for model in apps.get_models() if hasattr(model, "pgh_tracked_model")]
    with connection.cursor() as cursor:
        for model in models:
            cursor.execute(
                f'UPDATE "{model._meta.db_table}" event'  # noqa: S608  the names are our own tables'
                " SET pgh_created_at = (context.metadata ->> %s)::timestamptz FROM pghistory_context context"
                " WHERE context.id = event.pgh_context_id AND jsonb_exists(context.metadata, %s)",
                [AT, AT],
            )
        cursor.execute(
            "UPDATE pghistory_context SET created_at = (metadata ->> %s)::timestamptz, metadata = metadata - %s"
            " WHERE jsonb_exists(metadata, %s)",
            [AT, AT, AT],
        )
