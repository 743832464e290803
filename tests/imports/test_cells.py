"""What a cell says is read exactly or not at all."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from salesops.imports.cells import Unclear, day_of, flag_of, number_of, text_of


@pytest.mark.parametrize(
    ("cell", "text"),
    [(12.0, "12"), (956.24, "956.24"), (1e15, "1000000000000000"), ("  a  b ", "a b"), (True, "yes"), (None, "")],
)
def test_text(cell, text):
    assert text_of(cell) == text


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        (12.0, "12"),
        (956.24, "956.24"),
        (0.1 + 0.2, "0.3"),
        (7, "7"),
        ("1,234.50", "1234.50"),
        ("-1,234,567", "-1234567"),
        ("(12.30)", "-12.30"),
        ("¥ 1,234.50", "1234.50"),
        ("12.50 元", "12.50"),
        ("−3", "-3"),
        ("+4.0", "4.0"),
        (" 1 234.5 ", "1234.5"),
    ],
)
def test_numbers(cell, number):
    assert number_of(cell) == Decimal(number)


def test_numbers_with_a_decimal_comma_are_read_where_the_mapping_says_so():
    assert number_of("1.234,50", ",") == Decimal("1234.50")
    assert number_of("12,5", ",") == Decimal("12.5")


@pytest.mark.parametrize(
    "cell", ["", "abc", "1.2.3", "12,5", "1,23,456", "1e5", "NaN", "Infinity", "1_000", "=1+2", True]
)
def test_what_is_no_number_for_sure_is_none(cell):
    with pytest.raises(Unclear):
        number_of(cell)


@pytest.mark.parametrize(
    "cell",
    [
        "2026-01-02",
        "2026/1/2",
        "2026.01.02",
        "2026年1月2日",
        "20260102",
        "2026-01-02 13:45:00",
        "2026-01-02T13:45:00Z",
        date(2026, 1, 2),
        datetime(2026, 1, 2, 13),  # noqa: DTZ001  a cell of Excel knows no zone
    ],
)
def test_days(cell):
    assert day_of(cell) == date(2026, 1, 2)


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("2026-02-30", "does not exist"),
        ("02/01/2026", "which part is the month"),
        ("soon", "is not a date"),
        (45000.0, "is not a date"),
        ("", "is not a date"),
    ],
)
def test_what_is_no_day_for_sure_is_none(cell, words):
    with pytest.raises(Unclear, match=words):
        day_of(cell)


def test_days_are_read_in_the_format_that_the_mapping_names():
    assert day_of("02/01/2026", ("%d/%m/%Y",)) == date(2026, 1, 2)
    with pytest.raises(Unclear):
        day_of("2026-01-02", ("%d/%m/%Y",))


def test_yes_and_no():
    assert [flag_of(cell) for cell in ("yes", "1", 1.0, True, "是")] == [True] * 5
    assert [flag_of(cell) for cell in ("no", "", None, 0.0, "否")] == [False] * 5
    with pytest.raises(Unclear):
        flag_of("perhaps")
