"""Books with anything in their cells and files with anything in their bytes: told in words, and never half-entered.

A short run belongs to every test run; `SALESOPS_FUZZ=long` makes a long one, some ten minutes.
"""

import csv
import io
import os
import tempfile
import zipfile
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from customers.attachments.uploads import file_type_of
from customers.models import Customer
from orders.models import Delivery, Payment, Product
from orders.proof.verification import differences
from salesops.imports.reading import open_table
from salesops.kernel.errors import RuleBroken
from salesops.users.models import User
from salesops.users.roles import Role
from tests.orders.books.test_loading import FILES, PLAIN
from tests.support.books import check, load
from tests.support.build import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

TIMES = 40 if os.environ.get("SALESOPS_FUZZ") == "long" else 1
LOADED = {"customers": Customer, "products": Product, "deliveries": Delivery, "payments": Payment}
QUIET = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]


def at_most(examples: int) -> settings:
    """So many examples, the same in every short run."""
    return settings(max_examples=examples * TIMES, deadline=None, derandomize=TIMES == 1, suppress_health_check=QUIET)


TEXTS = st.one_of(
    st.text(max_size=30),
    st.text(st.characters(categories=["Cc", "Cf", "Zs", "Lo", "Mn"]), max_size=12),
    st.sampled_from(
        [
            "\u202eKT",
            "C1\u200b",
            "=1+1",
            "+1",
            "@SUM(A1)",
            "-2+3|cmd",
            "\tC1",
            "C\x001",
            "\ud7ff",
            "x" * 19_000,
            "C1/../C2",
        ]
    ),
)
NUMBERS = st.one_of(
    st.integers(-(10**20), 10**20),
    st.floats(),
    st.sampled_from(
        ["1e400", "-0", "0.005", "1,234.5", "1.234,5", "(12)", "NaN", "Infinity", "９", "٣", "1_000", "½", "0x1F"]
    ),
    st.from_regex(r"[-+]?[0-9]{0,30}[.,]?[0-9]{0,30}([eE][-+]?[0-9]{1,6})?", fullmatch=True),
)
DAYS = st.one_of(
    st.dates(),
    st.datetimes(min_value=datetime(1900, 3, 1), max_value=datetime(9999, 12, 30)),  # noqa: DTZ001  Excel's have no zone
    st.sampled_from(["2025-02-30", "0000-00-00", "99999-1-1", "2025-1-1T99:99", "31.12.2025", "٢٠٢٥-01-01"]),
)
CELLS = st.one_of(TEXTS, NUMBERS, DAYS, st.booleans(), st.none(), st.sampled_from(["#N/A", "#REF!", "#DIV/0!"]))


@st.composite
def books(draw: st.DrawFn) -> dict[str, list[list[Any]]]:
    """Good books of which some cells hold anything."""
    tables: dict[str, list[list[Any]]] = {name: list(csv.reader(io.StringIO(text))) for name, text in FILES.items()}
    for _time in range(draw(st.integers(1, 6))):
        rows = tables[draw(st.sampled_from(sorted(tables)))]
        row = rows[draw(st.integers(0 if draw(st.integers(0, 9)) == 0 else 1, len(rows) - 1))]
        row[draw(st.integers(0, len(row) - 1))] = draw(CELLS)
    return tables


def as_csv(rows: list[list[Any]]) -> bytes:
    """The table as text."""
    made = io.StringIO()
    csv.writer(made).writerows(rows)
    return made.getvalue().encode("utf-8", "surrogatepass")


def as_workbook(rows: list[list[Any]]) -> bytes:
    """The table as a workbook, with the types that Excel has; signs that no workbook can hold are left out."""
    book, made = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append([ILLEGAL_CHARACTERS_RE.sub("", cell) if isinstance(cell, str) else cell for cell in row])
    book.save(made)
    return made.getvalue()


def digests() -> dict[str, str]:
    """What stands in each table, as one number each."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT coalesce(sum(hashtextextended(t::text, 0)), 0) FROM "{table}" t')  # noqa: S608
            found[table] = str(cursor.fetchone()[0])
    return found


@pytest.fixture
def finance() -> User:
    return make_user((Role.FINANCE, Role.ADMINISTRATOR))


@given(tables=books(), in_excel=st.booleans())
@at_most(10)
def test_whatever_stands_in_cells_is_told_and_what_is_loaded_adds_up(
    finance: User, tables: dict[str, list[list[Any]]], in_excel: bool
) -> None:
    with tempfile.TemporaryDirectory() as name, transaction.atomic():
        for file, rows in tables.items():
            (Path(name) / file).write_bytes(as_workbook(rows) if in_excel else as_csv(rows))
        before = digests()

        _counts, wrong = check(Path(name), PLAIN)
        assert digests() == before
        assert all(error.reason for error in wrong)

        counts, _errors = load(Path(name), PLAIN, by=finance)
        assert differences() == []
        assert {kind: model._default_manager.count() for kind, model in LOADED.items()} == {
            kind: counts[kind].new if kind in counts else 0 for kind in LOADED
        }
        transaction.set_rollback(True)


SOUND = as_workbook([["code", "name"], *([f"C{n}", "x" * n] for n in range(40))])


@st.composite
def damaged_workbooks(draw: st.DrawFn) -> bytes:
    """A workbook that was cut off, had bytes changed, lost or exchanged its parts, or has parts of odd names."""
    if draw(st.booleans()):
        content = bytearray(SOUND)
        for at, byte in draw(st.lists(st.tuples(st.integers(0, len(content) - 1), st.integers(0, 255)), max_size=12)):
            content[at] = byte
        return bytes(content[: draw(st.integers(1, len(content)))]) if draw(st.booleans()) else bytes(content)
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(SOUND)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        names = old.namelist()
        for part in names:
            fate = draw(st.sampled_from(["keep"] * 6 + ["lose", "exchange", "cut", "rename", "noise"]))
            inside = old.read(draw(st.sampled_from(names)) if fate == "exchange" else part)
            if fate == "cut":
                inside = inside[: draw(st.integers(0, len(inside)))]
            elif fate == "noise":
                inside = draw(st.binary(max_size=200))
            name = draw(st.sampled_from(["../../", "/etc/", "C:\\", "a" * 300])) + part if fate == "rename" else part
            if fate != "lose":
                new.writestr(zipfile.ZipInfo(name), inside)
    return made.getvalue()


@given(
    content=st.one_of(
        damaged_workbooks(), st.binary(max_size=300), st.text(max_size=300).map(lambda t: t.encode("utf-16"))
    )
)
@at_most(300)
def test_whatever_a_file_is_made_of_it_is_read_or_refused_in_words(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "books.xlsx"
        path.write_bytes(content)
        with suppress(RuleBroken), open_table(path) as table:
            for _row in table.rows:
                pass
        file_type_of(io.BytesIO(content))
        assert [one.name for one in Path(name).iterdir()] == ["books.xlsx"]
