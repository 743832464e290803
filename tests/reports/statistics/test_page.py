"""The page of statistics: what it answers to whom, how it is asked, where its figures lead."""

from dataclasses import replace
from datetime import date
from html import unescape
from typing import Any

import pytest
from django.test import Client

from reports.statistics.questions import month_now, spell_period
from salesops.users.models import User
from salesops.users.roles import Role
from tests.reports.statistics.past import counted, pay_on, ship_on
from tests.support.build import Sales, make_region, make_sales, make_user
from tests.support.queries import queries_of
from tests.support.signed_in import client_of, signed_in

pytestmark = pytest.mark.django_db
PAGE = "/statistics/"
CLOSED = "2024-03"
"""A month that is long over."""


@pytest.fixture
def sales() -> Sales:
    return make_sales()


def ship(sales: Sales, pieces: int, on: date = date(2024, 3, 9), **customer: Any) -> Any:
    """Pieces at 100.00 that left for a new customer on a day."""
    made = sales.customer(**customer)
    ship_on(sales, made, pieces, on)
    return made


def shown(user: User, query: str = "") -> Any:
    response = signed_in(user).get(f"{PAGE}?{query}")
    assert response.status_code == 200, response.content
    return response


def html_of(response: Any) -> str:
    return unescape(response.content.decode())


def page_of(user: User, query: str = "") -> Any:
    """The page as its template had it."""
    return shown(user, query).context["page"]


def figures(user: User, query: str, measure: str = "delivered") -> dict[str, int]:
    """A measure by what its rows are called by."""
    return {row.head.code: int(row.cells[measure].now) for row in page_of(user, query).answer.rows}


# ---- whose figures ----
def test_everybody_sees_the_figures_of_their_own_customers(sales: Sales) -> None:
    elsewhere = make_sales()
    colleague = make_user(Role.REPRESENTATIVE, team=sales.team, region=sales.region)
    ship(sales, 1)
    ship(replace(sales, representative=colleague), 2)
    ship(replace(sales, representative=elsewhere.representative, supervisor=elsewhere.supervisor), 4)
    ship(elsewhere, 8)
    counted()

    def delivered(user: User) -> int:
        return int(page_of(user, f"period={CLOSED}").answer.total.cells["delivered"].now)

    assert delivered(sales.representative) == 100
    assert delivered(sales.supervisor) == 300
    assert delivered(sales.regional_manager) == 700
    assert delivered(elsewhere.representative) == 1200
    assert delivered(sales.sales_manager) == delivered(sales.finance) == delivered(make_user(Role.MARKETING)) == 1500


@pytest.mark.parametrize("role", [Role.SUPPLY, Role.PERSONNEL])
@pytest.mark.parametrize("path", ["", "documents/", "pick/region/"])
def test_those_whose_work_it_is_not_do_not_get_in(role: Role, path: str) -> None:
    assert client_of(role).get(f"{PAGE}{path}").status_code == 403


def test_an_agent_does_not_get_in_even_for_its_own_account(sales: Sales) -> None:
    customer = ship(sales, 1)
    counted()
    agent = signed_in(make_user(Role.AGENT, customer=customer))
    for path in ("", "documents/", "pick/customer/"):
        assert agent.get(f"{PAGE}{path}?customer={customer.code}").status_code == 403
    assert b"/statistics/" not in agent.get("/").content


def test_a_visitor_is_sent_to_sign_in() -> None:
    assert "/sign-in/" in Client().get(f"{PAGE}?period=2024")["Location"]


def test_it_stands_in_the_menu_of_those_who_may(sales: Sales) -> None:
    for user in (sales.representative, sales.finance):
        assert b'href="/statistics/"' in signed_in(user).get("/").content
    assert b'href="/statistics/"' not in signed_in(sales.supply).get("/").content


def test_a_customer_out_of_scope_cannot_be_kept_nor_learnt_of(sales: Sales) -> None:
    hidden = ship(make_sales(), 5, name="Hidden Trading")
    counted()
    response = shown(sales.representative, f"period={CLOSED}&customer={hidden.code}")
    assert "Hidden Trading" not in html_of(response)
    assert "is not there" in html_of(response)
    assert not response.context["page"].answer.rows
    nobody = shown(sales.representative, f"period={CLOSED}&customer=C-nowhere")
    assert html_of(response).replace(hidden.code, "X").count("is not there") == html_of(nobody).count("is not there")


def test_a_name_is_not_learnt_by_trying_a_user_name(sales: Sales) -> None:
    stranger = make_user(full_name="Zhao Hidden")
    page = shown(sales.representative, f"representative={stranger.username}")
    assert "Zhao Hidden" not in html_of(page)


