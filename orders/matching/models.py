"""An agent's own ledger of a span of days, and which of its lines stand for which of our entries."""

from pathlib import Path
from typing import Any
from uuid import uuid4

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers.files.models import Customer
from orders.receivables.models import OfCustomerQuerySet, ReceivableEntry
from orders.reconciliation.models import Difference, DifferenceState
from salesops.jobs.models import Job
from salesops.kernel.money import ZERO, Money, MoneyField
from salesops.users.models import User


class LedgerFormat(models.Model):
    """How the files of one agent are written, as they were read last. Its row is locked before anything is matched."""

    customer = models.OneToOneField(Customer, models.CASCADE, primary_key=True, related_name="ledger_format")
    mapping: Any = models.JSONField(default=dict, blank=True)

    def __str__(self) -> str:
        return f"{self.customer}"


class LedgerState(models.TextChoices):
    """Where an agent's ledger stands; one that is read stands until another of the same days replaces it."""

    NEW = "new", _("To be explained")
    READ = "read", _("Read")
    REPLACED = "replaced", _("Replaced")


class LedgerUploadQuerySet(OfCustomerQuerySet):
    """Words for agents' ledgers."""

    def standing(self) -> "LedgerUploadQuerySet":
        """Keep those that are read and were not replaced."""
        return self.filter(state=LedgerState.READ)

    def touching(self, first: Any, last: Any) -> "LedgerUploadQuerySet":
        """Keep those that share a day with a span."""
        return self.filter(first_day__lte=last, last_day__gte=first)


def ledger_path(upload: "LedgerUpload", filename: str) -> str:
    """Where an uploaded ledger is kept: in a folder of its own, so that messages call it by its name."""
    return f"ledgers/{timezone.localdate():%Y/%m}/{uuid4()}/{Path(filename).name[-80:]}"


class LedgerUpload(models.Model):
    """An agent's ledger of a span of days, with the file it came in and how that was read.

    `opening` and `closing` are what the agent says it owed before the first day and after the last, where it says so.
    `problems` holds rows that could not be read: number, column, what stands there, why.
    """

    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="ledgers", verbose_name=_("customer"), db_index=False
    )
    first_day = models.DateField(_("from"))
    last_day = models.DateField(_("to"))
    opening = MoneyField(_("their opening balance"), null=True, blank=True)
    closing = MoneyField(_("their closing balance"), null=True, blank=True)
    file = models.FileField(_("file"), upload_to=ledger_path, max_length=300, blank=True)
    file_name = models.CharField(_("file"), max_length=200, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=LedgerState, default=LedgerState.NEW)
    mapping: Any = models.JSONField(default=dict, blank=True)
    lines_read = models.PositiveIntegerField(_("lines"), default=0)
    left_out = models.PositiveIntegerField(_("left out"), default=0)
    bad = models.PositiveIntegerField(_("wrong"), default=0)
    problems: Any = models.JSONField(default=list, blank=True)
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+")
    replaced_by = models.ForeignKey("self", models.PROTECT, null=True, related_name="replaces")
    uploaded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("by"))
    uploaded_at = models.DateTimeField(_("uploaded"), auto_now_add=True)
    matched_at = models.DateTimeField(_("matched"), null=True)

    objects = LedgerUploadQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("agent's ledger")
        verbose_name_plural = _("agents' ledgers")
        permissions = [
            ("upload_ledger", _("Can upload an agent's own ledger")),
            ("match_ledger", _("Can match an agent's ledger against ours")),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(first_day__lte=F("last_day")), name="a_ledger_ends_after_it_begins"),
        ]
        indexes = [models.Index(fields=["customer", "-last_day"])]

    def __str__(self) -> str:
        return f"{self.customer} {self.first_day} – {self.last_day}"

    def get_absolute_url(self) -> str:
        from django.urls import reverse

        return reverse("orders:their_ledger", args=[self.pk])

    @property
    def is_busy(self) -> bool:
        """Whether it is being read in the background."""
        return self.job is not None and self.job.is_live


class LedgerLine(models.Model):
    """A line of an agent's ledger; the amount as our ledger sees it: what raises the agent's debt is positive.

    A row that a person split has several lines, numbered by `part`; they add up to what stands in the file.
    """

    upload = models.ForeignKey(LedgerUpload, models.CASCADE, related_name="lines", db_index=False)
    row = models.PositiveIntegerField(_("row"))
    part = models.PositiveSmallIntegerField(default=1, db_default=1)
    day = models.DateField(_("date"))
    reference = models.CharField(_("reference"), max_length=120, blank=True)
    text = models.CharField(_("what"), max_length=300, blank=True)
    amount = MoneyField(_("amount"))

    class Meta:
        ordering = ["day", "pk"]
        verbose_name = _("line of an agent's ledger")
        constraints = [
            models.UniqueConstraint(fields=["upload", "row", "part"], name="a_row_of_a_ledger_is_read_once"),
            models.CheckConstraint(condition=~Q(amount=0), name="a_line_of_a_ledger_moves_something"),
        ]
        indexes = [models.Index(fields=["upload", "day", "id"])]

    def __str__(self) -> str:
        return f"{self.row} {self.reference}"


