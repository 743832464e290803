"""Builders: each makes one valid thing with as little said as possible; what a test is about, it says."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.db import transaction
from django.utils import timezone

from customers.models import CreditAccount, Customer
from orders.deliveries.services import LineInput, submit_delivery, write_delivery
from orders.models import (
    Category,
    Delivery,
    Payment,
    Price,
    PriceList,
    Product,
    ReceivableEntry,
    Shipment,
    Stock,
    StockMovement,
    Warehouse,
)
from orders.payments.services import record_payment
from orders.receivables.models import Source
from orders.receivables.services import post_entry
from orders.shipments.services import ship_delivery
from orders.stock.models import Movement
from salesops.approvals.models import Request
from salesops.approvals.services import approve
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
    """A customer with its account; fields of the account (due_days, is_on_hold ...) are given beside the others."""
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


def open_stock(warehouse: Warehouse, product: Product, pieces: int) -> Stock:
    """So many pieces that lay there when the books were taken over, with the movement that says so."""
    if pieces:
        StockMovement.objects.create(
            warehouse=warehouse, product=product, kind=Movement.OPENING, quantity=pieces, moved_on=date(2020, 1, 1)
        )
    return make_stock(warehouse, product, pieces)


# ---- deliveries ----
@dataclass
class Sales:
    """A corner of the company in which the main job can be done: one team, one region, one warehouse, one product.

    The product costs 100.00 a piece, tax included, and the warehouse holds plenty.
    """

    region: Region
    team: Team
    representative: User
    supervisor: User
    regional_manager: User
    sales_manager: User
    finance: User
    supply: User
    warehouse: Warehouse
    product: Product

    def customer(self, name: str = "", *, limit: int | None = 10_000, **fields: Any) -> Customer:
        """A customer of the representative, with a limit of 10,000.00 unless another is given."""
        fields.setdefault("representative", self.representative)
        return make_customer(name, region=self.region, limit=None if limit is None else Decimal(limit), **fields)

    def draft(self, customer: Customer, pieces: int = 10, *, by: User | None = None, discount: int = 0) -> Delivery:
        """A draft for so many pieces of the product at 100.00."""
        return write_delivery(
            by=by or self.representative,
            customer_id=customer.pk,
            warehouse_id=self.warehouse.pk,
            lines=[LineInput(self.product.pk, pieces, Decimal(discount))],
        )

    def submitted(self, customer: Customer, pieces: int = 10, *, by: User | None = None, discount: int = 0) -> Request:
        """The request of a submitted delivery."""
        draft = self.draft(customer, pieces, by=by, discount=discount)
        submit_delivery(draft.pk, by=by or self.representative)
        return Request.objects.get(document_type="delivery", object_id=draft.pk)

    def approved(self, customer: Customer, pieces: int = 10) -> Delivery:
        """A delivery that the supervisor approved."""
        request = self.submitted(customer, pieces)
        approve(request.pk, by=self.supervisor)
        return Delivery.objects.get(pk=request.object_id)

    def ship(self, delivery: Delivery, pieces: int | None = None, *, on: date | None = None) -> Shipment:
        """Ship so many pieces of a delivery's only line, all that is open unless said otherwise."""
        line = delivery.lines.get()
        return ship_delivery(
            delivery.pk,
            by=self.supply,
            shipped_on=on or timezone.localdate(),
            quantities={line.pk: line.open_quantity if pieces is None else pieces},
        )

    def pay(self, customer: Customer, amount: int | str, *, on: date | None = None, reference: str = "") -> Payment:
        """Money from a customer, received today unless said otherwise."""
        return record_payment(
            by=self.finance,
            customer_id=customer.pk,
            received_on=on or timezone.localdate(),
            amount=Decimal(amount),
            reference=reference,
        )

    def overdue(self, customer: Customer, amount: int | str, days: int) -> ReceivableEntry:
        """A debt that was due so many days ago."""
        due = timezone.localdate() - timedelta(days=days)
        with transaction.atomic():
            return post_entry(
                CreditAccount.objects.locked(customer.pk),
                source=Source.OPENING,
                source_id=next_int() + 1_000_000,
                document=f"OB-{next_int()}",
                posted_on=due,
                due=due,
                debit=Decimal(amount),
                by=None,
            )


def make_sales(*, stock: int = 100_000) -> Sales:
    """A corner of the company with everybody that the main job needs."""
    region = make_region()
    team = make_team(region=region)
    warehouse = make_warehouse()
    product = make_product(price="100.00")
    open_stock(warehouse, product, stock)
    return Sales(
        region=region,
        team=team,
        representative=make_user(Role.REPRESENTATIVE, team=team, region=region),
        supervisor=make_user(Role.SUPERVISOR, team=team, region=region),
        regional_manager=make_user(Role.REGIONAL_MANAGER, region=region),
        sales_manager=make_user(Role.SALES_MANAGER),
        finance=make_user(Role.FINANCE),
        supply=make_user(Role.SUPPLY),
        warehouse=warehouse,
        product=product,
    )
