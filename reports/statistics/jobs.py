"""The file of a statistic as background work: a workbook, or its table as CSV."""

import json
from hashlib import sha256
from typing import Any, Literal
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils import timezone
from django.utils.text import get_valid_filename
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders.facts.services import bring_facts_along
from salesops.jobs.models import Job
from salesops.jobs.progress import Progress, Result
from salesops.jobs.registry import job_kind
from salesops.jobs.services import start_job
from salesops.users.models import User
from salesops.web.registry import may

from .answers import conditions
from .questions import Question

KIND = "reports.statistics"
SEE = "reports.view_statistics"
SEE_LINES = "orders.view_shipment"
SEE_ACCOUNTS = "orders.view_accounts"
Form = Literal["xlsx", "csv"]


def start_workbook(question: Question, *, by: User, details: bool = False, form: Form = "xlsx") -> Job:
    """Have the workbook of a statistic made in the background, with `details` also every line of its shipments.

    As "csv" it is the one table that is asked for. Asked for again while it is made, it is the same run. RuleBroken
    without the right to statistics (to shipments, for details) and where the question keeps what is not in scope.
    """
    conditions(question, by)
    params = {
        "question": question.as_query(),
        "details": details and form == "xlsx",
        "form": form,
        "accounts": may(by, SEE_ACCOUNTS),
    }
    work = sha256(json.dumps(params, sort_keys=True).encode()).hexdigest()
    return start_job(KIND, by=by, title=title_of(question, form), params=params, key=f"{KIND}:{by.pk}:{work}")


def title_of(question: Question, form: str) -> str:
    """What the work is called."""
    words = _("Statistics %(period)s, Excel") if form == "xlsx" else _("Statistics %(period)s, CSV")
    return words % {"period": question.as_query()["period"]}


def may_have(user: User, params: dict[str, Any]) -> bool:
    """Whether somebody may have what the parameters ask for; figures are those of the person's scope in any case."""
    asked = ((params.get("details"), SEE_LINES), (params.get("accounts"), SEE_ACCOUNTS))
    return all(may(user, permission) for is_asked, permission in asked if is_asked)


@job_kind(KIND, label=gettext_lazy("File of a statistic"), permission=SEE, allows=may_have, owner_only=True)
def write_file(job: Job, progress: Progress) -> Result:
    """Write the file of what its owner may see now."""
    progress.say(_("Counting what was posted last"))
    bring_facts_along()
    question = read_question(job.params["question"])
    make = _csv if job.params["form"] == "csv" else _workbook
    result = make(question, job, progress)
    name = _("Statistics %(period)s") % {"period": job.params["question"]["period"]}
    result.filename = f"{get_valid_filename(name)}-{timezone.localdate():%Y-%m-%d}.{job.params['form']}"
    return result


def read_question(said: dict[str, Any]) -> Question:
    """Return the question that a job's parameters hold; RuleBroken where it cannot be asked any more."""
    return Question.read(QueryDict(urlencode(said, doseq=True)))


def _workbook(question: Question, job: Job, progress: Progress) -> Result:
    from .workbook.making import make_workbook  # openpyxl is for workers

    made = make_workbook(question, job.owner, progress, details=job.params["details"])
    summary = {**made.rows, "SHA-256": made.digest}
    return Result(file=made.file, summary=summary)


def _csv(question: Question, job: Job, progress: Progress) -> Result:
    from .answers import answer
    from .workbook.flat import write_csv

    target = progress.place("statistics.csv")
    return Result(file=target, summary={_("Rows"): write_csv(target, answer(question, job.owner))})
