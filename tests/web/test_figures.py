"""Figures as people read them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from salesops.web import figures
from salesops.web.templatetags import so


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (Decimal("186400"), "186,400.00"),
        (Decimal("-12460.5"), "−12,460.50"),
        (0, "0.00"),
        (None, ""),
        ("", ""),
        (Decimal("0.005"), "0.01"),
    ],
)
def test_money_has_separators_two_places_and_a_true_minus(amount: object, text: str) -> None:
    assert figures.money_text(amount) == text


def test_cents_are_lighter_and_tones_are_asked_for() -> None:
    assert so.money(Decimal("-5")) == '<span class="so-money so-num">−5<small>.00</small></span>'
    assert "so-money--neg" in so.money(Decimal("-5"), "auto")
    assert "so-money--neg" not in so.money(Decimal("5"), "auto")


@pytest.mark.parametrize(("value", "text"), [("1200.500", "1,200.5"), (3, "3"), ("-2.000", "−2"), ("100", "100")])
def test_quantities_have_no_superfluous_zeros(value: object, text: str) -> None:
    assert figures.quantity_text(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [("2.1834", "2.2%"), ("-0.05", "−0.1%"), (0, "0.0%"), ("1234.5", "1,234.5%")]
)
def test_percentages_have_one_decimal(value: object, text: str) -> None:
    assert figures.percent_text(value) == text


def test_days_are_those_of_the_company() -> None:
    assert figures.day_text(datetime(2026, 11, 23, 16, 30, tzinfo=UTC)) == "2026-11-24"
    assert figures.moment_text(datetime(2026, 11, 23, 16, 30, tzinfo=UTC)) == "2026-11-24 00:30"
    assert figures.day_text(date(2026, 11, 23)) == "2026-11-23"
    assert figures.day_text(None) == ""


def test_ages_are_short() -> None:
    now = timezone.now()
    assert figures.age_text(now - timedelta(hours=6), now) == "6 h"
    assert figures.age_text(now - timedelta(days=3, hours=2), now) == "3 d"


@pytest.mark.parametrize(("name", "letters"), [("Lin Yue", "LY"), ("林悦", "林悦"), ("admin", "AD"), ("", "?")])
def test_initials_are_at_most_two_letters(name: str, letters: str) -> None:
    assert figures.initials(name) == letters


def test_a_sparkline_of_nothing_is_nothing_and_one_of_zeros_stands_on_its_line() -> None:
    assert so.sparkline([]) == ""
    assert so.sparkline([0, 0, 0]).count("<rect") == 3
    assert "is-now" in so.sparkline([1, 2, -3])
