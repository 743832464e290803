"""A record's page: what is hidden is not there; panels come from features, each with its own right."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from tests.support.build import make_region, make_user
from tests.web.conftest import signed_in


@pytest.mark.usefixtures("regions")
def test_a_record_shows_its_headline_and_key_figures(as_manager: Client) -> None:
    text = as_manager.get("/sample/regions/JS/").content.decode()
    assert "Jiangsu" in text
    assert '<span class="so-zh" lang="zh-Hans">江苏</span>' in text
    assert "742,180<small>.00</small>" in text
    assert "Active" in text


def test_a_hidden_record_is_not_there(as_manager: Client) -> None:
    make_region("Secret", code="HIDDEN")
    assert as_manager.get("/sample/regions/HIDDEN/").status_code == 404
    assert as_manager.get("/panels/sample-region/people/HIDDEN/").status_code == 404


@pytest.mark.usefixtures("regions")
def test_a_panel_is_fetched_when_it_comes_into_view(as_manager: Client) -> None:
    text = as_manager.get("/sample/regions/JS/").content.decode()
    assert 'hx-get="/panels/sample-region/people/JS/"' in text
    assert "opened Jiangsu" not in text
    assert "opened Jiangsu" in as_manager.get("/panels/sample-region/people/JS/").content.decode()


@pytest.mark.usefixtures("regions")
def test_an_eager_panel_comes_with_the_page(as_manager: Client) -> None:
    assert "Secret sum" in as_manager.get("/sample/regions/JS/").content.decode()


@pytest.mark.usefixtures("regions")
def test_a_panel_without_its_permission_is_neither_shown_nor_fetched() -> None:
    person = make_user(())
    person.user_permissions.add(Permission.objects.get(codename="manage_regions"))
    client = signed_in(person)
    assert "Secret sum" not in client.get("/sample/regions/JS/").content.decode()
    assert client.get("/panels/sample-region/budget/JS/").status_code == 403


@pytest.mark.usefixtures("regions")
def test_a_panel_is_not_fetched_by_somebody_who_may_not_open_the_record() -> None:
    assert signed_in(make_user()).get("/panels/sample-region/people/JS/").status_code == 403


def test_a_number_that_cannot_be_one_is_not_there(as_manager: Client, monkeypatch: Any) -> None:
    from tests.web.sample import RegionRecord

    monkeypatch.setattr(RegionRecord, "lookup", "pk")
    assert as_manager.get("/panels/sample-region/people/abc/").status_code == 404
