"""The file of a customer: identity, people, places, papers, notes."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import pghistory
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from salesops.users.models import Region, User, in_reader_language
from salesops.users.scope import ScopedQuerySet

from .matching import NameKey, PhoneKey

if TYPE_CHECKING:
    from customers.accounts.models import CreditAccount


class Kind(models.TextChoices):
    """What a customer is to the company."""

    AGENT = "agent", _("Agent")
    WHOLESALER = "wholesaler", _("Wholesaler")
    SECONDARY_DEALER = "secondary_dealer", _("Secondary dealer")
    RETAILER = "retailer", _("Retailer")
    DIRECT = "direct", _("Direct customer")


class Grade(models.TextChoices):
    """How important a customer is; prices and visits follow it."""

    A = "A", "A"
    B = "B", "B"
    C = "C", "C"


class CustomerQuerySet(ScopedQuerySet):
    """Words for customers."""

    owner_path = "representative"
    region_path = "region"
    account_path = "pk"

    def active(self) -> "CustomerQuerySet":
        """Keep those that may still order."""
        return self.filter(is_active=True)

    def with_account(self) -> "CustomerQuerySet":
        """Join the account, the representative and the region, so that a list asks once."""
        return self.select_related("account", "representative", "region")


@pghistory.track()
class Customer(models.Model):
    """Somebody who buys: an agent, a wholesaler, a secondary dealer, a retailer, a direct customer."""

    code = models.CharField(_("code"), max_length=20, unique=True)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind, default=Kind.AGENT)
    name = models.CharField(_("name"), max_length=160)
    name_zh = models.CharField(_("Chinese name"), max_length=160, blank=True)
    tax_number = models.CharField(_("tax number"), max_length=40, blank=True)
    phone = models.CharField(_("phone"), max_length=60, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    region = models.ForeignKey(Region, models.PROTECT, verbose_name=_("region"), related_name="customers")
    territory = models.ManyToManyField(Region, blank=True, verbose_name=_("territory"), related_name="territory_of")
    grade = models.CharField(_("grade"), max_length=1, choices=Grade, default=Grade.B)
    representative = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("sales representative"),
        related_name="customers_served",
    )
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, verbose_name=_("belongs to"), related_name="children"
    )
    is_active = models.BooleanField(_("active"), default=True)
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    source_key = models.CharField(max_length=120, null=True, unique=True, editable=False)

    objects = CustomerQuerySet.as_manager()
    account: "CreditAccount"

    class Meta:
        ordering = ["code"]
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        permissions = [
            ("file_customer", _("Can file and change customers")),
            ("set_credit_terms", _("Can set credit terms and holds")),
        ]
        constraints = [models.CheckConstraint(condition=~Q(pk=F("parent")), name="no_customer_belongs_to_itself")]
        indexes = [
            models.Index(fields=["representative", "code"]),
            models.Index(fields=["region", "code"]),
            models.Index(fields=["name"]),
            models.Index(fields=["tax_number"]),
            models.Index(NameKey("name"), name="customers_by_name_key"),
            models.Index(NameKey("name_zh"), name="customers_by_name_zh_key"),
            models.Index(PhoneKey("phone"), name="customers_by_phone_key"),
        ]

    def __str__(self) -> str:
        return in_reader_language(self.name, self.name_zh)

    def get_absolute_url(self) -> str:
        from django.urls import reverse

        return reverse("customers:record", args=[self.code])


@pghistory.track(pghistory.InsertEvent(), pghistory.DeleteEvent(), obj_field=None)
class TerritoryPart(Customer.territory.through):  # type: ignore[name-defined]
    """That a region belongs to a customer's territory, so that changes of it stand in the file's history."""

    class Meta:
        proxy = True


def kept_when_removed() -> tuple[pghistory.RowEvent, ...]:
    """Trackers for parts that may be removed: the history then still says that they were there."""
    return pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent()


class Part(models.Model):
    """What belongs to a customer's file and is shown on it."""

    customer = models.ForeignKey(Customer, models.CASCADE, verbose_name=_("customer"), related_name="%(class)ss")

    class Meta:
        abstract = True


