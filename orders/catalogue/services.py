"""Every change of products, prices and discount rights."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from salesops.kernel.errors import RuleBroken, require
from salesops.kernel.money import HUNDRED, Money, to_money
from salesops.kernel.periods import require_meant
from salesops.users.models import User
from salesops.web.history import recorded

from .models import Category, DiscountRight, Price, PriceList, Product

ADDRESSES = frozenset({"new", "pick", ".", ".."})
"""Addresses below /products/ that are not products."""


@dataclass(frozen=True)
class ProductData:
    """What a product's form says."""

    sku: str
    name: str
    category_id: int
    name_zh: str = ""
    unit: str = "pcs"
    pack_size: int = 1
    tax_rate: Decimal = Decimal(13)
    is_active: bool = True


@dataclass(frozen=True)
class PriceListData:
    """What a price list's form says; `grade` empty means every customer."""

    name: str
    valid_from: date
    grade: str = ""
    valid_until: date | None = None
    includes_tax: bool = True
    is_active: bool = True


@dataclass(frozen=True)
class PriceChange:
    """A new price of a product, None to take it off the list; `seen` is the price that the person had before them."""

    product_id: int
    amount: Money | None
    seen: Money | None


@recorded
def file_product(data: ProductData, *, by: User) -> Product:
    """A new product. RuleBroken where its SKU is taken, whatever the case of its letters, or cannot be written."""
    _require_sound_sku(data.sku)
    _require_free_sku(data.sku)
    return Product.objects.create(**asdict(data))


@transaction.atomic
@recorded
def change_product(product_id: int, data: ProductData, *, by: User) -> Product:
    """Change a product. RuleBroken where the new SKU is taken, or where documents go by the old one."""
    product = Product.objects.select_for_update().get(pk=product_id)
    if data.sku != product.sku:
        _require_sound_sku(data.sku)
        _require_free_sku(data.sku, but=product)
        require(
            not product.delivery_lines.exists(),
            _("Deliveries go by the SKU %(sku)s, so it stays.") % {"sku": product.sku},
            rule="sku",
            field="sku",
        )
    for name, value in asdict(data).items():
        setattr(product, name, value)
    product.save(update_fields=list(asdict(data)))
    return product


def file_category(name: str, name_zh: str = "", *, by: User) -> Category:
    """A new line of products. RuleBroken where its name is taken."""
    _require_free_category(name)
    return Category.objects.create(name=name, name_zh=name_zh)


@transaction.atomic
def rename_category(category_id: int, name: str, name_zh: str = "", *, by: User) -> Category:
    """Call a line of products something else. RuleBroken where the name is taken."""
    category = Category.objects.select_for_update().get(pk=category_id)
    _require_free_category(name, but=category)
    category.name, category.name_zh = name, name_zh
    category.save(update_fields=["name", "name_zh"])
    return category


@transaction.atomic
@recorded
def open_price_list(
    data: PriceListData, *, by: User, copy_of: int | None = None, change_percent: Decimal | int = 0
) -> PriceList:
    """A new price list, empty or with the prices of another, each changed by so many percent and rounded to the cent.

    RuleBroken where the name is taken, where it ends before it starts or in a year that nobody means, where prices
    would fall below zero.
    """
    _require_sound_list(data)
    possible = change_percent >= -HUNDRED
    require(possible, _("Prices cannot fall by more than 100 percent."), rule="price", field="change_percent")
    made = PriceList.objects.create(**asdict(data))
    if copy_of is not None:
        factor = (HUNDRED + change_percent) / HUNDRED
        rows = Price.objects.filter(price_list_id=copy_of).order_by("product_id")
        Price.objects.bulk_create(
            Price(price_list=made, product_id=product_id, amount=to_money(amount * factor))
            for product_id, amount in rows.values_list("product_id", "amount")
        )
    return made


@transaction.atomic
@recorded
def change_price_list(price_list_id: int, data: PriceListData, *, by: User) -> PriceList:
    """Change the name, the span, the grade of a list, or set it inactive; its prices stay as they are."""
    price_list = PriceList.objects.select_for_update().get(pk=price_list_id)
    _require_sound_list(data, but=price_list)
    for name, value in asdict(data).items():
        setattr(price_list, name, value)
    price_list.save(update_fields=list(asdict(data)))
    return price_list


