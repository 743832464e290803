from datetime import date

import pytest

from salesops.kernel.errors import RuleBroken
from salesops.kernel.periods import Period, require_meant


def test_a_quarter_is_its_three_months() -> None:
    quarter = Period.quarter(2026, 4)
    assert quarter == Period(date(2026, 10, 1), date(2027, 1, 1))
    assert [str(month) for month in quarter.months()] == ["2026-10", "2026-11", "2026-12"]


def test_a_fiscal_year_starts_in_its_first_month() -> None:
    assert Period.year(2026, first_month=4) == Period(date(2026, 4, 1), date(2027, 4, 1))


def test_the_previous_month_of_march_is_february() -> None:
    assert Period.month(2024, 3).previous == Period(date(2024, 2, 1), date(2024, 3, 1))
    assert Period.month(2024, 1).previous == Period.month(2023, 12)


def test_last_year_of_a_leap_day_is_the_28th() -> None:
    assert Period.day(date(2024, 2, 29)).last_year == Period(date(2023, 2, 28), date(2023, 3, 1))


def test_the_end_does_not_belong_to_it() -> None:
    month = Period.month(2026, 2)
    assert date(2026, 2, 28) in month
    assert date(2026, 3, 1) not in month
    assert month.last_day == date(2026, 2, 28)


def test_last_months_end_with_this_one() -> None:
    assert Period.last_months(12, date(2026, 11, 23)) == Period(date(2025, 12, 1), date(2026, 12, 1))


def test_a_period_does_not_end_before_it_starts() -> None:
    with pytest.raises(ValueError):
        Period(date(2026, 2, 1), date(2026, 1, 1))


def test_only_whole_months_move_by_months() -> None:
    with pytest.raises(ValueError):
        Period.day(date(2026, 2, 1)).shifted(1)


def test_lookup_keeps_the_days_of_the_period() -> None:
    assert Period.month(2026, 1).lookup("day") == {"day__gte": date(2026, 1, 1), "day__lt": date(2026, 2, 1)}


@pytest.mark.parametrize("day", [date.min, date(202, 5, 1), date(1850, 1, 1), date(1999, 12, 31), date(2101, 1, 1)])
def test_a_mistyped_year_is_not_meant(day: date) -> None:
    with pytest.raises(RuleBroken) as caught:
        require_meant(day, field="on")
    assert (caught.value.rule, caught.value.field) == ("year", "on")


@pytest.mark.parametrize("day", [None, date(2000, 1, 1), date(2100, 12, 31)])
def test_a_day_of_this_century_and_no_day_are_meant(day: date | None) -> None:
    require_meant(day, field="on")
