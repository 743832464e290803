"""What of reconciliation is looked at before a month is closed."""

from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from orders.closing.checks import Left
from salesops.kernel.periods import Period

from .filters import UNFINISHED
from .models import Reconciliation, Round
from .queries import SEE


def unfinished_of(period: Period) -> Left:
    """Accounts that not both sides have signed, in rounds that end in the month; it is said where there is no round."""
    rounds = Round.objects.filter(**period.lookup("last_day"))
    left = Reconciliation.objects.filter(round__in=rounds).unfinished().count()
    words = "" if left or rounds.exists() else _("no round of this month")
    query = urlencode({"state": UNFINISHED, "ends_after": period.start, "ends_before": period.last_day})
    return Left(left, f"{reverse('orders:reconciliations')}?{query}", words, permission=SEE)
