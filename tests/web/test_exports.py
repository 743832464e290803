"""Excel of a list: exactly what is shown."""

from io import BytesIO
from typing import Any

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.test import Client

from salesops.users.models import Region, User
from salesops.web import exports
from tests.support.build import make_region, make_user

LIST = "/sample/regions/"


def sheet(content: bytes) -> Any:
    return openpyxl.load_workbook(BytesIO(content)).active


def values(content: bytes) -> list[list[Any]]:
    return [[cell.value for cell in row] for row in sheet(content).iter_rows()]


@pytest.mark.usefixtures("regions")
def test_the_file_holds_the_filtered_rows_in_their_order_and_says_what_was_filtered(as_manager: Client) -> None:
    response = as_manager.get(LIST, {"level": "2", "sort": "-name", "export": "xlsx"})
    assert response["Content-Type"] == exports.CONTENT_TYPE
    assert "attachment" in response["Content-Disposition"]
    rows = values(response.content)
    assert rows[0][0] == "Regions"
    assert rows[1][0] == "Level: 2"
    assert rows[2][0].startswith("Made: Lin Yue, ")
    assert rows[4] == ["Code", "Name", "Name (Chinese)", "Level", "People", "Budget"]
    assert [row[:3] for row in rows[5:7]] == [["ZJ", "Zhejiang", "浙江"], ["JS", "Jiangsu", "江苏"]]


@pytest.mark.usefixtures("regions")
def test_amounts_are_added_up_by_a_formula(as_manager: Client) -> None:
    rows = values(as_manager.get(LIST, {"export": "xlsx"}).content)
    assert rows[-1][0] == "Total"
    assert rows[-1][5] == "=SUM(F6:F8)"


def test_a_name_that_looks_like_a_formula_stays_a_name(as_manager: Client) -> None:
    make_region('=HYPERLINK("http://evil.example")', code="EV")
    content = as_manager.get(LIST, {"export": "xlsx"}).content
    cells = [cell for row in sheet(content).iter_rows() for cell in row if "HYPERLINK" in str(cell.value)]
    assert [cell.data_type for cell in cells] == ["s"]


def test_all_pages_are_in_the_file(as_manager: Client) -> None:
    for number in range(30):
        make_region(code=f"A{number:02d}")
    rows = values(as_manager.get(LIST, {"export": "xlsx", "page": "2"}).content)
    assert len([row for row in rows if str(row[0]).startswith("A")]) == 30


@pytest.mark.usefixtures("regions")
def test_a_long_list_is_handed_to_the_background(as_manager: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    handed: list[exports.ListExport] = []

    def start(request: Any, export: exports.ListExport) -> HttpResponse:
        handed.append(export)
        return HttpResponse("started")

    monkeypatch.setattr(exports, "SHORT", 2)
    monkeypatch.setattr(exports, "run_in_background", start)
    response = as_manager.get(LIST, {"sort": "-name", "page": "1", "export": "xlsx"})
    assert response.content == b"started"
    assert (handed[0].path, handed[0].query) == (LIST, "sort=-name")
    assert exports.ListExport(**handed[0].as_params()) == handed[0]


@pytest.mark.usefixtures("regions")
def test_what_the_background_writes_is_what_the_page_shows(as_manager: Client, manager: User) -> None:
    export = exports.ListExport(LIST, "level=2&sort=-name", "Regions", "regions.xlsx")
    target = BytesIO()
    counted: list[int] = []

    def over(rows: Any, total: int) -> Any:
        counted.append(total)
        return rows

    assert exports.write_list_export(export, manager, target, over=over) == 2
    assert counted == [2]
    direct = as_manager.get(LIST, {"level": "2", "sort": "-name", "export": "xlsx"})
    assert values(target.getvalue())[4:] == values(direct.content)[4:]


@pytest.mark.usefixtures("regions")
def test_the_background_writes_nothing_for_somebody_who_may_not_open_the_list() -> None:
    export = exports.ListExport(LIST, "", "Regions", "regions.xlsx")
    target = BytesIO()
    with pytest.raises(PermissionDenied):
        exports.write_list_export(export, make_user(), target)
    assert target.getvalue() == b""


def test_only_excel_is_offered(as_manager: Client) -> None:
    assert as_manager.get(LIST, {"export": "csv"}).status_code == 400


def test_an_empty_list_still_has_its_head(as_manager: Client) -> None:
    Region.objects.all().delete()
    rows = values(as_manager.get(LIST, {"export": "xlsx"}).content)
    assert rows[4][0] == "Code"
