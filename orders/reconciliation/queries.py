"""What pages read of rounds: the board with its counts, lists, the differences of one reconciliation."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    Count,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Abs, Coalesce
from django.utils import timezone

from customers.files.models import Customer
from orders.receivables.models import ReceivableEntry
from salesops.kernel.money import ZERO, Money, MoneyField
from salesops.users.models import Region, User
from salesops.users.regions.queries import subtree_ids

from .models import (
    UNANSWERED,
    Difference,
    DifferenceState,
    Reconciliation,
    ReconciliationQuerySet,
    ReconciliationState,
    Round,
)

SEE = "orders.view_reconciliation"
RUN = "orders.run_reconciliation"
ACCEPT = "orders.accept_unexplained"
ANSWER = "orders.answer_reconciliation"


def _stated(**only: Any) -> Coalesce:
    rows = Difference.objects.standing().filter(reconciliation=OuterRef("pk"), **only).order_by()
    total = rows.values("reconciliation").annotate(total=Sum("amount")).values("total")
    return Coalesce(Subquery(total), Value(ZERO), output_field=MoneyField())


def reconciliations_for(user: User, today: date | None = None) -> ReconciliationQuerySet:
    """Return the reconciliations that a person may see, each with what a list shows.

    Added: `closing` (ours; None before it is sent), `difference` (theirs less ours), `unexplained` (what of it nothing
    explains), `unexplained_size` (that without its sign, 0 where somebody accepted it), `open_count` (differences that
    nothing explains), `is_late` (the answer is overdue), `has_people` (whether somebody signs in for the customer).
    Money in the company's currency.
    """
    day = today or timezone.localdate()
    open_ones = Difference.objects.filter(reconciliation=OuterRef("pk"), state=DifferenceState.OPEN).order_by()
    rows: ReconciliationQuerySet = (
        Reconciliation.objects.visible_to(user)
        .select_related("customer", "customer__representative", "round", "statement")
        .annotate(
            closing=F("statement__closing"),
            difference=Case(
                When(their_closing__isnull=False, then=F("their_closing") - F("statement__closing")),
                default=_stated(),
                output_field=MoneyField(),
            ),
            open_count=Coalesce(
                Subquery(open_ones.values("reconciliation").annotate(n=Count("pk")).values("n")), Value(0)
            ),
            is_late=Case(
                When(state__in=UNANSWERED, round__answer_by__lt=day, then=True),
                default=False,
                output_field=BooleanField(),
            ),
            has_people=Exists(User.objects.filter(customer=OuterRef("customer"), is_active=True)),
        )
        .annotate(unexplained=F("difference") - _stated(state=DifferenceState.EXPLAINED))
        .annotate(
            unexplained_size=Case(
                When(accepted_amount__isnull=False, then=Value(ZERO)),
                default=Abs("unexplained"),
                output_field=MoneyField(),
            )
        )
    )
    return rows


@dataclass(frozen=True)
class Tally:
    """How many accounts of a round stand where, and what they close with.

    `unexplained` adds up without signs what nothing explains and nobody accepted, `net` with them.
    """

    states: dict[str, int]
    late: int
    closing: Money
    unexplained: Money
    net: Money

    @property
    def count(self) -> int:
        """All accounts."""
        return sum(self.states.values())


def tally_of(rows: ReconciliationQuerySet) -> Tally:
    """Count the rows of `reconciliations_for` in one query."""
    states = {state: Count("pk", filter=Q(state=state)) for state in ReconciliationState.values}
    made = rows.order_by().aggregate(
        **states,
        late=Count("pk", filter=Q(is_late=True)),
        all_closing=Coalesce(Sum("closing"), Value(ZERO), output_field=MoneyField()),
        all_unexplained=Coalesce(Sum("unexplained_size"), Value(ZERO), output_field=MoneyField()),
        net=Coalesce(Sum("unexplained", filter=Q(accepted_amount=None)), Value(ZERO), output_field=MoneyField()),
    )
    return Tally(
        {state: made[state] for state in ReconciliationState.values},
        made["late"],
        made["all_closing"],
        made["all_unexplained"],
        made["net"],
    )


def rounds_for(user: User, today: date | None = None) -> Any:
    """Return the rounds in which one sees an account, with `accounts`, `signed`, `waiting`, `differing` of those."""
    own = Reconciliation.objects.visible_to(user).filter(round=OuterRef("pk")).order_by().values("round")

    def number(**only: Any) -> Coalesce:
        counted = own.filter(**only).annotate(n=Count("pk")).values("n")
        return Coalesce(Subquery(counted), Value(0))

    return (
        Round.objects.filter(Exists(Reconciliation.objects.visible_to(user).filter(round=OuterRef("pk"))))
        .select_related("opened_by")
        .annotate(
            accounts=number(),
            signed=number(state=ReconciliationState.SIGNED),
            differing=number(state=ReconciliationState.DIFFERING),
            waiting=number(state__in=UNANSWERED),
        )
    )


def moved_within(first_day: date, last_day: date) -> QuerySet[Any, Any]:
    """Return the keys of customers with an entry in a span of days, or with a balance at the end of its last day."""
    rows = ReceivableEntry.objects.filter(posted_on__lte=last_day).order_by().values("customer")
    sums = rows.annotate(within=Count("pk", filter=Q(posted_on__gte=first_day)), closing=Sum(F("debit") - F("credit")))
    return sums.filter(Q(within__gt=0) | ~Q(closing=0)).values("customer")


def taking_part(
    user: User,
    *,
    first_day: date,
    last_day: date,
    customers: Sequence[int] = (),
    kind: str = "",
    grade: str = "",
    region: Region | None = None,
    representative: User | None = None,
    moved: bool = False,
) -> QuerySet[Customer]:
    """Return the customers in scope that a round is opened over: those that are named, or all that the choices leave.

    With `moved` only accounts that have entries within the days, or a balance at their end.
    """
    rows: QuerySet[Customer] = Customer.objects.visible_to(user)
    if customers:
        return rows.filter(pk__in=customers)
    if kind:
        rows = rows.filter(kind=kind)
    if grade:
        rows = rows.filter(grade=grade)
    if region:
        rows = rows.filter(region__in=subtree_ids(region.pk))
    if representative:
        rows = rows.filter(representative=representative)
    if moved:
        rows = rows.filter(pk__in=moved_within(first_day, last_day))
    return rows


def sent_before(days: int) -> Q:
    """The condition that keeps what was sent at least so many days ago and not answered."""
    return Q(state__in=UNANSWERED, sent_at__lte=timezone.now() - timedelta(days=days))


def reads_own_statements(user: User) -> bool:
    """Whether statements stand in somebody's menu: of the own account; the company comes to them from rounds."""
    return bool(user.customer_id)


