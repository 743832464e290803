"""Adjustments of customers' accounts: more or less to pay, write-offs, refunds, and what takes one of them back."""

import pghistory
import pgtrigger
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from customers.files.models import Customer
from orders.payments.models import Method
from orders.receivables.models import OfCustomerQuerySet, OpenItem, Source
from salesops.kernel.money import Money, MoneyField
from salesops.users.models import User


class Kind(models.TextChoices):
    """What an adjustment does to the account."""

    DEBIT = "debit", _("Debit adjustment")
    CREDIT = "credit", _("Credit adjustment")
    WRITE_OFF = "write_off", _("Write-off")
    REFUND = "refund", _("Refund")
    REVERSAL = "reversal", _("Reversal of an adjustment")


SOURCES: dict[str, Source] = {
    Kind.DEBIT: Source.ADJUSTMENT,
    Kind.CREDIT: Source.ADJUSTMENT,
    Kind.WRITE_OFF: Source.WRITE_OFF,
    Kind.REFUND: Source.REFUND,
    Kind.REVERSAL: Source.ADJUSTMENT_REVERSAL,
}
"""As what each kind is posted."""


class Reason(models.TextChoices):
    """Why an account is adjusted, in one word for lists and statistics."""

    PRICE = "price", _("Price difference")
    QUANTITY = "quantity", _("Quantity difference")
    GOODS = "goods", _("Quality or transport damage")
    PENALTY = "penalty", _("Penalty")
    REBATE = "rebate", _("Rebate")
    EXPENSE = "expense", _("Expense offset")
    ROUNDING = "rounding", _("Small difference")
    BAD_DEBT = "bad_debt", _("Bad debt")
    OVERPAID = "overpaid", _("Paid too much")
    RECONCILIATION = "reconciliation", _("Found in reconciliation")
    MISTAKE = "mistake", _("Mistake")
    OTHER = "other", _("Other")


class AdjustmentState(models.TextChoices):
    """Where an adjustment stands; what is approved is posted."""

    SUBMITTED = "submitted", _("Waits for approval")
    APPROVED = "approved", pgettext_lazy("adjustment", "Posted")
    REJECTED = "rejected", _("Rejected")
    RETURNED = "returned", _("Returned for change")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    REVERSED = "reversed", _("Reversed")


NEXT_ADJUSTMENT_STATES: dict[str, frozenset[str]] = {
    AdjustmentState.SUBMITTED: frozenset(
        {
            AdjustmentState.APPROVED,
            AdjustmentState.REJECTED,
            AdjustmentState.RETURNED,
            AdjustmentState.WITHDRAWN,
        }
    ),
    AdjustmentState.RETURNED: frozenset({AdjustmentState.SUBMITTED, AdjustmentState.WITHDRAWN}),
    AdjustmentState.APPROVED: frozenset({AdjustmentState.REVERSED}),
    AdjustmentState.REJECTED: frozenset(),
    AdjustmentState.WITHDRAWN: frozenset(),
    AdjustmentState.REVERSED: frozenset(),
}
UNDECIDED = (AdjustmentState.SUBMITTED, AdjustmentState.RETURNED)
POSTED = (AdjustmentState.APPROVED, AdjustmentState.REVERSED)


class AdjustmentQuerySet(OfCustomerQuerySet):
    """Words for adjustments."""

    def waiting(self) -> "AdjustmentQuerySet":
        """Keep those that wait for a decision."""
        return self.filter(state=AdjustmentState.SUBMITTED)

    def posted(self) -> "AdjustmentQuerySet":
        """Keep those that stand on the account, also where a reversal stands beside them."""
        return self.filter(state__in=POSTED)


@pghistory.track()
class Adjustment(models.Model):
    """A change of a customer's account by a decision; it is posted once, by an entry of its own.

    `concerns` is the day that it is about, which may be long before it is posted. `text` is for the company's people,
    `reason` for everybody. `method` and `reference` say how a refund is paid. A reversal takes back what it `reverses`.
    """

    series = "AD"
    """What the numbers begin with."""

    number = models.CharField(_("number"), max_length=20, unique=True)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="adjustments", verbose_name=_("customer"))
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    amount = MoneyField(_("amount"))
    reason = models.CharField(_("reason"), max_length=20, choices=Reason)
    text = models.CharField(_("explanation"), max_length=300)
    concerns = models.DateField(_("concerns"))
    method = models.CharField(_("method"), max_length=20, choices=Method, blank=True)
    reference = models.CharField(_("reference"), max_length=120, blank=True)
    reverses = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="reversals", verbose_name=_("takes back")
    )
    state = models.CharField(_("state"), max_length=20, choices=AdjustmentState, default=AdjustmentState.SUBMITTED)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("asked by"))
    created_at = models.DateTimeField(auto_now_add=True)

    objects = AdjustmentQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("adjustment")
        verbose_name_plural = _("adjustments")
        permissions = [("write_adjustment", _("Can ask for adjustments, write-offs and refunds"))]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="an_adjustment_is_positive"),
            models.CheckConstraint(
                condition=Q(kind=Kind.REVERSAL, reverses__isnull=False) | (~Q(kind=Kind.REVERSAL) & Q(reverses=None)),
                name="a_reversal_takes_one_back",
            ),
            models.UniqueConstraint(
                fields=["reverses"],
                condition=Q(state__in=[*UNDECIDED, AdjustmentState.APPROVED]),
                name="an_adjustment_is_reversed_once",
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "-id"]),
            models.Index(fields=["state", "-id"]),
            models.Index(fields=["kind", "-id"]),
        ]
        triggers = [
            pgtrigger.FSM(
                name="states_are_not_skipped",
                field="state",
                transitions=[
                    (old, new) for old, following in NEXT_ADJUSTMENT_STATES.items() for new in sorted(following)
                ],
            ),
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="what_is_posted_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__state__in=list(POSTED))
                & (
                    pgtrigger.Q(old__amount__df=pgtrigger.F("new__amount"))
                    | pgtrigger.Q(old__kind__df=pgtrigger.F("new__kind"))
                    | pgtrigger.Q(old__customer__df=pgtrigger.F("new__customer"))
                    | pgtrigger.Q(old__reverses__df=pgtrigger.F("new__reverses"))
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("orders:adjustment", args=[self.number])

    @property
    def source(self) -> Source:
        """As what it is posted."""
        return SOURCES[self.kind]

    @property
    def is_debit(self) -> bool:
        """Whether it raises what the customer owes."""
        if self.reverses is not None:
            return not self.reverses.is_debit
        return self.kind in {Kind.DEBIT, Kind.REFUND}

    @property
    def effect(self) -> Money:
        """What it adds to the balance once it is posted."""
        return self.amount if self.is_debit else -self.amount


class AdjustmentItem(models.Model):
    """An open item that an adjustment is raised against, and how much of it was open, or is asked for."""

    adjustment = models.ForeignKey(Adjustment, models.CASCADE, related_name="items")
    item = models.ForeignKey(OpenItem, models.PROTECT, related_name="+")
    amount = MoneyField(_("amount"))

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["adjustment", "item"], name="an_item_stands_once_in_an_adjustment"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="something_of_the_item_is_adjusted"),
        ]

    def __str__(self) -> str:
        return f"{self.adjustment} {self.item_id}"
