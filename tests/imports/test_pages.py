"""Importing in the browser: upload, explain, check, load; who may; what is refused and kept."""

import io
import shutil
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from customers.models import Customer
from salesops.imports import limits
from salesops.imports.models import ImportRun, RunState
from salesops.imports.urls import urlpatterns
from salesops.users.models import User
from salesops.users.roles import Role
from tests.support.build import make_customer, make_region, make_user
from tests.support.signed_in import client_of

pytestmark = pytest.mark.django_db

CUSTOMERS = "Customer number,Customer name,Region,Credit limit\n103,Atelier,FR,21000\n112,Signal,FR,\n"
MAPPING = """
name = "old-books"
[[table]]
kind = "regions"
rows = [{ code = "FR", name = "France" }]
[[table]]
kind = "customers"
file = "customers.csv"
[table.columns]
code = "Customer number"
name = "Customer name"
region = "Region"
credit_limit = "Credit limit"
"""


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def finance():
    return client_of(Role.FINANCE)


def upload(name: str, content: str | bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content.encode() if isinstance(content, str) else content)


def send(client: Client, *files: SimpleUploadedFile, **more: object) -> Any:
    return client.post(reverse("imports:new"), {"title": "Old books", "upload": list(files), **more})


def text_of(response) -> str:
    return response.content.decode()


@pytest.fixture
def run(finance, run_tasks):
    with run_tasks():
        send(finance, upload("customers.csv", CUSTOMERS), upload("books.toml", MAPPING))
    return ImportRun.objects.get()


# ---- the whole way ----
def test_books_are_uploaded_checked_and_loaded(finance, run, run_tasks):
    assert run.state == RunState.CHECKED
    assert (run.errors, run.rows) == (0, 3)
    assert not Customer.objects.exists()

    page = text_of(finance.get(run.get_absolute_url()))
    assert "What would be loaded" in page
    assert "Load all" in page
    assert "Load only the good rows" not in page

    with run_tasks():
        finance.post(reverse("imports:load", args=[run.pk]))

    run.refresh_from_db()
    assert run.state == RunState.LOADED
    assert set(Customer.objects.values_list("code", flat=True)) == {"103", "112"}
    page = text_of(finance.get(run.get_absolute_url()))
    assert reverse("customers:list") in page
    assert "Load all" not in page


def test_wrong_rows_stand_on_the_page_and_in_the_workbook(finance, run_tasks):
    wrong = CUSTOMERS + "119,La Rochelle,XX,-5\n"
    with run_tasks():
        send(finance, upload("customers.csv", wrong), upload("books.toml", MAPPING))
    run = ImportRun.objects.get()

    page = text_of(finance.get(run.get_absolute_url()))
    assert "must not be less than 0" in page
    assert "1 is wrong" in page
    assert 'aria-disabled="true"' in page
    book = openpyxl.load_workbook(io.BytesIO(b"".join(finance.get(reverse("imports:report", args=[run.pk])))))
    cells = {str(cell.value) for row in book.active.iter_rows() for cell in row if cell.value is not None}
    assert {"customers.csv", "Credit limit", "-5", "must not be less than 0"} <= cells

    refused = finance.post(reverse("imports:load", args=[run.pk]))
    assert refused.status_code == 409
    assert not Customer.objects.exists()

    with run_tasks():
        finance.post(reverse("imports:load_good", args=[run.pk]))
    run.refresh_from_db()
    assert run.state == RunState.LOADED
    assert Customer.objects.count() == 2


def test_without_a_mapping_the_assistant_makes_one(finance, run_tasks):
    make_region(code="FR")
    response = send(finance, upload("customers.csv", CUSTOMERS))
    run = ImportRun.objects.get()
    assert response["Location"] == reverse("imports:assistant", args=[run.pk])

    page = finance.get(response["Location"])
    form = page.context["form"]
    assert form["kind-0"].value() == "customers"
    guessed = {name: form[name].value() for name in form.fields if name.startswith("column-0-") and form[name].value()}
    assert guessed == {
        "column-0-code": "Customer number",
        "column-0-name": "Customer name",
        "column-0-region": "Region",
        "column-0-credit_limit": "Credit limit",
    }
    with run_tasks():
        finance.post(response["Location"], {"kind-0": "customers", **guessed, "always-0-kind": "wholesaler"})

    run.refresh_from_db()
    assert 'kind = "wholesaler"' in run.mapping
    assert (run.state, run.errors, run.rows) == (RunState.CHECKED, 0, 2)


