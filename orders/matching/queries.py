"""What is read of matching: what is left of both sides, what was matched, and the way from our closing to theirs."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from orders.receivables.models import ReceivableEntry
from orders.receivables.queries import statement_of
from salesops.kernel.money import ZERO, Money
from salesops.kernel.periods import Period
from salesops.users.models import User

from .models import LedgerLine, LedgerMatch, LedgerUpload, MatchOurs, MatchTheirs


def ledgers_for(user: User) -> QuerySet[LedgerUpload]:
    """Return the agents' ledgers that a person may see, each with `left_count`: its lines that are not matched."""
    made = LedgerMatch.objects.filter(upload=OuterRef("pk"), undone_at=None).order_by().values("upload")
    matched = Coalesce(Subquery(made.annotate(lines=Sum("theirs_count")).values("lines")), 0)
    rows = LedgerUpload.objects.visible_to(user).select_related("customer", "uploaded_by", "job")
    return rows.annotate(left_count=F("lines_read") - matched)


def period_of(upload: LedgerUpload) -> Period:
    """The days of a ledger."""
    return Period(upload.first_day, Period.day(upload.last_day).end)


def entries_of(upload: LedgerUpload) -> QuerySet[ReceivableEntry]:
    """Return our entries of the days of a ledger."""
    rows = ReceivableEntry.objects.filter(customer=upload.customer_id)
    return rows.filter(posted_on__gte=upload.first_day, posted_on__lte=upload.last_day)


def ours_left(upload: LedgerUpload) -> QuerySet[ReceivableEntry]:
    """Return our entries that stand in no match, by day."""
    standing = MatchOurs.objects.filter(entry=OuterRef("pk"), stands=True)
    return entries_of(upload).filter(~Exists(standing)).order_by("posted_on", "pk")


def theirs_left(upload: LedgerUpload) -> QuerySet[LedgerLine]:
    """Return lines of theirs that stand in no match, by day."""
    standing = MatchTheirs.objects.filter(line=OuterRef("pk"), stands=True)
    return upload.lines.filter(~Exists(standing)).order_by("day", "pk")


def matches_of(upload: LedgerUpload) -> QuerySet[LedgerMatch]:
    """Return the standing matches of a ledger with both sides, in order of our days."""
    return (
        LedgerMatch.objects.standing()
        .filter(upload=upload)
        .select_related("made_by")
        .prefetch_related("ours__entry", "theirs__line")
    )


@dataclass(frozen=True)
class Left:
    """What is left of a side."""

    amount: Money
    count: int


@dataclass(frozen=True)
class Formula:
    """The way from our closing balance to theirs, as our ledger sees it.

    our closing - opening_apart - ours left + theirs left + matched apart + unexplained = their closing; every term is
    made of rows but `unexplained`: what their own figures do not add up to, where they gave both balances.
    """

    our_opening: Money
    our_closing: Money
    their_opening: Money
    their_closing: Money
    ours: Left
    theirs: Left
    matched: int
    matched_apart: Money
    unexplained: Money

    @property
    def opening_apart(self) -> Money:
        """Our opening balance less theirs."""
        return self.our_opening - self.their_opening

    @property
    def is_agreed(self) -> bool:
        """Whether nothing is left to explain."""
        return not (self.ours.count or self.theirs.count or self.opening_apart or self.unexplained)


def formula_of(upload: LedgerUpload) -> Formula:
    """Return the way from our closing balance to theirs, in five queries.

    What they did not say is taken as it follows: the opening from the closing and the lines, else as ours; the closing
    from the opening and the lines.
    """
    statement = statement_of(upload.customer_id, period_of(upload))
    lines = _sum(upload.lines.all(), F("amount"))
    opening = upload.opening
    if opening is None:
        opening = statement.opening if upload.closing is None else upload.closing - lines.amount
    closing = opening + lines.amount if upload.closing is None else upload.closing
    made = matches_of(upload).order_by().aggregate(count=Count("pk"), apart=Sum("difference"))
    return Formula(
        our_opening=statement.opening,
        our_closing=statement.closing,
        their_opening=opening,
        their_closing=closing,
        ours=_sum(ours_left(upload), F("debit") - F("credit")),
        theirs=_sum(theirs_left(upload), F("amount")),
        matched=made["count"],
        matched_apart=made["apart"] or ZERO,
        unexplained=closing - opening - lines.amount,
    )


def _sum(rows: QuerySet[Any], amount: Any) -> Left:
    found = rows.order_by().aggregate(amount=Sum(amount), count=Count("pk"))
    return Left(found["amount"] or ZERO, found["count"])


def with_text_of_ours(rows: QuerySet[ReceivableEntry], text: str) -> QuerySet[ReceivableEntry]:
    """Keep entries whose document, text or amount holds what is looked for."""
    return rows.filter(Q(document__icontains=text) | Q(text__icontains=text) | _of_amount(text, "debit", "credit"))


def with_text_of_theirs(rows: QuerySet[LedgerLine], text: str) -> QuerySet[LedgerLine]:
    """Keep lines whose reference, text or amount holds what is looked for."""
    return rows.filter(Q(reference__icontains=text) | Q(text__icontains=text) | _of_amount(text, "amount"))


def _of_amount(text: str, *names: str) -> Q:
    """The condition that one of the columns is the amount that a text says, whatever its sign."""
    try:
        amount = Decimal(text.replace(",", "").replace("−", "-"))
    except InvalidOperation:
        return Q(pk__in=[])
    if not amount.is_finite() or abs(amount) > Decimal("999999999999"):
        return Q(pk__in=[])
    condition = Q(pk__in=[])
    for name in names:
        condition |= Q(**{name: amount}) | Q(**{name: -amount})
    return condition
