"""Proofs: each night and on demand, all as of one moment; administrators are told, the page leads to the documents."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connection
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone, translation

from customers.models import CreditAccount
from orders.models import Proof
from orders.proof.figures import of_the_last_proof
from orders.proof.jobs import start_proof
from orders.proof.services import prove_tonight
from orders.proof.verification import differences, one_moment
from orders.tasks import prove_books
from salesops.jobs.models import Job
from salesops.kernel.errors import RuleBroken
from salesops.notify.models import Notice
from salesops.users.models import User
from salesops.users.roles import Role
from tests.support.at_once import on_its_own
from tests.support.build import Sales, make_sales, make_user
from tests.support.queries import queries_of
from tests.support.signed_in import client_of, signed_in

NIGHT = date(2026, 11, 23)


@pytest.fixture
def sales(transactional_db: None) -> Sales:
    made = make_sales()
    made.ship(made.approved(made.customer(code="C-1"), 10), 6)
    return made


@pytest.fixture
def administrator(sales: Sales) -> User:
    return make_user(Role.ADMINISTRATOR)


def spoil() -> None:
    CreditAccount.objects.update(balance=1)


def notices() -> QuerySet[Notice]:
    return Notice.objects.filter(kind="books.differ")


# ---- each night ----
def test_a_night_without_differences_is_kept_and_nobody_is_told(administrator: User) -> None:
    proof = prove_tonight(NIGHT)
    assert proof is not None
    assert (proof.count, proof.found, proof.night) == (0, [], NIGHT)
    assert not notices().exists()


def test_administrators_are_told_of_what_differs_with_the_way_to_it(administrator: User, sales: Sales) -> None:
    spoil()
    proof = prove_tonight(NIGHT)
    assert proof is not None
    notice = notices().get()
    assert (notice.user, notice.url) == (administrator, proof.get_absolute_url())
    assert notice.title == f"The books differ in {proof.count} places"
    assert "C-1: the balance is 1.00, its entries add up to 600.00" in notice.text


def test_superusers_look_after_the_product_too_and_who_has_left_does_not(sales: Sales) -> None:
    first = make_user((), is_superuser=True)
    make_user((), is_superuser=True, is_active=False)
    spoil()
    prove_tonight(NIGHT)
    assert [notice.user for notice in notices()] == [first]


def test_prometheus_is_told_when_the_books_were_proved_and_what_was_found(sales: Sales) -> None:
    def told() -> dict[str, float]:
        return {metric.name: metric.samples[0].value for metric in of_the_last_proof()}

    assert told() == {"salesops_books_proved_timestamp_seconds": 0}
    spoil()
    proof = prove_tonight(NIGHT)
    assert proof is not None
    assert told() == {
        "salesops_books_proved_timestamp_seconds": proof.finished_at.timestamp(),
        "salesops_books_differences": proof.count,
    }
    assert proof.count > 0


def test_where_a_claim_fails_of_more_than_are_kept_the_number_is_said_as_the_least(
    administrator: User, sales: Sales
) -> None:
    for number in range(101):
        sales.customer(code=f"M-{number:03}")
    spoil()
    proof = prove_tonight(NIGHT)
    assert proof is not None
    assert proof.count == 200
    assert notices().get().title == "The books differ in at least 200 places"
    client = signed_in(administrator)
    assert "At least 200 differences" in client.get(reverse("orders:proofs")).content.decode()
    page = client.get(proof.get_absolute_url()).content.decode()
    assert "At least 200 differences" in page
    assert page.count("… and more of this claim") == 2


def test_a_night_is_proved_once_however_often_the_message_comes(administrator: User) -> None:
    spoil()
    assert prove_tonight(NIGHT) is not None
    assert prove_tonight(NIGHT) is None
    assert Proof.objects.count() == notices().count() == 1


def test_of_two_workers_that_prove_a_night_the_second_keeps_nothing(administrator: User) -> None:
    """The second has looked at the books when the first one keeps its proof."""
    spoil()
    first: list[Proof | None] = []

    def overtaken(execute: Callable[..., object], query: str, *rest: object) -> object:
        if query.startswith('INSERT INTO "orders_proof"'):
            with ThreadPoolExecutor(1) as pool:
                first.append(pool.submit(on_its_own, prove_tonight, NIGHT).result(timeout=60))
        return execute(query, *rest)

    with connection.execute_wrapper(overtaken):
        assert prove_tonight(NIGHT) is None
    assert first == [Proof.objects.get()]
    assert notices().count() == 1


def test_a_proof_that_cannot_be_told_of_is_no_proof_of_another_worker(administrator: User) -> None:
    spoil()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE notify_notice ADD CONSTRAINT nothing_is_told CHECK (kind <> 'books.differ')")
        try:
            with pytest.raises(IntegrityError, match="nothing_is_told"):
                prove_tonight(NIGHT)
        finally:
            cursor.execute("ALTER TABLE notify_notice DROP CONSTRAINT nothing_is_told")
    assert not Proof.objects.exists()
    assert prove_tonight(NIGHT) is not None
    assert notices().exists()


def test_the_clock_starts_the_proof_at_night(administrator: User) -> None:
    schedule = settings.CELERY_BEAT_SCHEDULE["prove the books"]
    assert schedule["task"] == prove_books.name
    assert (schedule["schedule"].hour, schedule["schedule"].minute) == ({2}, {40})
    prove_books()
    assert Proof.objects.get().night == timezone.localdate()


def test_nobody_changes_or_removes_a_proof(administrator: User) -> None:
    proof = prove_tonight(NIGHT)
    assert proof is not None
    with pytest.raises(DatabaseError):
        Proof.objects.update(count=7)
    with pytest.raises(DatabaseError):
        proof.delete()
    assert Proof.objects.get().count == 0


# ---- one moment ----
def test_what_is_written_meanwhile_is_not_seen(sales: Sales) -> None:
    """Else a delivery shipped between two claims would look like a difference."""
    other = connection.copy()
    try:
        with one_moment():
            assert differences() == []
            with other.cursor() as cursor:
                cursor.execute("UPDATE customers_creditaccount SET balance = 1")
            assert differences() == []
    finally:
        other.close()
    assert [one.about for one in differences() if one.claim == "balance"] == ["C-1"]


def test_a_proof_writes_nothing(sales: Sales) -> None:
    with pytest.raises(DatabaseError, match="read-only"), one_moment():
        spoil()
    assert differences() == []


@pytest.mark.django_db
def test_no_proof_is_made_in_somebody_elses_transaction() -> None:
    with pytest.raises(RuntimeError), one_moment():
        pass


# ---- on demand ----
def test_a_proof_is_asked_for_runs_in_the_background_and_is_shown(administrator, sales, run_tasks) -> None:
    spoil()
    client = signed_in(administrator)
    with run_tasks():
        sent = client.post(reverse("orders:proof_new"))
    job = Job.objects.get()
    assert sent["Location"] == job.get_absolute_url()
    proof = Proof.objects.get()
    assert (job.state, job.result_url, proof.asked_by) == ("done", proof.get_absolute_url(), administrator)
    page = client.get(proof.get_absolute_url()).content.decode()
    assert "C-1: the balance is 1.00, its entries add up to 600.00" in page
    assert reverse("orders:account", args=["C-1"]) in page
    assert str(administrator) in page


def test_two_who_ask_at_once_get_one_proof(administrator: User) -> None:
    first = start_proof(by=administrator)
    assert start_proof(by=administrator) == first
    with pytest.raises(RuleBroken):
        start_proof(by=make_user(Role.FINANCE))
    assert Job.objects.count() == 1


@pytest.mark.parametrize("role", [Role.SALES_MANAGER, Role.SUPPLY, Role.AGENT, Role.MARKETING])
def test_nobody_else_asks_or_looks(sales: Sales, role: str) -> None:
    proof = prove_tonight(NIGHT)
    assert proof is not None
    client = client_of(role, customer=sales.customer() if role == Role.AGENT else None)
    assert client.post(reverse("orders:proof_new")).status_code == 403
    assert client.get(reverse("orders:proofs")).status_code == 403
    assert client.get(proof.get_absolute_url()).status_code == 403
    assert not Job.objects.exists()


def test_the_list_says_of_each_proof_when_and_what_in_a_constant_number_of_queries(administrator: User) -> None:
    client = signed_in(administrator)
    empty = client.get(reverse("orders:proofs")).content.decode()
    assert "The books have not been proved yet" in empty
    prove_tonight(date(2026, 11, 1))
    few = queries_of(client, reverse("orders:proofs"))
    spoil()
    for day in range(2, 6):
        prove_tonight(date(2026, 11, day))
    many = queries_of(client, reverse("orders:proofs"))
    page = client.get(reverse("orders:proofs")).content.decode()
    assert few == many <= 12
    assert "The books add up" in page
    assert "2 differences" in page


def test_differences_are_said_in_the_readers_language(administrator: User) -> None:
    spoil()
    proof = prove_tonight(NIGHT)
    assert proof is not None
    with translation.override("zh-hans"):
        words = str(Proof.objects.get().differences[0])
    assert "C-1" in words


# ---- the command ----
def verify(*arguments: str) -> str:
    out = StringIO()
    call_command("verify_books", *arguments, stdout=out, stderr=StringIO())
    return out.getvalue()


def test_the_command_says_that_all_is_well(sales: Sales) -> None:
    assert verify() == "The books add up.\n"
    assert json.loads(verify("--format", "json")) == {"adds_up": True, "differences": []}


def test_the_command_fails_on_a_difference_and_names_its_documents(sales: Sales) -> None:
    spoil()
    out = StringIO()
    with pytest.raises(CommandError, match="2 differences") as failed:
        call_command("verify_books", stdout=out)
    assert failed.value.returncode == 1
    assert "C-1: the balance is 1.00, its entries add up to 600.00  [C-1]" in out.getvalue()


def test_the_command_says_where_there_are_more_than_were_asked_for(sales: Sales) -> None:
    sales.customer(code="C-2")
    spoil()
    out = StringIO()
    with pytest.raises(CommandError, match=r"^at least 2 differences$"):
        call_command("verify_books", "--most", "1", stdout=out)
    assert "600.00 … and more of this claim  [C-1]" in out.getvalue()


def test_the_command_is_not_asked_for_no_differences(sales: Sales) -> None:
    spoil()
    with pytest.raises(CommandError, match="--most is 1 or more"):
        verify("--most", "0")


def test_the_command_speaks_to_programs(sales: Sales) -> None:
    spoil()
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("verify_books", "--format", "json", stdout=out)
    said = json.loads(out.getvalue())
    assert said["adds_up"] is False
    (balance,) = [one for one in said["differences"] if one["claim"] == "balance"]
    assert (balance["about"], balance["kept"], balance["found"]) == ("C-1", "1.00", "600.00")
    assert balance["documents"] == [{"kind": "account", "number": "C-1", "url": "/accounts/C-1/"}]


def test_the_command_tells_how_long_each_claim_took(sales: Sales) -> None:
    said = StringIO()
    call_command("verify_books", "--verbosity", "2", stdout=StringIO(), stderr=said)
    assert " s  balance" in said.getvalue()