def test_another_kind_asks_for_other_columns(finance):
    send(finance, upload("customers.csv", CUSTOMERS))
    run = ImportRun.objects.get()

    part = finance.get(reverse("imports:assistant_part", args=[run.pk, 0]), {"kind-0": "payments"})

    assert "Received on" in text_of(part)
    assert finance.get(reverse("imports:assistant_part", args=[run.pk, 7])).status_code == 404


def test_the_assistant_prepares_tables_of_values(finance, run_tasks):
    orders = "Order no,Customer,Status,Date\n1,103,Shipped,2026-01-02\n2,103,Lost at sea,2026-01-03\n"
    send(finance, upload("orders.csv", orders))
    run = ImportRun.objects.get()
    columns = {"key": "Order no", "customer": "Customer", "state": "Status", "ordered_on": "Date"}

    with run_tasks():
        finance.post(
            reverse("imports:assistant", args=[run.pk]),
            {
                "kind-0": "deliveries",
                "always-0-warehouse": "MAIN",
                **{f"column-0-{name}": value for name, value in columns.items()},
            },
        )

    run.refresh_from_db()
    assert '"Shipped" = "shipped"' in run.mapping
    assert '"Lost at sea" = ""' in run.mapping
    assert run.errors


def test_the_mapping_can_be_written_by_hand(finance, run, run_tasks):
    url = reverse("imports:mapping", args=[run.pk])

    response = finance.post(url, {"mapping": MAPPING.replace('code = "Cust', 'cod = "Cust')})
    assert response.status_code == 422
    assert "Did you mean “code”?" in text_of(response)
    run.refresh_from_db()
    assert run.state == RunState.CHECKED

    with run_tasks():
        finance.post(url, {"mapping": MAPPING.replace('credit_limit = "Credit limit"', "")})
    run.refresh_from_db()
    assert "credit_limit" not in run.mapping
    assert (run.state, run.errors) == (RunState.CHECKED, 0)


def test_the_mapping_of_an_earlier_import_is_used_again(finance, run, run_tasks):
    with run_tasks():
        send(finance, upload("customers.csv", CUSTOMERS), mapping_of=run.pk)

    again = ImportRun.objects.first()
    assert again is not None
    assert (again.mapping, again.state) == (run.mapping, RunState.CHECKED)


def test_an_archive_is_unpacked(finance, run_tasks):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("books/customers.csv", CUSTOMERS)
        archive.writestr("books/old.toml", MAPPING)
        archive.writestr("__MACOSX/books/._customers.csv", b"\x00\x05")
        archive.writestr("../../escape.csv", "a,b\n1,2\n")

    with run_tasks():
        send(finance, upload("books.zip", packed.getvalue()))

    run = ImportRun.objects.get()
    assert sorted(path.name for path in run.books.iterdir()) == ["customers.csv", "escape.csv"]
    assert (run.state, run.errors) == (RunState.CHECKED, 0)


# ---- what is refused ----
@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("customers.csv", b"MZ\x90\x00" + b"\x00" * 50, "is a program, not a table"),
        ("customers.xlsx", b"PK\x03\x04nonsense", "is damaged"),
        ("customers.csv", b"", "empty"),
        ("books.toml", b"name = ", "not valid TOML"),
        ("books.toml", b"\xff\xfe", "no text in UTF-8"),
        ("books.toml", MAPPING.encode(), "Add at least one"),
    ],
)
def test_a_bad_upload_is_told_and_nothing_is_kept(finance, settings, name, content, words):
    response = send(finance, upload(name, content))

    assert response.status_code == 422
    assert words in text_of(response)
    assert 'value="Old books"' in text_of(response)
    assert not ImportRun.objects.exists()
    assert not list(Path(settings.MEDIA_ROOT).rglob("*.*"))


def test_too_much_is_told(finance, monkeypatch):
    monkeypatch.setattr(limits, "MOST_BYTES", 1000)

    response = send(finance, upload("customers.csv", "a,b\n" * 500))

    assert response.status_code == 422
    assert "at most 0 are read" in text_of(response)
    assert not ImportRun.objects.exists()


def test_a_bomb_in_an_archive_is_told(finance):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("customers.csv", b" " * (40 * limits.MEGABYTE))

    response = send(finance, upload("books.zip", packed.getvalue()))

    assert response.status_code == 422
    assert "far more than a real table" in text_of(response)


