"""Products and what they cost."""

from datetime import date
from decimal import Decimal

import pghistory
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from customers.files.models import Grade
from salesops.kernel.money import MoneyField
from salesops.users.models import in_reader_language

PERCENT = [MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(100))]


class Category(models.Model):
    """A line of products."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    name_zh = models.CharField(_("Chinese name"), max_length=120, blank=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("category")
        verbose_name_plural = _("categories")

    def __str__(self) -> str:
        return in_reader_language(self.name, self.name_zh)


class ProductQuerySet(models.QuerySet["Product"]):
    """Words for products."""

    def active(self) -> "ProductQuerySet":
        """Keep those that may be ordered."""
        return self.filter(is_active=True)


@pghistory.track()
class Product(models.Model):
    """Something that is sold; its SKU is what everybody calls it by."""

    sku = models.CharField(_("SKU"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=160)
    name_zh = models.CharField(_("Chinese name"), max_length=160, blank=True)
    category = models.ForeignKey(Category, models.PROTECT, verbose_name=_("category"), related_name="products")
    unit = models.CharField(_("unit"), max_length=20, default="pcs")
    pack_size = models.PositiveIntegerField(
        _("pack size"), default=1, validators=[MinValueValidator(1)], help_text=_("pieces in a pack")
    )
    tax_rate = models.DecimalField(
        _("tax rate, %"), max_digits=5, decimal_places=2, default=Decimal(13), validators=PERCENT
    )
    is_active = models.BooleanField(_("active"), default=True)

    objects = ProductQuerySet.as_manager()

    class Meta:
        ordering = ["sku"]
        verbose_name = _("product")
        verbose_name_plural = _("products")
        permissions = [("manage_catalogue", _("Can manage products and prices"))]
        constraints = [
            models.CheckConstraint(condition=Q(tax_rate__gte=0, tax_rate__lte=100), name="tax_rate_is_a_percentage"),
            models.CheckConstraint(condition=Q(pack_size__gte=1), name="a_pack_holds_something"),
        ]
        indexes = [models.Index(fields=["name"]), models.Index(fields=["category", "sku"])]

    def __str__(self) -> str:
        return in_reader_language(self.name, self.name_zh)

    def get_absolute_url(self) -> str:
        from django.urls import reverse

        return reverse("orders:product", args=[self.sku])


@pghistory.track()
class PriceList(models.Model):
    """Prices that hold for a span of days, for one grade of customers or for all."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    grade = models.CharField(
        _("customer grade"), max_length=1, choices=Grade, blank=True, help_text=_("Empty: for every customer")
    )
    valid_from = models.DateField(_("valid from"))
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    includes_tax = models.BooleanField(_("prices include tax"), default=True)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ["-valid_from", "name"]
        verbose_name = _("price list")
        verbose_name_plural = _("price lists")
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gte=F("valid_from")),
                name="a_price_list_ends_after_it_starts",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def holds_on(self, day: date) -> bool:
        """Whether its prices hold on a day."""
        return self.is_active and self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Price(models.Model):
    """What one piece of a product costs by one list, in the company's currency."""

    price_list = models.ForeignKey(PriceList, models.CASCADE, related_name="prices", verbose_name=_("price list"))
    product = models.ForeignKey(Product, models.PROTECT, related_name="prices", verbose_name=_("product"))
    amount = MoneyField(_("price"))

    class Meta:
        ordering = ["product"]
        verbose_name = _("price")
        constraints = [
            models.UniqueConstraint(fields=["price_list", "product"], name="one_price_a_product_and_list"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="a_price_is_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.product} {self.amount}"


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class DiscountRight(models.Model):
    """How much discount a role may give by itself; more is a fact that the policy decides on."""

    role = models.CharField(_("role"), max_length=40, unique=True)
    percent = models.DecimalField(_("discount, %"), max_digits=5, decimal_places=2, validators=PERCENT)

    class Meta:
        ordering = ["role"]
        verbose_name = _("discount right")
        constraints = [
            models.CheckConstraint(condition=Q(percent__gte=0, percent__lte=100), name="a_discount_is_a_percentage")
        ]

    def __str__(self) -> str:
        return f"{self.role}: {self.percent} %"
