"""A statistic issued on demand, as background work."""

from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders.facts.services import bring_facts_along
from salesops.jobs.models import Job
from salesops.jobs.progress import Progress
from salesops.jobs.registry import job_kind
from salesops.jobs.services import start_job
from salesops.kernel.errors import RuleBroken
from salesops.users.models import User

from ..questions import spell_period
from .places import ISSUE
from .services import find_issued, issue_statistic, ready_to_issue

KIND = "reports.issue"


def start_issuing(
    span: str, starts_on: date, *, region_id: int | None = None, team_id: int | None = None, by: User
) -> str:
    """Have a statistic issued in the background; returns the address of the job, or of the statistic if it is there.

    Asked for twice it is one job. Raises RuleBroken as `issue_statistic` does.
    """
    period, place = ready_to_issue(span, starts_on, region_id=region_id, team_id=team_id, by=by)
    issued = find_issued(span, period, place)
    if issued is not None:
        return issued.get_absolute_url()
    words = {"period": spell_period(period), "place": place}
    job = start_job(
        KIND,
        by=by,
        title=_("Statistic of %(period)s: %(place)s") % words,
        params={"span": span, "starts_on": starts_on.isoformat(), "region_id": region_id, "team_id": team_id},
        key=f"{KIND}/{span}/{starts_on}/{place.key}",
    )
    return job.get_absolute_url()


def may_issue(user: User, params: dict[str, Any]) -> bool:
    """Whether the person may issue it now."""
    try:
        ready_to_issue(**_given(params), by=user)
    except RuleBroken:
        return False
    return True


def _given(params: dict[str, Any]) -> dict[str, Any]:
    return {**params, "starts_on": date.fromisoformat(params["starts_on"])}


@job_kind(KIND, label=gettext_lazy("Issuing a statistic"), permission=ISSUE, allows=may_issue)
def issue(job: Job, progress: Progress) -> None:
    """Bring the facts along, then issue it in the transaction that ends the job."""
    progress.start_part(_("Bringing the figures up to date"))
    bring_facts_along()
    progress.start_part(_("Reading the sheets"))
    with progress.finishing() as result:
        statistic = issue_statistic(**_given(job.params), by=job.owner)
        result.url = statistic.get_absolute_url()
        result.summary = {_("Number"): statistic.number}