# ---- what is asked ----
def test_without_a_word_it_is_this_month_by_region(sales: Sales) -> None:
    question = page_of(sales.finance).question
    assert (question.period, question.by, question.across) == (month_now(), "region", "")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("period=2024-13", "period"),
        ("period=yesterday", "period"),
        ("period=1024", "period"),
        ("period=2024-05..2024-01", "period"),
        ("period=2000..2099", "period"),
        ("by=wood", "by"),
        ("across=iron", "across"),
        ("by=team&across=team", "across"),
        ("measures=profit", "measures"),
        ("region=NOWHERE", "region"),
        ("team=none2", "team"),
        ("team=99999999999999999999", "team"),
        ("category=²", "category"),
        ("representative=nobody-at-all", "representative"),
        ("grade=Z", "grade"),
        ("structure=tomorrow", "structure"),
        ("main=profit", "main"),
    ],
)
def test_what_makes_no_sense_is_said_at_its_field_and_the_rest_is_kept(sales: Sales, query: str, field: str) -> None:
    kept = {"region": sales.region.code, "customer": "", "period": "2024-03", "by": "customer"}
    rest = "&".join(f"{key}={value}" for key, value in kept.items() if not query.startswith(key) and value)
    response = shown(sales.sales_manager, f"{query}&{rest}")
    page = response.context["page"]
    assert [bound.name for bound, _message in page.mistakes] == [field]
    assert "is-wrong" in html_of(response) or field in ("period", "measures", "main")
    if field != "region":
        assert page.question.kept == {"region": sales.region.code}
    if field != "period":
        assert spell_period(page.question.period) == "2024-03"
    if not query.startswith("by"):
        assert page.question.by == "customer"


def test_a_measure_that_makes_no_sense_leaves_the_others(sales: Sales) -> None:
    assert page_of(sales.finance, "measures=payments&measures=profit").question.measures == ("payments",)


def test_months_from_and_to_become_the_period(sales: Sales) -> None:
    client = signed_in(sales.finance)
    answer = client.get(f"{PAGE}?by=team&period=2024&from=2024-01&to=2024-08")
    assert answer["Location"] == f"{PAGE}?by=team&period=2024-01..2024-08"
    assert client.get(f"{PAGE}?from=2024-01&to=2024-01")["Location"] == f"{PAGE}?period=2024-01"
    nonsense = client.get(f"{PAGE}?from=x&to=%0d%0aSet-Cookie:a", follow=True)
    assert nonsense.status_code == 200
    assert [bound.name for bound, _message in nonsense.context["page"].mistakes] == ["period"]


@pytest.mark.parametrize(
    ("period", "kinds", "before", "after"),
    [
        ("2024-03", ["2024-03", "2024-Q1", "2024-H1", "2024"], "2024-02", "2024-04"),
        ("2024-Q4", ["2024-12", "2024-Q4", "2024-H2", "2024"], "2024-Q3", "2025-Q1"),
        ("2024-H1", ["2024-06", "2024-Q2", "2024-H1", "2024"], "2023-H2", "2024-H2"),
        ("2024", ["2024-12", "2024-Q4", "2024-H2", "2024"], "2023", "2025"),
        ("2023-11..2024-01", ["2024-01", "2024-Q1", "2024-H1", "2024"], "2023-08..2023-10", "2024-02..2024-04"),
        ("2000", ["2000-12", "2000-Q4", "2000-H2", "2000"], "", "2001"),
    ],
)
def test_the_picker_leads_to_the_periods_around(
    sales: Sales, period: str, kinds: list[str], before: str, after: str
) -> None:
    picker = page_of(sales.finance, f"by=team&period={period}").picker

    def spelled(url: str) -> str:
        assert not url or "by=team" in url
        return url.split("period=")[-1]

    assert [spelled(kind.url) for kind in picker.kinds] == kinds
    assert (spelled(picker.before), spelled(picker.after)) == (before, after)
    current = [spelled(kind.url) for kind in picker.kinds if kind.is_current]
    assert current == [one for one in kinds if one == period]


def test_nobody_turns_to_a_period_that_has_not_begun(sales: Sales) -> None:
    assert page_of(sales.finance).picker.after == ""


def test_fiscal_quarters_are_those_of_the_picker(sales: Sales, settings: Any) -> None:
    settings.FISCAL_YEAR_FIRST_MONTH = 4
    picker = page_of(sales.finance, "period=2024-Q4").picker
    assert (picker.first, picker.last) == ("2025-01", "2025-03")
    assert [kind.url.split("period=")[-1] for kind in picker.kinds] == ["2025-03", "2024-Q4", "2024-H2", "2024"]


