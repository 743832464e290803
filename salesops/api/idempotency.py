"""Carrying a request out once, however often it is sent: the first answer is given again.

Forms of pages have `salesops.web.once`: it remembers where a form led to, under a key that we make, and forgets a
refusal. Here the key is the program's own, so it counts for one person and one request only, and the whole first answer
is kept, a refusal too.
"""

from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from typing import Any

from django.db import DatabaseError, IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from salesops.kernel.errors import RuleBroken
from salesops.users.models import User
from salesops.web.refusals import as_refusal

from .errors import KeyReused, shape_of_refusal
from .models import KeptAnswer

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
LONGEST = 100
KEPT = timedelta(days=14)
"""How long an answer is remembered; a program that has not heard for so long asks what became of it."""
PASSING = frozenset({"locked"})
"""Rules that say no for a moment only: they are not remembered, so that a repeat tries again."""


def key_of(request: HttpRequest) -> str:
    """Return the key that a request brings, "" for none. Raises ValidationError for one that is no key."""
    key = request.headers.get(HEADER, "")
    if len(key) > LONGEST or not all("!" <= sign <= "~" for sign in key):
        raise ValidationError({HEADER: [_("A key has at most %(n)d signs: letters, digits, dashes.") % {"n": LONGEST}]})
    return key


def answer_once(key: str, *, by: User, request: HttpRequest, work: Callable[[], Response]) -> HttpResponseBase:
    """Do the work and keep its answer in one transaction; the second time only give that answer again.

    A request that comes with the same key while the first is at work waits for it. What a rule refuses is rolled back
    and its refusal kept; any other failure leaves nothing behind, and the key may be used again. Raises KeyReused
    where the key stands for another request.
    """
    fingerprint = fingerprint_of(request)
    with transaction.atomic():
        try:
            with transaction.atomic():
                kept = KeptAnswer.objects.create(user=by, key=key, fingerprint=fingerprint)
        except IntegrityError:
            return _first_answer(key, by=by, fingerprint=fingerprint)
        response = _answer_of(work)
        kept.status = response.status_code
        kept.body = JSONRenderer().render(response.data).decode()
        kept.location = response.headers.get("Location", "")
        kept.save(update_fields=["status", "body", "location"])
    return response


def _answer_of(work: Callable[[], Response]) -> Response:
    try:
        with transaction.atomic():
            return work()
    except (RuleBroken, DatabaseError) as error:
        refusal = as_refusal(error)
        if refusal is None or refusal.rule in PASSING:
            raise
        return Response(shape_of_refusal(refusal), status=409)


def _first_answer(key: str, *, by: User, fingerprint: str) -> HttpResponse:
    kept = KeptAnswer.objects.get(user=by, key=key)
    if kept.fingerprint != fingerprint:
        raise KeyReused(_("This Idempotency-Key was used for another request. Use a new one for each."))
    response = HttpResponse(kept.body, status=kept.status, content_type="application/json")
    response[REPLAYED] = "true"
    if kept.location:
        response["Location"] = kept.location
    return response


def fingerprint_of(request: HttpRequest) -> str:
    """Return what tells a request from another: its method, address and body."""
    head: Any = f"{request.method} {request.get_full_path()}\n"
    return sha256(head.encode() + request.body).hexdigest()


def forget_old_answers() -> int:
    """Forget the answers that nobody will ask for again; returns how many."""
    forgotten, _by_model = KeptAnswer.objects.filter(created_at__lt=timezone.now() - KEPT).delete()
    return forgotten
