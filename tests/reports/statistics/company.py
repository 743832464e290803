"""A company with a past, for statistics: a tree of regions, two products, customers of two representatives."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from customers.models import Customer
from orders.facts.services import bring_facts_along
from orders.models import Product
from salesops.users.models import Region, User
from salesops.users.roles import Role
from tests.support.build import Sales, make_product, make_region, make_sales, make_team, make_user
from tests.support.past import shipped_on

EVIL = "=1+1"
"""A customer's name that a spreadsheet would take for a formula."""


@dataclass
class Traded:
    """Who and what is in it."""

    sales: Sales
    regions: dict[str, Region] = field(default_factory=dict)
    people: dict[str, User] = field(default_factory=dict)
    customers: dict[str, Customer] = field(default_factory=dict)
    products: list[Product] = field(default_factory=list)

    @property
    def manager(self) -> User:
        """Who sees everything."""
        return self.sales.sales_manager

    def ship(self, customer: str, product: int, day: date, pieces: int, amount: str, **more: Any) -> None:
        """Goods that left on a day."""
        shipped_on(
            self.sales, self.customers[customer], self.products[product], day, pieces=pieces, amount=Decimal(amount),
            **more,
        )  # fmt: skip


def traded(*, bring: bool = True) -> Traded:
    """The company: 2024 and 2025 in full, and nothing since; the facts are counted unless said otherwise."""
    sales = make_sales()
    made = Traded(sales)
    top = make_region("Company", code="ALL")
    east, west = (
        make_region(name, parent=top, code=name[0], name_zh=zh) for name, zh in (("East", "华东"), ("West", "西部"))
    )
    north, south = (make_region(name, parent=east, code=f"E{name[0]}") for name in ("North-east", "South-east"))
    made.regions = {"top": top, "east": east, "west": west, "north": north, "south": south}
    Region.objects.filter(pk=sales.region.pk).update(parent=top, level=2)
    team = make_team(region=east)
    made.people = {
        name: make_user(Role.REPRESENTATIVE, full_name=name.title(), full_name_zh="林悦" if name == "lin" else "",
                        region=east, team=team)
        for name in ("lin", "wang")
    }  # fmt: skip
    for name, region, person in (
        (EVIL, north, "lin"),
        ("Lakeside", north, "wang"),
        ("Harbour", south, "lin"),
        ("Hilltop", east, "wang"),
        ("Desert", west, None),
    ):
        by = made.people[person] if person else None
        made.customers[name] = sales.customer(name, limit=None, representative=by)
        Customer.objects.filter(pk=made.customers[name].pk).update(region=region)
        made.customers[name].refresh_from_db()
    made.products = [sales.product, make_product(price="30.00", name="-2+3 filter")]
    number = 0
    for year in (2024, 2025):
        for month in (1, 2, 3, 5, 7, 8, 9, 11, 12):
            for at, name in enumerate(made.customers):
                number += 1
                if (number + at) % 4 == 0:
                    continue
                amount = f"{100 * (at + 1) + month * (year - 2022) + number % 7}.{number % 100:02d}"
                made.ship(name, number % 2, date(year, month, 1 + number % 27), number % 9 + 1, amount)
                if number % 3:
                    sales.pay(made.customers[name], f"{90 * (at + 1)}.5{number % 10}", on=date(year, month, 28))
    if bring:
        bring_facts_along()
    return made
