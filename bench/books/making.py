"""Books from nothing: the company, years of its business, and the figures that are kept beside the rows."""

from dataclasses import dataclass
from random import Random
from time import perf_counter

from django.db import connection, transaction
from django.utils import timezone

from orders.models import Delivery, Stock, StockMovement
from orders.stock.models import Movement
from salesops.kernel.models import NumberSeries
from salesops.users.models import User

from .columns import COLUMNS
from .company import Company, make_company
from .loading import BareTables, Writer
from .sales import Sales, money
from .size import Size

SEED = 20_260_601


@dataclass(frozen=True)
class Made:
    """What was made, and how long it took."""

    size: Size
    seconds: float


def make_books(deliveries: int, *, seed: int = SEED) -> Made:
    """Make the books of a company with so many deliveries, in a database that is migrated and empty.

    The same count and day make the same books. Raises ValueError where people or deliveries are there already, and
    the database's own error where a row breaks a key: all of them are checked in the end.
    """
    if User.objects.exists() or Delivery.objects.exists():
        raise ValueError("books are made in an empty database only")
    started = perf_counter()
    size, rng, today = Size(deliveries), Random(seed), timezone.localdate()
    company = make_company(size, rng, today)
    sales = Sales(company, rng, today)
    tables = BareTables(list(COLUMNS))
    writer = Writer(tables, COLUMNS)
    try:
        for rows in sales.chunks():
            writer.put(rows)
    finally:
        writer.close()
    tables.finish()
    _keep_figures(company, sales)
    return Made(size, perf_counter() - started)


@transaction.atomic
def _keep_figures(company: Company, sales: Sales) -> None:
    """Balance, committed and limit of each account, what is reserved, and the last numbers that were given."""
    rows = []
    for customer in company.customers:
        account = sales.accounts[customer.pk]
        exposure = account.balance + account.committed
        factor = 9 if customer.pk % 33 == 0 else 20  # a few are over their limit
        limit = max(exposure * factor // 10, 0 if factor < 10 else 50_000_000)
        rows.append((customer.pk, money(limit), money(account.balance), money(account.committed)))
    with connection.cursor() as cursor:
        cursor.execute(
            'UPDATE customers_creditaccount a SET "limit" = v.most, balance = v.balance, committed = v.committed'
            " FROM unnest(%s::bigint[], %s::numeric[], %s::numeric[], %s::numeric[]) v(id, most, balance, committed)"
            " WHERE v.id = a.customer_id",
            [list(column) for column in zip(*rows, strict=True)],
        )
    for key, stock in company.stock.items():
        stock.reserved = sales.reserved.get(key, 0)
        stock.on_hand = stock.reserved + 100_000
    Stock.objects.bulk_update(company.stock.values(), ["on_hand", "reserved"], batch_size=2000)
    StockMovement.objects.bulk_create(
        [
            StockMovement(
                warehouse_id=stock.warehouse_id,
                product_id=stock.product_id,
                kind=Movement.OPENING,
                quantity=stock.on_hand,
                moved_on=sales.first_day,
            )
            for stock in company.stock.values()
        ],
        batch_size=2000,
    )
    NumberSeries.objects.bulk_create(
        NumberSeries(series=series, year=year, last=last) for (series, year), last in sales.numbers.items()
    )
