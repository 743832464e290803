"""Proving the books: now, or each night; whoever looks after the product is told of what differs."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from salesops.notify.services import notify
from salesops.users.models import User
from salesops.users.people.queries import administrators

from .models import Proof
from .verification import Difference, differences, one_moment, were_cut


def prove_tonight(night: date) -> Proof | None:
    """Prove the books for a night, and tell the administrators of what differs; None where that night was proved.

    A proof that was broken off left nothing behind and is made again. What else the database refuses is raised.
    """
    if Proof.objects.filter(night=night).exists():
        return None
    started_at = timezone.now()
    with one_moment():
        found = differences()
    try:
        return record_proof(found, started_at=started_at, night=night)
    except IntegrityError:
        if Proof.objects.filter(night=night).exists():  # another worker was faster
            return None
        raise


@transaction.atomic
def record_proof(
    found: Sequence[Difference], *, started_at: datetime, night: date | None = None, by: User | None = None
) -> Proof:
    """Keep what a proof found; the administrators are told where something differs.

    Raises IntegrityError where the night has its proof.
    """
    proof = Proof.objects.create(
        night=night,
        asked_by=by,
        started_at=started_at,
        finished_at=timezone.now(),
        count=len(found),
        found=[difference.as_json() for difference in found],
    )
    if found:
        _tell(proof, found[0], at_least=were_cut(found))
    return proof


def _tell(proof: Proof, first: Difference, *, at_least: bool) -> None:
    notify(
        "books.differ",
        to=administrators(),
        title=lambda: _where(proof.count, at_least=at_least),
        text=lambda: _("The first: %(difference)s") % {"difference": first},
        url=proof.get_absolute_url(),
    )


def _where(count: int, *, at_least: bool) -> str:
    words = (
        ngettext("The books differ in at least %(count)d place", "The books differ in at least %(count)d places", count)
        if at_least
        else ngettext("The books differ in %(count)d place", "The books differ in %(count)d places", count)
    )
    return words % {"count": count}
