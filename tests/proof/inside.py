"""What tests ask of an installation of their own: `python -m tests.proof.inside WHAT`, answered as JSON."""

# ruff: noqa: E402  the models are there once Django is set up

import json
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import django

django.setup()

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db.models import F
from django.utils import timezone

from orders.models import Delivery, Payment, Proof
from salesops.api.services import create_token
from salesops.jobs.models import Job, JobState
from salesops.users.models import User
from salesops.watch.signs import signs as signs_of_life
from tests.support.build import make_sales


def session_of(user: User) -> str:
    """Sign somebody in; the key of the session."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return str(session.session_key)


def company(waiting: str = "0") -> dict[str, Any]:
    """A corner of the company with deliveries that wait, and its people signed in."""
    sales = make_sales()
    customers = [sales.customer(limit=1_000_000) for _number in range(4)]
    requests = [sales.submitted(customers[number % 4], 2) for number in range(int(waiting))]
    return {
        "customers": [customer.pk for customer in customers],
        "requests": {str(request.pk): request.object_id for request in requests},
        "sessions": {name: session_of(getattr(sales, name)) for name in ("supervisor", "finance", "representative")},
        "codes": [customer.code for customer in customers],
        "username": sales.finance.username,
        "token": create_token(by=sales.finance, name="proof").secret,
        "today": timezone.localdate().isoformat(),
    }


def written() -> dict[str, Any]:
    """What stands in the books: references of payments, deliveries approved."""
    return {
        "references": list(Payment.objects.values_list("reference", flat=True)),
        "approved": list(Delivery.objects.filter(state="approved").values_list("pk", flat=True)),
    }


def work() -> dict[str, Any]:
    """Where background work stands: state of each job, whether it was handed to the broker, and the proofs made."""
    return {
        "states": list(Job.objects.order_by("queued_at").values_list("state", flat=True)),
        "sent": list(Job.objects.order_by("queued_at").exclude(sent_at=None).values_list("state", flat=True)),
        "proofs": Proof.objects.count(),
    }


def six_minutes_pass() -> int:
    """Let the messages of queued jobs be as old as six minutes make them; how many jobs that were."""
    return Job.objects.filter(state=JobState.QUEUED).update(sent_at=F("sent_at") - timedelta(minutes=6))


def signs() -> list[str]:
    """Which processes have given a sign of life."""
    return sorted({process for process, _host in signs_of_life()})


ANSWERS: dict[str, Callable[..., Any]] = {
    answer.__name__: answer for answer in (company, written, work, six_minutes_pass, signs)
}

if __name__ == "__main__":
    json.dump(ANSWERS[sys.argv[1]](*sys.argv[2:]), sys.stdout)
