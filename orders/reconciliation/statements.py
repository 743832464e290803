"""Issuing statements: for one account, or for many at once; and what was issued, read again."""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Count, F, Max, Q, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from customers.accounts.models import CreditAccount
from customers.files.models import Customer
from orders.receivables.ageing import EDGES, AgeingRow, ageing_on
from orders.receivables.models import ReceivableEntry
from orders.receivables.queries import Statement, statement_of
from salesops.kernel.errors import found, require
from salesops.kernel.money import ZERO, Money
from salesops.kernel.numbering import next_numbers
from salesops.kernel.periods import Period, require_meant
from salesops.users.models import User

from .models import IssuedStatement

Line = tuple[date, str, str, Money, Money]


@transaction.atomic
def issue_statement(*, by: User, customer_id: int, first_day: date, last_day: date) -> IssuedStatement:
    """Issue the statement of an account over a span of days, both included; it stays as it is now.

    RuleBroken out of scope, where the days are in the wrong order or in a year that nobody means, and where the last
    one has not come yet.
    """
    customer = Customer.objects.visible_to(by).filter(pk=customer_id).first()
    found(customer, _("This customer is not in your scope."), field="customer")
    require_days(first_day, last_day)
    return issue_statements([customer_id], first_day, last_day, by=by)[customer_id]


def require_days(first_day: date, last_day: date) -> None:
    """Raise RuleBroken unless the days make a span that has been."""
    require_meant(first_day, field="first_day")
    require_meant(last_day, field="last_day")
    require(first_day <= last_day, _("It ends on or after its first day."), rule="date", field="last_day")
    today = timezone.localdate()
    require(
        last_day <= today,
        _("A statement ends today at the latest."),
        rule="date",
        field="last_day",
        last=today,
    )


def issue_statements(
    customer_ids: Collection[int], first_day: date, last_day: date, *, by: User | None
) -> dict[int, IssuedStatement]:
    """Issue a statement for each of some customers, by customer; seven statements, however many they are.

    Locks the accounts until the transaction ends, in order of their keys.
    """
    ids = sorted(customer_ids)
    list(CreditAccount.objects.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk").values_list("pk"))
    figures = _figures(ids, first_day, last_day)
    aged = ageing_on(last_day, Customer.objects.filter(pk__in=ids))
    ageing = {row.key: row for row in aged.rows}
    lines = _lines(ids, first_day, last_day)
    numbers = next_numbers(IssuedStatement.series, timezone.localdate().year, len(ids))
    customers = Customer.objects.in_bulk(ids)
    made = [
        _filled(customers[key], number, first_day, last_day, figures[key], ageing.get(key), lines[key], by)
        for key, number in zip(ids, numbers, strict=True)
    ]
    return {one.customer_id: one for one in IssuedStatement.objects.bulk_create(made)}


def _filled(
    customer: Customer,
    number: str,
    first_day: date,
    last_day: date,
    figures: dict[str, Any],
    aged: AgeingRow | None,
    lines: Iterable[Line],
    by: User | None,
) -> IssuedStatement:
    by_age = (*aged.debits, aged.credits) if aged else [ZERO] * (len(EDGES) + 3)
    issued = IssuedStatement(
        number=number,
        customer=customer,
        name=customer.name,
        name_zh=customer.name_zh,
        first_day=first_day,
        last_day=last_day,
        ageing=[f"{amount:.2f}" for amount in by_age],
        issued_by=by,
        **figures,
    )
    issued.closing = issued.opening + issued.debits - issued.credits
    issued.sha256 = fingerprint(issued, lines)
    return issued


def _figures(ids: Sequence[int], first_day: date, last_day: date) -> dict[int, dict[str, Any]]:
    within = Q(posted_on__gte=first_day)
    rows = (
        ReceivableEntry.objects.filter(customer__in=ids)
        .order_by()
        .values("customer")
        .annotate(
            opening=Sum(F("debit") - F("credit"), filter=Q(posted_on__lt=first_day), default=ZERO),
            debits=Sum("debit", filter=within & Q(posted_on__lte=last_day), default=ZERO),
            credits=Sum("credit", filter=within & Q(posted_on__lte=last_day), default=ZERO),
            count=Count("pk", filter=within & Q(posted_on__lte=last_day)),
            upto=Max("pk"),
        )
    )
    found_rows = {row.pop("customer"): row for row in rows}
    nothing = {"opening": ZERO, "debits": ZERO, "credits": ZERO, "count": 0, "upto": 0}
    return {key: found_rows.get(key, dict(nothing)) for key in ids}


def _lines(ids: Sequence[int], first_day: date, last_day: date) -> dict[int, list[Line]]:
    lines = defaultdict(list)
    entries = ReceivableEntry.objects.filter(customer__in=ids, posted_on__gte=first_day, posted_on__lte=last_day)
    fields = ("customer", "posted_on", "document", "text", "debit", "credit")
    for customer, *line in entries.order_by("posted_on", "pk").values_list(*fields).iterator(chunk_size=2000):
        lines[customer].append(tuple(line))
    return lines


def fingerprint(issued: IssuedStatement, lines: Iterable[Line]) -> str:
    """Return the SHA-256 of all that a statement says: its head, and each line in order."""
    made = hashlib.sha256()
    head = (
        *(issued.number, issued.name, issued.name_zh, issued.first_day, issued.last_day),
        *(f"{amount:.2f}" for amount in (issued.opening, issued.debits, issued.credits, issued.closing)),
        *issued.ageing,
    )
    for row in (head, *((*line[:3], f"{line[3]:.2f}", f"{line[4]:.2f}") for line in lines)):
        made.update("\x1f".join(str(part) for part in row).encode() + b"\x1e")
    return made.hexdigest()


@dataclass(frozen=True)
class Issued:
    """A statement read again: its lines as issued, its ageing, whether it is what it was, and what came since."""

    issued: IssuedStatement
    statement: Statement
    is_unchanged: bool
    later: int
    """Entries of its days, or of days before, that were posted after it was issued."""

    @property
    def debits_by_age(self) -> list[Money]:
        """What was open at the end of its last day, the youngest first."""
        return [Decimal(amount) for amount in self.issued.ageing[:-1]]

    @property
    def unallocated(self) -> Money:
        """Credits that were open at the end of its last day."""
        return Decimal(self.issued.ageing[-1])


def read_statement(issued: IssuedStatement) -> Issued:
    """Return a statement as it was issued, and whether its days have more entries today."""
    customer, last_day = issued.customer_id, issued.last_day
    statement = statement_of(customer, issued.period, upto=issued.upto)
    lines = statement.entries.values_list("posted_on", "document", "text", "debit", "credit")
    later = ReceivableEntry.objects.filter(customer=customer, posted_on__lte=last_day, pk__gt=issued.upto).count()
    return Issued(issued, statement, fingerprint(issued, lines) == issued.sha256, later)


def issued_for(user: User) -> Any:
    """Return the statements that a person may see, with their customers."""
    return IssuedStatement.objects.visible_to(user).select_related("customer", "issued_by", "reconciliation")


def month_before(today: date) -> Period:
    """Return the last whole month: what one usually reconciles."""
    return Period.last_months(1, today).previous
