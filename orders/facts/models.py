"""Facts: what was delivered and what was owed, added up by month so that statistics need not read the documents.

Every fact can be counted anew from the documents at any time (`counting.py`); none is typed or changed by a person.
What posts leaves a mark by a trigger of the database, and what is marked is counted anew. Region and representative
are those of the document's day: a customer who moves takes nothing along.
"""

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from customers.files.models import Customer
from orders.catalogue.models import Product
from orders.receivables.models import OfCustomerQuerySet
from salesops.kernel.money import ZERO, MoneyField
from salesops.kernel.periods import Period
from salesops.users.models import Region, User


class BuildState(models.TextChoices):
    """Where a full count stands."""

    COUNTING = "counting", _("Counts")
    IN_USE = "in_use", _("In use")
    EQUAL = "equal", _("Found the same")
    REPLACED = "replaced", _("Replaced")


class FactBuild(models.Model):
    """A full count of all facts from the documents; its key is the generation that its facts bear.

    Until it is complete everybody reads the facts of the last one that is in use, or generation 0, which was only ever
    brought along. A count that finds just what is in use leaves it in use.
    """

    state = models.CharField(_("state"), max_length=10, choices=BuildState, default=BuildState.COUNTING)
    definition = models.CharField(max_length=64)
    """A hash of the statements: a count that was broken off goes on by the same ones only."""
    night = models.DateField(null=True, unique=True)
    asked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("asked for by"))
    started_at = models.DateTimeField(_("started"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished"), null=True)
    differences = models.PositiveBigIntegerField(_("differences"), default=0)
    found: Any = models.JSONField(default=list)
    """The first of what differed: what, customer, month, kept, counted."""

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("count of the facts")
        verbose_name_plural = _("counts of the facts")
        constraints = [
            models.UniqueConstraint(
                fields=["state"],
                condition=Q(state__in=[BuildState.COUNTING, BuildState.IN_USE]),
                name="one_count_of_all_facts_goes_on_and_one_is_used",
            )
        ]

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d %H:%M}"

    def get_absolute_url(self) -> str:
        from django.urls import reverse

        return reverse("orders:fact_build", args=[self.pk])


class FactPart(models.Model):
    """A part of a full count, done by one worker in one transaction: the goods of months, or accounts of customers."""

    build = models.ForeignKey(FactBuild, models.CASCADE, related_name="parts")
    months_from = models.DateField(null=True)
    months_until = models.DateField(null=True)
    first_customer = models.BigIntegerField(null=True)
    last_customer = models.BigIntegerField(null=True)
    is_done = models.BooleanField(default=False)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(months_from__lt=F("months_until"), first_customer=None, last_customer=None)
                | Q(months_from=None, months_until=None, first_customer__lte=F("last_customer")),
                name="a_part_is_of_months_or_of_customers",
            )
        ]

    def __str__(self) -> str:
        return f"{self.months_from or self.first_customer} – {self.months_until or self.last_customer}"


class FactMark(models.Model):
    """Something posted in a customer's month: what is counted of it, and what follows from it, is to be counted anew.

    Written by triggers only; gone once counted, but kept (`is_counted`) while a full count goes on, which looks at it
    again before it is used.
    """

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="+", db_constraint=False, db_index=False)
    month = models.DateField()
    is_counted = models.BooleanField(default=False, db_default=False)

    class Meta:
        indexes = [models.Index(fields=["customer"], condition=Q(is_counted=False), name="marks_to_count")]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.month:%Y-%m}"


class FactTurn(models.Model):
    """A day whose beginning was counted: what fell due the day before is overdue from it on."""

    day = models.DateField(unique=True)

    def __str__(self) -> str:
        return f"{self.day}"


class FactQuerySet(OfCustomerQuerySet):
    """Words for facts."""

    def current(self) -> "FactQuerySet":
        """Keep the facts that are in use; asked in the same statement, so that a change-over is never seen halfway."""
        in_use = FactBuild.objects.filter(state=BuildState.IN_USE).order_by().values("pk")
        return self.filter(generation=Coalesce(models.Subquery(in_use), 0))

    def within(self, period: Period) -> "FactQuerySet":
        """Keep the months of a period of whole months."""
        assert period.whole_months is not None
        return self.filter(month__gte=period.start, month__lt=period.end)


class Fact(models.Model):
    """What both kinds of facts have; keys without a constraint, since a fact is never written but from a document."""

    generation = models.BigIntegerField(default=0)
    month = models.DateField(_("month"))
    customer = models.ForeignKey(Customer, models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False)
    region = models.ForeignKey(Region, models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False)
    representative = models.ForeignKey(
        User, models.DO_NOTHING, null=True, related_name="+", db_constraint=False, db_index=False
    )

    objects = FactQuerySet.as_manager()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.customer_id}"


class GoodsFact(Fact):
    """What was delivered of a product to a customer in a month, by day of shipment; amounts with tax."""

    product = models.ForeignKey(Product, models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False)
    quantity = models.BigIntegerField(_("quantity"))
    amount = MoneyField(_("amount"))
    lines = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("goods fact")
        indexes = [
            models.Index(fields=["customer", "month", "generation"]),
            models.Index(fields=["generation", "month"]),
        ]


class AccountFact(Fact):
    """What a customer's month was: delivered by day of shipment, posted by day of posting, and how it ended.

    opening + debits − payments − credits = closing, over all regions and representatives of the month: the balances
    stand with those that the customer has on its last day. Overdue is what was past its day at the end of the month's
    last day, of the month that runs: today. A customer is new in the month of its
    first delivery, lost in the last of LOST_AFTER_MONTHS whole months without any.
    """

    quantity = models.BigIntegerField(_("delivered quantity"), default=0)
    amount = MoneyField(_("delivered amount"), default=ZERO)
    debits = MoneyField(_("debits"), default=ZERO)
    payments = MoneyField(_("payments"), default=ZERO)
    credits = MoneyField(_("other credits"), default=ZERO)
    opening = MoneyField(_("opening receivable"), default=ZERO)
    closing = MoneyField(_("closing receivable"), default=ZERO)
    overdue = MoneyField(_("overdue"), default=ZERO)
    new_customers = models.PositiveSmallIntegerField(_("new customers"), default=0)
    lost_customers = models.PositiveSmallIntegerField(_("lost customers"), default=0)

    class Meta:
        verbose_name = _("account fact")
        indexes = [
            models.Index(fields=["customer", "month", "generation"]),
            models.Index(fields=["generation", "month"]),
        ]
