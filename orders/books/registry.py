"""The kinds of rows that books may hold; the pages of importing are salesops.imports'."""

from salesops.imports.kinds import kinds

from .accounts import Customers
from .deliveries import Deliveries, DeliveryLines
from .goods import Categories, OpeningStock, PriceLists, Prices, Products, Warehouses
from .ledger import OpeningBalances, Payments
from .structure import People, Regions, Teams

for kind in (
    Regions,
    Teams,
    People,
    Customers,
    Categories,
    Products,
    PriceLists,
    Prices,
    Warehouses,
    OpeningStock,
    Deliveries,
    DeliveryLines,
    OpeningBalances,
    Payments,
):
    kinds.add(kind())
