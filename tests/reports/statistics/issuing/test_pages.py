"""Pages of issued statistics: who sees which, what stands there, issuing on demand, choosing what one is told of."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.urls import reverse

from orders.facts.services import bring_facts_along
from reports.models import IssuedStatistic, Subscription
from reports.statistics.issuing import views
from reports.statistics.issuing.registry import find_issued_statistics
from reports.statistics.issuing.schedule import note_places
from reports.statistics.issuing.telling import subscribers_of
from salesops.jobs.models import Job
from salesops.notify.models import Notice
from salesops.users.models import User
from salesops.users.roles import Role
from tests.support.build import Sales, make_region, make_sales, make_user
from tests.support.queries import queries_of
from tests.support.signed_in import signed_in
from tests.support.tasks import RunTasks

from .builders import MONTH, customer_of, issued, shipped

pytestmark = pytest.mark.django_db

LIST = "/statistics/issued/"
NEW = f"{LIST}new/"
CHOICES = f"{LIST}subscriptions/"


@pytest.fixture
def sales() -> Sales:
    return make_sales()


def words(response: Any) -> str:
    """What a page says, without markup."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def shown(client: Client, query: str = "") -> set[str]:
    """The numbers on the list."""
    response = client.get(f"{LIST}?{query}")
    assert response.status_code == 200
    return set(re.findall(r"SI-\d{4}-\d{6}", words(response)))


def test_each_sees_the_statistics_of_their_places(sales: Sales) -> None:
    below = make_sales()
    below.region.parent = sales.region
    below.region.save()
    elsewhere = make_sales()
    company, region = issued(), issued(region_id=sales.region.pk)
    team, lower, other = (issued(team_id=one.team.pk) for one in (sales, below, elsewhere))
    everything = {one.number for one in (company, region, team, lower, other)}
    agent = make_user(Role.AGENT, customer=sales.customer())
    sees = {
        sales.sales_manager: everything,
        sales.finance: everything,
        sales.regional_manager: {region.number, team.number, lower.number},
        sales.supervisor: {team.number},
        below.regional_manager: {lower.number},
        sales.representative: set(),
    }
    for user, expected in sees.items():
        client = signed_in(user)
        assert shown(client) == expected
        for number in everything:
            status = client.get(f"{LIST}{number}/").status_code
            assert status == (200 if number in expected else 404), (user, number)
        assert {hit.title for hit in find_issued_statistics(user, "SI", 10)} == set()
        assert {hit.title for hit in find_issued_statistics(user, "00000", 10)} <= expected
    for user in (agent, sales.supply):
        assert [signed_in(user).get(url).status_code for url in (LIST, company.get_absolute_url())] == [403, 403]
    assert Client().get(company.get_absolute_url()).status_code == 302


def test_a_link_of_a_notice_leads_nowhere_once_the_right_is_gone(sales: Sales) -> None:
    issued(team_id=sales.team.pk)
    notice = Notice.objects.get(user=sales.supervisor, kind="statistics.issued")
    client = signed_in(sales.supervisor)
    assert client.get(reverse("notify:open", args=[notice.pk]), follow=True).status_code == 200
    User.objects.filter(pk=sales.supervisor.pk).update(team=make_sales().team)
    assert client.get(notice.url).status_code == 404


def test_a_record_shows_the_figures_who_issued_it_and_that_the_digest_holds(sales: Sales) -> None:
    customer = customer_of(sales, name="Suzhou Ruifeng")
    shipped(sales, customer, 4)
    one = issued(by=sales.finance)
    said = words(signed_in(sales.finance).get(one.get_absolute_url()))
    for part in ("Suzhou Ruifeng", "400 .00", sales.finance.full_name, one.digest, "holds", "As issued"):
        assert part in said
    assert "Restated" not in said
    assert "on schedule" in words(signed_in(sales.supervisor).get(issued(team_id=sales.team.pk).get_absolute_url()))


