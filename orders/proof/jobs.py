"""A proof that somebody asked for, as background work."""

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from salesops.jobs.models import Job
from salesops.jobs.progress import Progress
from salesops.jobs.registry import job_kind
from salesops.jobs.services import start_job
from salesops.users.models import User

from .claims import CLAIMS
from .services import record_proof
from .verification import by_claim, one_moment

VERIFY = "orders.verify_books"
KIND = "orders.proof"


def start_proof(*, by: User) -> Job:
    """Have the books proved in the background; asking while a proof of one's own runs returns that one.

    Raises RuleBroken where somebody else's runs.
    """
    return start_job(KIND, by=by, title=_("Proof of the books"), params={}, key=KIND)


@job_kind(KIND, label=gettext_lazy("Proof of the books"), permission=VERIFY)
def prove(job: Job, progress: Progress) -> None:
    """Ask one claim after another, all of one moment, and keep what differs."""
    started_at, found = timezone.now(), []
    with one_moment():
        for _claim, differing, _seconds in progress.over(by_claim(), len(CLAIMS), saying=_("Comparing")):
            found += differing
    with progress.finishing() as result:
        proof = record_proof(found, started_at=started_at, by=job.owner)
        result.url = proof.get_absolute_url()
        result.summary = {_("Differences"): proof.count}
