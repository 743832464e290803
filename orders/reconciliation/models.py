"""Statements as issued, rounds of reconciliation, and what an agent's books say otherwise."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import pghistory
import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers.files.models import Customer
from orders.receivables.models import OfCustomerQuerySet, ReceivableEntry
from salesops.kernel.money import ZERO, MoneyField
from salesops.kernel.periods import Period
from salesops.kernel.triggers import APPEND_ONLY
from salesops.users.models import User


class IssuedStatement(models.Model):
    """An account over a span of days as it was when the statement was issued; never changed.

    Its entries are those of the span up to `upto`, the account's last entry at that moment: entries are never changed,
    and an account is locked while a statement of it is issued, so that they stay what they were. `ageing` holds the
    open debits by age at the end of the last day as texts, the youngest first, and the unallocated credits at its end.
    """

    series = "ST"

    number = models.CharField(_("number"), max_length=20, unique=True)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="statements", verbose_name=_("customer"))
    name = models.CharField(max_length=200)
    name_zh = models.CharField(max_length=200, blank=True)
    first_day = models.DateField(_("from"))
    last_day = models.DateField(_("until"))
    opening = MoneyField(_("opening balance"))
    debits = MoneyField(_("debits"), default=ZERO)
    credits = MoneyField(_("credits"), default=ZERO)
    closing = MoneyField(_("closing balance"))
    count = models.PositiveIntegerField(_("entries"), default=0)
    upto = models.BigIntegerField(default=0)
    ageing = models.JSONField(default=list)
    sha256 = models.CharField(max_length=64)
    issued_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("issued by"))
    issued_at = models.DateTimeField(_("issued"), auto_now_add=True)

    objects = OfCustomerQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("statement")
        verbose_name_plural = _("statements")
        default_permissions = ("view",)
        constraints = [
            models.CheckConstraint(
                condition=Q(closing=F("opening") + F("debits") - F("credits")), name="a_statement_adds_up"
            ),
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="a_statement_spans_days"),
        ]
        indexes = [models.Index(fields=["customer", "-last_day"])]
        triggers: list[pgtrigger.Trigger] = APPEND_ONLY

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        from django.urls import reverse

        return reverse("orders:statement", args=[self.number])

    @property
    def period(self) -> Period:
        """Its days."""
        return Period(self.first_day, Period.day(self.last_day).end)


class Round(models.Model):
    """One reconciliation of many accounts over the same days."""

    series = "RR"

    number = models.CharField(_("number"), max_length=20, unique=True)
    first_day = models.DateField(_("from"))
    last_day = models.DateField(_("until"))
    answer_by = models.DateField(_("answers due"))
    note = models.CharField(_("note"), max_length=300, blank=True)
    opened_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("opened by"))
    opened_at = models.DateTimeField(_("opened"), auto_now_add=True)

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("round of reconciliation")
        verbose_name_plural = _("rounds of reconciliation")
        default_permissions = ()
        constraints = [models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="a_round_spans_days")]

    def __str__(self) -> str:
        return str(self.period)

    def get_absolute_url(self) -> str:
        from django.urls import reverse

        return reverse("orders:round", args=[self.number])

    @property
    def period(self) -> Period:
        """Its days."""
        return Period(self.first_day, Period.day(self.last_day).end)


class ReconciliationState(models.TextChoices):
    """Where the reconciliation of one account stands."""

    NOT_SENT = "not_sent", _("Not sent")
    SENT = "sent", _("Sent")
    SEEN = "seen", _("Seen")
    DIFFERING = "differing", _("Differing")
    AGREED = "agreed", _("Agreed")
    SIGNED = "signed", _("Signed")


UNANSWERED = (ReconciliationState.SENT, ReconciliationState.SEEN)


class ReconciliationQuerySet(OfCustomerQuerySet):
    """Words for reconciliations."""

    def visible_to(self, user: User) -> "ReconciliationQuerySet":
        """Keep those in scope; an agent sees its own once they are sent."""
        rows: ReconciliationQuerySet = super().visible_to(user)
        return rows.exclude(state=ReconciliationState.NOT_SENT) if user.customer_id else rows

    def unanswered(self) -> "ReconciliationQuerySet":
        """Keep those that were sent and neither confirmed nor contradicted."""
        return self.filter(state__in=UNANSWERED)

    def unfinished(self) -> "ReconciliationQuerySet":
        """Keep those that not both sides have signed."""
        return self.exclude(state=ReconciliationState.SIGNED)


@pghistory.track(exclude=["number", "round", "customer", "sent_at", "seen_at"])
class Reconciliation(models.Model):
    """One account in a round: what was sent, what its owner says to it, who signed; frozen once both sides have."""

    series = "RC"

    number = models.CharField(_("number"), max_length=20, unique=True)
    round = models.ForeignKey(Round, models.PROTECT, related_name="reconciliations", verbose_name=_("round"))
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="reconciliations", verbose_name=_("customer"))
    statement = models.OneToOneField(
        IssuedStatement, models.PROTECT, null=True, related_name="reconciliation", verbose_name=_("statement")
    )
    state = models.CharField(
        _("state"), max_length=20, choices=ReconciliationState, default=ReconciliationState.NOT_SENT
    )
    sent_at = models.DateTimeField(_("sent"), null=True)
    seen_at = models.DateTimeField(_("seen"), null=True)
    reminded_at = models.DateTimeField(_("reminded"), null=True)
    their_closing = MoneyField(_("their closing balance"), null=True)
    accepted_amount = MoneyField(_("accepted without explanation"), null=True)
    accepted_reason = models.CharField(_("why it is accepted"), max_length=300, blank=True)
    accepted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    our_signer = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("signed for us by")
    )
    our_signed_at = models.DateTimeField(null=True)
    our_signed_from = models.CharField(max_length=64, blank=True)
    their_signer = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("signed for the customer by")
    )
    their_signed_at = models.DateTimeField(null=True)
    their_signed_from = models.CharField(max_length=64, blank=True)

    objects = ReconciliationQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("reconciliation")
        verbose_name_plural = _("reconciliations")
        default_permissions = ("view",)
        permissions = [
            ("run_reconciliation", _("Can open rounds, explain differences and sign for the company")),
            ("accept_unexplained", _("Can accept what is left unexplained")),
            ("answer_reconciliation", _("Can confirm or contradict the own account")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["round", "customer"], name="an_account_is_once_in_a_round"),
            models.CheckConstraint(
                condition=Q(state=ReconciliationState.NOT_SENT) | Q(statement__isnull=False),
                name="what_is_sent_has_a_statement",
            ),
        ]
        indexes = [
            models.Index(fields=["round", "state"]),
            models.Index(fields=["customer", "-id"]),
            models.Index(fields=["state", "sent_at"]),
        ]
        triggers = [
            pgtrigger.Protect(
                name="what_both_signed_is_frozen",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__our_signed_at__isnull=False, old__their_signed_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        from django.urls import reverse

        return reverse("orders:reconciliation", args=[self.number])

    @property
    def is_signed_by_somebody(self) -> bool:
        """Whether one side has signed: then figures stay until that signature is taken back."""
        return bool(self.our_signed_at or self.their_signed_at)

    @property
    def is_frozen(self) -> bool:
        """Whether both sides have signed."""
        return bool(self.our_signed_at and self.their_signed_at)

    def is_open_to(self, user: User) -> bool:
        """Whether somebody's side may change its figures: until a signature; the customer's also after ours alone."""
        return not (self.their_signed_at if user.customer_id == self.customer_id else self.is_signed_by_somebody)


class DifferenceKind(models.TextChoices):
    """What is said to be different."""

    PRICE = "price", _("Price")
    QUANTITY = "quantity", _("Quantity")
    NOT_RECEIVED = "not_received", _("Goods not received")
    RETURN = "return", _("Return not credited")
    PAYMENT = "payment", _("Payment not shown")
    OTHER = "other", _("Other")


class DifferenceReason(models.TextChoices):
    """What explains it, and whose books follow."""

    TRANSIT = "transit", _("In transit")
    TIMING = "timing", _("Another period")
    OURS = "ours_to_post", _("Ours to post")
    THEIRS = "theirs_to_post", _("Theirs to post")


class DifferenceState(models.TextChoices):
    """Where a difference stands."""

    OPEN = "open", _("Open")
    EXPLAINED = "explained", _("Explained")
    WITHDRAWN = "withdrawn", _("Withdrawn")


def evidence_path(difference: "Difference", name: str) -> str:
    """Where an upload is kept: never under the name that somebody typed."""
    return f"reconciliations/{timezone.localdate():%Y/%m}/{uuid4()}{Path(name).suffix.lower()[:8]}"


class DifferenceQuerySet(models.QuerySet["Difference"]):
    """Words for differences."""

    def standing(self) -> "DifferenceQuerySet":
        """Keep those that were not withdrawn."""
        return self.exclude(state=DifferenceState.WITHDRAWN)


@pghistory.track(exclude=["file", "file_type"])
class Difference(models.Model):
    """What lies between our closing balance and theirs; `amount` added to ours comes nearer to theirs.

    `resolution` is the number of what put it right: of the `adjustment` that was asked for it, of an entry that was
    `posted` otherwise, or, where neither is set, of a document of theirs.
    """

    reconciliation = models.ForeignKey(Reconciliation, models.PROTECT, related_name="differences")
    position = models.PositiveSmallIntegerField(_("position"))
    kind = models.CharField(_("kind"), max_length=20, choices=DifferenceKind)
    amount = MoneyField(_("amount"))
    entry = models.ForeignKey(
        ReceivableEntry, models.PROTECT, null=True, related_name="+", verbose_name=_("entry"), db_index=False
    )
    document = models.CharField(_("their document"), max_length=60, blank=True)
    text = models.CharField(_("what they say"), max_length=500, blank=True)
    file = models.FileField(upload_to=evidence_path, blank=True)
    file_name = models.CharField(_("evidence"), max_length=200, blank=True)
    file_type = models.CharField(max_length=100, blank=True)
    stated_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("stated by"))
    stated_at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(_("state"), max_length=20, choices=DifferenceState, default=DifferenceState.OPEN)
    owner = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("owner"))
    reason = models.CharField(_("reason"), max_length=20, choices=DifferenceReason, blank=True)
    note = models.CharField(_("explanation"), max_length=500, blank=True)
    resolution = models.CharField(_("posted as"), max_length=40, blank=True)
    adjustment = models.OneToOneField(
        "orders.Adjustment", models.PROTECT, null=True, related_name="difference", verbose_name=_("adjustment")
    )
    posted = models.ForeignKey(
        ReceivableEntry, models.PROTECT, null=True, related_name="+", verbose_name=_("entry"), db_index=False
    )
    explained_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("explained by"))

    objects = DifferenceQuerySet.as_manager()

    class Meta:
        ordering = ["reconciliation", "position"]
        verbose_name = _("difference")
        verbose_name_plural = _("differences")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["reconciliation", "position"], name="differences_are_numbered"),
            models.UniqueConstraint(
                fields=["reconciliation", "entry"],
                condition=~Q(state=DifferenceState.WITHDRAWN),
                name="an_entry_differs_once",
            ),
            models.CheckConstraint(condition=~Q(amount=0), name="a_difference_is_not_nothing"),
            models.CheckConstraint(
                condition=~Q(state=DifferenceState.EXPLAINED) | ~Q(reason=""), name="what_is_explained_has_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(adjustment=None) | Q(posted=None), name="a_difference_is_put_right_by_one_document"
            ),
            models.CheckConstraint(
                condition=Q(adjustment=None, posted=None) | (Q(state=DifferenceState.EXPLAINED) & ~Q(resolution="")),
                name="what_puts_it_right_explains_it",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="differences_of_what_is_signed_stay",
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                when=pgtrigger.Before,
                func=(
                    "IF EXISTS (SELECT FROM orders_reconciliation signed"
                    " WHERE signed.id = COALESCE(NEW.reconciliation_id, OLD.reconciliation_id)"
                    " AND signed.our_signed_at IS NOT NULL AND signed.their_signed_at IS NOT NULL) THEN"
                    " RAISE EXCEPTION 'what both sides signed is frozen'; END IF;"
                    " IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW;"
                ),
            )
        ]

    def __str__(self) -> str:
        return f"{self.reconciliation} / {self.position}"

    @property
    def is_open(self) -> bool:
        """Whether nothing explains it yet."""
        return self.state == DifferenceState.OPEN

    @property
    def at(self) -> Any:
        """The document it is about, ours or theirs."""
        return self.entry.document if self.entry else self.document


def letter_path(letter: "Letter", name: str) -> str:
    """Where a letter is kept."""
    return f"reconciliations/{timezone.localdate():%Y/%m}/{uuid4()}.pdf"


class Letter(models.Model):
    """The letter of a reconciliation as it was printed when the second side signed; never changed."""

    reconciliation = models.OneToOneField(Reconciliation, models.PROTECT, related_name="letter")
    file = models.FileField(upload_to=letter_path)
    sha256 = models.CharField(max_length=64)
    made_at = models.DateTimeField(_("made"), auto_now_add=True)

    class Meta:
        default_permissions = ()
        triggers: list[pgtrigger.Trigger] = APPEND_ONLY

    def __str__(self) -> str:
        return str(self.reconciliation)
