"""Nothing of an agent is reachable for another one: by every address that names it, over pages and API, read and sent;
by the files of background work; by what mails lead to.

A new address is walked by itself: its arguments stand in tests/support/world.py, without which another test fails.
"""

from collections.abc import Iterator
from io import BytesIO
from itertools import product
from typing import Any

import pytest
from django.test import Client
from django.urls import resolve, reverse
from openpyxl import load_workbook

from customers.portal.services import join
from salesops.jobs.models import Job
from salesops.jobs.running import run_job
from salesops.notify.registry import notice_kinds
from salesops.users.models import User
from salesops.users.roles import Role
from tests.api.test_permissions import TABLE as API
from tests.api.test_permissions import args_of
from tests.support.build import make_sales, make_user
from tests.support.database import taken_back
from tests.support.mails_to_agents import MAILS, NEVER, NOTICES, exported, links_in, mails_of, make_corner
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


# ---- files of background work ----
def test_no_file_of_anothers_work_is_fetched() -> None:
    corner = make_corner()
    delivery = corner.sales.approved(corner.customer, 1)
    jobs = [exported(corner.agent), exported(corner.sales.finance)]
    assert all(delivery.number in words_of(job) for job in jobs), "there is something to see in them"
    assert signed_in(corner.agent).get(reverse("jobs:result", args=[jobs[0].pk])).status_code == 200
    stranger = a_stranger()
    client, program = signed_in(stranger), Program(stranger)
    found = {}
    for job, name in product(jobs, ("record", "progress", "result", "cancel", "retry")):
        url = reverse(f"jobs:{name}", args=[job.pk])
        found[url] = {client.get(url).status_code, client.post(url).status_code}
    for job, name in product(jobs, ("job", "job_result", "job_cancellation", "job_repetition")):
        url = reverse(f"v1:{name}", args=[job.pk])
        found[url] = {program.get(url).status_code, program.post(url, {}).status_code}
    assert {url: said for url, said in found.items() if said - {*HIDDEN, POST_ONLY}} == {}
    assert all(Job.objects.get(pk=job.pk).state == job.state for job in jobs)


def test_no_list_of_anothers_is_written_into_a_file(world: World) -> None:
    program = Program(world.people["foreign_agent"])
    asked = {"list": "", "query": ""}
    said = {
        name: program.post("jobs/", {**asked, "list": url}).status_code
        for name, url in pages_that_name_something(world).items()
    }
    assert {name: status for name, status in said.items() if status not in {400, *HIDDEN}} == {}
    assert not Job.objects.filter(owner=world.people["foreign_agent"]).exists()


def test_no_file_that_an_agent_has_written_names_anothers(world: World) -> None:
    agent, stranger = world.people["agent"], world.people["foreign_agent"]
    assert agent.customer is not None
    words = {agent.customer.code, agent.customer.name}
    program, written = Program(stranger), []
    for name in sorted(name for name in addresses() if not name.startswith("v1:") and not world.args.get(name)):
        for query in ("", f"q={agent.customer.code}"):
            answer = program.post("jobs/", {"list": reverse(name), "query": query})
            if answer.status_code != 201:
                continue
            job = Job.objects.get(pk=answer.json()["id"])
            run_job(job.pk)
            job.refresh_from_db()
            assert job.result, (name, job.error)
            written.append(name)
            asked = {agent.customer.code} if query else set()
            assert not [word for word in words - asked if word in words_of(job)], name
    assert len(set(written)) > 5


def words_of(job: Job) -> str:
    """All that stands in the file of a job."""
    job.result.open()
    with job.result as file:
        book = load_workbook(BytesIO(file.read()))
    return "\n".join(str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row)


# ---- mails ----
OWN_PAGES = {"notify:list", "notify:settings", "users:second_factor"}
"""Pages that mails lead to and that show everybody their own."""


def a_stranger() -> User:
    """Somebody of another agent, in another corner of the company."""
    return make_user(Role.AGENT, customer=make_sales().customer("Wuxi Taihu"))


def test_every_kind_of_notice_to_an_agent_is_walked() -> None:
    kinds = {kind.key for kind in notice_kinds.allowed(make_corner().agent) if not kind.key.startswith("test.")}
    assert kinds == set(NOTICES) | set(NEVER)


@pytest.mark.parametrize("kind", sorted(MAILS))
def test_what_a_mail_leads_to_opens_for_its_reader_and_for_no_other_agent(kind: str) -> None:
    corner = make_corner()
    mails = mails_of(kind, corner)
    assert mails, "it is sent"
    links = sorted({link for mail in mails for link in links_in(mail)})
    assert bool(links) == (kind != "reminder"), "a reminder brings its papers along and leads nowhere"
    reader, client = signed_in(corner.agent), signed_in(a_stranger())
    for link in links:
        name = resolve(link).view_name
        if name == "customers:join":
            continue
        assert reader.get(link, follow=True).status_code == 200, link
        got, sent = client.get(link), client.post(link, {"note": "x"})
        if name in OWN_PAGES:
            assert not [word for word in corner.words if word in got.content.decode()], link
        else:
            assert {got.status_code, sent.status_code} <= {*HIDDEN, POST_ONLY}, link


def test_the_link_of_an_invitation_opens_nothing_once_it_was_used() -> None:
    corner = make_corner()
    (mail,) = mails_of("invitation", corner)
    (link,) = links_in(mail)
    join(mail.secret, full_name="Gu Min of Yushan", password="a long first one")
    for client in (Client(), signed_in(a_stranger())):
        for answer in (client.get(link), client.post(link, {"full_name": "x"})):
            text = answer.content.decode()
            assert answer.status_code == 410
            assert not [word for word in {*corner.words, "gu@yushan", "Gu Min"} if word in text]


def test_who_joins_by_a_link_meant_for_another_agent_stays_who_they_are() -> None:
    """The link makes a person of the agent that it invites to; an account that is there is not moved to that agent."""
    corner, stranger = make_corner(), a_stranger()
    (mail,) = mails_of("invitation", corner)
    client = signed_in(stranger)
    sent = {"full_name": "x", "new_password1": "a long first one", "new_password2": "a long first one"}
    assert client.post(links_in(mail)[0], {**sent, "username": stranger.username}).status_code == 302
    before = stranger.customer_id
    stranger.refresh_from_db()
    assert stranger.customer_id == before
    assert User.objects.get(username="gu@yushan.example").customer == corner.customer
