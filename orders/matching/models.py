"""An agent's own ledger of a span of days, and which of its lines stand for which of our entries."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import pgtrigger
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


def _adds_up(splits: str, lines: str = "") -> str:
    """PL/pgSQL that refuses splits, and lines, that are not what LedgerSplit says of them.

    They are read as they are at the end of the transaction, not as the change was that asked for it.
    """
    whole = f"""
    IF EXISTS (
        SELECT FROM orders_ledgerline line WHERE {lines} AND line.split_id IS NULL AND line.stands =
            EXISTS (SELECT FROM orders_ledgersplit WHERE line_id = line.id AND undone_at IS NULL)
    ) THEN RAISE EXCEPTION 'a line stands while it is not split'; END IF;
    """  # noqa: S608  our own words
    return f"""{whole if lines else ""}
    IF EXISTS (
        SELECT FROM orders_ledgersplit split JOIN orders_ledgerline line ON line.id = split.line_id
        CROSS JOIN LATERAL (
            SELECT count(*) AS count, sum(part.amount) AS amount, count(*) FILTER (WHERE part.stands) AS standing
            FROM orders_ledgerline part
            WHERE part.split_id = split.id AND part.upload_id = line.upload_id AND part.row = line.row
        ) parts
        WHERE ({splits}) AND (
            line.split_id IS NOT NULL OR line.upload_id <> split.upload_id
            OR parts.count <> split.parts_count OR parts.amount IS DISTINCT FROM line.amount
            OR parts.standing <> CASE WHEN split.undone_at IS NULL THEN parts.count ELSE 0 END
            OR line.stands = EXISTS (SELECT FROM orders_ledgersplit WHERE line_id = line.id AND undone_at IS NULL)
        )
    ) THEN RAISE EXCEPTION 'parts add up to their line, and either of them stands'; END IF;
    IF EXISTS (
        SELECT FROM orders_ledgersplit split
        JOIN orders_ledgerline line ON line.id = split.line_id OR line.split_id = split.id
        JOIN orders_matchtheirs side ON side.line_id = line.id
        WHERE ({splits}) AND side.stands AND NOT line.stands
    ) THEN RAISE EXCEPTION 'a line that does not stand is in no match'; END IF;
    RETURN NULL;
    """  # noqa: S608  our own words


class LedgerLineQuerySet(models.QuerySet["LedgerLine"]):
    """Words for lines of agents' ledgers."""

    def standing(self) -> "LedgerLineQuerySet":
        """Keep those that count: what was read and is not split, and the parts of what is."""
        return self.filter(stands=True)


class LedgerLine(models.Model):
    """A line of an agent's ledger; the amount as our ledger sees it: what raises the agent's debt is positive.

    What was read is part 1 of its row. Parts into which a person split it are further lines of its row, numbered on;
    while they stand it does not, so that each row counts once, with what stands in the file.
    """

    upload = models.ForeignKey(LedgerUpload, models.CASCADE, related_name="lines", db_index=False)
    row = models.PositiveIntegerField(_("row"))
    part = models.PositiveSmallIntegerField(default=1, db_default=1)
    split = models.ForeignKey("orders.LedgerSplit", models.PROTECT, null=True, related_name="parts", db_index=False)
    stands = models.BooleanField(default=True, db_default=True)
    day = models.DateField(_("date"))
    reference = models.CharField(_("reference"), max_length=120, blank=True)
    text = models.CharField(_("what"), max_length=300, blank=True)
    amount = MoneyField(_("amount"))

    objects = LedgerLineQuerySet.as_manager()

    class Meta:
        ordering = ["day", "pk"]
        verbose_name = _("line of an agent's ledger")
        constraints = [
            models.UniqueConstraint(fields=["upload", "row", "part"], name="a_row_of_a_ledger_is_read_once"),
            models.CheckConstraint(condition=~Q(amount=0), name="a_line_of_a_ledger_moves_something"),
            models.CheckConstraint(
                condition=Q(part=1, split=None) | Q(part__gt=1, split__isnull=False), name="a_part_is_of_a_split"
            ),
        ]
        indexes = [
            models.Index(fields=["upload", "day", "id"]),
            models.Index(fields=["split"], condition=Q(split__isnull=False), name="parts_of_a_split"),
        ]
        triggers = [
            pgtrigger.ReadOnly(name="what_a_line_moves_stays", fields=["upload", "row", "part", "split", "amount"]),
            pgtrigger.Protect(
                name="parts_stay_as_history",
                operation=pgtrigger.Delete,
                condition=pgtrigger.Q(old__split__isnull=False),
            ),
            pgtrigger.Trigger(
                name="new_parts_add_up",
                operation=pgtrigger.Insert,
                when=pgtrigger.After,
                timing=pgtrigger.Deferred,
                condition=pgtrigger.Q(new__split__isnull=False) | pgtrigger.Q(new__stands=False),
                func=_adds_up("split.id = NEW.split_id", "line.id = NEW.id"),
            ),
            pgtrigger.Trigger(
                name="lines_stand_once",
                operation=pgtrigger.UpdateOf("stands"),
                when=pgtrigger.After,
                timing=pgtrigger.Deferred,
                func=_adds_up("split.id = NEW.split_id OR split.line_id = NEW.id", "line.id = NEW.id"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.row} {self.reference}"


class LedgerSplit(models.Model):
    """That a person split a line into parts that add up to it; kept when the line is put together again.

    At the end of every transaction the database holds that either the line stands or its parts do, that the parts of a
    split that stands add up to the line, and that what does not stand is in no standing match.
    """

    upload = models.ForeignKey(LedgerUpload, models.PROTECT, related_name="splits")
    line = models.ForeignKey(LedgerLine, models.PROTECT, related_name="splits")
    parts_count = models.PositiveSmallIntegerField()
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("by"))
    made_at = models.DateTimeField(auto_now_add=True)
    undone_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["line"], condition=Q(undone_at=None), name="a_line_is_split_once"),
            models.CheckConstraint(condition=Q(parts_count__gt=1), name="a_split_has_two_parts_at_least"),
            models.CheckConstraint(
                condition=Q(undone_by=None, undone_at=None) | Q(undone_by__isnull=False, undone_at__isnull=False),
                name="a_split_is_undone_by_somebody",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="splits_stay_as_history", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="splits_add_up",
                operation=pgtrigger.Insert | pgtrigger.Update,
                when=pgtrigger.After,
                timing=pgtrigger.Deferred,
                func=_adds_up("split.id = NEW.id"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line} / {self.parts_count}"


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
    `carried_count` of their lines are of the ledger before.
    """

    upload = models.ForeignKey(LedgerUpload, models.PROTECT, related_name="matches", db_index=False)
    way = models.CharField(_("matched by"), max_length=20, choices=Way)
    days = models.PositiveIntegerField(default=0)
    ours_count = models.PositiveIntegerField()
    theirs_count = models.PositiveIntegerField()
    carried_count = models.PositiveIntegerField(default=0, db_default=0)
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
        triggers = [
            pgtrigger.Trigger(
                name="only_lines_that_stand_are_matched",
                operation=pgtrigger.Insert,
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                referencing=pgtrigger.Referencing(new="made"),
                func=(
                    "IF EXISTS (SELECT FROM made JOIN orders_ledgerline line ON line.id = made.line_id"
                    " WHERE made.stands AND NOT line.stands) THEN"
                    " RAISE EXCEPTION 'a line that does not stand is in no match'; END IF; RETURN NULL;"
                ),
            )
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
