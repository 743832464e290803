"""Promises to pay, disputes, reminder levels, and the reminders that were sent."""

from typing import Any

import pghistory
import pgtrigger
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from customers.files.models import Customer
from orders.receivables.models import OfCustomerQuerySet, OpenItem
from orders.reconciliation.models import IssuedStatement
from salesops.kernel.money import MoneyField
from salesops.kernel.triggers import APPEND_ONLY
from salesops.notify.models import OutgoingMail
from salesops.users.models import User


class Outcome(models.TextChoices):
    """What became of a promise; it follows from payments, see queries.with_outcome."""

    OPEN = "open", _("Promised")
    KEPT = "kept", _("Kept")
    BROKEN = "broken", _("Broken")
    WITHDRAWN = "withdrawn", _("Withdrawn")


@pghistory.track()
class Promise(models.Model):
    """What a customer said it would pay, until when. Whether it was kept follows from its payments."""

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="promises", verbose_name=_("customer"))
    amount = MoneyField(_("amount"))
    given_on = models.DateField(_("given on"))
    promised_for = models.DateField(_("promised for"))
    given_by = models.CharField(_("who promised"), max_length=120, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("recorded by"))
    made_at = models.DateTimeField(auto_now_add=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True)

    objects = OfCustomerQuerySet.as_manager()

    class Meta:
        ordering = ["-promised_for", "-pk"]
        verbose_name = _("promise to pay")
        verbose_name_plural = _("promises to pay")
        default_permissions = ()
        permissions = [("collect", _("Can record promises and disputes")), ("send_reminders", _("Can send reminders"))]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="a_promise_is_of_something"),
            models.CheckConstraint(condition=Q(promised_for__gte=F("given_on")), name="a_promise_is_for_later"),
        ]
        indexes = [models.Index(fields=["customer", "promised_for"])]

    def __str__(self) -> str:
        return f"{self.customer} {self.promised_for}"


class DisputeKind(models.TextChoices):
    """What a customer disputes."""

    PRICE = "price", _("Price")
    QUANTITY = "quantity", _("Quantity")
    QUALITY = "quality", _("Quality")
    NOT_RECEIVED = "not_received", _("Goods not received")
    RETURN = "return", _("Return not credited")
    OTHER = "other", _("Other")


class DisputeState(models.TextChoices):
    """How a dispute stands: settled where nobody closed it, but nothing of its item is open any more."""

    OPEN = "open", pgettext_lazy("dispute", "Open")
    SETTLED = "settled", pgettext_lazy("dispute", "Settled")
    CLOSED = "closed", pgettext_lazy("dispute", "Closed")


class DisputeQuerySet(models.QuerySet["Dispute"]):
    """Words for disputes."""

    def open(self) -> "DisputeQuerySet":
        """Keep those that nobody has closed and of whose item something is open."""
        return self.filter(closed_at=None, item__open_amount__gt=0)


@pghistory.track()
class Dispute(models.Model):
    """An item, or a part of it, that the customer does not accept; it is not reminded of while this is open.

    It outlives its debt without a change: once the item is settled nothing is disputed any more, and where the payment
    bounces the same is disputed again.
    """

    item = models.ForeignKey(OpenItem, models.PROTECT, related_name="disputes", verbose_name=_("item"))
    kind = models.CharField(_("kind"), max_length=20, choices=DisputeKind)
    amount = MoneyField(_("amount"))
    text = models.CharField(_("what they say"), max_length=500)
    owner = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("owner"))
    opened_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("opened by"))
    opened_at = models.DateTimeField(_("opened"), auto_now_add=True)
    outcome = models.CharField(_("outcome"), max_length=500, blank=True)
    closed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("closed by"))
    closed_at = models.DateTimeField(_("closed"), null=True)

    objects = DisputeQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("dispute")
        verbose_name_plural = _("disputes")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="a_dispute_is_of_something"),
            models.CheckConstraint(
                condition=Q(closed_at=None) | ~Q(outcome=""),
                name="what_is_closed_has_an_outcome",
            ),
        ]
        indexes = [models.Index(fields=["item"], condition=Q(closed_at=None), name="open_disputes_of_an_item")]

    def __str__(self) -> str:
        return f"{self.item}"


@pghistory.track()
class ReminderLevel(models.Model):
    """A step of reminding: from how many days overdue on, how long after the step before, and what it says."""

    number = models.PositiveSmallIntegerField(_("level"), unique=True)
    days = models.PositiveSmallIntegerField(
        _("days overdue"), validators=[MaxValueValidator(3650)], help_text=_("It is sent from so many days on.")
    )
    gap = models.PositiveSmallIntegerField(
        _("days after the level before"), validators=[MinValueValidator(1), MaxValueValidator(365)], default=7
    )
    title = models.CharField(_("title"), max_length=120)
    title_zh = models.CharField(_("Chinese title"), max_length=120)
    text = models.TextField(_("text"), max_length=2000)
    text_zh = models.TextField(_("Chinese text"), max_length=2000)
    holds = models.BooleanField(
        _("puts the account on hold"), default=False, help_text=_("Until what it reminds of is paid.")
    )

    class Meta:
        ordering = ["number"]
        verbose_name = _("reminder level")
        verbose_name_plural = _("reminder levels")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=Q(number__gte=1), name="levels_begin_at_one"),
            models.CheckConstraint(condition=Q(gap__gte=1), name="a_level_is_a_day_after_the_one_before"),
        ]

    def __str__(self) -> str:
        return self.title


