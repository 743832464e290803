"""Matching by rule: our entries of a span against an agent's lines, pass by pass, each pass over all of them at once.

1. The same reference and the same amount, one to one: the number of our document, the reference of our payment, the
   number of our delivery; then a number of ours that their text names.
2. The same reference, and sums that are equal: several lines of one document.
3. The same amount within a window of days, the nearest day first; of equal ones the first with the first.
4. One to many and many to one, by sums within the window (parts.py).

References are compared without signs, spaces, widths of letters and capitals. Nothing is guessed by chance: lines of
one reference, amount and day are paired in the order of their days and keys, so that the same lines always give the
same matches. The passes are repeated until a whole round finds nothing, so that running again changes nothing.
What a person took apart stays for a person, and what is stated as a difference stays one; but what ledgers before
stated as in transit or of another period is looked for here.
"""

from collections.abc import Callable, Iterable, Sequence

from django.utils import timezone

from salesops.imports.staging import copy_in, execute, fetch

from .models import LedgerUpload, Way
from .parts import Line, Match, Steps, find_parts
from .queries import carried_over, earlier_ledgers, keys_of

Tell = Callable[[], object]
MOST_STEPS = 10_000_000
"""Of the search for parts in a whole run, some five seconds; a ledger that needs more goes on when it is run again."""

SIGNS = r"[\s\-_/.,:;#()*\\]+"
"""What people write between the letters and digits of a reference."""
NUMBER = "[A-Z][A-Z]+-?[0-9][0-9-]*[0-9]"
"""A document's number within a text."""


def _key(column: str) -> str:
    """SQL for a reference as it is compared."""
    return f"regexp_replace(upper(normalize({column}, NFKC)), '{SIGNS}', '', 'g')"


