"""Everybody and everything of the demo company by the short names that its tables use."""

from dataclasses import dataclass, field

from customers.models import Customer
from orders.models import Product, Warehouse
from salesops.users.models import Region, Team, User
from salesops.users.roles import Role

from .tables.people import PEOPLE


@dataclass
class Cast:
    """Made step by step: places, people, goods, customers."""

    regions: dict[str, Region] = field(default_factory=dict)
    teams: dict[str, Team] = field(default_factory=dict)
    people: dict[str, User] = field(default_factory=dict)
    warehouses: dict[str, Warehouse] = field(default_factory=dict)
    products: dict[str, Product] = field(default_factory=dict)
    customers: dict[str, Customer] = field(default_factory=dict)
    addresses: dict[str, str] = field(default_factory=dict)

    def address_of(self, customer: Customer) -> str:
        """Where its goods go, as deliveries say it."""
        return self.addresses[customer.code]

    def decider(self, role: str, representative: User, area: str) -> User:
        """Who decides for a representative's customer in an area, by role."""
        if role == Role.REPRESENTATIVE:
            return representative
        if role == Role.SUPERVISOR:
            team = next(row[5] for row in PEOPLE if row[0] == representative.username)
            return self.people[next(row[0] for row in PEOPLE if row[3] == role and row[5] == team)]
        if role == Role.REGIONAL_MANAGER:
            return self.people[next(row[0] for row in PEOPLE if row[3] == role and row[4] == area)]
        return self.people["sales-manager"]
