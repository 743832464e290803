"""Forms: what was typed stays, errors stand at the field, a second send has no second effect."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.utils import timezone

from salesops.users.models import Region, User
from salesops.web import once
from salesops.web.forms import FigureInput
from salesops.web.models import FormSubmission
from tests.support.build import make_region, make_user
from tests.web.conftest import signed_in
from tests.web.sample import RegionForm

NEW = "/sample/regions/new/"


def key_of(client: Client) -> str:
    """The key of a form just opened."""
    return str(client.get(NEW).context["once_key"])


def test_a_form_does_its_work_once_however_often_it_is_sent(as_manager: Client) -> None:
    given = {"code": "N1", "name": "North", "once_key": key_of(as_manager)}
    first, second = as_manager.post(NEW, given), as_manager.post(NEW, given)
    assert first["Location"] == second["Location"] == "/sample/regions/N1/"
    assert Region.objects.filter(code="N1").count() == 1
    assert FormSubmission.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_sends_at_the_same_moment_have_one_effect() -> None:
    manager = make_user("administrator")
    given = {"code": "N1", "name": "North", "once_key": once.new_key()}
    clients = [signed_in(manager) for _ in range(4)]

    def send(client: Client) -> Any:
        try:
            return client.post(NEW, given)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(send, clients))
    assert {(answer.status_code, answer["Location"]) for answer in answers} == {(302, "/sample/regions/N1/")}
    assert Region.objects.filter(code="N1").count() == 1


def test_a_refused_form_can_be_sent_again_with_its_key(as_manager: Client) -> None:
    key = key_of(as_manager)
    refused = as_manager.post(NEW, {"code": "BAD", "name": "North", "once_key": key})
    assert refused.status_code == 422
    assert refused.context["once_key"] == key
    assert not FormSubmission.objects.exists()
    assert as_manager.post(NEW, {"code": "N1", "name": "North", "once_key": key}).status_code == 302


def test_nobody_uses_the_key_of_another(as_manager: Client, manager: User) -> None:
    key = key_of(as_manager)
    as_manager.post(NEW, {"code": "N1", "name": "North", "once_key": key})
    other = signed_in(make_user("administrator"))
    assert other.post(NEW, {"code": "N2", "name": "South", "once_key": key}).status_code == 400
    assert not Region.objects.filter(code="N2").exists()


def test_a_refusal_stands_at_its_field_and_keeps_what_was_typed(as_manager: Client) -> None:
    response = as_manager.post(NEW, {"code": "BAD", "name": "North & West", "note": "first line"})
    text = response.content.decode()
    assert response.context["form"].errors == {"code": ["This code is kept for others."]}
    assert 'aria-describedby="id_code_helptext id_code_error"' in text
    assert 'id="id_code_error"' in text
    assert 'value="North &amp; West"' in text
    assert "first line</textarea>" in text
    assert not Region.objects.filter(name="North & West").exists()


def test_a_refusal_of_the_whole_stands_on_top_with_its_figures(as_manager: Client) -> None:
    response = as_manager.post(NEW, {"code": "WHOLE", "name": "North"})
    text = response.content.decode()
    assert response.context["form"].non_field_errors() == ["The year is closed."]
    assert "Not possible" in text
    assert "12<small>.50</small>" in text


def test_a_summary_leads_to_each_field_that_needs_a_look(as_manager: Client) -> None:
    text = as_manager.post(NEW, {"opened": "yesterday"}).content.decode()
    assert "3 things need another look" in text
    for name in ("code", "name", "opened"):
        assert f'<a href="#id_{name}">' in text


def test_success_is_said_once(as_manager: Client) -> None:
    given = {"code": "N1", "name": "North", "once_key": key_of(as_manager)}
    as_manager.post(NEW, given)
    as_manager.post(NEW, given)
    assert as_manager.get("/sample/plain/").content.decode().count("The region is there.") == 1


def test_a_remote_select_holds_only_what_is_chosen(as_manager: Client, regions: list[Region]) -> None:
    form = RegionForm({"code": "N1", "parent": str(regions[1].pk)})
    markup = str(form["parent"])
    assert "Jiangsu" in markup
    assert "Zhejiang" not in markup
    assert 'data-remote="/sample/pick/"' in markup
    assert "<option" in str(RegionForm({"parent": "nonsense"})["parent"])


def test_a_remote_select_finds_by_any_part(as_manager: Client, regions: list[Region]) -> None:
    answer = as_manager.get("/sample/pick/", {"q": "浙"}).json()
    assert answer == {"results": [{"value": str(regions[2].pk), "text": "Zhejiang", "sub": "ZJ"}]}
    assert len(as_manager.get("/sample/pick/").json()["results"]) == 3


def test_a_remote_select_answers_no_visitor(db: None, client: Client) -> None:
    make_region("Jiangsu")
    assert client.get("/sample/pick/", {"q": "jiang"}).status_code == 302


@pytest.mark.parametrize(
    ("typed", "meant"), [("1,200.50", "1200.50"), ("¥ 1 200", "1200"), ("−3", "-3"), ("much", "much")]
)
def test_amounts_are_read_as_people_type_them(typed: str, meant: str) -> None:
    assert FigureInput().value_from_datadict({"budget": typed}, {}, "budget") == meant


def test_an_amount_that_is_no_number_stays_to_be_corrected(as_manager: Client) -> None:
    text = as_manager.post(NEW, {"code": "N1", "name": "North", "budget": "much"}).content.decode()
    assert 'value="much"' in text
    assert "Enter a number." in text


def test_old_keys_are_forgotten(as_manager: Client, manager: User) -> None:
    FormSubmission.objects.create(key="old", user=manager, url=NEW)
    FormSubmission.objects.update(created_at=timezone.now() - once.KEPT - timedelta(hours=1))
    as_manager.post(NEW, {"code": "N1", "name": "North", "once_key": key_of(as_manager)})
    assert not FormSubmission.objects.filter(key="old").exists()
