"""Every file that the product hands out: asked for right and scope when it is fetched, sent to be kept, by no proxy."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import reverse

from customers.models import Customer
from orders.models import Delivery
from salesops.imports.models import ImportRun
from salesops.imports.services import start_check, write_mapping
from salesops.jobs.models import Job
from salesops.users.models import User
from salesops.web import exports
from tests.api.test_permissions import args_of
from tests.support.build import make_region, make_user
from tests.support.database import taken_back
from tests.support.program import Program
from tests.support.signed_in import signed_in
from tests.support.tasks import purge_queues, running_tasks
from tests.support.world import World, addresses, lists_of, make_world

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

MAPPING = """
name = "old-books"
[[table]]
kind = "customers"
file = "customers.csv"
[table.columns]
code = "code"
name = "name"
region = "name"
"""


@dataclass(frozen=True)
class Download:
    """An address that answers a file: who fetches it, what takes it out of their scope, and why a browser may show it.

    Without `out_of_scope` the whole company's files are alike to whoever has the right.
    """

    reader: str
    out_of_scope: Callable[[World], object] | None = None
    shown_because: str = ""


def to_others(world: World) -> None:
    """Give the customer, and what was delivered to it, to people elsewhere."""
    stranger, region = world.people["foreign_representative"], make_region()
    Customer.objects.filter(code="A-1042").update(representative=stranger, region=region)
    Delivery.objects.filter(customer__code="A-1042").update(representative=stranger, region=region)


def to_a_colleague(world: World) -> None:
    """Give the job to somebody else."""
    Job.objects.update(owner=make_user())


PRINTED = "a letter is printed from where it is shown"

DOWNLOADS = {
    "customers:attachment_file": Download("representative", to_others),
    "imports:report": Download("finance"),
    "jobs:result": Download("representative", to_a_colleague),
    "orders:bank_file_file": Download("finance"),
    "orders:bill_scan": Download("representative", to_others),
    "orders:difference_evidence": Download("representative", to_others),
    "orders:ledger_file": Download("representative", to_others),
    "orders:reconciliation_letter": Download("representative", to_others, PRINTED),
    "orders:reminder_letter": Download("finance", None, PRINTED),
    "orders:reminder_preview": Download("finance", None, PRINTED),
    "orders:statement_file": Download("representative", to_others),
    "orders:statement_paper": Download("representative", to_others, PRINTED),
    "orders:their_ledger_file": Download("representative", to_others),
    "orders:shipment_note": Download("representative", to_others, "a note is printed from where it is shown"),
}
"""All of them. An address that answers a file and is missing here fails."""

PUBLIC = {"api:schema"}
"""Files that hold nobody's data: the same for everybody, signed in or not."""

PAGES = ("text/html", "application/json", "text/plain", "application/openmetrics-text")
"""What is no file: pages, parts, data that scripts and other programs read."""


@pytest.fixture(scope="module")
def made_once(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """One of everything, with the files that background work makes."""
    purge_queues()
    with taken_back(django_db_blocker), override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("media")):
        made = make_world()
        run = ImportRun.objects.get()
        with running_tasks(), pytest.MonkeyPatch.context() as patch:
            write_mapping(run.pk, MAPPING, by=made.people["finance"])
            start_check(run.pk, by=made.people["finance"])
            patch.setattr(exports, "SHORT", 0)
            signed_in(made.people["representative"]).get(f"{reverse('orders:deliveries')}?export=xlsx")
        made.args["jobs:result"] = [Job.objects.get(kind="export", owner=made.people["representative"]).pk]
        yield made


@pytest.fixture
def world(made_once: World, db: None) -> World:
    """The same for each test, which may change it."""
    return deepcopy(made_once)


def fetch(world: World, name: str, by: User | None = None) -> Any:
    """What somebody gets at the address, the declared reader unless said otherwise."""
    reader = by or User.objects.get(pk=world.people[DOWNLOADS[name].reader].pk)
    return signed_in(reader).get(reverse(name, args=world.args[name]))


def content_of(response: HttpResponse) -> bytes:
    """All of an answer."""
    return b"".join(response)


