"""Who is told of what: by role, by choice, and never who may not see it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from reports.models import IssuedStatistic, ScheduledPlace, Subscription
from reports.statistics.issuing.places import Place, readers_of, seen_by, sees
from reports.statistics.issuing.schedule import note_places
from reports.statistics.issuing.telling import choose_subscription, offered_to, subscribers_of
from salesops.kernel.errors import RuleBroken
from salesops.notify.models import Notice, OutgoingMail
from salesops.users.models import User
from salesops.users.roles import Role
from tests.support.build import Sales, make_region, make_sales, make_user

from .builders import MONTH, issued

pytestmark = pytest.mark.django_db


@pytest.fixture
def sales() -> Sales:
    return make_sales()


def told(statistic: IssuedStatistic) -> set[User]:
    return {notice.user for notice in Notice.objects.filter(url=statistic.get_absolute_url())}


def test_managers_are_told_of_their_own_by_notice_and_mail_with_a_link(sales: Sales) -> None:
    User.objects.filter(pk=sales.supervisor.pk).update(email="wu@example.com", language="zh-hans")
    company, region, team = issued(), issued(region_id=sales.region.pk), issued(team_id=sales.team.pk)
    assert told(company) == {sales.sales_manager, sales.finance}
    assert told(region) == {sales.regional_manager}
    assert told(team) == {sales.supervisor}
    mail = OutgoingMail.objects.get(user=sales.supervisor)
    assert team.get_absolute_url() in mail.body
    assert not mail.attachments.exists()


def test_who_issues_is_not_told_and_nobody_is_told_twice(sales: Sales) -> None:
    one = issued(by=sales.finance)
    issued(by=sales.finance)
    assert told(one) == {sales.sales_manager}
    assert Notice.objects.filter(url=one.get_absolute_url()).count() == 1


def test_one_may_want_to_be_told_and_not_to(sales: Sales) -> None:
    marketing, above = make_user(Role.ADMINISTRATOR), make_user(Role.REGIONAL_MANAGER, region=sales.region)
    place = Place(team=sales.team)
    for by, is_wanted in ((marketing, True), (sales.supervisor, False), (above, True)):
        choose_subscription("month", place, by=by, is_wanted=is_wanted)
        choose_subscription("month", place, by=by, is_wanted=is_wanted)
    assert Subscription.objects.count() == 3
    assert told(issued(team_id=sales.team.pk)) == {marketing, above}
    assert set(subscribers_of("quarter", place)) == {sales.supervisor}
    choose_subscription("month", place, by=sales.supervisor, is_wanted=True)
    assert sales.supervisor in subscribers_of("month", place)


def test_nobody_subscribes_to_what_they_may_not_see(sales: Sales) -> None:
    for by, place in (
        (sales.representative, Place(team=sales.team)),
        (sales.supervisor, Place(region=sales.region)),
        (sales.supervisor, Place(team=make_sales().team)),
        (sales.regional_manager, Place()),
        (sales.supply, Place()),
        (make_user(Role.AGENT, customer=sales.customer()), Place()),
    ):
        with pytest.raises(RuleBroken) as refused:
            choose_subscription("month", place, by=by, is_wanted=True)
        assert refused.value.rule == "scope"
    with pytest.raises(RuleBroken):
        choose_subscription("week", Place(), by=sales.finance, is_wanted=True)
    assert not Subscription.objects.exists()


def test_who_lost_the_right_is_told_no_more(sales: Sales) -> None:
    place = Place(team=sales.team)
    marketing = make_user(Role.ADMINISTRATOR)
    choose_subscription("month", place, by=marketing, is_wanted=True)
    marketing.groups.clear()
    User.objects.filter(pk=sales.supervisor.pk).update(team=None)
    assert not subscribers_of("month", place).exists()
    User.objects.filter(pk=sales.finance.pk).update(is_active=False)
    assert set(subscribers_of("month", Place())) == {sales.sales_manager}


def test_both_sides_of_who_sees_what_say_the_same(sales: Sales) -> None:
    below = make_sales()
    below.region.parent = sales.region
    below.region.save()
    make_sales()
    make_user((Role.SUPERVISOR, Role.REGIONAL_MANAGER), team=below.team, region=make_region())
    make_user((), is_superuser=True)
    for role in (Role.MARKETING, Role.ADMINISTRATOR, Role.PERSONNEL):
        make_user(role)
    note_places(MONTH.start)
    rows = ScheduledPlace.objects.select_related("region", "team")
    assert rows.count() > 6
    for user in User.objects.all():
        may = user.has_perm("reports.view_statistics")
        seen = set(ScheduledPlace.objects.filter(seen_by(user)).values_list("pk", flat=True)) if may else set()
        assert seen == {row.pk for row in rows if sees(user, row.place)}, user
    assert set(readers_of(Place(team=below.team))) >= {sales.regional_manager, below.supervisor}


def test_what_is_offered_is_what_one_may_see_in_a_constant_number_of_queries(sales: Sales) -> None:
    note_places(MONTH.start)
    offers = offered_to(sales.supervisor)
    assert [(offer.place, offer.told) for offer in offers] == [
        (Place(team=sales.team), {"month": True, "quarter": True, "year": True})
    ]
    assert offered_to(sales.representative) == []

    def queries() -> int:
        finance = User.objects.get(pk=sales.finance.pk)
        with CaptureQueriesContext(connection) as captured:
            assert offered_to(finance)[0].told == {"month": True, "quarter": True, "year": True}
        return len(captured)

    few = queries()
    for _each in range(4):
        make_sales()
    note_places(MONTH.start)
    assert len(offered_to(sales.finance)) == 11
    assert queries() == few
