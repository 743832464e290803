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
    """How the day on which goods are due follows from the day of their shipment: see terms.due_date."""

    SHIPMENT = "shipment", _("days from shipment")
    MONTH_END = "month_end", _("days after the end of the month")
    TO_MONTH_END = "to_month_end", _("days, then to the end of the month")
    DAY_OF_MONTH = "day_of_month", _("a day of the month, days away at least")


class Terms(models.Model):
    """When goods are due: `due_days` by the rule; `due_day` is the day of the month where the rule asks for one."""

    due_rule = models.CharField(_("due"), max_length=20, choices=DueRule, default=DueRule.SHIPMENT)
    due_days = models.PositiveSmallIntegerField(_("payment terms, days"), default=30)
    due_day = models.PositiveSmallIntegerField(
        _("day of the month"),
        default=31,
        db_default=31,
        help_text=_("31: the last day, however long the month is."),
    )

    class Meta:
        abstract = True


class CreditAccountQuerySet(ScopedQuerySet):
    """Words for accounts."""

    owner_path = "customer__representative"
    region_path = "customer__region"
    account_path = "customer"

    def locked(self, customer_id: int) -> "CreditAccount":
        """Return the account with its row locked until the transaction ends: the first lock of every change."""
        return self.select_for_update(of=("self",)).get(pk=customer_id)


@pghistory.track(
    exclude=["balance", "committed", "known_overdue_on", "known_overdue_amount", "known_overdue_days", "let_go_at"]
)
class CreditAccount(Terms):
    """One for each customer: `balance` is the sum of its entries, `committed` what is approved and not shipped.

    `known_overdue_amount` and `known_overdue_days` are what an approval on `known_overdue_on` found overdue; they hold
    on that day only, and the database forgets the day as soon as an open item of the account changes. `let_go_at` is
    when a person last lifted a hold: nothing that was known then puts the account on hold by itself again.
    """

    customer = models.OneToOneField(Customer, models.CASCADE, primary_key=True, related_name="account")
    limit = MoneyField(
        _("credit limit"),
        null=True,
        blank=True,
        help_text=_("Empty: not controlled. 0: goods only against prepayment."),
    )
    tolerance_days = models.PositiveSmallIntegerField(_("tolerance of overdue days"), default=15)
    is_on_hold = models.BooleanField(_("on hold"), default=False)
    hold_reason = models.CharField(_("reason of the hold"), max_length=200, blank=True)
    hold_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("put on hold by")
    )
    hold_at = models.DateTimeField(_("put on hold at"), null=True, blank=True)
    let_go_at = models.DateTimeField(null=True, editable=False)
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


@pghistory.track()
class TermsPart(Terms):
    """A part of what is shipped that is due by terms of its own; the rest is due by those of the account."""

    account = models.ForeignKey(CreditAccount, models.CASCADE, related_name="parts")
    position = models.PositiveSmallIntegerField()
    percent = models.DecimalField(_("percent"), max_digits=5, decimal_places=2)

    class Meta:
        ordering = ["account", "position"]
        verbose_name = _("part of the payment terms")
        constraints = [
            models.UniqueConstraint(fields=["account", "position"], name="parts_of_terms_have_an_order"),
            models.CheckConstraint(
                condition=Q(percent__gt=0, percent__lt=100), name="a_part_of_terms_is_less_than_all"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.percent} %"
