"""What a bank says came in: its files, their lines, and which payment each line became."""

from pathlib import Path
from typing import Any
from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers.files.models import Customer
from orders.payments.models import Payment
from salesops.jobs.models import Job
from salesops.kernel.money import MoneyField
from salesops.users.models import User
from salesops.users.roles import COMPANY_ROLES


class CompanyAccount(models.Model):
    """An account of the company, and how the files of its bank are written.

    Its row is locked before anything of its files is changed.
    """

    name = models.CharField(_("account"), max_length=80, unique=True)
    mapping: Any = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class BankFileState(models.TextChoices):
    """Where a bank file stands."""

    NEW = "new", _("To be explained")
    READ = "read", _("Read")


class BankFileQuerySet(models.QuerySet["BankFile"]):
    """Words for bank files."""

    def visible_to(self, user: User) -> "BankFileQuerySet":
        """Keep all for those who see the whole company, none for others: a file names payers of every region."""
        sees_all = user.is_authenticated and user.is_active and (user.is_superuser or user.roles & COMPANY_ROLES)
        return self if sees_all else self.none()


def bank_file_path(one: "BankFile", filename: str) -> str:
    """Where an uploaded file is kept: in a folder of its own, so that messages call it by its name."""
    return f"bankfiles/{timezone.localdate():%Y/%m}/{uuid4()}/{Path(filename).name[-80:]}"


class BankFile(models.Model):
    """A statement of the bank as it was uploaded. `problems`: rows that cannot be read, column, value, why."""

    account = models.ForeignKey(CompanyAccount, models.PROTECT, related_name="files", verbose_name=_("account"))
    file = models.FileField(_("file"), upload_to=bank_file_path, max_length=300)
    file_name = models.CharField(_("file"), max_length=200)
    state = models.CharField(_("state"), max_length=10, choices=BankFileState, default=BankFileState.NEW)
    mapping: Any = models.JSONField(default=dict, blank=True)
    left_out = models.PositiveIntegerField(_("left out"), default=0)
    problems: Any = models.JSONField(default=list, blank=True)
    bad = models.PositiveIntegerField(_("wrong"), default=0)
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+")
    uploaded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("by"))
    uploaded_at = models.DateTimeField(_("uploaded"), auto_now_add=True)

    objects = BankFileQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("bank file")
        verbose_name_plural = _("bank files")
        indexes = [models.Index(fields=["-uploaded_at", "-id"])]

    def __str__(self) -> str:
        return f"{self.account} {self.file_name}"

    def get_absolute_url(self) -> str:
        from django.urls import reverse

        return reverse("orders:bank_file", args=[self.pk])

    @property
    def is_busy(self) -> bool:
        """Whether it is being recorded in the background."""
        return self.job is not None and self.job.is_live


class LineState(models.TextChoices):
    """What becomes of a line."""

    OPEN = "open", _("To decide")
    PROPOSED = "proposed", _("Proposed")
    RECORDED = "recorded", _("Recorded")
    ASIDE = "aside", _("Set aside")
    REPEATED = "repeated", _("Came before")


class Way(models.TextChoices):
    """What a line's customer was found by, the strongest first."""

    ACCOUNT = "account", _("Payer's account")
    REFERENCE = "reference", _("Reference")
    NAME = "name", _("Payer's name")
    HAND = "hand", _("By hand")


class Doubt(models.TextChoices):
    """Why a line of which something was found is left to a person."""

    SEVERAL = "several", _("Several customers fit")
    CONTRADICTS = "contradicts", _("Account, name and reference name different customers")
    PAID = "paid", _("A payment of this customer, day and amount is there already")


class BankLine(models.Model):
    """A line of a bank file; above 0 came in, below 0 went out.

    `identity` is the same however often a file has the line. The first to come has it alone; another one `repeats` it
    and is never recorded itself.
    """

    file = models.ForeignKey(BankFile, models.PROTECT, related_name="lines", db_index=False)
    account = models.ForeignKey(CompanyAccount, models.PROTECT, related_name="lines", db_index=False)
    row = models.PositiveIntegerField(_("row"))
    identity = models.CharField(max_length=64)
    repeats = models.ForeignKey("self", models.PROTECT, null=True, related_name="repeated_by")
    day = models.DateField(_("date"))
    amount = MoneyField(_("amount"))
    payer_account = models.CharField(_("payer's account"), max_length=60, blank=True)
    payer_name = models.CharField(_("payer"), max_length=160, blank=True)
    reference = models.CharField(_("reference"), max_length=300, blank=True)
    transaction = models.CharField(_("bank's number"), max_length=80, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=LineState, default=LineState.OPEN)
    customer = models.ForeignKey(
        Customer, models.PROTECT, null=True, related_name="bank_lines", verbose_name=_("customer")
    )
    way = models.CharField(_("found by"), max_length=10, choices=Way, blank=True)
    doubt = models.CharField(_("doubt"), max_length=12, choices=Doubt, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("by"))

    class Meta:
        ordering = ["row"]
        verbose_name = _("line of a bank file")
        constraints = [
            models.UniqueConstraint(fields=["file", "row"], name="a_row_of_a_bank_file_is_read_once"),
            models.UniqueConstraint(
                fields=["account", "identity"], condition=Q(repeats=None), name="a_line_of_the_bank_comes_once"
            ),
            models.CheckConstraint(condition=~Q(amount=0), name="a_line_of_the_bank_moves_something"),
            models.CheckConstraint(
                condition=~Q(state__in=["proposed", "recorded"]) | Q(customer__isnull=False, amount__gt=0),
                name="a_receipt_of_the_bank_has_a_customer",
            ),
            models.CheckConstraint(
                condition=Q(state="repeated", repeats__isnull=False) | ~Q(state="repeated") & Q(repeats=None),
                name="a_line_that_came_before_names_it",
            ),
        ]
        indexes = [models.Index(fields=["file", "state", "row"])]

    def __str__(self) -> str:
        return f"{self.row} {self.payer_name}"


class BankReceipt(models.Model):
    """That a line became a payment. It is freed once that was reversed, so that the line may be recorded again."""

    line = models.ForeignKey(BankLine, models.PROTECT, related_name="receipts", db_index=False)
    payment = models.OneToOneField(Payment, models.PROTECT, related_name="bank_receipt")
    freed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    freed_at = models.DateTimeField(null=True)
    freed_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["line"], condition=Q(freed_at=None), name="a_line_of_the_bank_is_recorded_once"
            ),
            models.CheckConstraint(
                condition=Q(freed_at=None, freed_by=None, freed_reason="")
                | Q(freed_at__isnull=False, freed_by__isnull=False) & ~Q(freed_reason=""),
                name="a_receipt_is_freed_by_somebody_for_a_reason",
            ),
        ]
        indexes = [models.Index(fields=["line"])]

    def __str__(self) -> str:
        return f"{self.payment}"


class CustomerBankAccount(models.Model):
    """An account that a customer pays from, learned when a person recorded a line of it; `number` without signs."""

    number = models.CharField(_("payer's account"), max_length=60)
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="bank_accounts")
    learned_from = models.ForeignKey(BankLine, models.PROTECT, related_name="+")
    confirmed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["number", "customer"], name="an_account_of_a_customer_is_kept_once")
        ]

    def __str__(self) -> str:
        return self.number