TABLES = f"""
DROP TABLE IF EXISTS pg_temp.matching_ours, pg_temp.matching_theirs, pg_temp.matched_ours, pg_temp.matched_theirs;
CREATE TEMP TABLE matching_ours ON COMMIT DROP AS
SELECT entry.id, entry.posted_on AS day, ((entry.debit - entry.credit) * 100)::bigint AS cents,
       {_key("entry.document")} AS document, {_key("coalesce(payment.reference, delivery.number, '')")} AS other
FROM orders_receivableentry entry
LEFT JOIN orders_payment payment ON entry.source = 'payment' AND payment.id = entry.source_id
LEFT JOIN orders_shipment shipment ON entry.source = 'shipment' AND shipment.id = entry.source_id
LEFT JOIN orders_delivery delivery ON delivery.id = shipment.delivery_id
WHERE entry.customer_id = %(customer)s
  AND (entry.posted_on BETWEEN %(first)s AND %(last)s OR entry.id = ANY(%(carried_ours)s))
  AND NOT EXISTS (
    SELECT FROM orders_matchours side JOIN orders_ledgermatch made ON made.id = side.match_id
    WHERE side.entry_id = entry.id AND (side.stands OR made.undone_at IS NOT NULL AND made.upload_id = ANY(%(own)s))
  ) AND NOT EXISTS (
    SELECT FROM orders_ledgerdifference stated JOIN orders_difference what ON what.id = stated.difference_id
    WHERE what.entry_id = entry.id AND what.state <> 'withdrawn' AND stated.upload_id <> ALL(%(earlier)s)
  );
CREATE TEMP TABLE matching_theirs ON COMMIT DROP AS
SELECT line.id, line.day, (line.amount * 100)::bigint AS cents, {_key("line.reference")} AS document,
       coalesce({_key(f"substring(upper(normalize(line.text, NFKC)) FROM '{NUMBER}')")}, '') AS other
FROM orders_ledgerline line
WHERE (line.upload_id = %(upload)s OR line.id = ANY(%(carried_theirs)s)) AND line.stands
  AND NOT EXISTS (
    SELECT FROM orders_matchtheirs side JOIN orders_ledgermatch made ON made.id = side.match_id
    WHERE side.line_id = line.id AND (side.stands OR made.undone_at IS NOT NULL AND made.upload_id = ANY(%(own)s))
  ) AND NOT EXISTS (
    SELECT FROM orders_ledgerdifference stated JOIN orders_difference what ON what.id = stated.difference_id
    WHERE stated.line_id = line.id AND what.state <> 'withdrawn' AND stated.upload_id <> ALL(%(earlier)s)
  );
CREATE TEMP TABLE matched_ours (match bigint, way text, id bigint, day date, cents bigint) ON COMMIT DROP;
CREATE TEMP TABLE matched_theirs (match bigint, way text, id bigint, day date, cents bigint) ON COMMIT DROP;
ANALYZE matching_ours, matching_theirs;
"""  # noqa: S608  our own words
NEXT = "nextval(pg_get_serial_sequence('orders_ledgermatch', 'id'))"
TAKE = f"""
, made AS MATERIALIZED (SELECT {NEXT} AS match, ours, theirs FROM (SELECT * FROM pairs ORDER BY ours) pairs),
taken_ours AS (DELETE FROM matching_ours side USING made WHERE side.id = made.ours
               RETURNING made.match, %(way)s, side.id, side.day, side.cents),
taken_theirs AS (DELETE FROM matching_theirs side USING made WHERE side.id = made.theirs
                 RETURNING made.match, %(way)s, side.id, side.day, side.cents),
kept_ours AS (INSERT INTO matched_ours SELECT * FROM taken_ours)
INSERT INTO matched_theirs SELECT * FROM taken_theirs
"""  # noqa: S608  our own words
BY_REFERENCE = """
WITH ours AS (SELECT id, {ours} AS key, cents, row_number() OVER (PARTITION BY {ours}, cents ORDER BY day, id) AS place
              FROM matching_ours WHERE {ours} <> ''),
theirs AS (SELECT id, {theirs} AS key, cents,
                  row_number() OVER (PARTITION BY {theirs}, cents ORDER BY day, id) AS place
           FROM matching_theirs WHERE {theirs} <> ''),
pairs AS (SELECT ours.id AS ours, theirs.id AS theirs FROM ours JOIN theirs USING (key, cents, place))
"""
BY_AMOUNT = """
WITH ours AS (SELECT id, cents, day + sign(cents)::int * %(days)s AS day,
                     row_number() OVER (PARTITION BY cents, day ORDER BY id) AS place FROM matching_ours),
theirs AS (SELECT id, cents, day, row_number() OVER (PARTITION BY cents, day ORDER BY id) AS place
           FROM matching_theirs),
pairs AS (SELECT ours.id AS ours, theirs.id AS theirs FROM ours JOIN theirs USING (cents, day, place))
"""
"""Goods arrive after they were sent, money is paid before it comes in: such days are tried first."""
SUMS_BY_REFERENCE = """
SELECT key FROM (SELECT document AS key, sum(cents) AS cents, count(*) AS lines FROM matching_ours GROUP BY document) o
JOIN (SELECT document AS key, sum(cents) AS cents, count(*) AS lines FROM matching_theirs GROUP BY document) t
USING (key, cents) WHERE key <> '' ORDER BY key
"""
TAKE_GROUP = """
WITH taken AS (DELETE FROM {left} side USING {chosen} chosen WHERE side.{column} = chosen.key
               RETURNING chosen.match, %(way)s, side.id, side.day, side.cents)
INSERT INTO {matched} SELECT * FROM taken
"""
KEEP_MATCHES = """
INSERT INTO orders_ledgermatch
    (id, upload_id, way, days, ours_count, theirs_count, carried_count, amount, difference, reason, made_at)
SELECT match, %(upload)s, ours.way, greatest(ours.last - theirs.first, theirs.last - ours.first, 0), ours.lines,
       theirs.lines, theirs.carried, ours.cents / 100.0, 0, '', %(now)s
FROM (SELECT match, min(way) AS way, min(day) AS first, max(day) AS last, count(*) AS lines, sum(cents) AS cents
      FROM matched_ours GROUP BY match) ours
JOIN (SELECT match, min(day) AS first, max(day) AS last, count(*) AS lines,
             count(*) FILTER (WHERE id = ANY(%(carried_theirs)s)) AS carried
      FROM matched_theirs GROUP BY match) theirs
USING (match)
"""
KEEP_SIDES = (
    "INSERT INTO orders_matchours (match_id, entry_id, stands) SELECT match, id, true FROM matched_ours",
    "INSERT INTO orders_matchtheirs (match_id, line_id, stands) SELECT match, id, true FROM matched_theirs",
)


