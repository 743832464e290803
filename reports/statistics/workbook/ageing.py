"""Receivables by age at the end of a statistic's period."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import timezone

from customers.files.models import Customer
from orders.receivables.ageing import EDGES, AgeingReport, ageing_on, labels_of
from reports.statistics.answers import conditions
from reports.statistics.questions import Question
from salesops.users.models import User, in_reader_language


def customer_path(path: str) -> str:
    """Return the path from a customer to what a path of a fact leads to: as it is today, it has one place only."""
    return "pk" if path == "customer_id" else path.removeprefix("customer__")


@dataclass(frozen=True)
class Owing:
    """What a customer owes: debits by age, the youngest first, and credits that are not allocated."""

    code: str
    name: str
    debits: Sequence[Decimal]
    credits: Decimal

    @property
    def outstanding(self) -> Decimal:
        """All debits less the credits."""
        return sum(self.debits, Decimal(0)) - self.credits


@dataclass(frozen=True)
class Ageing:
    """Who owed what on a day, the largest first, and the report that it was taken from."""

    day: date
    labels: Sequence[Any]
    rows: Sequence[Owing]
    report: AgeingReport


def read_ageing(question: Question, user: User) -> Ageing:
    """Return what was open at the end of the last day that has begun, of the customers in the person's scope."""
    day = min(question.period.last_day, timezone.localdate())
    kept = conditions(question, user, customer_path)
    report = ageing_on(day, Customer.objects.visible_to(user).filter(kept))
    names = {
        pk: (code, in_reader_language(name, name_zh))
        for pk, code, name, name_zh in Customer.objects.filter(pk__in=[row.key for row in report.rows])
        .order_by()
        .values_list("pk", "code", "name", "name_zh")
    }
    rows = [Owing(*names[row.key], row.debits, row.credits) for row in report.rows]
    return Ageing(day, labels_of(EDGES), sorted(rows, key=lambda row: (-row.outstanding, row.code)), report)
