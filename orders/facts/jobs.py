"""A full count of the facts as background work, with as many workers helping as have time."""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from salesops.jobs.models import Job
from salesops.jobs.progress import Progress
from salesops.jobs.registry import job_kind
from salesops.jobs.services import start_job
from salesops.users.models import User

from . import building
from .building import begin_count, count_next_part, finish_count
from .models import FactBuild
from .services import bring_facts_along

VERIFY = "orders.verify_books"
KIND = "orders.facts"
HELPERS = 3
"""How many further workers are asked to help; who comes when all parts are taken has nothing to do."""


def start_count(*, by: User) -> Job:
    """Have all facts counted anew in the background; asking while a count of one's own runs returns that one.

    Raises RuleBroken where somebody else's runs. Cancelled, it leaves the parts that are done, and the next goes on.
    """
    return start_job(KIND, by=by, title=_("Count of the facts"), params={}, key=KIND)


@job_kind(KIND, label=gettext_lazy("Count of the facts"), permission=VERIFY)
def count(job: Job, progress: Progress) -> None:
    """Count all parts, each committed by itself, then compare and use."""
    bring_facts_along()
    build = begin_count(by=job.owner)
    ask_for_help(build.pk)
    progress.start_part(_("Counting"), build.parts.count())
    progress.step(build.parts.filter(is_done=True).count())
    while count_next_part(build.pk) or count_next_part(build.pk, wait=True):
        progress.step(build.parts.filter(is_done=True).count())
    progress.start_part(_("Comparing"))
    with progress.finishing() as result:
        build = finish_count(build.pk)
        transaction.on_commit(tidy_up)
        result.url = build.get_absolute_url()
        result.summary = {_("Differences"): build.differences}


def count_tonight(night: date) -> None:
    """Count all facts for a night, once; what was broken off goes on. The administrators are told of differences."""
    if FactBuild.objects.filter(night=night).exclude(finished_at=None).exists():
        return
    bring_facts_along()
    build = begin_count(night=night)
    ask_for_help(build.pk)
    help_count(build.pk)
    finish_count(build.pk)
    building.drop_left_facts()


def help_count(build_id: int) -> None:
    """Count parts until there are none, and wait for those that others count."""
    while count_next_part(build_id):
        pass
    while count_next_part(build_id, wait=True):
        pass


def ask_for_help(build_id: int) -> None:
    """Ask other workers to take parts; nothing hangs on whether they come."""
    from orders.tasks import help_count_facts

    for _helper in range(HELPERS):
        help_count_facts.delay(build_id)


def tidy_up() -> None:
    """Have the facts deleted that nobody reads any more."""
    from orders.tasks import drop_left_facts

    drop_left_facts.delay()
