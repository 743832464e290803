"""The workbook's file: whole, without a part twice, as Excel wants it; LibreOffice opens it where there is one."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from zipfile import ZipFile

import openpyxl
import pytest
from python_calamine import CalamineWorkbook

from reports.statistics.answers import answer
from reports.statistics.questions import Question, read_period
from reports.statistics.workbook.joining import copy_packed
from reports.statistics.workbook.making import make_workbook
from tests.reports.statistics.company import EVIL, Traded, traded
from tests.reports.statistics.test_workbook import Kept
from tests.support.database import taken_back

pytestmark = pytest.mark.django_db
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@pytest.fixture(scope="module")
def company(django_db_setup: None, django_db_blocker: Any) -> Any:
    with taken_back(django_db_blocker):
        yield traded()


@pytest.fixture(params=[False, True], ids=["without lines", "with lines"])
def file(company: Traded, tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    question = Question(read_period("2025"), by="customer", across="quarter")
    return make_workbook(question, company.manager, Kept(tmp_path), details=request.param).file


def part(package: ZipFile, name: str) -> ElementTree.Element:
    """A part of a file of ours."""
    return ElementTree.fromstring(package.read(name))  # noqa: S314


def test_every_part_is_there_once_and_can_be_read(file: Path) -> None:
    with ZipFile(file) as package:
        names = package.namelist()
        assert len(names) == len(set(names))
        assert package.testzip() is None
        for name in names:
            part(package, name)
        types = part(package, "[Content_Types].xml")
        declared = {one.get("PartName", "")[1:] for one in types} - {""}
        assert declared <= set(names)
        assert {name for name in names if name.startswith("xl/") and name.endswith(".xml")} <= declared


def test_every_reference_between_parts_leads_to_one(file: Path) -> None:
    with ZipFile(file) as package:
        names = set(package.namelist())
        for name in names:
            if not name.endswith(".rels"):
                continue
            base = Path(name).parent.parent
            for link in part(package, name):
                target = str(link.get("Target"))
                path = target[1:] if target.startswith("/") else str(base / target)
                assert str(Path(path)) in names or re.sub(r"[^/]+/\.\./", "", path) in names, (name, target)


def test_cells_have_styles_that_are_there_and_stand_in_order(file: Path) -> None:
    with ZipFile(file) as package:
        styles = part(package, "xl/styles.xml")
        count = len(list(styles.find(f"{MAIN}cellXfs") or []))
        fonts = styles.find(f"{MAIN}fonts")
        assert fonts is not None
        assert all(font.find(f"{MAIN}name") is not None and font.find(f"{MAIN}sz") is not None for font in fonts)
        for name in package.namelist():
            if not name.startswith("xl/worksheets/sheet"):
                continue
            sheet = part(package, name)
            rows = [int(row.get("r", 0)) for row in sheet.iter(f"{MAIN}row")]
            assert rows == sorted(set(rows))
            for cell in sheet.iter(f"{MAIN}c"):
                assert int(cell.get("s", 0)) < count
                assert cell.get("t") in (None, "n", "inlineStr", "str")  # no text is kept elsewhere


def test_the_summary_is_open_and_no_other_sheet_is_chosen_with_it(file: Path) -> None:
    book = openpyxl.load_workbook(file)
    assert book.active is book["Summary"]
    assert [sheet.title for sheet in book.worksheets if sheet.sheet_view.tabSelected] == ["Summary"]
    assert not book.defined_names


def test_heads_are_frozen_filtered_and_printed_on_every_page(file: Path) -> None:
    book = openpyxl.load_workbook(file)
    for sheet in book.worksheets:
        assert sheet.page_setup.paperSize == 9
        assert (sheet.page_setup.fitToHeight, sheet.sheet_properties.pageSetUpPr.fitToPage) == (0, True)
        if sheet.title not in ("Summary", "About"):
            assert sheet.freeze_panes
            assert sheet.print_title_rows
            assert sheet.auto_filter.ref or sheet.title == "By region"  # whose rows fold instead


def test_charts_are_excels_own_and_drawn_from_cells_with_figures(file: Path) -> None:
    book = openpyxl.load_workbook(file)
    assert {sheet.title: len(sheet._charts) for sheet in book.worksheets if sheet._charts} == {
        "Summary": 3,
        "Payments": 1,
        "Receivables": 1,
    }
    with ZipFile(file) as package:
        charts = [package.read(name).decode() for name in package.namelist() if name.startswith("xl/charts/chart")]
    references = [reference for chart in charts for reference in re.findall(r"<(?:c:)?f>([^<]+)<", chart)]
    assert len(references) == 18
    for reference in references:
        title, cells = reference.rsplit("!", 1)
        for row in book[title.strip("'")][cells.replace("$", "")]:
            for cell in row:
                assert cell.value not in (None, ""), reference


def test_another_reader_finds_the_same_texts(file: Path, company: Traded) -> None:
    book = CalamineWorkbook.from_path(file)
    assert book.sheet_names == openpyxl.load_workbook(file).sheetnames
    texts = {cell for row in book.get_sheet_by_name("By agent").to_python() for cell in row}
    assert {EVIL, "Lakeside", *(str(one.code) for one in company.customers.values())} <= texts


def test_what_is_copied_packed_is_what_was_packed(tmp_path: Path) -> None:
    one, other = tmp_path / "one.zip", tmp_path / "other.zip"
    with ZipFile(one, "w", 8) as source:
        source.writestr("first", "1" * 5_000)
        source.writestr("second", bytes(range(256)) * 9_999)
    with ZipFile(one) as source, ZipFile(other, "w", 8) as target:
        target.writestr("before", "b")
        copy_packed(source, source.getinfo("second"), target, "renamed")
        target.writestr("after", "a")
    with ZipFile(other) as target:
        assert target.namelist() == ["before", "renamed", "after"]
        assert target.testzip() is None
        assert target.read("renamed") == bytes(range(256)) * 9_999
        assert target.read("after") == b"a"


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not on this machine")
def test_libreoffice_opens_it_and_works_out_the_same(file: Path, tmp_path: Path, company: Traded) -> None:
    command = ["soffice", "--headless", f"-env:UserInstallation=file://{tmp_path}/profile", "--convert-to"]
    command += ["xlsx:Calc MS Excel 2007 XML", "--outdir", str(tmp_path / "converted"), str(file)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    book = openpyxl.load_workbook(tmp_path / "converted" / file.name, data_only=True)
    found = answer(Question(read_period("2025"), by="customer"), company.manager)
    rows = {str(row[0].value): row for row in book["By agent"].iter_rows()}
    for row in [*found.rows, found.total]:
        cell, shown = row.cells["delivered"], rows[row.head.label]
        assert float(shown[2].value) == pytest.approx(float(cell.now))
        assert float(shown[5].value) == pytest.approx(float(cell.growth or 0) / 100)
