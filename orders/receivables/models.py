"""The receivables ledger: entries that are never changed, and what is still open of each."""

from typing import Any

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from customers.files.models import Customer
from orders.closing.triggers import out_of_closed_months
from orders.facts.triggers import marks_facts
from salesops.kernel.money import ZERO, Money, MoneyField
from salesops.kernel.periods import Period
from salesops.kernel.triggers import APPEND_ONLY
from salesops.users.models import User
from salesops.users.scope import ScopedQuerySet


class Source(models.TextChoices):
    """The kind of document that an entry comes from."""

    SHIPMENT = "shipment", _("Shipment")
    PAYMENT = "payment", _("Payment")
    PAYMENT_REVERSAL = "payment_reversal", _("Reversal of a payment")
    OPENING = "opening", _("Opening balance")
    ADJUSTMENT = "adjustment", _("Adjustment")
    WRITE_OFF = "write_off", _("Write-off")
    REFUND = "refund", _("Refund")
    ADJUSTMENT_REVERSAL = "adjustment_reversal", _("Reversal of an adjustment")


BOUND = (Source.PAYMENT_REVERSAL, Source.WRITE_OFF, Source.REFUND, Source.ADJUSTMENT_REVERSAL)
"""What these settle was decided on, or is taken back with them: no allocation of theirs is taken back by itself."""


class OfCustomerQuerySet(ScopedQuerySet):
    """Rows that belong to a customer's account."""

    owner_path = "customer__representative"
    region_path = "customer__region"
    account_path = "customer"


class ReceivableEntryQuerySet(OfCustomerQuerySet):
    """Words for entries."""

    def in_order(self) -> "ReceivableEntryQuerySet":
        """Sort as an account statement does: by posting date, then as posted."""
        return self.order_by("posted_on", "pk")


class ReceivableEntry(models.Model):
    """One line of a customer's account: a debit raises what is owed, a credit lowers it.

    `belongs_on` is the document's own day where its month was closed when it was posted.
    """

    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="entries", verbose_name=_("customer"), db_index=False
    )
    source = models.CharField(_("kind"), max_length=20, choices=Source)
    source_id = models.BigIntegerField()
    document = models.CharField(_("document"), max_length=40)
    text = models.CharField(_("what"), max_length=200, blank=True)
    posted_on = models.DateField(_("date"))
    belongs_on = models.DateField(_("belongs to"), null=True)
    due_on = models.DateField(_("due"))
    debit = MoneyField(_("debit"), default=ZERO)
    credit = MoneyField(_("credit"), default=ZERO)
    posted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    posted_at = models.DateTimeField(auto_now_add=True)

    objects = ReceivableEntryQuerySet.as_manager()

    class Meta:
        ordering = ["-posted_on", "-pk"]
        verbose_name = _("receivable entry")
        verbose_name_plural = _("receivable entries")
        permissions = [("view_accounts", _("Can see customers' accounts"))]
        constraints = [
            models.UniqueConstraint(fields=["source", "source_id"], name="a_document_is_posted_once"),
            models.CheckConstraint(
                condition=Q(debit__gt=0, credit=0) | Q(debit=0, credit__gt=0), name="an_entry_is_a_debit_or_a_credit"
            ),
            models.CheckConstraint(
                condition=Q(belongs_on=None) | Q(belongs_on__lt=models.F("posted_on")),
                name="a_late_entry_belongs_to_an_earlier_day",
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "posted_on", "id"]),
            models.Index(fields=["posted_on"]),
            models.Index(fields=["document"]),
        ]
        triggers: list[pgtrigger.Trigger] = [
            *APPEND_ONLY,
            out_of_closed_months("posted_on"),
            marks_facts("SELECT customer_id, posted_on AS day FROM posted"),
        ]

    def __str__(self) -> str:
        return self.document

    @property
    def amount(self) -> Money:
        """What it adds to the balance; negative for a credit."""
        return self.debit - self.credit

    @property
    def what(self) -> str:
        """What it says, with the month that it belongs to where it came late."""
        words = self.text or str(self.get_source_display())
        if self.belongs_on is None:
            return words
        return f"{words} · {gettext('belongs to %(month)s') % {'month': self.belongs_to}}"

    @property
    def belongs_to(self) -> Period | None:
        """The closed month that its document came too late for."""
        return Period.month(self.belongs_on.year, self.belongs_on.month) if self.belongs_on else None


class OpenItemQuerySet(OfCustomerQuerySet):
    """Words for open items."""

    def open(self) -> "OpenItemQuerySet":
        """Keep what is not wholly settled."""
        return self.filter(open_amount__gt=0)

    def debits(self) -> "OpenItemQuerySet":
        """Keep what the customer owes."""
        return self.filter(is_debit=True)

    def overdue_on(self, day: Any) -> "OpenItemQuerySet":
        """Keep open debits that were due before a day."""
        return self.debits().open().filter(due_on__lt=day)