def test_two_files_of_one_name_are_told(finance):
    response = send(finance, upload("a.csv", CUSTOMERS), upload("A/a.csv", CUSTOMERS))

    assert response.status_code == 422
    assert "two files named a.csv" in text_of(response)


def test_a_run_is_discarded_with_its_files_but_not_once_it_is_loaded(
    finance, run, run_tasks, django_capture_on_commit_callbacks
):
    with run_tasks():
        finance.post(reverse("imports:load", args=[run.pk]))
    assert finance.post(reverse("imports:discard", args=[run.pk])).status_code == 409
    assert run.books.is_dir()

    with run_tasks():
        send(finance, upload("customers.csv", CUSTOMERS), upload("books.toml", MAPPING))
    other = ImportRun.objects.first()
    assert other is not None
    with django_capture_on_commit_callbacks(execute=True):
        finance.post(reverse("imports:discard", args=[other.pk]))
    assert not ImportRun.objects.filter(pk=other.pk).exists()
    assert not other.folder.exists()


def test_files_that_went_away_are_told(finance, run, run_tasks):
    shutil.rmtree(run.books)

    with run_tasks():
        finance.post(reverse("imports:check", args=[run.pk]))

    run.refresh_from_db()
    assert run.errors
    assert "There is no file customers.csv" in text_of(finance.get(run.get_absolute_url()))


def test_what_somebody_filed_meanwhile_stops_the_load(finance, run, run_tasks):
    make_customer(code="103")

    with run_tasks():
        finance.post(reverse("imports:load", args=[run.pk]))

    run.refresh_from_db()
    assert run.state == RunState.CHECKED
    assert run.errors == 1
    assert "is there already" in text_of(finance.get(run.get_absolute_url()))
    assert Customer.objects.count() == 1


# ---- who may ----
ALLOWED = {Role.FINANCE, Role.ADMINISTRATOR}
ONLY_POST = {"check", "load", "load_good", "discard"}


def addresses(run: ImportRun) -> dict[str, str]:
    names = {str(pattern.name) for pattern in urlpatterns}
    arguments = {name: [run.pk] for name in names - {"list", "new"}} | {"assistant_part": [run.pk, 0]}
    return {name: reverse(f"imports:{name}", args=arguments.get(name, [])) for name in names}


@pytest.mark.parametrize("role", Role.values)
def test_only_finance_and_administrators_import(role, run):
    client = client_of(role, customer=make_customer() if role == Role.AGENT else None)
    expected = {name: 405 if name in ONLY_POST else 200 for name in addresses(run)}

    answers = {name: client.get(url).status_code for name, url in addresses(run).items()}

    assert answers == (expected if role in ALLOWED else dict.fromkeys(expected, 403))


@pytest.mark.parametrize("role", sorted({*Role.values} - ALLOWED))
def test_nobody_else_loads_or_discards(role, run):
    client = client_of(role)

    for name in ONLY_POST:
        assert client.post(addresses(run)[name]).status_code == 403

    run.refresh_from_db()
    assert run.state == RunState.CHECKED
    assert not Customer.objects.exists()


def test_a_visitor_is_sent_to_sign_in(run):
    for url in addresses(run).values():
        assert Client().get(url)["Location"].startswith("/sign-in/")


def test_the_list_asks_no_more_for_many(finance, django_assert_max_num_queries):
    by = make_user(Role.FINANCE)
    ImportRun.objects.bulk_create(ImportRun(title=f"Run {n}", started_by=by) for n in range(60))

    with django_assert_max_num_queries(12):
        assert finance.get(reverse("imports:list")).status_code == 200


def test_people_in_books_are_loaded_only_by_who_may_add_people(finance, run_tasks):
    mapping = (
        MAPPING
        + """
[[table]]
kind = "people"
rows = [{ username = "boss", full_name = "Boss", roles = "administrator" }]
"""
    )
    with run_tasks():
        send(finance, upload("customers.csv", CUSTOMERS), upload("books.toml", mapping))
    run = ImportRun.objects.get()
    assert "your role may not add: People" in text_of(finance.get(run.get_absolute_url()))

    for action in ("imports:load", "imports:load_good"):
        assert finance.post(reverse(action, args=[run.pk])).status_code == 409
    run.refresh_from_db()
    assert run.state == RunState.CHECKED
    assert not User.objects.filter(username="boss").exists()

    with run_tasks():
        client_of(Role.ADMINISTRATOR).post(reverse("imports:load", args=[run.pk]))
    assert User.objects.get(username="boss").has_role(Role.ADMINISTRATOR)