def test_a_view_is_kept_under_a_name_and_is_found_again(sales: Sales) -> None:
    client = signed_in(sales.finance)
    query = "by=customer&period=2024-Q1&measures=payments"
    form = html_of(client.get(f"{PAGE}?{query}"))
    assert 'name="page_key" value="reports:statistics"' in form
    client.post("/views/", {"name": "Payers", "page_key": "reports:statistics", "query": query, "is_default": "on"})
    assert client.get(PAGE)["Location"] == f"{PAGE}?{query}"
    page = client.get(f"{PAGE}?{query}").context["page"]
    assert page.current_view.name == "Payers"


# ---- what it answers ----
def test_rows_add_up_and_are_compared(sales: Sales) -> None:
    ship(sales, 12)
    ship(sales, 3, on=date(2024, 2, 9))
    ship(sales, 10, on=date(2023, 3, 9))
    counted()
    page = page_of(sales.finance, f"period={CLOSED}&by=team")
    (record,) = page.listed()
    assert [int(record[name]) for name in ("now", "before", "last_year")] == [1200, 300, 1000]
    assert (int(record["growth"]), int(record["share"])) == (20, 100)
    text = html_of(shown(sales.finance, f"period={CLOSED}&by=team"))
    assert ">1.2</a>" in text
    assert "20.0%" in text


def test_a_rise_of_what_is_owed_is_no_good_news(sales: Sales) -> None:
    ship(sales, 10, on=date(2023, 3, 9))
    ship(sales, 10)
    counted()
    delivered, owed = (
        next(tile for tile in page_of(sales.finance, f"period={CLOSED}").tiles() if tile.measure.key == key)
        for key in ("delivered", "closing")
    )
    assert "so-delta--" not in delivered.growth  # as much as last year
    assert "so-delta--down" in owed.growth
    assert "rises" not in owed.growth
    assert ">up <" in owed.growth


def test_the_measure_of_a_tile_becomes_that_of_shares_and_pictures(sales: Sales) -> None:
    customer = ship(sales, 2)
    pay_on(sales, customer, 150, date(2024, 3, 20))
    counted()
    page = page_of(sales.finance, f"period={CLOSED}&by=customer")
    url = next(tile.url for tile in page.tiles() if tile.measure.key == "payments")
    assert page.main.key == "delivered"
    other = page_of(sales.finance, url.split("?")[1])
    assert (other.main.key, [int(record["now"]) for record in other.listed()]) == ("payments", [150])
    assert str(other.trend().title) == "Payments by month"


def test_by_product_only_what_was_delivered_is_told(sales: Sales) -> None:
    ship(sales, 2)
    counted()
    response = shown(sales.finance, f"period={CLOSED}&by=product&main=payments")
    page = response.context["page"]
    assert [one.key for one in page.answer.measures] == ["delivered"]
    assert page.main.key == "delivered"
    assert "Payments, Closing receivable, Overdue left out" in html_of(response)


def test_columns_across_have_their_figures_and_sums(sales: Sales) -> None:
    ship(sales, 2)
    ship(sales, 3, on=date(2024, 2, 9))
    ship(sales, 1, on=date(2023, 2, 9))
    counted()
    page = page_of(sales.finance, "period=2024-Q1&by=region&across=month")
    (record,) = page.listed()
    assert [int(record[f"c{at}"]) for at in range(2)] == [300, 200]
    total = page.sheet.total_record
    assert [int(cell.now) for cell in total["across"].values()] == [300, 200]
    text = html_of(shown(sales.finance, "period=2024-Q1&by=region&across=month"))
    assert "so-heatcell is-p3" in text  # three times as much in February
    assert "+200.0" in text


def test_any_column_sorts_and_the_order_is_kept_on_every_page(sales: Sales) -> None:
    made = [ship(sales, pieces, name=f"N{pieces:02d}") for pieces in (3, 1, 2)]
    counted()
    query = f"period={CLOSED}&by=customer"
    by_size = [made[0].code, made[2].code, made[1].code]

    def order(sort: str) -> list[str]:
        return [record["head"].code for record in page_of(sales.finance, f"{query}&sort={sort}").shown.object_list]

    assert order("") == order("-now") == by_size
    assert order("now") == order("share") == order("name") == by_size[::-1]
    assert order("nonsense") == by_size


def test_more_rows_than_a_page_are_turned(sales: Sales) -> None:
    codes = {ship(sales, 1).code for _each in range(3)}
    counted()
    from reports.statistics.views import StatisticsPage

    size = StatisticsPage.page_size
    try:
        StatisticsPage.page_size = 2
        pages = [page_of(sales.finance, f"period={CLOSED}&by=customer&page={number}") for number in (1, 2)]
        assert {record["head"].code for page in pages for record in page.shown.object_list} == codes
        assert [len(page.shown.object_list) for page in pages] == [2, 1]
        assert {int(page.answer.total.cells["delivered"].now) for page in pages} == {300}
    finally:
        StatisticsPage.page_size = size


