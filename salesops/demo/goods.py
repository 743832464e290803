"""What the company sells, at which price, from where."""

from datetime import date

from orders.models import Category, DiscountRight, Price, PriceList, Product, Warehouse
from salesops.kernel.money import Money
from salesops.users.roles import Role

from .cast import Cast
from .plan import REPRESENTATIVE_RIGHT, TAX_RATE, skus
from .tables.places import WAREHOUSES
from .tables.products import CATEGORIES

DISCOUNT_RIGHTS = {
    Role.REPRESENTATIVE: REPRESENTATIVE_RIGHT,
    Role.SUPERVISOR: REPRESENTATIVE_RIGHT + 2,
    Role.REGIONAL_MANAGER: REPRESENTATIVE_RIGHT + 5,
    Role.SALES_MANAGER: REPRESENTATIVE_RIGHT + 9,
}


def make_goods(cast: Cast, prices: dict[tuple[int, bool], dict[str, Money]]) -> None:
    """Make products, price lists of each year for everybody and for grade A, discount rights and warehouses."""
    categories = {key: Category(name=name, name_zh=name_zh) for key, (name, name_zh) in CATEGORIES.items()}
    Category.objects.bulk_create(categories.values())
    cast.products = {
        sku: Product(
            sku=sku,
            name=name,
            name_zh=name_zh,
            category=categories[sku[:2]],
            pack_size=pack,
            tax_rate=TAX_RATE,
            unit="set" if name.endswith("set") else "pcs",
        )
        for sku, name, name_zh, _price, pack in skus()
    }
    Product.objects.bulk_create(cast.products.values())
    _make_prices(cast, prices)
    DiscountRight.objects.bulk_create(
        (DiscountRight(role=role, percent=percent) for role, percent in DISCOUNT_RIGHTS.items()), ignore_conflicts=True
    )
    cast.warehouses = {code: Warehouse(code=code, name=name, name_zh=name_zh) for code, name, name_zh in WAREHOUSES}
    Warehouse.objects.bulk_create(cast.warehouses.values())


def _make_prices(cast: Cast, prices: dict[tuple[int, bool], dict[str, Money]]) -> None:
    last = max(year for year, _is_grade_a in prices)
    lists = {
        (year, is_grade_a): PriceList(
            name=f"Grade A {year}" if is_grade_a else f"General {year}",
            grade="A" if is_grade_a else "",
            valid_from=date(year, 1, 1),
            valid_until=None if year == last else date(year, 12, 31),
        )
        for year, is_grade_a in prices
    }
    PriceList.objects.bulk_create(lists.values())
    Price.objects.bulk_create(
        Price(price_list=lists[key], product=cast.products[sku], amount=amount)
        for key, table in prices.items()
        for sku, amount in table.items()
    )