def test_a_late_document_stands_there_with_a_link(sales: Sales) -> None:
    customer = customer_of(sales)
    shipped(sales, customer, 4)
    one = issued()
    late = shipped(sales, customer, 2)
    bring_facts_along()
    response = signed_in(sales.finance).get(one.get_absolute_url())
    said = words(response)
    assert "Restated" in said
    assert "today 600 .00" in said
    assert "400 .00" in said
    assert f'href="{late.get_absolute_url()}"' in response.content.decode()


def test_a_record_that_somebody_altered_says_so(sales: Sales) -> None:
    one = issued()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE reports_issuedstatistic SET starts_on = starts_on - interval '12 months'")
        cursor.execute("SET LOCAL session_replication_role = origin")
    said = words(signed_in(sales.finance).get(one.get_absolute_url()))
    assert "Altered" in said
    assert "does not hold" in said


def test_long_sheets_show_the_first_rows_and_those_that_are_restated(sales: Sales, monkeypatch: Any) -> None:
    monkeypatch.setattr(views, "MOST_ROWS", 1)
    customers = [customer_of(sales, name=f"Agent {name}") for name in "ABC"]
    for at, customer in enumerate(customers):
        shipped(sales, customer, 9 - at)
    one = issued()
    client = signed_in(sales.finance)
    first = words(client.get(one.get_absolute_url()))
    assert ("Agent A" in first, "Agent C" in first, "2 more rows" in first) == (True, False, True)
    assert "Agent C" in words(client.get(f"{one.get_absolute_url()}?all=customers"))
    shipped(sales, customers[2], 1)
    bring_facts_along()
    assert "Agent C" in words(client.get(one.get_absolute_url()))


def test_the_list_is_narrowed_and_searched(sales: Sales) -> None:
    company, region = issued(), issued(region_id=sales.region.pk)
    team, before = issued(team_id=sales.team.pk), issued(MONTH.last_year)
    client = signed_in(sales.finance)
    assert shown(client, "place=company") == {company.number, before.number}
    assert shown(client, "place=team") == {team.number}
    assert shown(client, f"region={sales.region.pk}") == {region.number}
    assert shown(client, f"team={sales.team.pk}") == {team.number}
    assert shown(client, f"year={MONTH.last_year.start.year}") == {before.number}
    assert shown(client, "span=year") == set()
    assert shown(client, f"q={sales.team.name}".replace(" ", "+")) == {team.number}
    assert shown(client, f"q={company.number[-6:]}") == {company.number}
    for nonsense in ("place=x", "year=x", "region=x", "team=999999999", "span=week"):
        assert client.get(f"{LIST}?{nonsense}").status_code == 200


def test_many_rows_cost_no_more_queries_than_a_few(sales: Sales) -> None:
    client = signed_in(sales.finance)
    issued(region_id=sales.region.pk)
    issued(team_id=sales.team.pk)
    few = queries_of(client, LIST)
    for back in range(1, 6):
        issued(MONTH.shifted(-back), region_id=sales.region.pk)
        issued(MONTH.shifted(-back), team_id=make_sales().team.pk)
    assert queries_of(client, LIST) == few


# ---- on demand ----
def ask(by: User, **given: Any) -> Any:
    return signed_in(by).post(NEW, {"period": f"{MONTH.start:%Y-%m}", **given})


def test_one_is_issued_on_demand_once_and_its_page_waits(sales: Sales, run_tasks: RunTasks) -> None:
    with run_tasks():
        first, again = (ask(sales.sales_manager, region=sales.region.pk) for _turn in range(2))
    assert first["Location"] == again["Location"]
    job = Job.objects.get()
    one = IssuedStatistic.objects.get()
    assert (job.state, job.result_url) == ("done", one.get_absolute_url())
    assert (one.region, one.issued_by) == (sales.region, sales.sales_manager)
    assert ask(sales.finance, region=sales.region.pk)["Location"] == one.get_absolute_url()
    assert Job.objects.count() == 1


