"""The credit bar: its parts add up, what is over stands beyond the limit, one's own money stands left of zero."""

from decimal import Decimal

import pytest

from salesops.web.components import SamplePicture
from salesops.web.credit import Bar, draw
from salesops.web.templatetags.so import credit_bar


def bar(limit: str | None, balance: str, committed: str = "0", this: str | None = None) -> Bar:
    return draw(
        SamplePicture(
            None if limit is None else Decimal(limit),
            Decimal(balance),
            Decimal(committed),
            None if this is None else Decimal(this),
        )
    )


def share(percent: str) -> Decimal:
    return Decimal(percent.rstrip("%"))


def test_the_parts_stand_one_after_another_and_what_is_over_begins_at_the_limit() -> None:
    drawn = bar("1200000", "801350", "238450", "186400")
    assert [part.css for part in drawn.parts] == ["so-f-balance", "so-f-committed", "so-f-this", "so-f-over"]
    for before, after in zip(drawn.parts, drawn.parts[1:], strict=False):
        assert abs(share(before.x) + share(before.width) - share(after.x)) < Decimal("0.002")
    assert drawn.parts[-1].x == drawn.limit_x
    assert (drawn.over, round(drawn.over_percent or 0, 1)) == (Decimal("26200"), Decimal("2.2"))
    assert "26,200.00 too much, 2.2%" in drawn.says


def test_within_the_limit_it_says_what_remains() -> None:
    drawn = bar("900000", "412000", "96000", "61350")
    assert (drawn.over, drawn.remains) == (None, Decimal("330650"))


def test_exactly_at_the_limit_nothing_is_over() -> None:
    drawn = bar("100", "60", "40")
    assert (drawn.over, drawn.remains) == (None, Decimal(0))
    assert "so-f-over" not in [part.css for part in drawn.parts]


def test_a_prepayment_is_used_before_the_limit() -> None:
    drawn = bar("200000", "-150000", "60000", "120000")
    assert drawn.is_prepaid
    assert drawn.parts[0].css == "so-f-prepaid"
    assert drawn.parts[1].x == "0.000%"
    assert Decimal(0) < share(drawn.zero_x) < share(drawn.limit_x)
    assert drawn.remains == Decimal("170000")


def test_prepaid_only_is_over_where_the_money_ends() -> None:
    drawn = bar("0", "-30000", "0", "77900")
    assert drawn.limit_x == drawn.zero_x
    assert drawn.over == Decimal("47900")
    assert drawn.over_percent is None


def test_a_limit_that_is_not_controlled_has_no_stroke() -> None:
    drawn = bar(None, "96000", "12000")
    assert (drawn.limit_x, drawn.over, drawn.remains) == ("", None, None)


@pytest.mark.parametrize("limit", [None, "0", "500000"])
@pytest.mark.parametrize("balance", ["0", "-5", "5", "12345678901.23"])
@pytest.mark.parametrize("this", [None, "0", "7"])
def test_no_part_leaves_the_bar(limit: str | None, balance: str, this: str | None) -> None:
    drawn = bar(limit, balance, "3", this)
    for part in drawn.parts:
        assert share(part.x) >= 0
        assert share(part.width) >= 0
        assert share(part.x) + share(part.width) <= Decimal("100.001")


def test_the_equation_can_be_followed() -> None:
    picture = SamplePicture(Decimal(10), Decimal(1), Decimal(2), None)
    context = credit_bar(picture, "/ledger/", "/committed/")
    assert (context["balance_url"], context["committed_url"]) == ("/ledger/", "/committed/")
