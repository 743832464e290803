"""Matching: 20,000 lines of an agent's ledger against 20,000 entries of ours, against SQL by hand.

The floor pairs the same two ledgers by one join on reference and amount and one on amount within the window, and
writes the same kinds of rows with the same keys and indexes. It looks for no sums, no nearest days, repeats nothing,
and leaves what takes more than a join.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from .results import Result
from .room import EMPTY, Room
from .timing import median, seconds_of

LINES = 20_000
NAME = f"matching: {LINES:,} lines against {LINES:,}"
NAMES = (NAME,)
MOST_SECONDS = 20
TURNS = 3
DATABASE = "matching"
FIRST = date(2025, 1, 1)
WINDOW = 7


def measure(room: Room, wanted: Sequence[str]) -> Iterator[Result]:
    """Match two ledgers of a year by the service and by hand, taking turns, each from the start."""
    room.copy(EMPTY, DATABASE)
    room.use(DATABASE)
    desk = Desk()
    times: tuple[list[float], list[float]] = ([], [])
    for _turn in range(TURNS):
        for taken, work in zip(times, (desk.match, desk.match_by_hand), strict=True):
            desk.forget()
            taken.append(seconds_of(work))
    desk.forget()
    made = desk.match()
    ours, floor = median(times[0]), median(times[1])
    yield Result(
        name=NAME,
        ours=ours,
        floor=floor,
        unit="s",
        ratio=ours / floor,
        goal=f"at most {MOST_SECONDS} s",
        holds=ours <= MOST_SECONDS,
        detail=f"{made:,} matches: {desk.ways()}; the floor finds {desk.by_floor:,}",
    )


class Desk:
    """Two ledgers of one customer: most lines by reference, many by amount and day, some in parts, some nowhere."""

    def __init__(self) -> None:
        from customers.models import CreditAccount, Customer
        from orders.models import LedgerUpload
        from salesops.users.models import Region, User

        region = Region.objects.create(code="D", name="Desk", level=1)
        customer = Customer.objects.create(code="DESK", name="Agent of the desk", region=region)
        CreditAccount.objects.create(customer=customer)
        self.by = User.objects.create(username="desk", full_name="Desk")
        self.upload = LedgerUpload.objects.create(
            customer=customer,
            first_day=FIRST,
            last_day=FIRST + timedelta(days=400),
            state="read",
            uploaded_by=self.by,
        )
        self.by_floor = 0
        ours, theirs = two_ledgers(LINES)
        self._write(ours, theirs)

    def _write(self, ours: list[Any], theirs: list[Any]) -> None:
        from django.db import connection, transaction

        from orders.models import LedgerLine, ReceivableEntry
        from salesops.imports.staging import insert_rows

        with transaction.atomic():
            insert_rows(ReceivableEntry, (self._entry(number, *line) for number, line in enumerate(ours, start=1)))
            insert_rows(
                LedgerLine,
                (
                    {
                        "upload_id": self.upload.pk,
                        "row": row,
                        "part": 1,
                        "day": day,
                        "reference": reference,
                        "text": "",
                        "amount": Decimal(cents) / 100,
                    }
                    for row, (day, reference, cents) in enumerate(theirs, start=2)
                ),
            )
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE orders_receivableentry, orders_ledgerline")

    def _entry(self, number: int, day: date, reference: str, cents: int) -> dict[str, Any]:
        return {
            "customer_id": self.upload.customer_id,
            "source": "opening",
            "source_id": number,
            "document": reference,
            "text": "",
            "posted_on": day,
            "due_on": day,
            "debit": Decimal(max(cents, 0)) / 100,
            "credit": Decimal(max(-cents, 0)) / 100,
            "posted_by_id": None,
        }

    def match(self) -> int:
        """As the page does."""
        from orders.matching.services import match_ledger

        return match_ledger(self.upload.pk, by=self._somebody())

    def _somebody(self) -> Any:
        from salesops.users.models import User

        self.by.is_superuser = True
        self.by.save(update_fields=["is_superuser"])
        return User.objects.get(pk=self.by.pk)

    def match_by_hand(self) -> int:
        """The floor."""
        from django.db import connection, transaction

        with transaction.atomic(), connection.cursor() as cursor:
            for statement in BY_HAND:
                cursor.execute(statement, {"upload": self.upload.pk, "window": WINDOW})
            cursor.execute("SELECT count(*) FROM orders_ledgermatch")
            self.by_floor = cursor.fetchone()[0]
        return self.by_floor

    def forget(self) -> None:
        """Undo all of it as if it had never been."""
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute(
                "TRUNCATE orders_matchours, orders_matchtheirs, orders_ledgerdifference, orders_ledgermatch"
                " RESTART IDENTITY"
            )
            cursor.execute("CHECKPOINT")

    def ways(self) -> str:
        """How many matches were found by which way."""
        from django.db.models import Count

        from orders.models import LedgerMatch

        found = LedgerMatch.objects.order_by("way").values_list("way").annotate(count=Count("pk"))
        return ", ".join(f"{count:,} by {way.replace('_', ' in ')}" for way, count in found)


def two_ledgers(lines: int) -> tuple[list[Any], list[Any]]:
    """Lines of both sides as (day, reference, cents): of 100 are 65 by reference, 20 by amount, 6 in parts, 9 alone."""
    rng = Random(lines)
    ours: list[Any] = []
    theirs: list[Any] = []
    number = 0
    while max(len(ours), len(theirs)) < lines:
        number += 1
        kind, day = rng.random(), FIRST + timedelta(days=rng.randrange(360))
        cents = rng.randrange(500, 4_000) * 100 * rng.choice((1, 1, -1)) + rng.choice((0, 0, 50))
        later = day + timedelta(days=rng.randrange(0, 6))
        document = f"SH-2025-{number:06d}"
        if kind < 0.65:
            ours.append((day, document, cents))
            theirs.append((later, f"sh2025{number:06d}", cents))
        elif kind < 0.85:
            ours.append((day, document, cents))
            theirs.append((later, f"RK{number}", cents))
        elif kind < 0.91:
            first = cents // 3
            one, two = (ours, theirs) if kind < 0.88 else (theirs, ours)
            one.append((day, document, cents))
            two += [(later, f"A{number}", first), (later, f"B{number}", cents - first)]
        elif kind < 0.955:
            ours.append((day, document, cents))
        else:
            theirs.append((later, f"FY{number}", cents))
    return ours[:lines], theirs[:lines]


BY_HAND = (
    """
    CREATE TEMP TABLE by_hand ON COMMIT DROP AS
    WITH ours AS (
        SELECT entry.id, upper(regexp_replace(entry.document, '[^[:alnum:]]', '', 'g')) AS key,
               entry.debit - entry.credit AS amount
        FROM orders_receivableentry entry JOIN orders_ledgerupload upload USING (customer_id)
        WHERE upload.id = %(upload)s AND entry.posted_on BETWEEN upload.first_day AND upload.last_day
    ), theirs AS (
        SELECT id, upper(regexp_replace(reference, '[^[:alnum:]]', '', 'g')) AS key, amount
        FROM orders_ledgerline WHERE upload_id = %(upload)s
    )
    SELECT nextval(pg_get_serial_sequence('orders_ledgermatch', 'id')) AS match, ours.id AS ours, theirs.id AS theirs,
           'reference' AS way, amount
    FROM ours JOIN theirs USING (key, amount)
    """,
    "ANALYZE by_hand",
    """
    INSERT INTO by_hand
    WITH ours AS (
        SELECT entry.id, entry.debit - entry.credit AS amount, entry.posted_on AS day,
               row_number() OVER (PARTITION BY entry.debit - entry.credit ORDER BY entry.posted_on) AS place
        FROM orders_receivableentry entry JOIN orders_ledgerupload upload USING (customer_id)
        WHERE upload.id = %(upload)s AND entry.posted_on BETWEEN upload.first_day AND upload.last_day
          AND NOT EXISTS (SELECT FROM by_hand WHERE by_hand.ours = entry.id)
    ), theirs AS (
        SELECT id, amount, day, row_number() OVER (PARTITION BY amount ORDER BY day) AS place
        FROM orders_ledgerline WHERE upload_id = %(upload)s
          AND NOT EXISTS (SELECT FROM by_hand WHERE by_hand.theirs = orders_ledgerline.id)
    )
    SELECT nextval(pg_get_serial_sequence('orders_ledgermatch', 'id')), ours.id, theirs.id, 'amount', amount
    FROM ours JOIN theirs USING (amount, place) WHERE abs(ours.day - theirs.day) <= %(window)s
    """,
    """
    INSERT INTO orders_ledgermatch
        (id, upload_id, way, days, ours_count, theirs_count, amount, difference, reason, made_at)
    SELECT match, %(upload)s, way, 0, 1, 1, amount, 0, '', now() FROM by_hand
    """,
    "INSERT INTO orders_matchours (match_id, entry_id, stands) SELECT match, ours, true FROM by_hand",
    "INSERT INTO orders_matchtheirs (match_id, line_id, stands) SELECT match, theirs, true FROM by_hand",
)
