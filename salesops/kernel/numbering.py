"""Numbers of documents: DL-2026-000123, without gaps among what was committed, never given out twice."""

from django.db import connection, transaction


def next_number(series: str, year: int) -> str:
    """Return the next number of a series and year, for example DL-2026-000123.

    The counter's row stays locked until the transaction ends, so take numbers last, after other locks.
    """
    return next_numbers(series, year, 1)[0]


def next_numbers(series: str, year: int, count: int) -> list[str]:
    """Return `count` consecutive numbers of a series and year, in order."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("a document number is taken inside the transaction that writes the document")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO kernel_numberseries (series, year, last) VALUES (%s, %s, %s)"
            " ON CONFLICT (series, year) DO UPDATE SET last = kernel_numberseries.last + excluded.last"
            " RETURNING last",
            [series, year, count],
        )
        (last,) = cursor.fetchone()
    return [f"{series}-{year}-{number:06d}" for number in range(last - count + 1, last + 1)]
