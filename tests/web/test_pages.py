"""Who may open a page, what an action answers, how a refusal and a mistake look."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template.loader import render_to_string
from django.test import Client, RequestFactory

from tests.support.build import make_user
from tests.web.conftest import signed_in

LIST = "/sample/regions/"
HTMX = {"HX-Request": "true", "HX-Current-URL": "http://testserver/sample/regions/?q=a"}


def test_a_visitor_is_sent_to_sign_in_and_comes_back(db: None, client: Client) -> None:
    assert client.get(f"{LIST}?q=a")["Location"] == "/sign-in/?next=/sample/regions/%3Fq%3Da"


def test_a_part_of_a_page_sends_the_whole_page_to_sign_in(db: None, client: Client) -> None:
    response = client.get("/bell/", headers=HTMX)
    assert response["HX-Redirect"] == "/sign-in/?next=/sample/regions/%3Fq%3Da"
    assert response.content == b""


def test_a_page_is_refused_without_its_permission(db: None) -> None:
    response = signed_in(make_user("representative")).get(LIST)
    assert response.status_code == 403
    assert "not for your role" in response.content.decode()


def test_a_page_without_permission_is_for_everybody_inside(db: None) -> None:
    assert signed_in(make_user("representative")).get("/sample/plain/").status_code == 200


# ---- actions ----
def test_an_action_says_what_it_did(as_manager: Client) -> None:
    response = as_manager.post("/sample/close/", {"sure": "yes"}, follow=True)
    assert response.redirect_chain == [("/sample/plain/", 302)]
    assert "Closed." in response.content.decode()


def test_an_action_cannot_be_opened(as_manager: Client) -> None:
    assert as_manager.get("/sample/close/").status_code == 405


def test_a_refused_action_names_the_rule_and_its_figures(as_manager: Client) -> None:
    response = as_manager.post("/sample/close/", headers={"Referer": "http://testserver/sample/regions/CN/"})
    text = response.content.decode()
    assert response.status_code == 409
    assert "It still has people." in text
    assert "26,200<small>.00</small>" in text
    assert 'href="http://testserver/sample/regions/CN/"' in text


def test_a_refusal_leads_to_no_other_host(as_manager: Client) -> None:
    response = as_manager.post("/sample/close/", headers={"Referer": "https://elsewhere.example/x"})
    assert response.status_code == 409
    assert "elsewhere.example" not in response.content.decode()


def test_a_refused_action_of_a_part_opens_the_dialog(as_manager: Client) -> None:
    response = as_manager.post("/sample/close/", headers=HTMX)
    assert (response.status_code, response["HX-Retarget"]) == (409, "#over")
    assert "<html" not in response.content.decode()


def test_an_action_of_a_part_moves_the_whole_page_on(as_manager: Client) -> None:
    response = as_manager.post("/sample/close/", {"sure": "yes"}, headers=HTMX)
    assert response["HX-Redirect"] == "/sample/plain/"
    assert "Closed." in as_manager.get("/sample/plain/").content.decode()


def test_nobody_acts_without_the_permission(db: None) -> None:
    assert signed_in(make_user()).post("/sample/close/", {"sure": "yes"}).status_code == 403


# ---- refusals and mistakes ----
def test_a_rule_that_a_view_lets_through_is_a_clean_page(as_manager: Client) -> None:
    response = as_manager.get("/sample/breaks/")
    assert response.status_code == 409
    assert "The books are closed." in response.content.decode()


def test_what_the_database_refuses_is_a_clean_page_too(as_manager: Client) -> None:
    response = as_manager.get("/sample/history/")
    assert response.status_code == 409
    assert "Entries of the ledger stay as they are." in response.content.decode()


def test_our_own_mistake_is_no_refusal(as_manager: Client) -> None:
    as_manager.raise_request_exception = False
    response = as_manager.get("/sample/mistake/")
    text = response.content.decode()
    assert response.status_code == 500
    assert "Something went wrong on our side" in text
    assert "Traceback" not in text


@pytest.mark.parametrize("path", ["/nowhere/", "/panels/nothing/at/all/", "/cards/none/"])
def test_what_is_not_there_is_a_page_of_ours(as_manager: Client, path: str) -> None:
    response = as_manager.get(path)
    assert response.status_code == 404
    assert "This page is not there" in response.content.decode()


def test_a_page_that_was_open_too_long_is_a_page_of_ours(manager: object) -> None:
    client = Client(enforce_csrf_checks=True)
    response = client.post("/language/", {"language": "en"})
    assert response.status_code == 403
    assert "This page was open too long" in response.content.decode()


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("400.html", "could not be read"),
        ("403_csrf.html", "open too long"),
        ("404.html", "not there"),
        ("429.html", "Too many tries"),
        ("500.html", "我们这边出了问题"),
    ],
)
def test_every_error_has_a_page_for_visitors_too(rf: RequestFactory, template: str, words: str) -> None:
    request = rf.get("/")
    request.user = AnonymousUser()
    text = render_to_string(template, request=request)
    assert words in text
    assert "so-side" not in text


# ---- the content policy ----
@pytest.mark.parametrize(
    "path", [LIST, "/sample/regions/CN/", "/sample/regions/new/", "/components/", "/find/?q=ji", "/nowhere/"]
)
@pytest.mark.usefixtures("regions")
def test_no_page_has_script_or_style_of_its_own(as_manager: Client, path: str) -> None:
    response = as_manager.get(path)
    text = response.content.decode()
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert "style=" not in text
    assert "<style" not in text
    assert "javascript:" not in text
    assert " onclick=" not in text
    assert "hx-on" not in text
    for script in text.split("<script")[1:]:
        assert script.startswith((" src=", ' id="chart-')), script[:80]


@pytest.mark.parametrize("around", ["http://[", "http://testserver:x/", "//[::1", "javascript:alert(1)", ""])
def test_an_address_around_a_part_that_none_could_be_changes_nothing(db: None, around: str) -> None:
    htmx = {"HX-Request": "true", "HX-Current-URL": around}
    assert Client().get("/bell/", headers=htmx).headers["HX-Redirect"] == "/sign-in/?next=/"
    assert signed_in(make_user()).get("/bell/", headers=htmx).status_code == 200
