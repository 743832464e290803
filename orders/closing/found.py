"""The checks that need no further feature: proof, approvals, credits beside debits, what was not shipped."""

from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers.accounts.models import CreditAccount
from orders.deliveries.models import SHIPPABLE, Delivery
from orders.proof.jobs import VERIFY
from orders.proof.models import Proof
from orders.receivables.jobs import SETTLE
from orders.receivables.queries import with_credits_to_settle
from salesops.approvals.documents import document_types
from salesops.approvals.models import Request
from salesops.kernel.periods import Period

from .checks import Check, Left, Level, closing_checks


def proof_of_today(period: Period) -> Left:
    """The last proof was made today and found nothing: otherwise one thing is left, or what it found."""
    last = Proof.objects.order_by("-started_at", "-pk").defer("found").first()
    now = {"do_url": reverse("orders:proof_new"), "do_label": _("Prove now"), "permission": VERIFY}
    if last is None:
        return Left(1, reverse("orders:proofs"), _("never proved"), **now)
    day = timezone.localdate(last.started_at)
    if day != timezone.localdate():
        return Left(1, last.get_absolute_url(), _("last proved on %(day)s") % {"day": day}, **now)
    return Left(last.count, last.get_absolute_url(), "", **(now if last.count else {"permission": VERIFY}))


def _waiting(period: Period, *, post: bool) -> Left:
    """Requests made up to the month's end that wait; `post` keeps those whose approval posts to the ledger at once."""
    types = [known.key for known in document_types() if known.posts_at_once == post]
    waiting = Request.objects.waiting().filter(document_type__in=types, submitted_at__date__lt=period.end)
    return Left(waiting.count(), reverse("approvals:inbox"))


def waiting_to_post(period: Period) -> Left:
    """Adjustments and the like that an approval would post."""
    return _waiting(period, post=True)


def waiting_for_a_decision(period: Period) -> Left:
    """Deliveries, temporary limits and the like: they post nothing before something else happens."""
    return _waiting(period, post=False)


def credits_to_settle(period: Period) -> Left:
    """Accounts on which a credit is open beside a debit."""
    accounts = with_credits_to_settle(CreditAccount.objects.all())
    return Left(accounts.count(), reverse("orders:open_credits"), permission=SETTLE)


def not_shipped(period: Period) -> Left:
    """Deliveries ordered in the month that are approved and of which something is still to leave."""
    rows = Delivery.objects.filter(state__in=SHIPPABLE, **period.lookup("ordered_on"))
    query = urlencode({"state": "open", "ordered_after": period.start, "ordered_before": period.last_day})
    return Left(rows.count(), f"{reverse('orders:deliveries')}?{query}")


for check in (
    Check("proof", gettext_lazy("The books add up, proved today"), Level.BLOCKS, proof_of_today, 10),
    Check(
        "approvals_that_post",
        gettext_lazy("No document waits whose approval posts"),
        Level.BLOCKS,
        waiting_to_post,
        30,
    ),
    Check("credits", gettext_lazy("No credit is open beside a debt"), Level.WARNS, credits_to_settle, 50),
    Check("approvals", gettext_lazy("Nothing else waits for a decision"), Level.WARNS, waiting_for_a_decision, 60),
    Check("to_ship", gettext_lazy("Everything approved has left"), Level.TELLS, not_shipped, 90),
):
    closing_checks.add(check)
