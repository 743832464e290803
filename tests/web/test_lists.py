"""Lists: filters, search, order and page stand in the address; what is shown is what may be seen."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from salesops.users.models import Region
from salesops.web.listpage import ListPage
from salesops.web.paging import BoundedPaginator
from tests.support.build import make_region, make_user
from tests.web.conftest import signed_in
from tests.web.sample import RegionList

LIST = "/sample/regions/"
PART = {"HX-Request": "true", "HX-Target": "list"}


def shown(response: Any) -> list[str]:
    """The codes of the rows on the page."""
    return [row.record.code for row in response.context["table"].paginated_rows]


@pytest.fixture
def many(db: None) -> None:
    for number in range(45):
        make_region(f"Area {number:02d}", code=f"A{number:02d}")


@pytest.mark.usefixtures("regions")
def test_a_list_shows_its_rows_and_no_hidden_one(as_manager: Client) -> None:
    make_region("Secret", code="HIDDEN")
    response = as_manager.get(LIST)
    assert shown(response) == ["CN", "JS", "ZJ"]
    assert "Secret" not in response.content.decode()


@pytest.mark.usefixtures("regions")
def test_filters_and_search_stand_in_the_address(as_manager: Client) -> None:
    assert shown(as_manager.get(LIST, {"level": "2"})) == ["JS", "ZJ"]
    assert shown(as_manager.get(LIST, {"q": "jiang"})) == ["JS", "ZJ"]
    assert shown(as_manager.get(LIST, {"q": "jiang 浙"})) == ["ZJ"]
    assert shown(as_manager.get(LIST, {"q": "jiang", "level": "1"})) == []


@pytest.mark.usefixtures("regions")
def test_every_filter_in_effect_is_named_and_can_be_taken_away(as_manager: Client) -> None:
    response = as_manager.get(LIST, {"q": "jiang", "level": "2", "sort": "-name"})
    page: ListPage = response.context["page"]
    assert [(str(one.label), one.text) for one in page.chosen] == [("Search", "jiang"), ("Level", "2")]
    assert page.chosen[1].query_without == "q=jiang&sort=-name"


@pytest.mark.usefixtures("regions")
def test_a_value_that_is_no_number_filters_nothing_and_says_so(as_manager: Client) -> None:
    response = as_manager.get(LIST, {"level": "two"})
    assert shown(response) == ["CN", "JS", "ZJ"]
    assert "Enter a number" in response.content.decode()


@pytest.mark.usefixtures("regions")
def test_only_declared_columns_can_be_sorted_by(as_manager: Client) -> None:
    assert shown(as_manager.get(LIST, {"sort": "-name"})) == ["ZJ", "JS", "CN"]
    assert shown(as_manager.get(LIST, {"sort": "parent__people__password"})) == ["CN", "JS", "ZJ"]
    assert shown(as_manager.get(LIST, {"sort": "people"})) == ["CN", "JS", "ZJ"]


@pytest.mark.usefixtures("many")
def test_pages_follow_each_other_without_gap_or_repetition(as_manager: Client) -> None:
    codes = [code for number in (1, 2, 3) for code in shown(as_manager.get(LIST, {"sort": "level", "page": number}))]
    assert len(codes) == len(set(codes)) == 45


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize(("asked", "first"), [("0", "A00"), ("999", "A40"), ("x", "A00"), ("-1", "A00")])
def test_a_page_that_is_not_there_shows_one_that_is(as_manager: Client, asked: str, first: str) -> None:
    if asked in ("0", "-1"):
        first = "A40"
    assert shown(as_manager.get(LIST, {"page": asked}))[0] == first


@pytest.mark.usefixtures("many")
def test_counting_stops_where_nobody_turns_pages(monkeypatch: pytest.MonkeyPatch, as_manager: Client) -> None:
    monkeypatch.setattr(BoundedPaginator, "counted_rows", 30)
    response = as_manager.get(LIST)
    page: ListPage = response.context["page"]
    assert (page.paginator.count, page.paginator.num_pages, page.paginator.is_bounded) == (30, 2, True)
    assert response.context["table"].totals == {}
    assert "and more" in response.content.decode()


@pytest.mark.usefixtures("many")
def test_the_total_is_that_of_all_pages(as_manager: Client) -> None:
    assert as_manager.get(LIST).context["table"].totals == {"budget": Decimal("1250.50") * 45}


@pytest.mark.usefixtures("regions")
def test_htmx_gets_the_list_alone_and_the_address_follows(as_manager: Client) -> None:
    response = as_manager.get(LIST, {"q": "jiang", "level": "", "page": "1"}, headers=PART)
    text = response.content.decode()
    assert "<html" not in text
    assert 'id="list"' in text
    assert response["HX-Push-Url"] == "/sample/regions/?q=jiang&page=1"
    assert "HX-Request" in response["Vary"]


def test_an_empty_list_says_what_to_do_next(as_manager: Client) -> None:
    Region.objects.all().delete()
    text = as_manager.get(LIST).content.decode()
    assert "No regions yet" in text
    assert 'href="/sample/regions/new/"' in text


@pytest.mark.usefixtures("regions")
def test_filters_that_leave_nothing_offer_to_be_cleared(as_manager: Client) -> None:
    text = as_manager.get(LIST, {"q": "nowhere"}).content.decode()
    assert "Nothing matches these filters" in text
    assert "No regions yet" not in text


@pytest.mark.usefixtures("regions")
def test_buttons_without_the_permission_are_not_shown(db: None) -> None:
    from django.contrib.auth.models import Permission

    person = make_user(())
    person.user_permissions.add(Permission.objects.get(codename="manage_regions"))
    text = signed_in(person).get(LIST).content.decode()
    assert "Add a region" in text
    assert "For managers" not in text


@pytest.mark.usefixtures("regions")
def test_an_action_that_is_not_possible_stands_there_and_says_why(as_manager: Client) -> None:
    text = as_manager.get(LIST).content.decode()
    assert "December is still open." in text
    assert 'aria-disabled="true"' in text


@pytest.mark.usefixtures("many")
def test_a_list_costs_the_same_queries_however_long_it_is(
    as_manager: Client, django_assert_max_num_queries: Any
) -> None:
    as_manager.get(LIST)
    with django_assert_max_num_queries(13):
        as_manager.get(LIST, {"q": "area", "level": "1"})


@pytest.mark.usefixtures("regions")
def test_a_null_sign_in_the_search_breaks_nothing(as_manager: Client) -> None:
    assert as_manager.get(LIST, {"q": "jia\x00ng"}).status_code == 200


@pytest.mark.usefixtures("regions")
def test_filters_that_are_rare_wait_behind_a_button_unless_they_are_in_effect(
    as_manager: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RegionList, "filters_in_view", 0)
    page = as_manager.get(LIST).context["page"]
    inview, rest, is_open = page.filter_fields
    assert ([field.name for field in inview], [field.name for field in rest]) == ([], ["level", "parent"])
    assert not is_open
    assert as_manager.get(LIST, {"level": "2"}).context["page"].filter_fields[2]
