"""A long ledger read in the background: what it brings is written in the transaction that ends the job."""

from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from salesops.jobs.models import Job
from salesops.jobs.progress import Progress
from salesops.jobs.registry import job_kind
from salesops.users.models import User

from .intake import JOB, locked_again, take_in
from .models import LedgerState, LedgerUpload
from .reading import LedgerMapping, read_lines
from .services import MATCHING_JOB, match_ledger

UPLOAD = "orders.upload_ledger"
MATCH = "orders.match_ledger"


def in_scope(user: User, params: dict[str, Any]) -> bool:
    """Whether the ledger is one that the person may see."""
    return LedgerUpload.objects.visible_to(user).filter(pk=params["upload"]).exists()


@job_kind(JOB, label=gettext_lazy("Ledger of an agent"), permission=UPLOAD, allows=in_scope)
def read_in_background(job: Job, progress: Progress) -> None:
    """Read all of a ledger, then write and match it, or note what could not be read."""
    upload = LedgerUpload.objects.get(pk=job.params["upload"])
    mapping = LedgerMapping.of(job.params["mapping"])
    progress.start_part(_("Reading %(file)s") % {"file": upload.file_name})
    reading = read_lines(
        Path(upload.file.path), mapping, first=upload.first_day, last=upload.last_day, tell=progress.check
    )
    progress.start_part(_("Matching %(lines)s lines") % {"lines": f"{len(reading.lines):,}"})
    with progress.finishing() as result:
        upload = locked_again(upload.pk, replaces=bool(job.params["replaces"]))
        take_in(
            upload,
            reading,
            mapping=mapping,
            only_good=bool(job.params["only_good"]),
            tell=progress.check,
        )
        result.url = upload.get_absolute_url()
        if upload.state == LedgerState.READ:
            result.summary = {_("Lines"): upload.lines_read, _("Left out"): upload.left_out + upload.bad}
        else:
            result.summary = {_("Wrong"): upload.bad}


@job_kind(MATCHING_JOB, label=gettext_lazy("Matching an agent's ledger"), permission=MATCH, allows=in_scope)
def match_in_background(job: Job, progress: Progress) -> None:
    """Match what is left of a long ledger by rule."""
    progress.start_part(_("Matching"))
    with progress.finishing() as result:
        upload = LedgerUpload.objects.get(pk=job.params["upload"])
        made = match_ledger(upload.pk, by=job.owner, tell=progress.check)
        result.url = upload.get_absolute_url()
        result.summary = {_("Matches"): made}
