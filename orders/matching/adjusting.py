"""A difference that is ours to post becomes an adjustment of the account, which approval decides on and posts."""

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from customers.accounts.models import CreditAccount
from orders.adjustments.models import Adjustment, Kind, Reason
from orders.adjustments.services import submit_adjustment
from orders.reconciliation.models import Difference, DifferenceReason, DifferenceState, Reconciliation
from orders.reconciliation.services import link_adjustment, locked
from salesops.kernel.errors import found, require
from salesops.users.models import User


def to_post(reconciliation: Reconciliation) -> QuerySet[Difference]:
    """Return the differences of a reconciliation that are ours to post and were not posted yet."""
    rows = reconciliation.differences.filter(state=DifferenceState.EXPLAINED, reason=DifferenceReason.OURS)
    return rows.filter(resolution="").select_related("entry")


@transaction.atomic
def post_difference(reconciliation_id: int, position: int, *, by: User) -> Adjustment:
    """Ask for the adjustment that a difference needs, of its amount; it stands on the difference at once.

    More to pay where their books say more than ours, less where they say less; it concerns the last day of the
    statement. What was still open is ours to post with that; it is open again where approval refuses. RuleBroken out of
    scope, after a signature, where something else explains it, where it was posted already, and where adjustments say
    no.
    """
    rows = Reconciliation.objects.visible_to(by).filter(pk=reconciliation_id)
    unlocked = found(rows.first(), _("This reconciliation is not in your scope."))
    CreditAccount.objects.locked(unlocked.customer_id)  # accounts are locked before what is reconciled of them
    one = locked(reconciliation_id, by)
    difference = found(one.differences.filter(position=position).first(), _("This difference is not there."))
    is_ours = difference.state == DifferenceState.EXPLAINED and difference.reason == DifferenceReason.OURS
    require(
        is_ours or difference.is_open,
        _("Only what is ours to post is posted."),
        rule="reason",
        reason=difference.reason,
    )
    require(
        not difference.resolution,
        _("It is posted already as %(number)s.") % {"number": difference.resolution},
        rule="posted",
        number=difference.resolution,
    )
    assert one.statement is not None
    what = " ".join(filter(None, (difference.at, difference.text)))
    adjustment = submit_adjustment(
        by=by,
        customer_id=one.customer_id,
        kind=Kind.DEBIT if difference.amount > 0 else Kind.CREDIT,
        reason=Reason.RECONCILIATION,
        text=_("Difference %(position)s of %(number)s: %(what)s")
        % {"position": position, "number": one.number, "what": what[:200]},
        concerns=min(one.statement.last_day, timezone.localdate()),
        amount=abs(difference.amount),
    )
    link_adjustment(one.pk, position, adjustment, by=by)
    return adjustment
