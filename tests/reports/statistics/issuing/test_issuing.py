"""A statistic is issued once, of a period that has ended, and stays as it was."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import DatabaseError, transaction
from django.utils import timezone

from orders.facts.services import bring_facts_along
from reports.models import IssuedStatistic
from reports.statistics.issuing.services import issue_statistic, period_of
from reports.statistics.issuing.snapshot import digest_of
from salesops.kernel.errors import RuleBroken
from salesops.kernel.periods import Period
from salesops.users.models import User
from salesops.users.roles import Role
from salesops.users.teams.services import delete_team
from tests.support.build import Sales, make_region, make_sales, make_user

from .builders import MONTH, customer_of, figure, issued, paid, rows_of, shipped

pytestmark = pytest.mark.django_db


@pytest.fixture
def sales() -> Sales:
    return make_sales()


def test_it_keeps_what_documents_say_of_the_period_and_the_year_before(sales: Sales) -> None:
    customer = customer_of(sales)
    shipped(sales, customer, 3, month=MONTH.last_year)
    shipped(sales, customer, 4)
    paid(sales, customer, 150)

    one = issued()

    assert (one.number, one.starts_on, one.ends_on) == (
        f"SI-{timezone.localdate().year}-000001",
        MONTH.start,
        MONTH.end,
    )
    month = f"{MONTH.start:%Y-%m}"
    assert figure(one, "months", month, "delivered") == Decimal(400)
    assert figure(one, "months", month, "delivered", of=2) == Decimal(300)
    assert figure(one, "months", month, "pieces") == Decimal(4)
    assert figure(one, "receivable", month, "opening") == Decimal(300)
    assert figure(one, "receivable", month, "closing") == Decimal(550)
    assert figure(one, "regions", sales.region.code, "payments") == Decimal(150)
    assert figure(one, "representatives", sales.representative.username, "delivered") == Decimal(400)
    assert figure(one, "customers", customer.code, "closing") == Decimal(550)
    assert figure(one, "products", sales.product.sku, "pieces") == Decimal(4)
    kept = one.sheets[0]["rows"][0]["figures"][0]
    assert kept == ["400.00", "0.00", "300.00"]
    assert digest_of(one) == one.digest


def test_the_parts_of_every_sheet_make_its_total(sales: Sales) -> None:
    for pieces, where in enumerate((sales, sales, make_sales()), start=1):
        shipped(where, customer_of(where), pieces)
    for sheet in issued().sheets:
        for at, measure in enumerate(sheet["measures"]):
            parts = [Decimal(row["figures"][at][0]) for row in sheet["rows"]]
            assert sum(parts) == Decimal(sheet["total"][at][0]), (sheet["key"], measure)


def test_each_place_has_its_own(sales: Sales) -> None:
    elsewhere = make_sales()
    own, other = customer_of(sales), customer_of(elsewhere)
    shipped(sales, own, 2)
    shipped(elsewhere, other, 5)

    company = issued()
    region = issued(region_id=sales.region.pk)
    team = issued(team_id=sales.team.pk)

    assert set(rows_of(company, "customers")) == {own.code, other.code}
    assert rows_of(region, "customers") == rows_of(team, "customers") == [own.code]
    assert figure(region, "months", "", "delivered") == figure(team, "months", "", "delivered") == Decimal(200)
    assert "regions" not in [sheet["key"] for sheet in team.sheets]
    assert len({company.digest, region.digest, team.digest}) == 3


def test_a_region_has_what_lies_below_it(sales: Sales) -> None:
    below = make_sales()
    below.region.parent = sales.region
    below.region.save()
    shipped(below, customer_of(below), 2)
    one = issued(region_id=sales.region.pk)
    assert rows_of(one, "regions") == [below.region.code]
    assert figure(one, "regions", "", "delivered") == Decimal(200)


def test_a_second_call_returns_the_first(sales: Sales) -> None:
    customer = customer_of(sales)
    shipped(sales, customer, 1)
    first = issued()
    shipped(sales, customer, 9)

    again = issued(by=sales.sales_manager)

    assert (again.pk, again.digest, again.issued_by) == (first.pk, first.digest, None)
    assert IssuedStatistic.objects.count() == 1


def test_nothing_that_comes_later_changes_it_and_nobody_can(sales: Sales) -> None:
    customer = customer_of(sales)
    shipped(sales, customer, 1)
    one = issued()
    shipped(sales, customer, 9)
    customer.region, customer.representative = make_region(), make_user()
    customer.save()
    bring_facts_along()
    one.refresh_from_db()
    assert figure(one, "customers", customer.code, "delivered") == Decimal(100)
    assert digest_of(one) == one.digest
    for change in (
        lambda: IssuedStatistic.objects.update(sheets=[]),
        lambda: IssuedStatistic.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_the_digest_knows_whatever_is_altered(sales: Sales) -> None:
    shipped(sales, customer_of(sales), 1)
    one = issued()
    one.sheets[0]["total"][0][0] = "101.00"
    assert digest_of(one) != one.digest
    one.refresh_from_db()
    one.issued_at += timedelta(seconds=1)
    assert digest_of(one) != one.digest
    one.refresh_from_db()
    one.parameters["name"] = "Elsewhere"
    assert digest_of(one) != one.digest


def test_quarters_and_years_are_those_of_the_fiscal_year(settings: Any) -> None:
    settings.FISCAL_YEAR_FIRST_MONTH = 4
    assert period_of("quarter", Period.month(2025, 4).start) == Period.quarter(2025, 2)
    assert period_of("year", Period.month(2025, 4).start) == Period.year(2025, 4)
    for span, month in (("year", 1), ("quarter", 5)):
        with pytest.raises(RuleBroken) as refused:
            period_of(span, Period.month(2025, month).start)
        assert refused.value.rule == "period"


def assert_refused(rule: str, span: str, starts_on: Any, *, by: User | None = None, **place: int) -> None:
    with pytest.raises(RuleBroken) as refused:
        issue_statistic(span, starts_on, by=by, **place)
    assert refused.value.rule == rule
    assert not IssuedStatistic.objects.exists()


def test_what_has_not_ended_or_is_no_period_is_refused(sales: Sales) -> None:
    assert_refused("not over", "month", MONTH.end)
    assert_refused("not over", "year", Period.year(timezone.localdate().year).start)
    assert_refused("period", "month", MONTH.start + timedelta(days=1))
    assert_refused("span", "week", MONTH.start)
    assert_refused("span", "", MONTH.start)
    assert_refused("year", "month", MONTH.start.replace(year=1900))


def test_a_place_that_is_not_there_or_is_two_is_refused(sales: Sales) -> None:
    assert_refused("not there", "month", MONTH.start, region_id=10**9)
    assert_refused("not there", "month", MONTH.start, team_id=10**9)
    assert_refused("place", "month", MONTH.start, region_id=sales.region.pk, team_id=sales.team.pk)


def test_nobody_issues_without_the_right_or_out_of_scope(sales: Sales) -> None:
    assert_refused("scope", "month", MONTH.start, by=sales.regional_manager, region_id=sales.region.pk)
    assert_refused("scope", "month", MONTH.start, by=make_user(Role.MARKETING))
    narrow = make_user(Role.REGIONAL_MANAGER, region=sales.region)
    narrow.user_permissions.add(*Permission.objects.filter(codename="issue_statistics"))
    assert_refused("scope", "month", MONTH.start, by=narrow)
    assert_refused("scope", "month", MONTH.start, by=narrow, region_id=make_region().pk)
    assert issued(by=narrow, region_id=sales.region.pk).issued_by == narrow


def test_a_team_of_which_something_is_issued_stays(sales: Sales) -> None:
    issued(team_id=sales.team.pk)
    User.objects.filter(team=sales.team).update(team=None)
    with pytest.raises(RuleBroken) as refused:
        delete_team(sales.team.pk, by=make_user(Role.ADMINISTRATOR))
    assert "issued statistics" in str(refused.value)
    sales.team.refresh_from_db()
