"""Rounding: net and tax always make the gross, to the cent."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.catalogue.amounts import line_amounts

CENTS = st.decimals(min_value=0, max_value=100_000, places=2)
PERCENT = st.decimals(min_value=0, max_value=100, places=2)


@pytest.mark.parametrize(
    ("quantity", "price", "includes_tax", "discount", "rate", "net", "tax", "gross"),
    [
        (1, "113.00", True, "0", "13", "100.00", "13.00", "113.00"),
        (3, "33.35", True, "0", "13", "88.54", "11.51", "100.05"),
        (1, "0.01", True, "0", "13", "0.01", "0.00", "0.01"),
        (1, "0.05", True, "0", "13", "0.04", "0.01", "0.05"),
        (7, "19.99", True, "12.5", "9", "112.33", "10.11", "122.44"),
        (1, "100.00", False, "0", "13", "100.00", "13.00", "113.00"),
        (3, "33.35", False, "0", "13", "100.05", "13.01", "113.06"),
        (1, "0.10", False, "5", "13", "0.10", "0.01", "0.11"),
        (10, "9.99", False, "33.33", "6", "66.60", "4.00", "70.60"),
        (5, "10.00", True, "100", "13", "0.00", "0.00", "0.00"),
        (12, "8.25", True, "0", "0", "99.00", "0.00", "99.00"),
    ],
)
def test_a_line_is_rounded_once_and_adds_up(quantity, price, includes_tax, discount, rate, net, tax, gross):
    found = line_amounts(quantity, Decimal(price), includes_tax, Decimal(discount), Decimal(rate))

    assert (str(found.net), str(found.tax), str(found.gross)) == (net, tax, gross)


@given(st.integers(1, 10_000), CENTS, st.booleans(), PERCENT, PERCENT)
def test_net_and_tax_make_the_gross_whatever_the_figures(quantity, price, includes_tax, discount, rate):
    found = line_amounts(quantity, price, includes_tax, discount, rate)

    assert found.gross == found.net + found.tax
    assert found.net >= 0
    assert found.tax >= 0
    assert all(amount == amount.quantize(Decimal("0.01")) for amount in found)