class Way(models.TextChoices):
    """How a match was found, in the order in which the ways are tried."""

    REFERENCE = "reference", _("Reference")
    REFERENCE_PARTS = "reference_parts", _("Reference, in parts")
    AMOUNT = "amount", _("Amount, day")
    PARTS = "parts", _("In parts")
    HAND = "hand", _("By hand")


class LedgerMatchQuerySet(models.QuerySet["LedgerMatch"]):
    """Words for matches."""

    def standing(self) -> "LedgerMatchQuerySet":
        """Keep those that nobody undid, of ledgers that were not replaced."""
        return self.filter(undone_at=None, upload__state=LedgerState.READ)


class LedgerMatch(models.Model):
    """Entries of ours and lines of theirs that are the same; kept when it is undone.

    `amount` is the sum of our side; `difference` theirs less ours: nothing where the product matched, a few cents
    where a person took the responsibility with a `reason`. `days` is how far apart the sides lie at most.
    """

    upload = models.ForeignKey(LedgerUpload, models.PROTECT, related_name="matches", db_index=False)
    way = models.CharField(_("matched by"), max_length=20, choices=Way)
    days = models.PositiveIntegerField(default=0)
    ours_count = models.PositiveIntegerField()
    theirs_count = models.PositiveIntegerField()
    amount = MoneyField(_("amount"))
    difference = MoneyField(_("difference"), default=ZERO)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    made_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("by"))
    made_at = models.DateTimeField(auto_now_add=True)
    undone_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)

    objects = LedgerMatchQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("match")
        constraints = [
            models.CheckConstraint(
                condition=Q(difference=0) | ~Q(reason="") & Q(made_by__isnull=False),
                name="a_match_is_equal_or_a_person_says_why",
            ),
            models.CheckConstraint(
                condition=Q(way="hand", made_by__isnull=False) | ~Q(way="hand") & Q(made_by=None),
                name="a_match_is_by_hand_or_by_rule",
            ),
            models.CheckConstraint(
                condition=Q(undone_by=None, undone_at=None) | Q(undone_by__isnull=False, undone_at__isnull=False),
                name="a_match_is_undone_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=["upload", "id"])]

    def __str__(self) -> str:
        return f"{self.ours_count} : {self.theirs_count}"

    @property
    def their_amount(self) -> Money:
        """The sum of their side."""
        return self.amount + self.difference


class OfMatch(models.Model):
    """One side of a match, row by row. `stands` is false once the match is undone or its ledger replaced."""

    match = models.ForeignKey(LedgerMatch, models.CASCADE)
    stands = models.BooleanField(default=True)

    class Meta:
        abstract = True


class MatchOurs(OfMatch):
    """An entry of ours in a match."""

    match = models.ForeignKey(LedgerMatch, models.CASCADE, related_name="ours")
    entry = models.ForeignKey(ReceivableEntry, models.PROTECT, related_name="matched", db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["entry", "match"], name="an_entry_is_in_a_match_once"),
            models.UniqueConstraint(fields=["entry"], condition=Q(stands=True), name="an_entry_is_matched_once"),
        ]

    def __str__(self) -> str:
        return f"{self.entry}"


class MatchTheirs(OfMatch):
    """A line of theirs in a match."""

    match = models.ForeignKey(LedgerMatch, models.CASCADE, related_name="theirs")
    line = models.ForeignKey(LedgerLine, models.PROTECT, related_name="matched", db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["line", "match"], name="a_line_is_in_a_match_once"),
            models.UniqueConstraint(fields=["line"], condition=Q(stands=True), name="a_line_is_matched_once"),
        ]

    def __str__(self) -> str:
        return f"{self.line}"


class LedgerDifferenceQuerySet(models.QuerySet["LedgerDifference"]):
    """Words for what was handed over."""

    def standing(self) -> "LedgerDifferenceQuerySet":
        """Keep those whose difference was not withdrawn."""
        return self.exclude(difference__state=DifferenceState.WITHDRAWN)


class LedgerDifference(models.Model):
    """That a difference of a reconciliation came from matching.

    It is about a line of theirs, a match that was let pass, or neither: an entry of ours, which the difference itself
    names, or the opening balances.
    """

    upload = models.ForeignKey(LedgerUpload, models.PROTECT, related_name="differences")
    line = models.ForeignKey(LedgerLine, models.PROTECT, null=True, related_name="differences")
    match = models.ForeignKey(LedgerMatch, models.PROTECT, null=True, related_name="differences")
    difference = models.OneToOneField(Difference, models.PROTECT, related_name="from_ledger")

    objects = LedgerDifferenceQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.difference}"