class PartQuerySet(ScopedQuerySet):
    """Parts of files are seen by whoever sees the file."""

    owner_path = "customer__representative"
    region_path = "customer__region"
    account_path = "customer"


@pghistory.track(*kept_when_removed())
class Contact(Part):
    """A person at the customer's."""

    name = models.CharField(_("name"), max_length=120)
    post = models.CharField(_("post"), max_length=80, blank=True)
    phone = models.CharField(_("phone"), max_length=60, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    is_main = models.BooleanField(_("main contact"), default=False)

    objects = PartQuerySet.as_manager()

    class Meta:
        ordering = ["-is_main", "name"]
        verbose_name = _("contact")
        constraints = [models.UniqueConstraint(fields=["customer"], condition=Q(is_main=True), name="one_main_contact")]
        indexes = [models.Index(PhoneKey("phone"), name="contacts_by_phone_key")]

    def __str__(self) -> str:
        return self.name


@pghistory.track(*kept_when_removed())
class Address(Part):
    """A place where goods or letters go."""

    customer = models.ForeignKey(Customer, models.CASCADE, verbose_name=_("customer"), related_name="addresses")
    label = models.CharField(_("label"), max_length=80, help_text=_("for example: main warehouse"))
    text = models.CharField(_("address"), max_length=300)
    recipient = models.CharField(_("recipient"), max_length=120, blank=True)
    phone = models.CharField(_("phone"), max_length=60, blank=True)
    is_default = models.BooleanField(_("goods go here"), default=False)

    objects = PartQuerySet.as_manager()

    class Meta:
        ordering = ["-is_default", "label"]
        verbose_name = _("address")
        constraints = [
            models.UniqueConstraint(fields=["customer"], condition=Q(is_default=True), name="one_default_address")
        ]

    def __str__(self) -> str:
        return f"{self.label}: {self.text}"


def attachment_path(attachment: "Attachment", filename: str) -> str:
    """Where an upload is kept: never under the name that somebody typed."""
    return f"attachments/{timezone.localdate():%Y/%m}/{uuid4()}{Path(filename).suffix.lower()[:8]}"


@pghistory.track(*kept_when_removed())
class Attachment(Part):
    """A paper of the file: a licence, an agreement, something else; it may expire."""

    class Paper(models.TextChoices):
        """What the paper is."""

        LICENCE = "licence", _("Licence")
        AGREEMENT = "agreement", _("Agreement")
        OTHER = "other", _("Other paper")

    paper = models.CharField(_("kind"), max_length=20, choices=Paper, default=Paper.LICENCE)
    title = models.CharField(_("title"), max_length=160)
    number = models.CharField(_("number"), max_length=80, blank=True)
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    file = models.FileField(_("file"), upload_to=attachment_path, blank=True)
    file_name = models.CharField(max_length=200, blank=True, editable=False)
    file_type = models.CharField(max_length=100, blank=True, editable=False)
    file_size = models.PositiveBigIntegerField(default=0, editable=False)
    added_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", editable=False)
    added_at = models.DateTimeField(auto_now_add=True)
    warned_on = models.DateField(null=True, editable=False)

    objects = PartQuerySet.as_manager()

    class Meta:
        ordering = ["paper", "title"]
        verbose_name = _("attachment")
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_from=None) | Q(valid_until=None) | Q(valid_until__gte=F("valid_from")),
                name="a_paper_ends_after_it_starts",
            )
        ]
        indexes = [models.Index(fields=["valid_until"])]

    def __str__(self) -> str:
        return self.title

    def days_left(self, today: date) -> int | None:
        """Days until it expires, negative afterwards; None where it does not expire."""
        return (self.valid_until - today).days if self.valid_until else None


class Note(Part):
    """Something worth knowing about the customer; notes are added, never changed."""

    text = models.TextField(_("note"))
    written_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    written_at = models.DateTimeField(auto_now_add=True)

    objects = PartQuerySet.as_manager()

    class Meta:
        ordering = ["-written_at"]
        verbose_name = _("note")

    def __str__(self) -> str:
        return self.text[:60]
