"""Pages of agents' ledgers: upload, columns with their preview, side by side, matched and undone."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from customers.models import Customer
from orders.matching import services
from orders.matching.intake import read_ledger
from orders.matching.services import match_by_hand
from orders.matching.splitting import split_line
from orders.models import LedgerMatch, LedgerUpload, MatchOurs
from salesops.jobs.models import Job
from salesops.users.models import User
from salesops.users.roles import Role
from tests.orders.matching.ledgers import FIRST, LAST, make_entries, make_ledger
from tests.orders.matching.test_uploads import HEAD, PAIR, csv_of, kept
from tests.support.build import Sales, make_sales, make_user
from tests.support.queries import queries_of
from tests.support.signed_in import signed_in
from tests.support.tasks import RunTasks

pytestmark = pytest.mark.django_db


@pytest.fixture
def sales() -> Sales:
    return make_sales()


@pytest.fixture
def customer(sales: Sales) -> Customer:
    return sales.customer("Wuxi Taihu Home", code="A-1")


@pytest.fixture
def agent(customer: Customer) -> User:
    return make_user(Role.AGENT, customer=customer)


@pytest.fixture
def finance(sales: Sales) -> Client:
    return signed_in(sales.finance)


def upload_by(client: Client, content: str, code: str = "A-1", **given: Any) -> Any:
    data = {"file": csv_of(content), "first_day": FIRST, "last_day": LAST, "opening": "", "closing": "", **given}
    return client.post(reverse("orders:their_ledger_new", args=[code]), data)


def columns_of(**given: Any) -> dict[str, Any]:
    """What the form of columns sends."""
    return {**PAIR.columns(), "amount": "", "whose": "theirs", "date_format": "", "decimal_sign": ".", **given}


def page_of(client: Client, upload: LedgerUpload, **query: Any) -> Any:
    return client.get(upload.get_absolute_url(), query)


# ---- upload ----
def test_an_agent_uploads_its_own_ledger_and_sees_what_we_read_before_it_is_matched(
    customer: Customer, agent: User
) -> None:
    make_entries(customer, [(3, "SH-1", 58)])
    client = signed_in(agent)

    columns = upload_by(client, HEAD + "2026-10-05,RK-1,入库,,58.00\n", closing="58")["Location"]
    shown = client.get(columns)

    assert shown.context["reading"].total == shown.context["closing"] == 58
    assert shown.context["apart"] == 0
    upload = LedgerUpload.objects.get()
    assert upload.state == "new"

    done = client.post(columns, columns_of())

    assert done["Location"] == upload.get_absolute_url()
    page = page_of(client, upload, show="matched")
    assert "RK-1" in page.content.decode()
    assert "/undoing/" not in page.content.decode()


def test_what_was_chosen_for_the_last_ledger_is_chosen_for_the_next(
    sales: Sales, customer: Customer, finance: Client
) -> None:
    other_head = "tag,beleg,betrag\n"
    chosen = {"day": "tag", "reference": "beleg", "amount": "betrag", "text": "", "debit": "", "credit": ""}
    first = upload_by(finance, other_head + "05.10.2026,1,5\n")["Location"]
    finance.post(first, columns_of(**chosen, whose="ours", date_format="%d.%m.%Y"))

    second = upload_by(finance, other_head + "05.11.2026,1,5\n", first_day="2026-11-01", last_day="2026-11-30")
    form = finance.get(second["Location"]).context["form"]

    assert (form["day"].value(), form["amount"].value(), form["whose"].value()) == ("tag", "betrag", "ours")
    assert form["date_format"].value() == "%d.%m.%Y"


def test_a_file_with_other_columns_is_looked_at_anew(sales: Sales, customer: Customer, finance: Client) -> None:
    read_ledger(kept(sales, customer, HEAD + "2026-10-05,RK-1,,,5\n").pk, PAIR, by=sales.finance)

    other = upload_by(
        finance, "date,document,amount\n2026-11-05,RK-1,5\n", first_day="2026-11-01", last_day="2026-11-30"
    )
    form = finance.get(other["Location"]).context["form"]

    assert (form["day"].value(), form["reference"].value(), form["amount"].value()) == ("date", "document", "amount")


def test_the_preview_follows_what_is_chosen_and_says_when_it_seems_turned_round(
    sales: Sales, customer: Customer, finance: Client
) -> None:
    make_entries(customer, [(3, "SH-1", 58)])
    upload = kept(sales, customer, HEAD + "2026-10-05,RK-1,,,58\n")
    url = reverse("orders:their_ledger_preview", args=[upload.pk])

    right = finance.get(url, columns_of())
    turned = finance.get(url, columns_of(whose="ours"))
    nothing = finance.get(url, columns_of(day=""))
    foreign = finance.get(url, columns_of(day="no such column"))

    assert (right.context["closing"], right.context["seems_turned"]) == (58, False)
    assert (turned.context["closing"], turned.context["seems_turned"]) == (-58, True)
    assert "which column holds the day" in nothing.content.decode()
    assert "columns of this file" in foreign.content.decode()


def test_bad_rows_are_shown_with_number_and_reason_and_can_be_left_out(
    sales: Sales, customer: Customer, finance: Client
) -> None:
    columns = upload_by(finance, HEAD + "2026-10-05,RK-1,,,5\nx,RK-2,,,6\n")["Location"]

    assert "only_good" not in finance.get(columns).context["form"].fields
    assert finance.post(columns, columns_of())["Location"] == columns
    shown = finance.get(columns)
    assert shown.context["upload"].problems == [[3, "日期", "x", "is not a date"]]
    assert "is not a date" in shown.content.decode()

    finance.post(columns, columns_of(only_good="on"))

    upload = LedgerUpload.objects.get()
    assert (upload.state, upload.lines_read) == ("read", 1)
    assert "is not a date" in page_of(finance, upload).content.decode()


def test_another_ledger_of_the_same_days_asks_before_it_replaces(
    sales: Sales, customer: Customer, finance: Client
) -> None:
    first = read_ledger(kept(sales, customer, HEAD + "2026-10-05,RK-1,,,5\n").pk, PAIR, by=sales.finance)
    columns = upload_by(finance, HEAD + "2026-10-05,RK-1,,,6\n")["Location"]

    refused = finance.post(columns, columns_of())
    assert refused.status_code == 422
    assert "replaces" in refused.context["form"].errors

    assert finance.post(columns, columns_of(replaces="on")).status_code == 302
    assert "took its place" in page_of(finance, first).content.decode()


@pytest.mark.parametrize("given", [{"first_day": "2026-10-32"}, {"last_day": "2026-09-30"}, {"closing": "x"}])
def test_what_is_wrong_on_the_form_is_said_at_its_field(
    customer: Customer, finance: Client, given: dict[str, str]
) -> None:
    response = upload_by(finance, HEAD, **given)

    assert response.status_code == 422
    assert list(response.context["form"].errors) == list(given)
    assert not LedgerUpload.objects.exists()


def test_a_bad_file_is_said_at_its_field(customer: Customer, finance: Client) -> None:
    response = upload_by(finance, "", file=SimpleUploadedFile("x.csv", b"%PDF-1.7"))

    assert response.status_code == 422
    assert "is a PDF" in str(response.context["form"].errors["file"])


def test_a_ledger_that_nobody_has_explained_can_be_discarded(sales: Sales, customer: Customer, finance: Client) -> None:
    upload = kept(sales, customer, HEAD)
    assert "Say what stands where" in page_of(finance, upload).content.decode()

    response = finance.post(reverse("orders:their_ledger_deletion", args=[upload.pk]))

    assert response["Location"] == reverse("orders:their_ledgers")
    assert not LedgerUpload.objects.exists()


def test_the_file_comes_back_as_it_came(sales: Sales, customer: Customer, finance: Client) -> None:
    upload = kept(sales, customer, HEAD)

    response = finance.get(reverse("orders:their_ledger_file", args=[upload.pk]))

    assert b"".join(response.streaming_content).decode() == HEAD  # type: ignore[attr-defined]
    assert "taihu%202026-10.csv" in response["Content-Disposition"] or "taihu 2026" in response["Content-Disposition"]
    Path(upload.file.path).unlink()
    assert finance.get(reverse("orders:their_ledger_file", args=[upload.pk])).status_code == 404


# ---- side by side ----
@pytest.fixture
def upload(sales: Sales, customer: Customer) -> LedgerUpload:
    """Two ledgers of which nothing is matched yet."""
    make_entries(customer, [(1, "SH-1", 100), (2, "SH-2", 60)])
    return make_ledger(customer, sales.finance, [(20, "x", 100), (21, "y", 160)])


def post_match(client: Client, upload: LedgerUpload, ours: str, theirs: str, **given: Any) -> Any:
    entries = upload.customer.entries.filter(document__in=ours.split()).values_list("pk", flat=True)
    lines = upload.lines.filter(reference__in=theirs.split()).values_list("pk", flat=True)
    return client.post(
        reverse("orders:match_new", args=[upload.pk]), {"ours": list(entries), "theirs": list(lines), **given}
    )


def test_what_is_ticked_on_both_sides_is_matched_and_undone_in_a_click(upload: LedgerUpload, finance: Client) -> None:
    assert [entry.document for entry, *_more in page_of(finance, upload).context["ours"]] == ["SH-1", "SH-2"]

    post_match(finance, upload, "SH-1 SH-2", "y", next=upload.get_absolute_url())

    page = page_of(finance, upload)
    assert [entry for entry, *_more in page.context["ours"]] == []
    assert [line.reference for line, *_more in page.context["theirs"]] == ["x"]
    match = LedgerMatch.objects.get()
    assert f"/matches/{match.pk}/undoing/" in page_of(finance, upload, show="matched").content.decode()

    finance.post(reverse("orders:match_undoing", args=[upload.pk, match.pk]))

    assert len(page_of(finance, upload).context["ours"]) == 2


def test_a_match_that_is_refused_says_the_figures(upload: LedgerUpload, finance: Client) -> None:
    response = post_match(finance, upload, "SH-1", "y")

    assert response.status_code == 409
    assert "100.00" in response.content.decode() and "160.00" in response.content.decode()
    assert not LedgerMatch.objects.exists()


def test_a_line_that_somebody_matched_since_the_page_was_shown_is_named_and_nothing_is_matched(
    upload: LedgerUpload, finance: Client
) -> None:
    """Both have the page open; the colleague is first."""
    colleague = signed_in(make_user(Role.FINANCE))
    for client in (finance, colleague):
        assert len(page_of(client, upload).context["theirs"]) == 2
    post_match(colleague, upload, "SH-1", "x")

    response = post_match(finance, upload, "SH-1 SH-2", "y")

    assert response.status_code == 409
    assert "SH-1 is matched already" in response.content.decode()
    assert LedgerMatch.objects.get().made_by != User.objects.get(pk=finance.session["_auth_user_id"])
    assert post_match(finance, upload, "SH-2", "x y", reason="Late").status_code == 409
    assert LedgerMatch.objects.count() == 1


def test_a_line_that_somebody_split_since_is_not_matched(sales: Sales, upload: LedgerUpload, finance: Client) -> None:
    line = upload.lines.get(reference="x")
    split_line(line.pk, by=sales.finance, amounts=[Decimal(40), Decimal(60)])
    entry = upload.customer.entries.get(document="SH-1")

    sent = {"ours": [entry.pk], "theirs": [line.pk]}
    response = finance.post(reverse("orders:match_new", args=[upload.pk]), sent)

    assert response.status_code == 409
    assert "not in the ledgers of these days" in response.content.decode()
    assert not LedgerMatch.objects.exists()


def test_keys_that_are_none_are_refused(upload: LedgerUpload, finance: Client) -> None:
    sent = {"ours": ["x", "9" * 30], "theirs": [""]}
    assert finance.post(reverse("orders:match_new", args=[upload.pk]), sent).status_code == 409


def test_a_match_of_another_ledger_is_not_found(
    sales: Sales, customer: Customer, upload: LedgerUpload, finance: Client
) -> None:
    other = make_ledger(sales.customer(), sales.finance, [(1, "a", 1), (2, "b", -1)])
    match = match_by_hand(other.pk, by=sales.finance, ours=[], theirs=other.lines.values_list("pk", flat=True))

    assert finance.post(reverse("orders:match_undoing", args=[upload.pk, match.pk])).status_code == 404
    assert LedgerMatch.objects.standing().count() == 1


@pytest.mark.parametrize("show", ["", "matched"])
def test_an_agent_looks_and_matches_nothing(upload: LedgerUpload, agent: User, show: str) -> None:
    client = signed_in(agent)

    assert "match-" not in page_of(client, upload, show=show).content.decode().replace("so-match", "")
    assert post_match(client, upload, "SH-1", "x").status_code == 403
    assert client.post(reverse("orders:matching_run", args=[upload.pk])).status_code == 403
    assert not MatchOurs.objects.exists()


def test_the_rules_run_again_and_say_what_they_found(upload: LedgerUpload, finance: Client) -> None:
    make_entries(upload.customer, [(19, "SH-3", 100)])
    run = reverse("orders:matching_run", args=[upload.pk])

    assert "1 match was made." in finance.post(run, follow=True).content.decode()
    assert "find nothing more" in finance.post(run, follow=True).content.decode()


@pytest.mark.parametrize(
    ("text", "ours", "theirs"),
    [
        ("sh-1", ["SH-1"], []),
        ("100", ["SH-1"], ["x"]),
        ("160.00", [], ["y"]),
        ("-100", ["SH-1"], ["x"]),
        ("1e99", [], []),
    ],
)
def test_the_search_finds_references_and_amounts_on_both_sides(
    upload: LedgerUpload, finance: Client, text: str, ours: list[str], theirs: list[str]
) -> None:
    found = page_of(finance, upload, q=text).context

    assert [entry.document for entry, *_more in found["ours"]] == ours
    assert [line.reference for line, *_more in found["theirs"]] == theirs


def test_matches_can_be_narrowed_by_way_and_text(sales: Sales, upload: LedgerUpload, finance: Client) -> None:
    post_match(finance, upload, "SH-1 SH-2", "y")
    make_entries(upload.customer, [(20, "SH-3", 100)])
    finance.post(reverse("orders:matching_run", args=[upload.pk]))

    def shown(**query: str) -> list[str]:
        pairs = page_of(finance, upload, show="matched", **query).context["pairs"]
        return [match.way for match, _ours, _theirs in pairs]

    assert shown() == ["hand", "amount"]
    assert shown(way="amount") == shown(q="SH-3") == ["amount"]
    assert shown(q="y") == shown(way="hand") == ["hand"]
    assert shown(q="nothing") == []


@pytest.mark.parametrize("show", ["", "matched"])
def test_a_longer_ledger_asks_no_more_queries(sales: Sales, upload: LedgerUpload, finance: Client, show: str) -> None:
    url = f"{upload.get_absolute_url()}?show={show}"
    make_entries(upload.customer, [(20, "SH-3", 100)])
    finance.post(reverse("orders:matching_run", args=[upload.pk]))
    few = queries_of(finance, url)
    more = [(1 + at % 28, f"M{at}", at + 1) for at in range(30)]
    make_entries(upload.customer, more + [(1, f"L{at}", 7000 + at) for at in range(30)])
    longer = make_ledger(upload.customer, sales.finance, more + [(1, f"K{at}", 9000 + at) for at in range(30)])
    finance.post(reverse("orders:matching_run", args=[longer.pk]))

    assert queries_of(finance, f"{longer.get_absolute_url()}?show={show}") <= few


# ---- lists ----
def test_the_list_and_the_account_say_how_much_is_not_matched(
    sales: Sales, upload: LedgerUpload, finance: Client
) -> None:
    post_match(finance, upload, "SH-1 SH-2", "y")
    upload.refresh_from_db()

    rows = finance.get(reverse("orders:their_ledgers")).context["table"].paginated_rows
    panel = finance.get(reverse("web:panel", args=["account", "their_ledgers", "A-1"])).content.decode()

    assert [row.record.left_count for row in rows] == [1]
    assert "1 not matched" in panel
    assert reverse("orders:their_ledger_new", args=["A-1"]) in panel


def test_an_agent_sees_its_own_ledgers_only(sales: Sales, upload: LedgerUpload, agent: User) -> None:
    foreign = make_ledger(sales.customer(), sales.finance, [])
    client = signed_in(agent)

    rows = client.get(reverse("orders:their_ledgers")).context["table"].paginated_rows
    assert [row.record.pk for row in rows] == [upload.pk]
    for name in ("their_ledger", "their_ledger_file", "their_ledger_columns", "their_ledger_preview"):
        assert client.get(reverse(f"orders:{name}", args=[foreign.pk])).status_code == 404
    assert client.post(reverse("orders:their_ledger_deletion", args=[foreign.pk])).status_code == 404
    assert client.get(reverse("orders:their_ledger_new", args=[foreign.customer.code])).status_code == 404


def test_empty_lists_say_what_to_do(customer: Customer, finance: Client, agent: User) -> None:
    assert "upload the ledger" in finance.get(reverse("orders:their_ledgers")).content.decode()
    assert (
        reverse("orders:their_ledger_new", args=["A-1"])
        in signed_in(agent).get(reverse("orders:their_ledgers")).content.decode()
    )


def test_a_long_ledger_is_matched_again_in_the_background(
    upload: LedgerUpload, finance: Client, run_tasks: RunTasks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "READ_AT_ONCE", 1)
    make_entries(upload.customer, [(19, "SH-3", 100)])

    with run_tasks():
        said = finance.post(reverse("orders:matching_run", args=[upload.pk]), follow=True)
        assert "being matched" in said.content.decode()
        assert not LedgerMatch.objects.exists()

    assert LedgerMatch.objects.count() == 1
    assert Job.objects.get().result_url == upload.get_absolute_url()
