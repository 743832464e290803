"""When goods are to be paid."""

from datetime import date, timedelta

from salesops.kernel.periods import Period

from .models import CreditAccount, DueRule


def due_date(account: CreditAccount, shipped_on: date) -> date:
    """Return the day on which goods shipped on a day are due, by the account's terms.

    Days from shipment, or days after the last day of the month of shipment.
    """
    start = shipped_on
    if account.due_rule == DueRule.MONTH_END:
        start = Period.month(shipped_on.year, shipped_on.month).last_day
    return start + timedelta(days=account.due_days)
