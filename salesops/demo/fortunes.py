"""How customers order and pay: what makes one account calm and another a worry."""

from dataclasses import dataclass

from customers.accounts.models import DueRule


@dataclass(frozen=True)
class Fortune:
    """`delay` is from how many to how many days after the due day money comes, `paydays` the days of the month on which
    it is sent (empty: any). Items due in the last `holds_back` days are unpaid. `limit` is normal, none, zero or tight.
    """

    due_days: int = 30
    due_rule: str = DueRule.SHIPMENT
    tolerance: int = 15
    delay: tuple[int, int] = (-10, -3)
    paydays: tuple[int, ...] = (5, 15, 25)
    holds_back: int = 0
    orders: float = 2.3
    months: int = 24
    limit: str = "normal"


FORTUNES: dict[str, Fortune] = {
    "good": Fortune(),
    "prompt": Fortune(delay=(-12, -3), paydays=()),
    "month_end": Fortune(due_days=15, due_rule=DueRule.MONTH_END, delay=(-3, 1), paydays=()),
    "slow": Fortune(delay=(6, 16), paydays=(10, 25), holds_back=21, orders=3.0),
    "late": Fortune(due_days=45, delay=(20, 36), paydays=(6, 20), holds_back=39, orders=3.0),
    "twelve": Fortune(delay=(-3, 2), paydays=(), holds_back=13, orders=4.0),
    "stuck": Fortune(delay=(12, 30), paydays=(20,), holds_back=76, orders=2.0),
    "over": Fortune(orders=3.0, limit="tight"),
    "prepaid": Fortune(due_days=0, tolerance=0, orders=1.6, limit="zero"),
    "free": Fortune(due_days=45, delay=(-1, 4), paydays=(8, 18, 28), orders=4.0, limit="none"),
    "new": Fortune(months=6, orders=2.8),
}

SEASON = {1: 1.05, 2: 0.55, 3: 0.9, 4: 0.95, 5: 1.1, 6: 1.3, 7: 1.0, 8: 0.95, 9: 1.05, 10: 1.15, 11: 1.3, 12: 1.0}
"""How much of an average month is bought in each month: little around New Year, most for June and November."""

FAVOURITES: dict[str, list[str]] = {
    "Water": ["WP", "FC", "DW"],
    "Kitchens": ["RH", "KA", "WH"],
    "Living": ["AT", "CL", "KA"],
    "Electric": ["KA", "WH", "AT"],
    "Appliances": ["WP", "WH", "RH", "CL"],
    "Home": ["WP", "FC", "KA", "AT"],
}
"""Which lines of products somebody with such a word in the name mostly buys."""
