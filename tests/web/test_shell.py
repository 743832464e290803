"""The shell around every page: menu with counts, search, bell, language."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.db.models import Q
from django.test import Client
from django.utils import timezone

from salesops.users.models import Region, User
from salesops.web import registry
from salesops.web.counts import MOST, count_all
from tests.support.build import make_region, make_user
from tests.web.conftest import signed_in

PLAIN = "/sample/plain/"


def test_the_menu_holds_what_the_person_may_open(regions: list[Region], as_manager: Client) -> None:
    assert "/sample/regions/" in as_manager.get(PLAIN).content.decode()
    assert "/sample/regions/" not in signed_in(make_user()).get(PLAIN).content.decode()


def test_everything_that_waits_is_counted_in_one_query(regions: list[Region], django_assert_num_queries: Any) -> None:
    asked = {
        "all": Region.objects.all(),
        "second": Region.objects.filter(level=2),
        "none": Region.objects.none(),
        "nobody": Region.objects.filter(Q(pk__in=[])),
        "known": 7,
    }
    with django_assert_num_queries(1):
        assert count_all(asked) == {"all": 3, "second": 2, "none": 0, "nobody": 0, "known": 7}


def test_counts_stop_at_what_a_menu_can_say(db: None) -> None:
    Region.objects.bulk_create(Region(code=f"X{number}", name="x") for number in range(MOST + 50))
    assert count_all({"all": Region.objects.all()}) == {"all": MOST + 1}
    assert "999+" in signed_in(make_user()).get(PLAIN).content.decode()


def test_the_shell_costs_at_most_four_queries(as_manager: Client, django_assert_max_num_queries: Any) -> None:
    registry.bell.set(count=lambda user: User.objects.all(), url_name="sample:plain", recent=lambda user, limit: [])
    as_manager.get(PLAIN)
    with django_assert_max_num_queries(4 + 2):  # and one each for the session and the person
        as_manager.get(PLAIN)


def test_an_error_in_a_count_is_not_hidden(as_manager: Client) -> None:
    def broken(user: Any) -> int:
        raise ZeroDivisionError

    registry.menu.add(registry.MenuEntry("broken", "Broken", "sample:plain", count=broken))
    with pytest.raises(ZeroDivisionError):
        as_manager.get(PLAIN)


# ---- search ----
def test_the_search_finds_by_kind_in_the_persons_scope(regions: list[Region], as_manager: Client) -> None:
    text = as_manager.get("/find/", {"q": "jiang"}, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in text
    assert 'role="listbox"' in text
    assert text.count('role="option"') == 2
    assert 'href="/sample/regions/JS/"' in text


def test_one_sign_finds_nothing_yet(regions: list[Region], as_manager: Client) -> None:
    text = as_manager.get("/find/", {"q": "j"}, headers={"HX-Request": "true"}).content.decode()
    assert text.strip() == ""


def test_a_search_that_finds_nothing_says_so_and_runs_nothing(as_manager: Client) -> None:
    text = as_manager.get("/find/", {"q": "<script>"}, headers={"HX-Request": "true"}).content.decode()
    assert "Nothing found" in text
    assert "<script>" not in text


def test_search_providers_have_their_permission(as_manager: Client) -> None:
    registry.search.add(
        registry.SearchProvider(
            "secret", "Secret", "lock", lambda user, text, limit: [registry.Hit("x", "", "/")], "nobody.may"
        )
    )
    assert "Secret" not in as_manager.get("/find/", {"q": "xy"}).content.decode()


# ---- bell ----
def test_the_bell_says_how_much_is_new_and_shows_the_latest(as_manager: Client) -> None:
    notice = SimpleNamespace(
        title="Waits for you", text="DL-2026-000001", url="/x/", created_at=timezone.now(), read_at=None
    )
    registry.bell.set(count=lambda user: 2, url_name="sample:plain", recent=lambda user, limit: [notice])
    assert "Notices, 2 new" in as_manager.get(PLAIN).content.decode()
    assert "Waits for you" in as_manager.get("/bell/").content.decode()


# ---- language ----
def test_the_language_is_kept_with_the_person(as_manager: Client, manager: User) -> None:
    as_manager.post("/language/", {"language": "zh-hans", "next": PLAIN})
    manager.refresh_from_db()
    assert manager.language == "zh-hans"
    text = as_manager.get(PLAIN).content.decode()
    assert '<html lang="zh-Hans"' in text
    assert '<span lang="zh-Hans">林悦</span> <span class="so-zh" lang="en">Lin Yue</span>' in text


def test_a_language_that_we_do_not_speak_changes_nothing(as_manager: Client, manager: User) -> None:
    as_manager.post("/language/", {"language": "tlh", "next": PLAIN})
    manager.refresh_from_db()
    assert manager.language == "en"


def test_a_visitor_chooses_the_language_of_the_door(client: Client, db: None) -> None:
    response = client.post("/language/", {"language": "zh-hans", "next": "/sign-in/"})
    assert response["Location"] == "/sign-in/"
    assert '<html lang="zh-Hans"' in client.get("/sign-in/").content.decode()


# ---- messages ----
def test_a_message_reaches_a_part_of_a_page_as_a_toast(as_manager: Client) -> None:
    as_manager.post("/sample/close/", {"sure": "yes"})
    response = as_manager.get("/bell/", headers={"HX-Request": "true"})
    assert '"so:toast": [{"text": "Closed.", "tone": "success"}]' in response["HX-Trigger"]


# ---- components ----
def test_the_page_of_components_is_for_administrators_of_a_demo(as_manager: Client, settings: Any) -> None:
    assert as_manager.get("/components/").status_code == 200
    assert signed_in(make_user("supervisor")).get("/components/").status_code == 403
    settings.DEMO = False
    assert as_manager.get("/components/").status_code == 404


def test_region_names_are_escaped_everywhere(as_manager: Client) -> None:
    make_region("<b>Bold</b>", code="BB", name_zh="<i>x</i>")
    for path in ("/sample/regions/", "/sample/regions/BB/", "/find/?q=bold"):
        text = as_manager.get(path).content.decode()
        assert "<b>Bold</b>" not in text
        assert "<i>x</i>" not in text
