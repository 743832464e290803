"""When goods are to be paid."""

from datetime import date, timedelta

from django.utils.translation import gettext as _

from salesops.kernel.periods import Period

from .models import CreditAccount, DueRule


def terms_in_words(account: CreditAccount) -> str:
    """Return the payment terms in a few words: 45 days, or month end + 10 days."""
    facts = {"days": account.due_days}
    if account.due_rule == DueRule.MONTH_END:
        return _("month end + %(days)s days") % facts
    return _("%(days)s days") % facts


def due_date(account: CreditAccount, shipped_on: date) -> date:
    """Return the day on which goods shipped on a day are due, by the account's terms.

    Days from shipment, or days after the last day of the month of shipment.
    """
    start = shipped_on
    if account.due_rule == DueRule.MONTH_END:
        start = Period.month(shipped_on.year, shipped_on.month).last_day
    return start + timedelta(days=account.due_days)