def is_file(response: Any) -> bool:
    """Whether an answer is a file, by what it says of itself."""
    if response.has_header("Content-Disposition"):
        return True
    kind = response.get("Content-Type", "").split(";")[0]
    return response.status_code == 200 and bool(kind) and kind not in PAGES


@pytest.mark.parametrize("person", ["finance", "representative", "agent"])
def test_every_address_that_answers_a_file_is_declared(world: World, person: str) -> None:
    if person == "finance":
        world.people[person].groups.set(Group.objects.exclude(name="agent"))
    client = signed_in(world.people[person])
    pages = [name for name in sorted(set(addresses()) - {"users:sign_out"}) if not name.startswith("v1:")]
    found = {name for name in pages if is_file(client.get(reverse(name, args=world.args.get(name, []))))}
    assert found - set(DOWNLOADS) == PUBLIC


def test_over_the_api_these_are_the_files(world: World) -> None:
    world.args["jobs:record"] = world.args["jobs:result"]
    program = Program(User.objects.get(pk=world.people["representative"].pk))
    answers = {
        name: program.get(reverse(name, args=args_of(name, world))) for name in addresses() if name.startswith("v1:")
    }
    assert {name for name, answer in answers.items() if is_file(answer)} == {
        "v1:job_result",
        "v1:difference_evidence",
        "v1:reconciliation_letter",
        "v1:reminder_letter",
        "v1:statement_pdf",
        "v1:statement_sheet",
    }
    result = answers["v1:job_result"]
    assert result["Content-Disposition"].startswith("attachment; filename")
    assert {"private", "no-store"} <= {word.strip() for word in result["Cache-Control"].split(",")}


@pytest.mark.parametrize("name", DOWNLOADS)
def test_a_file_is_sent_to_be_kept_and_by_no_proxy(world: World, name: str) -> None:
    response = fetch(world, name)

    assert response.status_code == 200
    assert content_of(response)
    shown = "inline" if DOWNLOADS[name].shown_because else "attachment"
    assert response["Content-Disposition"].startswith(f"{shown}; filename")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert {"private", "no-store"} <= {word.strip() for word in response["Cache-Control"].split(",")}
    if shown == "inline":
        assert response["Content-Type"] == "application/pdf"


@pytest.mark.parametrize("name", DOWNLOADS)
def test_nobody_fetches_a_file_after_the_right_is_gone(world: World, name: str) -> None:
    assert fetch(world, name).status_code == 200

    world.people[DOWNLOADS[name].reader].groups.clear()

    assert fetch(world, name).status_code in (403, 404)


@pytest.mark.parametrize("name", [name for name, one in DOWNLOADS.items() if one.out_of_scope])
def test_nobody_fetches_a_file_after_it_left_their_scope(world: World, name: str) -> None:
    assert fetch(world, name).status_code == 200
    leave = DOWNLOADS[name].out_of_scope
    assert leave is not None

    leave(world)

    assert fetch(world, name).status_code == 404


@pytest.mark.parametrize("name", DOWNLOADS)
def test_no_visitor_and_nobody_whose_access_ended_fetches_a_file(world: World, name: str) -> None:
    reader = world.people[DOWNLOADS[name].reader]
    client = signed_in(reader)
    User.objects.filter(pk=reader.pk).update(is_active=False)

    for who in (client, Client()):
        response = who.get(reverse(name, args=world.args[name]))
        assert response["Location"].startswith(reverse("users:sign_in"))


def test_the_excel_of_every_list_is_sent_to_be_kept_and_only_to_who_may_see_the_list(world: World) -> None:
    world.people["supervisor"].groups.set(Group.objects.exclude(name="agent"))
    client, nobody = signed_in(world.people["supervisor"]), signed_in(make_user(()))
    for path in lists_of(world):
        response = client.get(f"{path}?export=xlsx")
        assert response["Content-Type"] == exports.CONTENT_TYPE, path
        assert response["Content-Disposition"].startswith("attachment; filename"), path
        assert response["X-Content-Type-Options"] == "nosniff", path
        assert response["Cache-Control"] == "private, no-store", path
        page, file = nobody.get(path), nobody.get(f"{path}?export=xlsx")
        assert file.status_code == page.status_code, path
