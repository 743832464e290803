"""Nothing of an agent is reachable for another one: by every address that names it, over pages and API, read and sent.

A new address is walked by itself: its arguments stand in tests/support/world.py, without which another test fails.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.api.test_permissions import TABLE as API
from tests.api.test_permissions import args_of
from tests.support.database import taken_back
from tests.support.program import Program
from tests.support.signed_in import signed_in
from tests.support.world import World, addresses, make_world

pytestmark = pytest.mark.django_db

HIDDEN = {403, 404}
POST_ONLY = 405
EVERYBODYS = {
    "customers:join": "whoever has the link",
    "orders:pick_product": "the catalogue",
    "orders:product": "the catalogue",
    "v1:product": "the catalogue",
}
"""Addresses with an argument that lead to something which is no agent's, and what that is."""
OWN = {
    "notify:open": "leads to one's own notices",
    "web:change_view": "finds one's own views only and leads back",
    "web:delete_view": "finds one's own views only and leads back",
}
"""Addresses that answer whoever asks with a way back."""


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """One of everything, and an agent from elsewhere."""
    with taken_back(django_db_blocker):
        yield make_world()


def pages_that_name_something(world: World) -> dict[str, str]:
    """The addresses with arguments, by name."""
    names = {name for name in addresses() if not name.startswith("v1:")} - set(EVERYBODYS) - set(OWN)
    return {name: reverse(name, args=world.args[name]) for name in sorted(names) if world.args.get(name)}


def test_no_page_of_anothers_opens(world: World) -> None:
    client = signed_in(world.people["foreign_agent"])
    found = {name: client.get(url).status_code for name, url in pages_that_name_something(world).items()}
    assert len(found) > 50
    assert {name: status for name, status in found.items() if status not in {*HIDDEN, POST_ONLY}} == {}


def test_nothing_that_is_sent_reaches_anothers(world: World) -> None:
    client = signed_in(world.people["foreign_agent"])
    found = {
        name: client.post(url, {"note": "x"}).status_code for name, url in pages_that_name_something(world).items()
    }
    assert {name: status for name, status in found.items() if status not in {*HIDDEN, POST_ONLY}} == {}


def test_no_resource_of_anothers_answers(world: World) -> None:
    program = Program(world.people["foreign_agent"])
    asked = {name: args_of(name, world) for name in API if name not in EVERYBODYS}
    urls = {name: reverse(name, args=args) for name, args in asked.items() if args}
    assert len(urls) > 20
    found = {name: {program.get(url).status_code, program.post(url, {}).status_code} for name, url in urls.items()}
    assert {name: said for name, said in found.items() if said - {*HIDDEN, POST_ONLY}} == {}


def test_no_list_search_or_choice_names_anothers(world: World) -> None:
    """Lists, the search box and fields that choose: asked by the name and by the code of the other one."""
    agent = world.people["agent"].customer
    assert agent is not None
    words = {agent.code, agent.name, *(str(world.args[name][0]) for name in ("orders:delivery", "orders:payment"))}
    client = signed_in(world.people["foreign_agent"])
    names = {name for name in addresses() if not name.startswith("v1:") and not world.args.get(name)}
    told = {
        name
        for name in sorted(names - {"users:sign_out", "api:schema"})  # the schema's examples have numbers of their own
        for asked in (agent.name, agent.code)
        if told_of(client, reverse(name), asked, words - {asked})
    }
    assert told == set()


def told_of(client: Client, url: str, asked: str, words: set[str]) -> set[str]:
    """Which of the words the answer has; what was asked for itself stands in the field of the search."""
    answer = client.get(url, {"q": asked})
    return set() if answer.streaming else {word for word in words if word in answer.content.decode()}
