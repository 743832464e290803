"""Many receipts recorded in the background, some at a time: a second attempt goes on where the first ended."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from salesops.jobs.models import Job
from salesops.jobs.progress import Progress
from salesops.jobs.registry import job_kind
from salesops.users.models import User

from .models import BankFile
from .services import AT_ONCE, JOB, RECORD, record_lines, waiting_of


def in_scope(user: User, params: dict[str, Any]) -> bool:
    """Whether the file is one that the person may see."""
    return BankFile.objects.visible_to(user).filter(pk=params["file"]).exists()


@job_kind(JOB, label=gettext_lazy("Receipts of a bank file"), permission=RECORD, allows=in_scope)
def record_in_background(job: Job, progress: Progress) -> None:
    """Record what is proposed."""
    keys = waiting_of(job.params["file"], job.params["lines"])
    progress.start_part(_("Recording"), len(keys))
    for start in range(0, len(keys), AT_ONCE):
        record_lines(job.params["file"], by=job.owner, line_ids=keys[start : start + AT_ONCE])
        progress.step(min(start + AT_ONCE, len(keys)))
    with progress.finishing() as result:
        result.url = BankFile.objects.get(pk=job.params["file"]).get_absolute_url()
        result.summary = {_("Payments"): len(keys)}
