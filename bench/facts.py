"""The facts of statistics: all counted anew against SQL by hand, and one new shipment at two sizes.

The floor of a full count is one INSERT … SELECT for each kind of facts, over everything at once: it knows no moves of
customers, no parts, nobody who reads meanwhile. It writes into the same tables, with the same indexes. What both count
is compared. The new shipment is recorded by the service; what is measured is what the worker does then.
"""

from collections.abc import Iterator, Sequence
from datetime import date

from .receivables import run, vacuum
from .results import Result
from .room import Room
from .timing import alternate, median, seconds_of

LINES_A_DELIVERY = 3
FULL = {f"facts: full count, {lines:,} lines": lines for lines in (1_000_000, 5_000_000)}
NEW = "facts: one new shipment, 5,000,000 lines"
FEW, MANY = 100_000, 5_000_000
NAMES = (*FULL, NEW)
MOST, MOST_GROWTH = 1.5, 1.2
SHIPMENTS = 40
HISTORY = (30, 60)
"""How many shipments a customer has had whose new one is counted: as many at both sizes."""
TODAY = "SELECT GREATEST(CURRENT_DATE, MAX(posted_on)) FROM orders_receivableentry"


def measure(room: Room, wanted: Sequence[str]) -> Iterator[Result]:
    """Measure the rows that are wanted."""
    new = {}
    for lines in (FEW, *FULL.values()):
        names = [name for name, size in FULL.items() if size == lines and name in wanted]
        if not names and not (NEW in wanted and lines in (FEW, MANY)):
            continue
        room.use_books(lines // LINES_A_DELIVERY)
        if names:
            yield full_count(names[0])
        if NEW in wanted and lines in (FEW, MANY):
            new[lines] = new_shipments()
    if NEW in wanted:
        yield grown(new)


def full_count(name: str) -> Result:
    """All facts of a company, counted in parts by one worker, and by hand."""
    from orders.facts.building import begin_count

    (((today,),), ((lines,),)) = run(TODAY), run("SELECT count(*) FROM orders_shipmentline")
    turns = alternate([count_in_parts, lambda: count_by_hand(today)], turns=3, warm_up=1)
    build = begin_count()
    ours, floor = (
        run("SELECT sum(amount), sum(quantity), count(*) FROM orders_goodsfact WHERE generation = %(g)s", g=generation)
        + run(
            "SELECT sum(closing), sum(overdue), sum(payments), sum(amount) FROM orders_accountfact"
            " WHERE generation = %(g)s",
            g=generation,
        )
        for generation in (build.pk, BY_HAND)
    )
    if ours != floor:
        raise RuntimeError(f"the parts and the floor do not count the same: {ours}, {floor}")
    taken, by_hand = map(median, turns)
    comparing = seconds_of(lambda: finish(build.pk))
    rows = run("SELECT count(*) FROM orders_goodsfact")[0][0] + run("SELECT count(*) FROM orders_accountfact")[0][0]
    return Result(
        name=name,
        ours=taken,
        floor=by_hand,
        unit="s",
        ratio=taken / by_hand,
        goal=f"at most {MOST} times the floor",
        holds=taken / by_hand <= MOST,
        detail=f"{lines:,} shipped lines make {rows:,} facts; comparing them takes {comparing:.0f} s more",
    )


def count_in_parts() -> None:
    """As the night does, by one worker, without the comparison."""
    from orders.facts.building import begin_count, count_next_part
    from orders.models import FactBuild

    FactBuild.objects.all().delete()
    for table in ("orders_goodsfact", "orders_accountfact"):
        run(f"TRUNCATE {table}")
    build = begin_count()
    while count_next_part(build.pk):
        pass


def finish(build_id: int) -> None:
    """Compare with what is in use: generation 0, as if all of it had been brought along; then tidy up."""
    from orders.facts.building import drop_left_facts, finish_count

    for table in ("orders_goodsfact", "orders_accountfact"):
        run(f"UPDATE {table} SET generation = 0 WHERE generation = {BY_HAND}")  # noqa: S608  our own words
    finish_count(build_id)
    drop_left_facts()
    for table in ("orders_goodsfact", "orders_accountfact"):
        vacuum(table)


BY_HAND = -1


def count_by_hand(today: date) -> None:
    """The floor: it stands beside what the parts have counted, so that both fill tables of the same size."""
    for table in ("orders_goodsfact", "orders_accountfact"):
        run(f"DELETE FROM {table} WHERE generation = {BY_HAND}")  # noqa: S608  our own words
    run(GOODS, by_hand=BY_HAND)
    run(ACCOUNTS, by_hand=BY_HAND, today=today)


GOODS = """
INSERT INTO orders_goodsfact
    (generation, month, customer_id, product_id, representative_id, region_id, quantity, amount, lines)
SELECT %(by_hand)s, date_trunc('month', s.shipped_on)::date, s.customer_id, a.product_id, d.representative_id,
       d.region_id, sum(l.quantity), sum(l.amount), count(*)
FROM orders_shipmentline l
JOIN orders_shipment s ON s.id = l.shipment_id
JOIN orders_deliveryline a ON a.id = l.line_id
JOIN orders_delivery d ON d.id = s.delivery_id
GROUP BY 2, 3, 4, 5, 6
"""

ACCOUNTS = """
WITH happening AS (
    SELECT customer_id, month, sum(quantity) AS quantity, sum(amount) AS amount, sum(debits) AS debits,
           sum(payments) AS payments, sum(credits) AS credits, sum(late) AS late
    FROM (
        SELECT customer_id, date_trunc('month', posted_on)::date AS month, 0 AS quantity, 0 AS amount, debit AS debits,
               CASE WHEN source = 'payment' THEN credit ELSE 0 END AS payments,
               CASE WHEN source = 'payment' THEN 0 ELSE credit END AS credits, 0 AS late
        FROM orders_receivableentry
        UNION ALL
        SELECT s.customer_id, date_trunc('month', s.shipped_on)::date, l.quantity, l.amount, 0, 0, 0, 0
        FROM orders_shipment s JOIN orders_shipmentline l ON l.shipment_id = s.id
        UNION ALL
        SELECT customer_id, date_trunc('month', greatest(posted_on, due_on + 1))::date, 0, 0, 0, 0, 0, amount
        FROM orders_openitem WHERE is_debit AND greatest(posted_on, due_on + 1) <= %(today)s
        UNION ALL
        SELECT i.customer_id, date_trunc('month', greatest(a.allocated_on, i.due_on + 1))::date, 0, 0, 0, 0, 0,
               -a.amount
        FROM orders_allocation a JOIN orders_openitem i ON i.id = a.debit_id
        WHERE greatest(a.allocated_on, i.due_on + 1) <= %(today)s
    ) all_of_it GROUP BY 1, 2
), grid AS (
    SELECT customer_id,
           generate_series(min(month), greatest(max(month), date_trunc('month', %(today)s)), interval '1 month')::date
           AS month
    FROM happening GROUP BY 1
), running AS (
    SELECT customer_id, month, quantity, amount, debits, payments, credits,
           sum(coalesce(debits, 0) - coalesce(payments, 0) - coalesce(credits, 0)) OVER so_far AS closing,
           sum(coalesce(late, 0)) OVER so_far AS overdue
    FROM grid LEFT JOIN happening USING (customer_id, month)
    WINDOW so_far AS (PARTITION BY customer_id ORDER BY month)
)
INSERT INTO orders_accountfact
    (generation, customer_id, month, region_id, representative_id, quantity, amount, debits, payments, credits,
     opening, closing, overdue, new_customers, lost_customers)
SELECT %(by_hand)s, r.customer_id, month, c.region_id, c.representative_id, coalesce(quantity, 0), coalesce(amount, 0),
       coalesce(debits, 0), coalesce(payments, 0), coalesce(credits, 0), 0, closing, overdue, 0, 0
FROM running r JOIN customers_customer c ON c.id = r.customer_id
WHERE closing <> 0 OR overdue <> 0 OR quantity <> 0 OR debits <> 0 OR payments <> 0 OR credits <> 0
"""


def new_shipments() -> list[float]:
    """How long it takes to count what a new shipment has changed, for shipments of as many customers."""
    from django.utils import timezone

    from orders.facts.services import bring_facts_along
    from orders.models import Delivery, FactMark
    from orders.shipments.services import ship_delivery
    from salesops.users.models import User

    if not run("SELECT 1 FROM orders_accountfact LIMIT 1"):
        count_in_parts()
        run("UPDATE orders_goodsfact SET generation = 0")
        run("UPDATE orders_accountfact SET generation = 0")
        run("DELETE FROM orders_factbuild")
    FactMark.objects.all().delete()
    by = User.objects.filter(groups__name="supply").first() or User.objects.get(is_superuser=True)
    bring_facts_along()
    times = []
    for (delivery_id,) in run(SHIPPABLE, least=HISTORY[0], most=HISTORY[1], count=SHIPMENTS):
        delivery = Delivery.objects.get(pk=delivery_id)
        line = next(line for line in delivery.lines.all() if line.reserved_quantity)
        ship_delivery(delivery_id, by=by, shipped_on=timezone.localdate(), quantities={line.pk: 1})
        times.append(seconds_of(bring_facts_along))
    return times


SHIPPABLE = """
SELECT MIN(delivery.id) FROM orders_delivery delivery
JOIN customers_creditaccount account ON account.customer_id = delivery.customer_id AND NOT is_on_hold
WHERE state = 'approved' AND approved_at < now()
  AND EXISTS (SELECT FROM orders_deliveryline line WHERE line.delivery_id = delivery.id AND reserved_quantity > 0)
  AND (SELECT COUNT(*) FROM orders_shipment past WHERE past.customer_id = delivery.customer_id)
      BETWEEN %(least)s AND %(most)s
GROUP BY delivery.customer_id ORDER BY MIN(delivery.id) LIMIT %(count)s
"""


def grown(new: dict[int, list[float]]) -> Result:
    """What the same shipment costs in a large company and in a small one."""
    few, many = median(new[FEW]), median(new[MANY])
    return Result(
        name=NEW,
        ours=many * 1000,
        floor=few * 1000,
        unit="ms",
        ratio=many / few,
        goal=f"at most {MOST_GROWTH} times that of {FEW:,} lines",
        holds=many / few <= MOST_GROWTH,
        detail=f"the median of {len(new[MANY])} and {len(new[FEW])} shipments of customers with {HISTORY[0]} to"
        f" {HISTORY[1]} before",
    )
