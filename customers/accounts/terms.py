"""When goods are to be paid."""

import calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.utils.translation import gettext as _

from salesops.kernel.money import HUNDRED, Money, to_money

from .models import CreditAccount, DueRule, Terms, TermsPart


@dataclass(frozen=True)
class DuePart:
    """A part of an amount, and the day on which it is due."""

    due_on: date
    amount: Money


def due_date(terms: Terms, shipped_on: date) -> date:
    """Return the day on which goods shipped on a day are due, by terms.

    Days from shipment; days after the last day of the month of shipment; the last day of the month that is so many days
    away; or the first `due_day` of a month that is at least so many days away, its last day where it is shorter.
    """
    away = shipped_on + timedelta(days=terms.due_days)
    match terms.due_rule:
        case DueRule.MONTH_END:
            return _in_month(shipped_on, 31) + timedelta(days=terms.due_days)
        case DueRule.TO_MONTH_END:
            return _in_month(away, 31)
        case DueRule.DAY_OF_MONTH:
            here = _in_month(away, terms.due_day)
            return here if here >= away else _in_month(_in_month(away, 31) + timedelta(days=1), terms.due_day)
        case _:
            return away


def due_parts(account: CreditAccount, parts: Iterable[TermsPart], amount: Money, shipped_on: date) -> list[DuePart]:
    """Return what is due of an amount and when: each part of the terms, then the rest, which takes the cents.

    They add up to the amount. Parts that come to nothing are left out; of an amount above zero at least one is there.
    """
    found, rest = [], amount
    for part in parts:
        share = min(to_money(amount * part.percent / HUNDRED), rest)
        rest -= share
        found.append(DuePart(due_date(part, shipped_on), share))
    found.append(DuePart(due_date(account, shipped_on), rest))
    return [part for part in found if part.amount]


def terms_in_words(account: CreditAccount, parts: Iterable[TermsPart] = ()) -> str:
    """Return the payment terms in a few words: 45 days, or 30% 30 days, the rest month end + 10 days."""
    first = [f"{_percent(part.percent)} {_in_words(part)}" for part in parts]
    rest = _in_words(account)
    return ", ".join([*first, _("the rest %(terms)s") % {"terms": rest}]) if first else rest


def _in_words(terms: Terms) -> str:
    facts = {"days": terms.due_days, "day": terms.due_day}
    match terms.due_rule:
        case DueRule.MONTH_END if not terms.due_days:
            return _("month end")
        case DueRule.MONTH_END:
            return _("month end + %(days)s days") % facts
        case DueRule.TO_MONTH_END:
            return _("%(days)s days to month end") % facts
        case DueRule.DAY_OF_MONTH if terms.due_day > 28:
            return _("a month end at least %(days)s days away") % facts
        case DueRule.DAY_OF_MONTH:
            return _("day %(day)s, at least %(days)s days away") % facts
        case _:
            return _("%(days)s days") % facts


def _percent(percent: Decimal) -> str:
    return f"{percent.normalize():f}%"


def _in_month(day: date, number: int) -> date:
    return day.replace(day=min(number, calendar.monthrange(day.year, day.month)[1]))
