"""Payments: money received from customers. Each posts one credit entry."""

import pgtrigger
from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Reverse, Upper
from django.utils.translation import gettext_lazy as _

from customers.files.models import Customer
from orders.receivables.models import OfCustomerQuerySet
from salesops.kernel.money import MoneyField
from salesops.kernel.triggers import APPEND_ONLY
from salesops.users.models import User


class Method(models.TextChoices):
    """How money came."""

    TRANSFER = "transfer", _("Bank transfer")
    BILL = "bill", _("Acceptance bill")
    CHEQUE = "cheque", _("Cheque")
    CASH = "cash", _("Cash")
    OTHER = "other", _("Other")


class Payment(models.Model):
    """A receipt from a customer; never changed, a mistake is reversed."""

    series = "PM"
    """What the numbers begin with."""

    number = models.CharField(_("number"), max_length=20, unique=True)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="payments", verbose_name=_("customer"))
    received_on = models.DateField(_("received on"))
    amount = MoneyField(_("amount"))
    method = models.CharField(_("method"), max_length=20, choices=Method, default=Method.TRANSFER)
    reference = models.CharField(_("reference"), max_length=120, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)
    recorded_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("recorded by"))
    recorded_at = models.DateTimeField(auto_now_add=True)
    source_key = models.CharField(max_length=120, null=True, unique=True, editable=False)

    objects = OfCustomerQuerySet.as_manager()

    class Meta:
        ordering = ["-received_on", "-pk"]
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        permissions = [("record_payment", _("Can record and reverse payments"))]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="a_payment_is_positive"),
        ]
        indexes = [
            models.Index(fields=["-received_on", "-id"]),
            models.Index(fields=["customer", "-received_on"]),
            models.Index(fields=["amount", "id"]),
            models.Index(fields=["method", "-received_on", "-id"]),
            models.Index(OpClass(Reverse("number"), name="text_pattern_ops"), name="payments_by_number_end"),
            models.Index(OpClass(Upper("reference"), name="text_pattern_ops"), name="payments_by_reference_start"),
            models.Index(
                OpClass(Reverse(Upper("reference")), name="text_pattern_ops"), name="payments_by_reference_end"
            ),
            models.Index(F("customer"), Upper("reference"), condition=~Q(reference=""), name="payments_by_reference"),
        ]
        triggers: list[pgtrigger.Trigger] = APPEND_ONLY

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        from django.urls import reverse

        return reverse("orders:payment", args=[self.number])


class PaymentReversal(models.Model):
    """A payment that was a mistake; raises the debt again by an entry of its own."""

    payment = models.OneToOneField(Payment, models.PROTECT, related_name="reversal", verbose_name=_("payment"))
    number = models.CharField(_("number"), max_length=20, unique=True)
    reversed_on = models.DateField(_("reversed on"))
    reason = models.CharField(_("reason"), max_length=300)
    reversed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    reversed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        triggers: list[pgtrigger.Trigger] = APPEND_ONLY

    def __str__(self) -> str:
        return self.number


class OpeningBalance(models.Model):
    """What a customer owed (or had paid ahead, negative) when its books were taken over; one for each customer."""

    customer = models.OneToOneField(Customer, models.PROTECT, related_name="opening_balance")
    on = models.DateField(_("date"))
    amount = MoneyField(_("amount"))
    source_key = models.CharField(max_length=120, null=True, unique=True, editable=False)

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(amount=0), name="an_opening_balance_is_not_zero")]
        triggers: list[pgtrigger.Trigger] = APPEND_ONLY

    def __str__(self) -> str:
        return f"{self.customer} {self.amount}"