def match_by_rule(upload: LedgerUpload, *, window: int, tell: Tell = lambda: None) -> int:
    """Match what is left of a ledger; returns how many matches were made. The caller has locked the ledger.

    `window` is the number of days that the sides of a match without a reference may lie apart. `tell` is called from
    time to time; what it raises ends the run.
    """
    named = _named(upload)
    for statement in TABLES.split(";\n"):
        if statement.strip():
            execute(statement, named if "%(" in statement else ())
    steps = Steps(MOST_STEPS)
    while _one_round(window, steps, tell):
        pass
    tell()
    made = execute(KEEP_MATCHES, {**named, "now": timezone.now()})
    for statement in KEEP_SIDES:
        execute(statement)
    return made


def _named(upload: LedgerUpload) -> dict[str, object]:
    """What the statements are about: the ledger, its days, and what the ledger before carried over to it."""
    earlier = earlier_ledgers(upload)
    ours, theirs = keys_of(carried_over(upload))
    return {
        "customer": upload.customer_id,
        "first": upload.first_day,
        "last": upload.last_day,
        "upload": upload.pk,
        "earlier": earlier,
        "own": [upload.pk, *earlier],
        "carried_ours": ours,
        "carried_theirs": theirs,
    }


def _one_round(window: int, steps: Steps, tell: Tell) -> int:
    """Try every pass once; returns how many lines found their match."""
    found = 0
    for ours, theirs in (("document", "document"), ("other", "document"), ("document", "other"), ("other", "other")):
        tell()
        found += execute(BY_REFERENCE.format(ours=ours, theirs=theirs) + TAKE, {"way": Way.REFERENCE})
    found += _sums_by_reference()
    for days in (0, *(sign * days for days in range(1, window + 1) for sign in (1, -1))):
        tell()
        found += execute(BY_AMOUNT + TAKE, {"days": days, "way": Way.AMOUNT})
    return found + _parts(window, steps, tell)


def _sums_by_reference() -> int:
    """Several lines of one reference whose sums are equal."""
    keys = [key for (key,) in fetch(SUMS_BY_REFERENCE)]
    return _take_groups(Way.REFERENCE_PARTS, "text", "document", [([key], [key]) for key in keys])


def _parts(window: int, steps: Steps, tell: Tell) -> int:
    """Lines that are the sum of others."""
    ours, theirs = (
        [Line(*row) for row in fetch(f"SELECT id, day, cents FROM matching_{side}")]  # noqa: S608  our own words
        for side in ("ours", "theirs")
    )
    found: Iterable[Match] = find_parts(ours, theirs, window, steps, tell)
    groups = [([line.id for line in left], [line.id for line in right]) for left, right in found]
    return _take_groups(Way.PARTS, "bigint", "id", groups)


def _take_groups(way: Way, form: str, column: str, groups: Sequence[tuple[Sequence[object], Sequence[object]]]) -> int:
    """Take the lines of groups out of what is left: for each group the keys of our side and of theirs."""
    if not groups:
        return 0
    numbers = [number for (number,) in fetch(f"SELECT {NEXT} FROM generate_series(1, %s)", [len(groups)])]  # noqa: S608
    taken = 0
    for at, side in enumerate(("ours", "theirs")):
        execute("DROP TABLE IF EXISTS pg_temp.chosen")
        execute(f"CREATE TEMP TABLE chosen (match bigint, key {form}) ON COMMIT DROP")
        copy_in(
            "chosen", ["match", "key"], [(n, key) for n, one in zip(numbers, groups, strict=True) for key in one[at]]
        )
        execute("ANALYZE chosen")
        taken += execute(
            TAKE_GROUP,
            {"way": way},
            left=f"matching_{side}",
            matched=f"matched_{side}",
            column=column,
            chosen="chosen",
        )
    return taken
