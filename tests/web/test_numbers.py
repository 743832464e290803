"""A number in an address is plain digits."""

import pytest

from salesops.web.numbers import number_in


@pytest.mark.parametrize(("text", "number"), [("12", 12), (" 7 ", 7), ("0", 0), (5, 5), ("9" * 18, int("9" * 18))])
def test_plain_digits_are_a_number(text: object, number: int) -> None:
    assert number_in(text) == number


@pytest.mark.parametrize("text", ["", None, "²", "٣", "-1", "1.5", "a", "9" * 19, "1" * 5000, "\x00"])
def test_anything_else_is_none(text: object) -> None:
    assert number_in(text) is None
