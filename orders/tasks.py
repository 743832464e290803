"""Shells for the worker."""

from celery import shared_task
from django.utils import timezone

from .bills.services import settle_due_bills
from .closing.notices import tell_what_can_be_closed
from .credit.services import reconsider_limits_of
from .facts import building, jobs
from .facts.services import bring_facts_along
from .proof.services import prove_tonight


@shared_task
def reconsider_limits() -> None:
    """Look at what waits for a temporary limit that starts today."""
    reconsider_limits_of(timezone.localdate())


@shared_task
def prove_books() -> None:
    """Prove the books for this night; runs daily."""
    prove_tonight(timezone.localdate())


@shared_task
def count_marked_facts() -> None:
    """Bring the facts along with what posted; runs every few seconds."""
    bring_facts_along(wait=False)


@shared_task
def count_all_facts() -> None:
    """Count all facts for this night; runs several times a night, so that a count that was broken off goes on."""
    jobs.count_tonight(timezone.localdate())


@shared_task
def help_count_facts(build_id: int) -> None:
    """Take parts of a count of all facts."""
    while building.count_next_part(build_id):
        pass


@shared_task
def drop_left_facts() -> None:
    """Delete the facts that nobody reads any more."""
    building.drop_left_facts()


@shared_task
def tell_of_closing() -> None:
    """Tell those who close months that the next one can be."""
    tell_what_can_be_closed(timezone.localdate())


@shared_task
def settle_bills() -> int:
    """Settle bills that have matured, those of days on which this did not run too; harmless when run twice."""
    return settle_due_bills(timezone.localdate())
