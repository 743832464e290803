"""Rules that the database itself keeps for whole tables."""

import pgtrigger

APPEND_ONLY: list[pgtrigger.Trigger] = [
    pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
    pgtrigger.Trigger(
        name="never_emptied",
        operation=pgtrigger.Truncate,
        level=pgtrigger.Statement,
        when=pgtrigger.Before,
        func=(
            "IF current_setting('salesops.allow_truncate', true) IS DISTINCT FROM 'on' THEN"
            " RAISE EXCEPTION 'append-only: % is never emptied', TG_TABLE_NAME; END IF; RETURN NULL;"
        ),
    ),
]
"""A table whose rows are added and never changed: UPDATE, DELETE and TRUNCATE fail, from wherever they come.

The setting lets the flush of transactional tests empty it; only the test run sets it.
"""
