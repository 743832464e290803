"""Names in two languages."""

from types import SimpleNamespace

import pytest
from django.utils import translation

from salesops.web.names import both_names, reader_name
from salesops.web.tables import NameColumn, ShortNameColumn, Table


class PeopleTable(Table):
    name = NameColumn(zh="name_zh")
    team = ShortNameColumn(accessor="boss__name", zh="boss__name_zh")


def cells(language: str) -> list[str]:
    boss = SimpleNamespace(name="Zhou Min", name_zh="周敏")
    rows = [SimpleNamespace(name="Lin Yue", name_zh="林悦", boss=boss)]
    with translation.override(language):
        return [str(cell) for row in PeopleTable(rows).rows for cell in row]


def test_the_name_of_the_pages_language_comes_first() -> None:
    assert cells("en") == [
        '<span class="so-name">Lin Yue</span> <span class="so-zh" lang="zh-Hans">林悦</span>',
        "Zhou Min",
    ]
    assert cells("zh-hans") == [
        '<span class="so-name" lang="zh-Hans">林悦</span> <span class="so-zh" lang="en">Lin Yue</span>',
        "周敏",
    ]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_only_name_is_shown_alone(language: str) -> None:
    with translation.override(language):
        assert reader_name("Lin Yue", "") == "Lin Yue"
        assert reader_name("", "林悦") == "林悦"
        assert both_names("Lin Yue") == "Lin Yue"
        assert both_names("", "林悦") == '<span lang="zh-Hans">林悦</span>'
        assert both_names("<b>", "") == "&lt;b&gt;"


def test_the_file_has_a_column_for_each_language() -> None:
    boss = SimpleNamespace(name="Zhou Min", name_zh="周敏")
    table = PeopleTable([SimpleNamespace(name="Lin Yue", name_zh="林悦", boss=boss)])
    assert list(table.excel_rows()) == [["Lin Yue", "林悦", "Zhou Min"]]
