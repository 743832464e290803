"""Who is told what of a bill."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from salesops.kernel.errors import RuleBroken
from salesops.notify.registry import NoticeKind, notice_kinds
from salesops.notify.services import notify
from salesops.users.models import User
from salesops.users.people.queries import holders_of
from salesops.web.figures import day_text, money_text

from .models import Bill

REGISTER = "orders.register_bill"
SEE = "orders.view_bill"
DISHONOURED = notice_kinds.add(
    NoticeKind(
        "bill.dishonoured",
        gettext_lazy("A bill of a customer was dishonoured"),
        email_by_default=True,
        permission=SEE,
        order=44,
    )
)
STUCK = notice_kinds.add(
    NoticeKind("bill.stuck", gettext_lazy("A bill has matured and cannot be settled"), permission=REGISTER, order=45)
)


def of_dishonour(bill: Bill, by: User) -> None:
    """Tell the customer's representative and whoever registers bills, without who has said it."""
    people = {user.pk: user for user in holders_of(REGISTER)}
    representative = bill.customer.representative
    if representative is not None:
        people[representative.pk] = representative
    people.pop(by.pk, None)
    facts = {"number": bill.number, "customer": bill.customer, "amount": money_text(bill.amount)}
    words = {"instrument": bill.instrument, "day": day_text(bill.matures_on), "reason": bill.reason}
    notify(
        DISHONOURED.key,
        to=people.values(),
        title=lambda: _("%(number)s of %(customer)s over %(amount)s was dishonoured") % facts,
        text=lambda: _("Number %(instrument)s, matures on %(day)s: %(reason)s. Speak to the customer.") % words,
        url=bill.get_absolute_url(),
    )


def of_what_is_stuck(bill: Bill, refusal: RuleBroken) -> None:
    """Tell whoever registers bills why one that has matured cannot be settled; once until it is read."""
    facts = {"number": bill.number, "customer": bill.customer}
    notify(
        STUCK.key,
        to=holders_of(REGISTER),
        title=lambda: _("%(number)s of %(customer)s has matured and cannot be settled") % facts,
        text=lambda: str(refusal.message),
        url=bill.get_absolute_url(),
        dedupe=f"{STUCK.key}/{bill.pk}",
    )