class Reminder(models.Model):
    """One letter to one customer with all its items that are overdue; never changed, as it was sent."""

    series = "RM"

    number = models.CharField(_("number"), max_length=20, unique=True)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="reminders", verbose_name=_("customer"))
    name = models.CharField(max_length=200)
    name_zh = models.CharField(max_length=200, blank=True)
    level = models.PositiveSmallIntegerField(_("level"))
    title = models.CharField(max_length=120)
    title_zh = models.CharField(max_length=120)
    text = models.TextField()
    text_zh = models.TextField()
    made_on = models.DateField(_("date"))
    amount = MoneyField(_("overdue"))
    statement = models.ForeignKey(IssuedStatement, models.PROTECT, related_name="+", verbose_name=_("statement"))
    sent_to = models.CharField(_("sent to"), max_length=254, blank=True)
    mail = models.OneToOneField(OutgoingMail, models.PROTECT, null=True, related_name="+")
    hold_at = models.DateTimeField(null=True)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("sent by"))
    made_at = models.DateTimeField(auto_now_add=True)

    objects = OfCustomerQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["customer", "made_on"], name="a_customer_is_reminded_once_a_day"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="a_reminder_is_of_something"),
        ]
        indexes = [models.Index(fields=["customer", "-id"]), models.Index(fields=["-made_on", "-id"])]
        triggers: list[pgtrigger.Trigger] = APPEND_ONLY

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("orders:reminder", args=[self.number])

    @property
    def was_printed(self) -> bool:
        """Whether nobody could be written to."""
        return not self.sent_to


class ReminderItem(models.Model):
    """A line of a reminder: an item with its own level, what is open of it, and what of that is disputed.

    It `holds` where this letter is the first to remind of the item at this level, and the level put accounts on hold.
    """

    reminder = models.ForeignKey(Reminder, models.PROTECT, related_name="lines")
    item = models.ForeignKey(OpenItem, models.PROTECT, related_name="reminded", db_index=False)
    made_on = models.DateField()
    document = models.CharField(max_length=40)
    due_on = models.DateField(_("due"))
    days = models.PositiveIntegerField(_("days late"))
    level = models.PositiveSmallIntegerField(_("level"))
    disputed = MoneyField(_("disputed"))
    amount = MoneyField(_("reminded of"))
    holds = models.BooleanField(default=False, db_default=False)

    class Meta:
        ordering = ["due_on", "pk"]
        verbose_name = _("line of a reminder")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["reminder", "item"], name="an_item_is_once_in_a_letter"),
            models.CheckConstraint(condition=Q(amount__gt=0, disputed__gte=0), name="a_line_reminds_of_something"),
        ]
        indexes = [models.Index(fields=["item", "-level"], include=["made_on"], name="levels_of_an_item")]
        triggers: list[pgtrigger.Trigger] = APPEND_ONLY

    def __str__(self) -> str:
        return self.document


FIRST_LEVELS: list[dict[str, Any]] = [
    {
        "number": 1,
        "days": 0,
        "gap": 1,
        "title": "Payment reminder",
        "title_zh": "付款提醒",
        "text": "The items below are due. Should your payment already be on its way, please disregard this letter.",
        "text_zh": "以下款项已到期。如已付款，请忽略本函。",
    },
    {
        "number": 2,
        "days": 7,
        "gap": 7,
        "title": "Second reminder",
        "title_zh": "第二次付款提醒",
        "text": "We have not received your payment of the items below. Please pay them within seven days.",
        "text_zh": "我们尚未收到以下款项，请于七日内付款。",
    },
    {
        "number": 3,
        "days": 21,
        "gap": 7,
        "title": "Third reminder",
        "title_zh": "第三次付款提醒",
        "text": "The items below are overdue for weeks. Please pay now, or tell us when we may expect your payment.",
        "text_zh": "以下款项已逾期数周，请立即付款，或告知预计付款日期。",
    },
    {
        "number": 4,
        "days": 45,
        "gap": 14,
        "title": "Last reminder",
        "title_zh": "最后一次付款提醒",
        "text": "Unless the items below are paid within seven days, we can deliver no further goods.",
        "text_zh": "如未在七日内付清以下款项，我们将无法继续供货。",
    },
]
"""What a new company starts with; finance edits it."""
