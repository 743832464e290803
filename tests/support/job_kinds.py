"""Kinds of jobs that only tests have: they wait for a sign, fail, or count their effects."""

import time
from pathlib import Path

from django.utils.translation import gettext as _

from salesops.jobs.models import Job
from salesops.jobs.progress import Progress, Result
from salesops.jobs.registry import job_kind
from salesops.kernel.errors import RuleBroken
from salesops.kernel.models import NumberSeries
from salesops.kernel.numbering import next_number

YEAR = 2026


@job_kind("test.count", label="Counting")
def count(job: Job, progress: Progress) -> None:
    """Take `steps` steps, wait for the file `sign` where one is named, then have one effect: the next number of TS."""
    for _number in progress.over(range(job.params.get("steps", 3)), saying="Counting"):
        pass
    wait_for(job.params.get("sign"), progress)
    with progress.finishing() as result:
        result.summary = {"number": next_number("TS", YEAR)}
        wait_for(job.params.get("sign_inside"), progress)
        if job.params.get("fails_inside"):
            raise RuleBroken("Not like this.")


@job_kind("test.silent", label="Silent")
def silent(job: Job, progress: Progress) -> None:
    """Say nothing and look at nothing until the file `sign` is there; break then where it `fails`."""
    while not Path(job.params["sign"]).exists():
        time.sleep(0.02)
    if job.params.get("fails"):
        raise OSError("no such folder")
    with progress.finishing():
        next_number("TS", YEAR)


@job_kind("test.file", label="File", permission="orders.view_payment")
def file(job: Job, progress: Progress) -> Result:
    """Leave a file, and another one behind."""
    progress.place("scratch.txt").write_text("left over")
    target = progress.place("list.txt")
    target.write_text("done")
    return Result(file=target, filename="清单 2026.txt", url=job.params.get("url", ""), summary={"rows": 1})


@job_kind("test.refuse", label="Refusing")
def refuse(job: Job, progress: Progress) -> None:
    """Be refused by a rule."""
    raise RuleBroken("The file has no rows.")


@job_kind("test.break", label="Breaking")
def break_down(job: Job, progress: Progress) -> None:
    """Fail by a mistake of ours."""
    raise ZeroDivisionError("secret details")


@job_kind("test.speak", label="Speaking")
def speak(job: Job, progress: Progress) -> Result:
    """Say a word that Django itself brings in every language."""
    return Result(summary={"word": _("January")})


def wait_for(sign: str | None, progress: Progress) -> None:
    """Return when the file is there; looks up at every moment, so that it can be cancelled."""
    while sign and not Path(sign).exists():
        progress.check()
        time.sleep(0.02)


def effects() -> int:
    """How often a test's job had its effect."""
    return sum(NumberSeries.objects.filter(series="TS").values_list("last", flat=True))
