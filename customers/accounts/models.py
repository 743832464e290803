"""The credit account of a customer: its terms, and the two figures that every decision locks."""

import pghistory
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from customers.files.models import Customer
from salesops.kernel.money import ZERO, MoneyField
from salesops.users.models import User
from salesops.users.scope import ScopedQuerySet


class DueRule(models.TextChoices):
    """From which day the days of the payment terms are counted."""

    SHIPMENT = "shipment", _("days from shipment")
    MONTH_END = "month_end", _("days after the end of the month")


class CreditAccountQuerySet(ScopedQuerySet):
    """Words for accounts."""

    owner_path = "customer__representative"
    region_path = "customer__region"
    account_path = "customer"

    def locked(self, customer_id: int) -> "CreditAccount":
        """Return the account with its row locked until the transaction ends: the first lock of every change."""
        return self.select_for_update(of=("self",)).get(pk=customer_id)


@pghistory.track(exclude=["balance", "committed", "known_overdue_on", "known_overdue_amount", "known_overdue_days"])
class CreditAccount(models.Model):
    """One for each customer: `balance` is the sum of its entries, `committed` what is approved and not shipped.

    `known_overdue_amount` and `known_overdue_days` are what an approval on `known_overdue_on` found overdue; they hold
    on that day only, and the database forgets the day as soon as an open item of the account changes.
    """

    customer = models.OneToOneField(Customer, models.CASCADE, primary_key=True, related_name="account")
    limit = MoneyField(
        _("credit limit"),
        null=True,
        blank=True,
        help_text=_("Empty: not controlled. 0: goods only against prepayment."),
    )
    due_rule = models.CharField(_("due"), max_length=20, choices=DueRule, default=DueRule.SHIPMENT)
    due_days = models.PositiveSmallIntegerField(_("payment terms, days"), default=30)
    tolerance_days = models.PositiveSmallIntegerField(_("tolerance of overdue days"), default=15)
    is_on_hold = models.BooleanField(_("on hold"), default=False)
    hold_reason = models.CharField(_("reason of the hold"), max_length=200, blank=True)
    hold_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("put on hold by")
    )
    hold_at = models.DateTimeField(_("put on hold at"), null=True, blank=True)
    balance = MoneyField(_("balance"), default=ZERO, editable=False)
    committed = MoneyField(_("approved, not shipped"), default=ZERO, editable=False)
    known_overdue_on = models.DateField(null=True, editable=False)
    known_overdue_amount = MoneyField(default=ZERO, db_default=ZERO, editable=False)
    known_overdue_days = models.PositiveIntegerField(default=0, db_default=0, editable=False)

    objects = CreditAccountQuerySet.as_manager()

    class Meta:
        verbose_name = _("account")
        constraints = [
            models.CheckConstraint(condition=Q(limit=None) | Q(limit__gte=0), name="a_limit_is_not_negative"),
            models.CheckConstraint(condition=Q(committed__gte=0), name="committed_is_not_negative"),
            models.CheckConstraint(condition=Q(is_on_hold=False) | ~Q(hold_reason=""), name="a_hold_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.customer}"