def test_a_quarter_and_a_year_are_issued_too(sales: Sales, run_tasks: RunTasks) -> None:
    year = MONTH.start.year - 1
    with run_tasks():
        for period in (f"{year}-Q2", f"{year}"):
            assert ask(sales.finance, period=period).status_code == 302
    assert set(IssuedStatistic.objects.values_list("span", flat=True)) == {"quarter", "year"}


@pytest.mark.parametrize("period", ["", "x", "2999-01", "2026-13", "1990", "2024-H1", "2024-02..2024-04", "\x00"])
def test_what_is_no_period_is_said_at_the_field(sales: Sales, period: str) -> None:
    response = ask(sales.finance, period=period)
    assert response.status_code == 422
    assert not Job.objects.exists()
    assert not IssuedStatistic.objects.exists()


def test_what_has_not_ended_or_is_of_two_places_is_refused(sales: Sales) -> None:
    assert ask(sales.finance, period=f"{MONTH.end:%Y-%m}").status_code == 422
    assert ask(sales.finance, region=sales.region.pk, team=sales.team.pk).status_code == 422
    assert ask(sales.finance, region="999999999").status_code == 422
    assert not Job.objects.exists()


def test_nobody_issues_without_the_right_nor_out_of_scope(sales: Sales) -> None:
    for user in (sales.regional_manager, sales.supervisor, sales.representative, sales.supply):
        assert ask(user, region=sales.region.pk).status_code == 403
    sales.regional_manager.user_permissions.add(Permission.objects.get(codename="issue_statistics"))
    assert ask(sales.regional_manager).status_code == 422
    assert ask(sales.regional_manager, region=make_region().pk).status_code == 422
    assert not Job.objects.exists()


def test_a_job_whose_owner_lost_the_right_issues_nothing(sales: Sales, run_tasks: RunTasks) -> None:
    with run_tasks():
        ask(sales.finance)
        sales.finance.groups.clear()
    assert not IssuedStatistic.objects.exists()


# ---- what one is told of ----
def test_one_chooses_what_one_is_told_of(sales: Sales) -> None:
    note_places(MONTH.start)
    client = signed_in(sales.supervisor)
    assert client.get(CHOICES).status_code == 200
    assert client.post(CHOICES, {f"team-{sales.team.pk}.year": "on"})["Location"] == LIST
    place = issued(team_id=sales.team.pk).place
    assert not subscribers_of("month", place).exists()
    assert set(subscribers_of("year", place)) == {sales.supervisor}
    assert Subscription.objects.count() == 2  # the year is as it was by role
    signed_in(sales.supervisor).post(CHOICES, {"company.month": "on", "region-x.month": "on"})
    assert set(Subscription.objects.values_list("team", "is_wanted")) == {(sales.team.pk, False)}


def test_a_button_on_the_statistic_does_so_too(sales: Sales) -> None:
    one = issued(team_id=sales.team.pk)
    for user in (sales.regional_manager, sales.supervisor):
        client, wanted = signed_in(user), user == sales.regional_manager
        end = "" if wanted else "end/"
        for _click in range(2):
            response = client.post(f"{one.get_absolute_url()}subscription/{end}")
            assert response["Location"] == one.get_absolute_url()
        assert subscribers_of("month", one.place).filter(pk=user.pk).exists() is wanted
    before = set(Subscription.objects.values_list("user", "is_wanted"))
    for user, status in ((sales.representative, 404), (make_sales().supervisor, 404), (sales.supply, 403)):
        for end in ("", "end/"):
            assert signed_in(user).post(f"{one.get_absolute_url()}subscription/{end}").status_code == status
    assert set(Subscription.objects.values_list("user", "is_wanted")) == before


def test_the_menu_shows_it_to_those_who_may_see_some(sales: Sales) -> None:
    for user, is_shown in ((sales.supervisor, True), (sales.finance, True), (sales.representative, False)):
        assert (f'href="{LIST}"' in signed_in(user).get("/").content.decode()) is is_shown
