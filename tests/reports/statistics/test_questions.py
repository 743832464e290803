"""What a statistic is asked: periods as addresses spell them, months that are compared, what makes no sense."""

from datetime import date
from typing import Any

import pytest
from django.http import QueryDict
from django.utils import timezone

from reports.statistics.questions import USUAL, Question, read_period, spell_period
from salesops.kernel.errors import RuleBroken
from salesops.kernel.periods import Period

SPELLED = {
    "2026-03": ("2026-03-01", "2026-04-01"),
    "2026-Q1": ("2026-01-01", "2026-04-01"),
    "2026-Q4": ("2026-10-01", "2027-01-01"),
    "2026-H2": ("2026-07-01", "2027-01-01"),
    "2026": ("2026-01-01", "2027-01-01"),
    "2026-02..2027-01": ("2026-02-01", "2027-02-01"),
}
WRONG = [
    *("", "now", "2026-13", "2026-Q5", "2026-H3", "26-01", "2026-1", "1999-03", "2126-03", "2026-03..2026-02"),
    *("2000..2020", "2026-03\n", "２０２６", "2000-01..2099-12", "0000", "9999"),
]


@pytest.mark.parametrize(("text", "days"), SPELLED.items())
def test_a_period_is_spelled_and_read(text: str, days: tuple[str, str]) -> None:
    period = read_period(text)
    assert period == Period(*map(date.fromisoformat, days))
    assert spell_period(period) == text


def test_quarters_halves_and_years_are_those_of_the_fiscal_year(settings: Any) -> None:
    settings.FISCAL_YEAR_FIRST_MONTH = 4
    assert read_period("2026") == Period(date(2026, 4, 1), date(2027, 4, 1))
    assert read_period("2026-Q4") == Period(date(2027, 1, 1), date(2027, 4, 1))
    assert read_period("2026-H1") == Period(date(2026, 4, 1), date(2026, 10, 1))
    for text in ("2026", "2026-Q1", "2026-Q4", "2026-H2", "2026-05"):
        assert spell_period(read_period(text)) == text


@pytest.mark.parametrize("text", WRONG)
def test_what_is_no_period_is_refused_at_its_field(text: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        read_period(text)
    assert (refused.value.rule, refused.value.field) == ("period", "period")


def test_a_running_year_is_compared_with_as_many_months() -> None:
    today = timezone.localdate()
    question = Question(Period.year(today.year))
    begun = today.month
    assert question.still_runs
    assert question.counted == Period(date(today.year, 1, 1), Period.month(today.year, today.month).end)
    assert question.last_year == Period(date(today.year - 1, 1, 1), Period.month(today.year - 1, begun).end)
    assert question.before == question.last_year
    past = Question(read_period("2024-Q3"))
    assert (past.counted, past.before, past.last_year) == (
        read_period("2024-Q3"),
        read_period("2024-Q2"),
        read_period("2023-Q3"),
    )


def test_a_period_that_has_not_begun_is_its_first_month() -> None:
    question = Question(read_period("2099-Q3"))
    assert question.counted == read_period("2099-07")


def test_an_address_says_the_question_and_a_question_its_address() -> None:
    address = QueryDict("period=2026-Q3&by=customer&across=category&measures=delivered&region=EAST&structure=today")
    question = Question.read(address)
    assert question == Question(
        read_period("2026-Q3"), "customer", "category", ("delivered",), {"region": "EAST"}, today=True
    )
    said = QueryDict(mutable=True)
    for name, value in question.as_query().items():
        said.setlist(name, value if isinstance(value, list) else [value])
    assert Question.read(said) == question


def test_an_empty_address_asks_for_this_month_by_region() -> None:
    today = timezone.localdate()
    assert Question.read(QueryDict("")) == Question(Period.month(today.year, today.month), "region", "", USUAL)


@pytest.mark.parametrize("query", ["by=weather", "across=weather", "measures=weather", "by=region&across=region"])
def test_what_there_is_not_is_refused(query: str) -> None:
    with pytest.raises(RuleBroken):
        Question.read(QueryDict(query))


def test_by_product_only_goods_can_be_told() -> None:
    question = Question(read_period("2026"), by="product", measures=("payments", "delivered"))
    assert [measure.key for measure in question.asked] == ["delivered"]
    only_money = Question(read_period("2026"), by="product", measures=("payments",))
    assert [measure.key for measure in only_money.asked] == ["delivered"]
