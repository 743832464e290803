"""The button by which a side signs: on the page of a reconciliation, and on an agent's home."""

from django.urls import reverse
from django.utils.translation import gettext as _

from salesops.web.page import Action

from .formula import Formula
from .models import Reconciliation
from .services import STATE


def signing_action(record: Reconciliation, formula: Formula, *, theirs: bool) -> Action:
    """Return the button; it says how much is confirmed, or why that is not possible yet."""
    refused = ""
    if not formula.is_settled:
        refused = _("%(amount)s is unexplained, %(count)d differences are open.") % {
            "amount": f"{formula.unexplained:,.2f}",
            "count": formula.open_count,
        }
    return Action(
        _("Confirm %(amount)s") % {"amount": f"{formula.theirs:,.2f}"} if theirs else _("Sign"),
        f"{reverse('orders:reconciliation_signature', args=[record.number])}?closing={formula.theirs:.2f}",
        icon="check" if theirs else "lock",
        primary=True,
        method="post",
        permission=STATE,
        confirm=_("You sign for %(whom)s: the account closes with %(amount)s.")
        % {
            "whom": record.customer if theirs else _("the company"),
            "amount": f"{formula.theirs:,.2f}",
        },
        refused=refused,
    )