def _forgets_what_is_overdue(name: str, operation: pgtrigger.Operation, **referencing: str) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name=name,
        operation=operation,
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        referencing=pgtrigger.Referencing(**referencing),
        func=(
            "UPDATE customers_creditaccount SET known_overdue_on = NULL"
            " WHERE known_overdue_on IS NOT NULL AND customer_id IN (SELECT customer_id FROM touched); RETURN NULL;"
        ),
    )


class OpenItem(models.Model):
    """What is still open of an entry, or of a part of it that is due on a day of its own; credits settle debits.

    `posted_on` is the entry's day. The database gives the key: a first part has that of its entry, further ones are
    drawn from where entries draw theirs, so that no two items ever have the same.
    """

    id = models.BigIntegerField(primary_key=True, db_default=0, editable=False)
    entry = models.ForeignKey(ReceivableEntry, models.PROTECT, related_name="items", db_index=False)
    part = models.PositiveSmallIntegerField(default=1, db_default=1)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="items", verbose_name=_("customer"))
    is_debit = models.BooleanField()
    posted_on = models.DateField(_("date"))
    due_on = models.DateField(_("due"))
    amount = MoneyField(_("amount"))
    open_amount = MoneyField(_("open"))

    objects = OpenItemQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "pk"]
        verbose_name = _("open item")
        constraints = [
            models.CheckConstraint(
                condition=Q(open_amount__gte=0, open_amount__lte=models.F("amount")),
                name="no_more_is_open_than_was_posted",
            ),
            models.UniqueConstraint(fields=["entry", "part"], name="parts_of_an_entry_are_numbered"),
        ]
        indexes = [
            models.Index(
                fields=["customer", "is_debit", "due_on"],
                include=["open_amount"],  # what is overdue is added up from the index alone
                condition=Q(open_amount__gt=0),
                name="open_items_of_account",
            ),
            models.Index(fields=["due_on"], condition=Q(open_amount__gt=0, is_debit=True), name="debits_by_due_day"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="items_get_their_key",
                operation=pgtrigger.Insert,
                when=pgtrigger.Before,
                func=(
                    "IF NEW.part = 1 THEN NEW.id := NEW.entry_id;"
                    " ELSE NEW.id := nextval(pg_get_serial_sequence('orders_receivableentry', 'id')); END IF;"
                    " IF NEW.posted_on = '-infinity' THEN"
                    " SELECT posted_on INTO NEW.posted_on FROM orders_receivableentry WHERE id = NEW.entry_id; END IF;"
                    " RETURN NEW;"
                ),
            ),
            _forgets_what_is_overdue("new_items_forget_overdue", pgtrigger.Insert, new="touched"),
            _forgets_what_is_overdue("changed_items_forget_overdue", pgtrigger.Update, new="touched"),
            _forgets_what_is_overdue("removed_items_forget_overdue", pgtrigger.Delete, old="touched"),
        ]

    def __str__(self) -> str:
        return f"{self.entry}"


class AllocationQuerySet(models.QuerySet["Allocation"]):
    """Words for allocations."""

    def standing(self) -> "AllocationQuerySet":
        """Keep those that were not taken back."""
        return self.filter(reverses=None, reversed_by=None)


class Allocation(models.Model):
    """How much of a debit a credit settled, from a day on; never changed or deleted, but taken back by a further row.

    A row that takes another back `reverses` it, with the same amount below zero. `made_by` is empty where it was made
    along with an entry, by the rule.
    """

    debit = models.ForeignKey(OpenItem, models.PROTECT, related_name="settled_by")
    credit = models.ForeignKey(OpenItem, models.PROTECT, related_name="settles")
    amount = MoneyField(_("amount"))
    allocated_on = models.DateField(_("date"), db_default=models.functions.Now())
    reverses = models.OneToOneField("self", models.PROTECT, null=True, related_name="reversed_by")
    made_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True, db_default=models.functions.Now())

    objects = AllocationQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("allocation")
        indexes = [models.Index(fields=["allocated_on"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0, reverses=None) | Q(amount__lt=0, reverses__isnull=False),
                name="an_allocation_settles_or_takes_back",
            )
        ]
        triggers: list[pgtrigger.Trigger] = [
            *APPEND_ONLY,
            out_of_closed_months("allocated_on"),
            marks_facts(
                "SELECT customer_id, allocated_on AS day FROM posted"
                " JOIN orders_openitem ON orders_openitem.id = debit_id"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.credit} → {self.debit}"
