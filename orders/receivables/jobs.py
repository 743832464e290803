"""Open credits of many accounts, settled as background work."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from salesops.jobs.models import Job
from salesops.jobs.progress import Progress
from salesops.jobs.registry import job_kind
from salesops.jobs.services import start_job
from salesops.users.models import User

from .settlement import settle_accounts

KIND = "orders.settlement"
SETTLE = "orders.record_payment"


def start_settlement(customer_ids: Sequence[int], *, by: User) -> Job:
    """Have the open credits of accounts settled in the background, by the rule.

    Raises RuleBroken while another such work, of whomever, has not ended.
    """
    title = _("Settle open credits of %(n)d accounts") % {"n": len(customer_ids)}
    return start_job(KIND, by=by, title=title, params={"customers": sorted(customer_ids)}, key=KIND)


@job_kind(KIND, label=gettext_lazy("Settlement of open credits"), permission=SETTLE)
def settle(job: Job, progress: Progress) -> None:
    """Settle account by account; all of it counts, or nothing where it is cancelled."""
    customers = job.params["customers"]
    progress.start_part(_("Settling"), len(customers))
    with progress.finishing() as result:
        settled = settle_accounts(customers, by=job.owner, step=progress.step)
        result.summary = {
            _("Credits"): settled.credits,
            _("Allocations"): settled.allocations,
            _("Amount"): f"{settled.amount:,.2f}",
        }