def to_confirm(user: User) -> ReconciliationQuerySet:
    """Return what an agent's own people may sign now, what is to be answered first before the rest.

    What nobody has explained yet waits for the company and is left out, as `Formula.is_settled` says of one that is
    read. Nothing for those who may not answer.
    """
    rows = reconciliations_for(user)
    if not (user.customer_id and user.has_perm(ANSWER)):
        return rows.none()
    settled = Q(accepted_amount=F("unexplained")) | Q(unexplained=0, open_count=0)
    rows = rows.filter(settled, their_signed_at=None, customer=user.customer_id)
    return rows.prefetch_related("differences").order_by("round__answer_by", "pk")


def waits_for(user: User) -> ReconciliationQuerySet:
    """Return what waits for somebody: a customer's people what they may sign, finance what it explains or signs.

    Whoever accepts what is unexplained, and does no more, waits for what is unexplained. For everybody else it is
    nothing: they only look.
    """
    rows = Reconciliation.objects.visible_to(user)
    if user.customer_id:
        return to_confirm(user)
    if user.has_perm(RUN):
        return rows.filter(Q(state=ReconciliationState.DIFFERING) | Q(state=ReconciliationState.AGREED))
    if user.has_perm(ACCEPT):
        differing = reconciliations_for(user).filter(state=ReconciliationState.DIFFERING)
        left = differing.exclude(unexplained_size=0).values("pk")
        return rows.filter(pk__in=left)
    return rows.none()
