"""What happened before the last days, written as sets: as much as years bring, in seconds.

The rules that the database keeps hold here too: a delivery starts as a draft and passes through its states, its lines
do not change once it is submitted, entries are only added. Open items are settled by the product's own service.
"""

from datetime import datetime
from random import Random

import pgtrigger

from orders.models import Delivery
from salesops.demo.cast import Cast
from salesops.demo.plan import Plan

from .copying import execute
from .decisions import write_requests
from .deliveries import SILENT, move_states, write_drafts, write_events
from .goods import reserve_open, write_shipments, write_stock
from .money import write_ledger
from .past import Past


def write_past(cast: Cast, plan: Plan, until: datetime, rng: Random) -> dict[int, Delivery]:
    """Write what was decided, shipped and paid before a moment; return the deliveries by their position in the plan."""
    past = Past(cast, plan, until, rng)
    with pgtrigger.ignore(*SILENT):
        write_drafts(past)
        write_shipments(past)
        execute("ANALYZE orders_delivery, orders_deliveryline, orders_shipment, orders_shipmentline")
        move_states(past)
    write_events(past)
    write_requests(past)
    write_stock(past)
    reserve_open(past)
    write_ledger(past)
    execute("ANALYZE")  # what is made in this transaction is known to the planner only so
    return dict(zip(past.positions, past.deliveries, strict=True))
