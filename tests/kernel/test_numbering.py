from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from salesops.kernel.numbering import next_number, next_numbers


@pytest.mark.django_db
def test_numbers_count_by_series_and_year() -> None:
    assert next_number("DL", 2026) == "DL-2026-000001"
    assert next_numbers("DL", 2026, 2) == ["DL-2026-000002", "DL-2026-000003"]
    assert next_number("DL", 2027) == "DL-2027-000001"
    assert next_number("SH", 2026) == "SH-2026-000001"


@pytest.mark.django_db(transaction=True)
def test_a_number_is_taken_inside_a_transaction() -> None:
    with pytest.raises(RuntimeError):
        next_number("DL", 2026)


@pytest.mark.django_db(transaction=True)
def test_no_number_is_given_out_twice_at_once() -> None:
    def take(_: int) -> str:
        try:
            with transaction.atomic():
                return next_number("DL", 2026)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(take, range(40)))
    assert sorted(numbers) == [f"DL-2026-{n:06d}" for n in range(1, 41)]
