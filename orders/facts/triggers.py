"""What marks facts to be counted anew: put on the tables whose rows facts are counted from."""

import pgtrigger

MARK = (
    "INSERT INTO orders_factmark (customer_id, month)"
    " SELECT DISTINCT customer_id, date_trunc('month', day)::date FROM ({rows}) made; RETURN NULL;"
)


def marks_facts(rows: str) -> pgtrigger.Trigger:
    """Return the trigger that marks what a statement inserts; `rows` selects `customer_id` and `day` from `posted`.

    It only adds rows of its own, so that nobody who posts waits for anybody.
    """
    return pgtrigger.Trigger(
        name="marks_facts",
        operation=pgtrigger.Insert,
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        referencing=pgtrigger.Referencing(new="posted"),
        func=MARK.format(rows=rows),
    )
