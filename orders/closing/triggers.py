"""What the database holds of closed months, whatever code runs; other features put it on their own tables.

A posting takes LOCK shared and looks then, closing takes it alone: so a month is closed before a posting looks, or
after it is committed.
"""

import pgtrigger

LOCK = int.from_bytes(b"closing")
"""The advisory lock of the books' months."""
CLOSED_MONTH = "nothing_is_posted_into_a_closed_month"
"""What the refusal calls itself; the last closed day stands in its detail."""


def out_of_closed_months(day: str) -> pgtrigger.Trigger:
    """Return the trigger that refuses rows whose `day`, a column, lies in a closed month; one look a statement."""
    return pgtrigger.Trigger(
        name="out_of_closed_months",
        operation=pgtrigger.Insert,
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        referencing=pgtrigger.Referencing(new="posted"),
        declare=[("earliest", "date"), ("closed", "date")],
        func=(
            f"SELECT MIN({day}) INTO earliest FROM posted;"  # noqa: S608  our own words
            " IF earliest IS NULL THEN RETURN NULL; END IF;"
            " IF current_setting('transaction_isolation') <> 'read committed' THEN"
            " RAISE EXCEPTION 'post in READ COMMITTED: an older snapshot does not see what is closed'; END IF;"
            f" PERFORM pg_advisory_xact_lock_shared({LOCK});"
            " SELECT closed_through INTO closed FROM orders_closingstep ORDER BY id DESC LIMIT 1;"
            " IF earliest <= closed THEN"
            f" RAISE EXCEPTION USING ERRCODE = 'P0001', CONSTRAINT = '{CLOSED_MONTH}', DETAIL = closed::text,"
            " MESSAGE = format('The months through %s are closed; nothing is posted into them.', closed); END IF;"
            " RETURN NULL;"
        ),
    )


IN_ORDER = pgtrigger.Trigger(
    name="months_close_in_order",
    operation=pgtrigger.Insert,
    when=pgtrigger.Before,
    declare=[("closed", "date"), ("month_end", "date")],
    func=(
        f"PERFORM pg_advisory_xact_lock({LOCK});"  # noqa: S608  our own words
        " SELECT closed_through INTO closed FROM orders_closingstep ORDER BY id DESC LIMIT 1;"
        " month_end := (NEW.month + interval '1 month' - interval '1 day')::date;"
        " IF NEW.kind = 'closed' AND closed + 1 <> NEW.month THEN"
        " RAISE EXCEPTION 'Months are closed in order: closed is through %, not before %.', closed, NEW.month; END IF;"
        " IF NEW.kind = 'reopened' AND closed IS DISTINCT FROM month_end THEN"
        " RAISE EXCEPTION 'Only the last closed month is reopened: closed is through %.', closed; END IF;"
        " NEW.id := nextval(pg_get_serial_sequence('orders_closingstep', 'id'));"
        " NEW.closed_through := CASE NEW.kind WHEN 'closed' THEN month_end ELSE NEW.month - 1 END;"
        " SELECT COALESCE(MAX(id), 0) INTO NEW.entries_through FROM orders_receivableentry;"
        " RETURN NEW;"
    ),
)
"""The first month that is closed closes all before it. The key is drawn under the lock, so that the last one counts."""
