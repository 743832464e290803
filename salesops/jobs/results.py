"""Files of jobs: a folder a job, a folder an attempt below it; what no job points to is removed."""

import shutil
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.core.files.storage import default_storage
from django.db.models import Q
from django.utils import timezone

from .models import LIVE, Job

if TYPE_CHECKING:
    from .progress import Result

KEPT_DAYS = 30
FOLDER = "jobs"


def folder_of(job_id: Any) -> Path:
    """Return the folder of a job; it need not exist."""
    return Path(default_storage.path(FOLDER)) / str(job_id)


def fields_of(job: Job, token: UUID | None, result: "Result") -> dict[str, Any]:
    """Return the columns that keep a result; its file is moved into the attempt's folder unless it is there."""
    fields: dict[str, Any] = {"summary": result.summary, "result_url": result.url}
    if result.file is not None:
        kept = _moved(result.file, folder_of(job.pk) / str(token))
        fields["result"] = f"{FOLDER}/{job.pk}/{token}/{kept.name}"
        fields["result_name"] = result.filename or kept.name
    return fields


def _moved(file: Path, folder: Path) -> Path:
    if file.parent == folder:
        return file
    folder.mkdir(parents=True, exist_ok=True)
    return Path(shutil.move(file, folder / file.name))


def tidy(job_id: Any, token: UUID | None) -> None:
    """Remove the files of an attempt that ended, but not the result; those of lost attempts go with the job's end."""
    job = Job.objects.only("state", "result").filter(pk=job_id).first()
    kept = Path(job.result.path) if job and job.result else None
    for attempt in _children(folder_of(job_id)):
        if attempt.name != str(token) and job and job.is_live:
            continue
        for file in _children(attempt):
            if file != kept:
                _remove(file)
        if not _children(attempt):
            attempt.rmdir()


def remove_old_results() -> int:
    """Remove the files of jobs that ended more than KEPT_DAYS ago, and folders that no job knows; return how many."""
    limit = timezone.now() - timedelta(days=KEPT_DAYS)
    old = list(Job.objects.filter(finished_at__lt=limit).exclude(result="").values_list("pk", flat=True))
    Job.objects.filter(pk__in=old).update(result="", result_removed_at=timezone.now())
    folders = _children(Path(default_storage.path(FOLDER)))
    # Asked once, and later than the folders were listed: a job that starts or ends meanwhile keeps its file
    needed = Job.objects.filter(Q(state__in=LIVE) | ~Q(result=""))
    known = {str(pk) for pk in needed.values_list("pk", flat=True)}
    unknown = [folder for folder in folders if folder.name not in known]
    for folder in unknown:
        _remove(folder)
    return len(unknown)


def _children(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
