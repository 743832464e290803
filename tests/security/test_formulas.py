"""No text that somebody typed becomes a formula in any Excel file, and none is changed to keep it from being one."""

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import openpyxl
import pgtrigger
import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models
from django.db.models import F, Value
from django.db.models.functions import Concat, Left, Length, Right
from django.test import Client
from django.urls import reverse
from openpyxl.utils.escape import unescape

from customers.models import Customer
from orders.models import Bill, Category, Delivery, Payment, Product, Round, Shipment, Warehouse
from salesops.imports.models import ImportRun
from salesops.users.models import Region, Team, User
from salesops.users.roles import Role
from tests.support.signed_in import client_of, signed_in
from tests.support.tasks import RunTasks
from tests.support.world import lists_of, make_world

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

SIGNS = ["=", "+", "-", "@", "\t", "\r"]
"""What makes a spreadsheet take a text for a formula, at once or after it was cleaned of spaces."""

OUR_SUM = re.compile(r"=(SUM|SUBTOTAL)\((\d+,)?\$?[A-Z]+\$?\d+:\$?[A-Z]+\$?\d+\)")

APPS = ["users", "customers", "orders", "reports", "approvals", "notify", "imports", "jobs", "api"]
NOT_TYPED = {
    *("password", "digest", "fingerprint", "prefix", "key", "source_key", "dedupe", "series"),
    *("kind", "document_type", "file_type", "role", "permission", "page_key"),
    *("url", "result_url", "result_name", "location", "query", "body", "report", "mapping"),
}
"""What the product writes itself and reads again."""

LEFT_ALONE = {
    (Round, "number"),  # the address of a list names it, which is written down before
    (Bill, "reason"),  # the database refuses one before the bill has ended, and
    (Bill, "endorsed_to"),  # a name before it was passed on
}

SHOWN: list[tuple[type[models.Model], str]] = [
    (Customer, "code"),
    (Customer, "name"),
    (Product, "sku"),
    (Product, "name"),
    (Category, "name"),
    (Warehouse, "name"),
    (Delivery, "number"),
    (Shipment, "number"),
    (Payment, "number"),
    (Payment, "reference"),
    (Region, "name"),
    (Team, "name"),
    (User, "username"),
    (ImportRun, "title"),
]
"""Texts of which the first, at least, stands in one of the files."""


def typed_fields() -> Iterator[tuple[Any, list[Any]]]:
    """The columns of all tables that may hold what somebody typed; not the history, which no file reads."""
    for label in APPS:
        for model in apps.get_app_config(label).get_models():
            fields = [
                field
                for field in model._meta.concrete_fields
                if isinstance(field, models.CharField | models.TextField)
                and not field.choices
                and field.name not in NOT_TYPED
                and (model, field.name) not in LEFT_ALONE
            ]
            if fields and not hasattr(model, "pgh_obj"):
                yield model, fields


@pgtrigger.ignore()
def begin_all_texts_with(sign: str, *, instead: bool) -> None:
    """Put a sign before every typed text, or in place of the one that was put there before."""
    for model, fields in typed_fields():
        changes: dict[str, Any] = {}
        for field in fields:
            rest = Right(F(field.name), Length(F(field.name)) - 1) if instead else F(field.name)
            text = Concat(Value(sign), rest, output_field=models.TextField())
            length = getattr(field, "max_length", None)
            changes[field.name] = Left(text, length) if length else text
        model._default_manager.update(**changes)


def cells_of(content: bytes) -> Iterator[str]:
    """Yield the texts of a file as Excel shows them; a formula that is not one of our sums fails."""
    for sheet in openpyxl.load_workbook(BytesIO(content)).worksheets:
        assert not sheet._hyperlinks
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    assert OUR_SUM.fullmatch(str(cell.value)), f"{sheet.title}!{cell.coordinate}: {cell.value!r}"
                    assert cell.row == sheet.max_row
                elif cell.value is not None:
                    yield unescape(str(cell.value))


def content_of(client: Client, path: str) -> bytes:
    """The file at an address; being asked for it is no mistake."""
    response = client.get(path)
    assert response.status_code == 200, f"{path}: {response.status_code}"
    content: bytes = getattr(response, "content", b"") or b"".join(response)
    assert content.startswith(b"PK"), path
    return content


def first_texts(model: type[models.Model], field: str) -> set[str]:
    """What stands in a column."""
    return set(model._default_manager.values_list(field, flat=True))


def test_no_typed_text_is_a_formula_in_any_list_or_ledger() -> None:
    world = make_world()
    world.people["supervisor"].groups.set(Group.objects.exclude(name="agent"))
    client = signed_in(world.people["supervisor"])
    paths = lists_of(world)
    assert len(paths) > 25
    customer = Customer.objects.get(code="A-1042")

    for turn, sign in enumerate(SIGNS):
        begin_all_texts_with(sign, instead=turn > 0)
        customer.refresh_from_db()
        ledger = reverse("orders:ledger_file", args=[customer.code])
        texts: set[str] = set()
        for path in paths:
            texts.update(cells_of(content_of(client, f"{path}?export=xlsx")))
        texts.update(cells_of(content_of(client, f"{ledger}?from=2000-01-01")))

        for model, field in SHOWN:
            typed = first_texts(model, field)
            assert all(text.startswith(sign) for text in typed if text)
            assert typed & texts, f"{model.__name__}.{field} beginning with {sign!r} stands in no file as it was typed"


def test_what_is_searched_for_is_no_formula_in_the_head_of_a_file() -> None:
    world = make_world()
    client = signed_in(world.people["supervisor"])

    for sign in SIGNS[:4]:
        path = reverse("customers:list")
        content = content_of(client, f"{path}?{urlencode({'q': f'{sign}SUM(1,2)', 'export': 'xlsx'})}")
        assert any(text.endswith(f"{sign}SUM(1,2)") for text in cells_of(content))


CUSTOMERS = """\
kind,code,name,region,=NOTE
-2+3+cmd|' /C calc'!A0,+1,@SUM(1;1),=1+1,=2
agent,+2,-cmd,nowhere,+3
"""
MAPPING = """
name = "old-books"
[[table]]
kind = "customers"
file = "=customers.csv"
[table.columns]
kind = "kind"
code = "code"
name = "name"
region = "region"
note = "=NOTE"
"""


def test_what_stands_in_books_is_no_formula_in_the_report_of_their_check(
    settings: Any, tmp_path: Path, run_tasks: RunTasks
) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    client = client_of(Role.FINANCE)
    files = [
        SimpleUploadedFile("=customers.csv", CUSTOMERS.encode()),
        SimpleUploadedFile("books.toml", MAPPING.encode()),
    ]
    with run_tasks():
        client.post(reverse("imports:new"), {"title": "=SUM(1,2)", "upload": files})

    texts = set(cells_of(content_of(client, reverse("imports:report", args=[ImportRun.objects.get().pk]))))

    assert {"=customers.csv", "-2+3+cmd|' /C calc'!A0", "=1+1", "=NOTE", "=2"} <= texts
    assert any(text.endswith(": =SUM(1,2)") for text in texts)