def test_an_empty_period_says_so(sales: Sales) -> None:
    response = shown(sales.finance, "period=2019-02")
    assert "Nothing was counted in this period" in html_of(response)
    assert "data-chart" not in html_of(response)


def test_most_of_very_many_columns_are_left_out_and_said(sales: Sales, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reports.statistics.views.MOST_ACROSS", 2)
    for pieces in (1, 2, 3):
        ship(sales, pieces)
    counted()
    response = shown(sales.finance, f"period={CLOSED}&by=region&across=customer")
    page = response.context["page"]
    assert (len(page.columns), page.left_out) == (2, 1)
    assert "1 smaller column is left out" in html_of(response)
    assert int(page.listed()[0]["now"]) == 600


# ---- where it leads ----
def test_regions_open_down_the_tree_and_lead_back_up(sales: Sales) -> None:
    top, other = make_region(code="TOP"), make_region(code="OTHER")
    middle = make_region(code="MID", parent=top)
    low, lowest = make_region(code="LOW", parent=middle), make_region(code="LEAF", parent=top)
    for region, pieces in ((top, 1), (low, 2), (lowest, 4), (other, 8)):
        sales.region = region
        ship(sales, pieces)
    counted()
    query = f"period={CLOSED}"
    highest = page_of(sales.finance, query)
    assert figures(sales.finance, query) == {"TOP": 700, "OTHER": 800}
    links = {row.head.code: highest.links.row_url(row.head) for row in highest.answer.rows}
    assert "region=TOP" in links["TOP"] and "by=region" in links["TOP"]
    assert "by=customer" in links["OTHER"]  # nothing lies below it
    below = page_of(sales.finance, links["TOP"].split("?")[1])
    assert figures(sales.finance, links["TOP"].split("?")[1]) == {"TOP": 100, "MID": 200, "LEAF": 400}
    links = {row.head.code: below.links.row_url(row.head) for row in below.answer.rows}
    assert "region=%3DTOP" in links["TOP"]  # what lies in it and in none below it
    assert list(figures(sales.finance, links["TOP"].split("?")[1]).values()) == [100]
    assert [label for label, _url in below.way_up()] == ["Company", str(top)]
    deeper = page_of(sales.finance, links["MID"].split("?")[1])
    assert [label for label, _url in deeper.way_up()] == ["Company", str(top), str(middle)]
    up = deeper.way_up()[1][1]
    assert figures(sales.finance, up.split("?")[1]) == {"TOP": 100, "MID": 200, "LEAF": 400}


def test_every_row_opens_into_what_makes_it_up(sales: Sales) -> None:
    ship(sales, 2)
    counted()
    for by in ("month", "quarter", "year", "team", "representative", "customer", "grade", "category", "product"):
        page = page_of(sales.finance, f"period=2024&by={by}&measures=delivered")
        (row,) = page.answer.rows
        inside = page_of(sales.finance, page.links.row_url(row.head).split("?")[1])
        assert not inside.mistakes
        assert inside.question.by != by
        assert int(inside.answer.total.cells["delivered"].now) == 200


def test_rows_without_a_representative_open_too(sales: Sales) -> None:
    ship(sales, 1)
    pay_on(sales, sales.customer(representative=None), 70, date(2024, 3, 5))
    counted()
    for by in ("team", "representative"):
        page = page_of(sales.finance, f"period={CLOSED}&by={by}&main=payments")
        row = next(row for row in page.answer.rows if row.head.code == "none")
        inside = page_of(sales.finance, page.links.row_url(row.head).split("?")[1])
        assert not inside.mistakes
        assert int(inside.answer.total.cells["payments"].now) == 70


# ---- how often it asks ----
@pytest.mark.parametrize(
    ("query", "most"), [("by=customer", 18), ("by=region", 22), ("by=product&across=region", 24), ("by=month", 18)]
)
def test_many_rows_cost_no_more_queries_than_a_few(sales: Sales, query: str, most: int) -> None:
    def more(count: int) -> None:
        for _each in range(count):
            sales.region = make_region(parent=sales.region if _each % 2 else None)
            ship(sales, 1)
        counted()

    url = f"{PAGE}?period={CLOSED}&{query}"
    more(4)
    client = signed_in(sales.sales_manager)
    client.get(url)
    few = queries_of(client, url)
    more(6)
    assert queries_of(client, url) == few <= most