@transaction.atomic
@recorded
def set_prices(price_list_id: int, changes: Iterable[PriceChange], *, by: User) -> int:
    """Set, change or take off prices of a list, all or none; return how many changed.

    RuleBroken for a negative price, and where somebody else has changed a price since the person saw it.
    """
    price_list = PriceList.objects.select_for_update().get(pk=price_list_id)
    wanted = {change.product_id: change for change in changes if change.amount != change.seen}
    now = {
        price.product_id: price for price in price_list.prices.filter(product_id__in=wanted).select_related("product")
    }
    for change in wanted.values():
        _require_price_as_seen(change, now.get(change.product_id))
    gone = [pk for pk, change in wanted.items() if change.amount is None]
    price_list.prices.filter(product_id__in=gone).delete()
    kept = [(pk, change.amount) for pk, change in sorted(wanted.items()) if change.amount is not None]
    Price.objects.bulk_create(
        [Price(price_list=price_list, product_id=pk, amount=to_money(amount)) for pk, amount in kept],
        update_conflicts=True,
        unique_fields=["price_list", "product"],
        update_fields=["amount"],
    )
    return len(wanted)


@transaction.atomic
@recorded
def give_discount_rights(percents: Mapping[str, Decimal], *, by: User) -> None:
    """Say how much discount each role may give by itself, in percent; a role that is not named may give none."""
    for role, percent in percents.items():
        require(
            0 <= percent <= HUNDRED,
            _("A discount lies between 0 and 100 %."),
            rule="discount",
            field=role,
            asked=percent,
        )
    DiscountRight.objects.exclude(role__in=percents).delete()
    DiscountRight.objects.bulk_create(
        [DiscountRight(role=role, percent=percent) for role, percent in sorted(percents.items())],
        update_conflicts=True,
        unique_fields=["role"],
        update_fields=["percent"],
    )


def is_sound_sku(sku: str) -> bool:
    """Whether a SKU can be written in an address: it has signs that are seen and no slash, and no page is called so."""
    return sku.isprintable() and "/" not in sku and sku == sku.strip() and sku not in ADDRESSES


def _require_sound_sku(sku: str) -> None:
    words = _("A SKU has no slash or space around it, and is no word that a page's address uses.")
    require(is_sound_sku(sku), words, rule="sku", field="sku")


def _require_free_sku(sku: str, *, but: Product | None = None) -> None:
    taken = Product.objects.filter(sku__iexact=sku).exclude(pk=but.pk if but else 0)
    require(
        not taken.exists(),
        _("There is a product with the SKU %(sku)s already.") % {"sku": sku},
        rule="sku",
        field="sku",
    )


def _require_free_category(name: str, *, but: Category | None = None) -> None:
    taken = Category.objects.filter(name__iexact=name).exclude(pk=but.pk if but else 0)
    message = _("There is a category named %(name)s already.") % {"name": name}
    require(not taken.exists(), message, rule="name", field="name")


def _require_sound_list(data: PriceListData, *, but: PriceList | None = None) -> None:
    taken = PriceList.objects.filter(name__iexact=data.name).exclude(pk=but.pk if but else 0)
    require(
        not taken.exists(),
        _("There is a price list named %(name)s already.") % {"name": data.name},
        rule="name",
        field="name",
    )
    require_meant(data.valid_from, field="valid_from")
    require_meant(data.valid_until, field="valid_until")
    require(
        data.valid_until is None or data.valid_until >= data.valid_from,
        _("A price list ends on or after the day on which it starts."),
        rule="validity",
        field="valid_until",
    )


def _require_price_as_seen(change: PriceChange, price: Price | None) -> None:
    require(
        change.amount is None or change.amount >= 0,
        _("A price is not negative."),
        rule="price",
        field=price_field(change.product_id),
    )
    if (price.amount if price else None) != change.seen:
        product = price.product if price else Product.objects.get(pk=change.product_id)
        raise RuleBroken(
            _("Somebody else has changed the price of %(sku)s meanwhile; it is %(amount)s now.")
            % {"sku": product.sku, "amount": price.amount if price else _("none")},
            rule="changed",
            field=price_field(change.product_id),
        )


def price_field(product_id: int) -> str:
    """The name of a product's field in the form of prices."""
    return f"price_{product_id}"
