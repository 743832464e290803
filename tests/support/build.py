"""Builders: each makes one valid thing with as little said as possible; what a test is about, it says."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from itertools import count
from typing import Any

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group

from customers.models import CreditAccount, Customer
from orders.models import Category, Price, PriceList, Product, Stock, Warehouse
from salesops.kernel.money import Money
from salesops.users.models import Region, Team, User
from salesops.users.roles import Role

PASSWORD = "salesops-demo"

_numbers = count(1)


def next_int() -> int:
    """A number that no other thing of this test run has."""
    return next(_numbers)


# ---- people ----
def make_region(name: str = "", *, parent: Region | None = None, code: str = "", **fields: Any) -> Region:
    """A region; with `parent` one level below it."""
    number = next_int()
    level = fields.pop("level", parent.level + 1 if parent else 1)
    return Region.objects.create(
        code=code or f"R{number}", name=name or f"Region {number}", parent=parent, level=level, **fields
    )


def make_team(name: str = "", *, region: Region | None = None, **fields: Any) -> Team:
    """A team, in a region of its own unless one is given."""
    return Team.objects.create(name=name or f"Team {next_int()}", region=region or make_region(), **fields)


def make_user(role: str | Iterable[str] = Role.REPRESENTATIVE, *, username: str = "", **fields: Any) -> User:
    """Somebody who can sign in with PASSWORD; `role` is one role or several, () for none."""
    number = next_int()
    fields.setdefault("full_name", f"Person {number}")
    fields.setdefault("password", make_password(fields.pop("raw_password", PASSWORD)))
    user = User.objects.create(username=username or f"person-{number}", **fields)
    names = [role] if isinstance(role, str) else list(role)
    user.groups.set(Group.objects.filter(name__in=names))
    return user


# ---- customers ----
def make_customer(
    name: str = "",
    *,
    code: str = "",
    region: Region | None = None,
    representative: User | None = None,
    limit: Money | None = None,
    **fields: Any,
) -> Customer:
    """A customer with its account; fields of the account (due_days, balance, is_on_hold ...) are given beside the others."""
    number = next_int()
    names = {field.name for field in CreditAccount._meta.fields} - {"customer"}
    account = {key: fields.pop(key) for key in list(fields) if key in names}
    customer = Customer.objects.create(
        code=code or f"C-{number:06d}",
        name=name or f"Customer {number}",
        region=region or make_region(),
        representative=representative,
        **fields,
    )
    CreditAccount.objects.create(customer=customer, limit=limit, **account)
    return customer


# ---- goods ----
def make_category(name: str = "", **fields: Any) -> Category:
    """A line of products."""
    return Category.objects.create(name=name or f"Category {next_int()}", **fields)


def make_product(sku: str = "", *, price: Money | int | str | None = None, **fields: Any) -> Product:
    """A product; with `price` it costs that much, tax included, for everybody since 2020."""
    number = next_int()
    fields.setdefault("name", f"Product {number}")
    fields["category"] = fields.get("category") or make_category()
    product = Product.objects.create(sku=sku or f"P-{number:05d}", **fields)
    if price is not None:
        make_price(product, price)
    return product


def make_price_list(grade: str = "", *, valid_from: date = date(2020, 1, 1), **fields: Any) -> PriceList:
    """A price list: of all customers unless a grade is given, tax included, without an end."""
    name = fields.pop("name", f"Prices {next_int()}")
    return PriceList.objects.create(name=name, grade=grade, valid_from=valid_from, **fields)


def make_price(product: Product, amount: Money | int | str, price_list: PriceList | None = None) -> Price:
    """A price on a list; on one list for everybody unless another is given."""
    if price_list is None:
        price_list, _created = PriceList.objects.get_or_create(name="General", valid_from=date(2020, 1, 1))
    return Price.objects.create(price_list=price_list, product=product, amount=Decimal(amount))


def make_warehouse(code: str = "", **fields: Any) -> Warehouse:
    """A place that goods leave from."""
    number = next_int()
    fields.setdefault("name", f"Warehouse {number}")
    return Warehouse.objects.create(code=code or f"W{number}", **fields)


def make_stock(warehouse: Warehouse, product: Product, on_hand: int, reserved: int = 0) -> Stock:
    """So many pieces that lie there, without a movement that says how they came."""
    return Stock.objects.create(warehouse=warehouse, product=product, on_hand=on_hand, reserved=reserved)
