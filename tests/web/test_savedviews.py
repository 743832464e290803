"""Views of a list that people keep."""

from typing import Any

import pytest
from django.test import Client

from salesops.users.models import User
from salesops.web.models import SavedView
from tests.support.build import make_user

LIST = "/sample/regions/"


def save(client: Client, name: str, query: str, **more: str) -> Any:
    given = {"page_key": "sample:regions", "name": name, "query": query, "next": f"{LIST}?{query}", **more}
    return client.post("/views/", given)


@pytest.mark.usefixtures("regions")
def test_a_view_is_kept_and_shown_above_the_list(as_manager: Client, manager: User) -> None:
    response = save(as_manager, "Provinces", "level=2&sort=-name")
    assert response["Location"] == f"{LIST}?level=2&sort=-name"
    page = as_manager.get(response["Location"]).context["page"]
    assert page.current_view == SavedView.objects.get(user=manager, name="Provinces")


@pytest.mark.usefixtures("regions")
def test_the_same_name_again_replaces_the_view(as_manager: Client) -> None:
    save(as_manager, "Mine", "level=2")
    save(as_manager, "Mine", "level=1")
    assert SavedView.objects.get().query == "level=1"


@pytest.mark.usefixtures("regions")
def test_the_list_opens_with_the_chosen_view_and_all_is_one_press_away(as_manager: Client) -> None:
    save(as_manager, "Provinces", "level=2", is_default="on")
    save(as_manager, "Company", "level=1", is_default="on")
    assert as_manager.get(LIST)["Location"] == f"{LIST}?level=1"
    assert as_manager.get(LIST, {"view": "all"}).status_code == 200
    assert SavedView.objects.filter(is_default=True).count() == 1


@pytest.mark.usefixtures("regions")
def test_a_view_is_renamed_and_deleted(as_manager: Client) -> None:
    save(as_manager, "Mine", "level=2")
    view = SavedView.objects.get()
    as_manager.post(f"/views/{view.pk}/", {"name": "Provinces", "next": LIST})
    view.refresh_from_db()
    assert view.name == "Provinces"
    as_manager.post(f"/views/{view.pk}/deletion/", {"next": LIST})
    assert not SavedView.objects.exists()


@pytest.mark.usefixtures("regions")
def test_two_views_of_one_list_have_different_names(as_manager: Client) -> None:
    save(as_manager, "One", "level=1")
    save(as_manager, "Two", "level=2")
    two = SavedView.objects.get(name="Two")
    assert as_manager.post(f"/views/{two.pk}/", {"name": "One", "next": LIST}).status_code == 409
    two.refresh_from_db()
    assert two.name == "Two"


@pytest.mark.usefixtures("regions")
def test_nobody_touches_anothers_view(as_manager: Client) -> None:
    theirs = SavedView.objects.create(user=make_user(), page_key="sample:regions", name="Theirs", query="level=2")
    assert as_manager.post(f"/views/{theirs.pk}/", {"name": "Mine"}).status_code == 404
    assert as_manager.post(f"/views/{theirs.pk}/deletion/").status_code == 404
    theirs.refresh_from_db()
    assert theirs.name == "Theirs"
    assert "Theirs" not in as_manager.get(LIST).content.decode()


def test_a_view_needs_a_name(as_manager: Client) -> None:
    assert save(as_manager, "  ", "level=2").status_code == 409
    assert not SavedView.objects.exists()


@pytest.mark.usefixtures("regions")
def test_a_way_back_to_another_site_is_not_taken(as_manager: Client) -> None:
    assert save(as_manager, "Mine", "level=2", next="https://elsewhere.example/")["Location"] == "/"


@pytest.mark.usefixtures("regions")
def test_a_full_list_of_views_still_takes_changes_of_them(as_manager: Client) -> None:
    for number in range(20):
        save(as_manager, f"View {number}", "level=1")
    assert save(as_manager, "View 3", "level=2").status_code == 302
    assert SavedView.objects.get(name="View 3").query == "level=2"
    assert save(as_manager, "One more", "level=2").status_code == 409
    assert SavedView.objects.count() == 20


@pytest.mark.usefixtures("regions")
@pytest.mark.parametrize("query", ["#", "#a", "&", "", "?"])
def test_a_view_that_says_nothing_leads_nowhere(as_manager: Client, query: str) -> None:
    save(as_manager, "Empty", "level=1", is_default="on")
    SavedView.objects.update(query=query)
    assert as_manager.get(LIST, follow=True).status_code == 200
