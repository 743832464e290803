from decimal import Decimal

import pytest

from salesops.kernel.money import percent_of, share_of, to_money


def test_halves_round_away_from_zero() -> None:
    assert to_money(Decimal("2.345")) == Decimal("2.35")
    assert to_money(Decimal("-2.345")) == Decimal("-2.35")


def test_a_float_is_never_money() -> None:
    with pytest.raises(TypeError):
        to_money(0.1)  # type: ignore[arg-type]


@pytest.mark.parametrize("pieces", [1, 3, 7, 9, 13, 97])
def test_cumulative_shares_add_up_to_the_cent(pieces: int) -> None:
    amount = Decimal("100.01")
    parts = [share_of(amount, n + 1, pieces) - share_of(amount, n, pieces) for n in range(pieces)]
    assert sum(parts) == amount


def test_percent_of_nothing_is_zero() -> None:
    assert percent_of(Decimal(5), Decimal(0)) == 0
    assert percent_of(Decimal(26200), Decimal(1200000)) == Decimal("2.1833")
