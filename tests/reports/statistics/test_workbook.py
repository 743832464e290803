"""The workbook of a statistic: every cell is the figure of the answer, totals and growth by formulas of Excel's."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from orders.facts.services import bring_facts_along
from orders.models import ShipmentLine
from reports.statistics.answers import Answer, Cell, answer
from reports.statistics.measures import MEASURES
from reports.statistics.questions import Question, read_period
from reports.statistics.workbook import contents as contents_module
from reports.statistics.workbook.contents import read_contents
from reports.statistics.workbook.making import Made, make_workbook
from salesops.jobs.models import Job
from salesops.jobs.progress import Progress
from salesops.users.models import User
from salesops.web import excel
from tests.reports.statistics.company import EVIL, Traded, traded
from tests.support.build import make_customer, make_region, make_user
from tests.support.database import taken_back
from tests.support.recomputing import Recomputed

pytestmark = pytest.mark.django_db
CENT, A_LITTLE = Decimal("0.01"), Decimal("0.0000001")


@pytest.fixture(scope="module")
def company(django_db_setup: None, django_db_blocker: Any) -> Iterator[Traded]:
    """Made once; what a test adds to it is gone after the test."""
    with taken_back(django_db_blocker):
        yield traded()


class Kept(Progress):
    """The progress of a job that nobody runs: its files lie in a folder of the test."""

    def __init__(self, folder: Path) -> None:
        super().__init__(Job(title="x"))
        self.folder = folder
        self.said: list[str] = []

    def place(self, filename: str) -> Path:
        return self.folder / filename

    def say(self, text: Any) -> None:
        super().say(text)
        self.said.append(str(text))


@pytest.fixture
def progress(tmp_path: Path) -> Kept:
    return Kept(tmp_path)


def made(question: Question, user: User, progress: Kept, *, details: bool = False) -> tuple[Any, Recomputed, Made]:
    """The workbook of a question, read back, and its values as Excel works them out."""
    file = make_workbook(question, user, progress, details=details)
    book = openpyxl.load_workbook(file.file)
    return book, Recomputed(book), file


def rows_of(sheet: Any, values: Recomputed) -> Iterator[list[Any]]:
    for row in sheet.iter_rows():
        yield [values.value(sheet.title, cell.coordinate) if cell.value is not None else "" for cell in row]


def row_of(sheet: Any, values: Recomputed, label: str) -> list[Any]:
    """The row that begins with a label."""
    found = [row for row in rows_of(sheet, values) if str(row[0]) == label]
    assert len(found) == 1, f"{label} stands {len(found)} times on {sheet.title}"
    return found[0]


def figures_of(cell: Cell, share: Decimal | None = None) -> list[Any]:
    """What a row shows of a figure: now, share, last year, growth, before, growth."""
    shown: list[Any] = [cell.now]
    if share is not None:
        shown.append(share / 100)
    for then, growth in ((cell.last_year, cell.growth), (cell.before, cell.growth_before)):
        shown += [then, "" if growth is None else growth / 100]
    return shown


def assert_same(shown: list[Any], expected: list[Any]) -> None:
    assert len(shown) == len(expected)
    for one, other in zip(shown, expected, strict=True):
        if isinstance(other, str):
            assert one == other
        else:
            assert abs(Decimal(one) - other) < A_LITTLE, (shown, expected)


def expected_of(found: Answer, row: Any) -> list[Any]:
    """The cells of a row of an answer as its sheet shows them."""
    cells: list[Any] = []
    for number, measure in enumerate(found.measures):
        share = found.share(row, measure.key) if number == 0 else None
        cells += figures_of(row.cells[measure.key], share)
    return cells


@pytest.mark.parametrize("period", ["2025-Q3", "2025", "2025-08"])
@pytest.mark.parametrize(
    ("sheet", "by", "measures", "texts"),
    [
        ("By region", "region", ("delivered", "payments", "closing", "overdue"), 2),
        ("By agent", "customer", ("delivered", "payments", "closing", "overdue"), 2),
        ("By product", "product", ("delivered", "pieces"), 2),
        ("By person", "representative", ("delivered", "payments", "closing", "overdue"), 2),
    ],
)
def test_each_cell_of_a_sheet_is_the_figure_of_the_answer(
    company: Traded, progress: Kept, period: str, sheet: str, by: str, measures: tuple[str, ...], texts: int
) -> None:
    question = Question(read_period(period))
    book, values, _made = made(question, company.manager, progress)
    found = answer(Question(read_period(period), by=by, measures=measures), company.manager)
    assert found.rows
    for row in [*found.rows, found.total]:
        shown = row_of(book[sheet], values, row.head.label)
        assert shown[1] == ("" if row is found.total else row.head.sub)
        assert_same(shown[texts:], expected_of(found, row))
    assert values.formulas > 10


def test_the_tree_of_regions_has_subtotals_that_are_the_answers_of_each_region(company: Traded, progress: Kept) -> None:
    question = Question(read_period("2025"))
    book, values, _made = made(question, company.manager, progress)
    sheet = book["By region"]

    inside = answer(question.narrowed(region="E"), company.manager)
    for row in inside.rows:
        label = "East itself" if row.head.label == "East" else row.head.label
        assert_same(row_of(sheet, values, label)[2:4:2], [row.cells["delivered"].now])
    assert_same(row_of(sheet, values, "East")[2:3], [inside.total.cells["delivered"].now])
    east = next(row for row in sheet.iter_rows() if row[0].value == "East")
    assert str(east[2].value) == f"=SUBTOTAL(9,C{east[0].row + 1}:C{east[0].row + 3})"
    levels = [sheet.row_dimensions[row].outlineLevel for row in range(east[0].row, east[0].row + 4)]
    assert levels == [0, 1, 1, 1]


def test_key_figures_are_the_totals_of_the_answers(company: Traded, progress: Kept) -> None:
    question = Question(read_period("2025-Q3"))
    book, values, _made = made(question, company.manager, progress)
    found = answer(Question(read_period("2025-Q3"), measures=tuple(MEASURES)), company.manager)
    sheet = book["Summary"]
    for measure in found.measures:
        assert_same(row_of(sheet, values, str(measure.label))[1:6], figures_of(found.total.cells[measure.key]))
    delivered, payments = (found.total.cells[key].now for key in ("delivered", "payments"))
    assert_same(row_of(sheet, values, "Payments of what was delivered")[1:2], [payments / delivered])


def test_the_trend_shows_the_year_that_ends_with_the_period_and_the_one_before(company: Traded, progress: Kept) -> None:
    book, values, _made = made(Question(read_period("2025-Q3")), company.manager, progress)
    found = answer(Question(read_period("2024-10..2025-09"), by="month", measures=("delivered",)), company.manager)
    rows = {row.head.label: row.cells["delivered"] for row in found.rows}
    for label in ("2024-10", "2024-11", "2025-03", "2025-08", "2025-09"):
        cell = rows.get(label, Cell())
        assert_same(row_of(book["Summary"], values, label)[1:4], figures_of(cell)[:3])


def test_payments_stand_by_month_and_balances_are_not_added_up(company: Traded, progress: Kept) -> None:
    keys = ("delivered", "debits", "payments", "credits", "opening", "closing", "overdue")
    question = Question(read_period("2025"), by="month", measures=keys)
    book, values, _made = made(Question(read_period("2025")), company.manager, progress)
    found = answer(question, company.manager)
    for row in [*found.rows, found.total]:
        expected = [figure for key in keys for figure in figures_of(row.cells[key])[:3]]
        assert_same(row_of(book["Payments"], values, row.head.label)[1:], expected)
    assert row_of(book["Payments"], values, "2025-04")[1] == 0  # nothing happened, and it is said


def test_receivables_by_age_are_what_the_statistic_says_is_owed(company: Traded, progress: Kept) -> None:
    question = Question(read_period("2025-Q3"))
    book, values, _made = made(question, company.manager, progress)
    found = answer(question, company.manager)
    sheet = book["Receivables"]
    total = row_of(sheet, values, "Total")
    assert_same(total[-2:], [found.total.cells["closing"].now, found.total.cells["overdue"].now])
    by_customer = answer(Question(read_period("2025-Q3"), by="customer"), company.manager)
    for row in by_customer.rows:
        shown = row_of(sheet, values, row.head.label)
        assert_same(shown[-2:], [row.cells["closing"].now, row.cells["overdue"].now])
    assert any("= ledger" in str(row[0]) for row in rows_of(sheet, values))


@pytest.mark.parametrize(("by", "across"), [("product", "quarter"), ("month", "region"), ("customer", "product")])
def test_a_question_with_columns_has_a_sheet_of_its_own(company: Traded, progress: Kept, by: str, across: str) -> None:
    question = Question(read_period("2025"), by=by, across=across)
    book, values, _made = made(question, company.manager, progress)
    found = answer(question, company.manager)
    sheet = book.worksheets[1]
    texts = 2 if any(row.head.sub for row in found.rows) else 1
    for row in found.rows:
        shown = row_of(sheet, values, row.head.label)[texts:]
        expected = []
        for measure in found.measures:
            expected += [row.across[column.key][measure.key].now for column in found.columns]
            expected.append(row.cells[measure.key].now)
        assert_same(shown, expected)
    total = row_of(sheet, values, "Total")[texts:]
    width = len(found.columns) + 1
    for number, measure in enumerate(found.measures):
        assert_same([total[(number + 1) * width - 1]], [found.total.cells[measure.key].now])


@pytest.mark.parametrize("by", ["month", "quarter", "year", "team", "grade", "category"])
def test_rows_that_have_no_sheet_of_their_own_get_one(company: Traded, progress: Kept, by: str) -> None:
    question = Question(
        read_period("2024-05..2025-09"), by=by, measures=("delivered", "payments", "opening", "closing")
    )
    book, values, _made = made(question, company.manager, progress)
    found = answer(question, company.manager)
    sheet = book.worksheets[1]
    texts = 2 if any(row.head.sub for row in found.rows) else 1
    for row in [*found.rows, found.total]:
        expected = expected_of(found, row)
        if by in ("month", "quarter", "year"):  # no share, and the period before stands in the row above
            expected = [figure for one in found.measures for figure in figures_of(row.cells[one.key])[:3]]
        assert_same(row_of(sheet, values, row.head.label)[texts:], expected)


def test_a_text_never_becomes_a_formula(company: Traded, progress: Kept) -> None:
    question = Question(read_period("2025"), kept={"customer": company.customers[EVIL].code})
    book, _values, _made = made(question, company.manager, progress, details=True)
    found = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row if cell.value == EVIL]
    assert {cell.parent.title for cell in found} >= {"By agent", "Receivables", "Lines"}
    assert {cell.data_type for cell in found} == {"s"}
    names = [cell for row in book["By product"].iter_rows() for cell in row if cell.value == "-2+3 filter"]
    assert [cell.data_type for cell in names] == ["s"]


def test_the_lines_are_those_behind_the_deliveries(company: Traded, progress: Kept) -> None:
    question = Question(read_period("2025-Q3"), kept={"region": "E"})
    book, values, file = made(question, company.manager, progress, details=True)
    sheet = book["Lines"]
    delivered = answer(question, company.manager).total.cells["delivered"].now
    assert_same(row_of(sheet, values, "Total")[-1:], [delivered])
    expected = ShipmentLine.objects.filter(
        shipment__shipped_on__gte="2025-07-01",
        shipment__shipped_on__lt="2025-10-01",
        shipment__delivery__region__in=[company.regions[name] for name in ("east", "north", "south")],
    )
    shown = [row for row in rows_of(sheet, values) if str(row[0]).startswith("S") and row[0] != "Shipment"]
    assert sorted(row[0] for row in shown) == sorted(expected.values_list("shipment__number", flat=True))
    assert file.rows["Lines"] == len(shown)
    heads = next(row for row in sheet.iter_rows() if row[0].value == "Shipment")
    first = next(sheet.iter_rows(min_row=heads[0].row + 1))
    assert [first[1].number_format, first[11].number_format, first[12].number_format] == [
        "yyyy-mm-dd",
        "#,##0;[Red]-#,##0",
        "#,##0.00;[Red]-#,##0.00",
    ]
    assert heads[0].font.b
    assert not first[0].font.b


def test_more_lines_than_a_sheet_holds_go_on_in_the_next(
    company: Traded, progress: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(excel, "MOST_ROWS", 20)
    question = Question(read_period("2025"))
    book, values, file = made(question, company.manager, progress, details=True)
    sheets = [sheet for sheet in book.worksheets if sheet.title.startswith("Lines")]
    assert [sheet.title for sheet in sheets] == ["Lines 1", "Lines 2"]
    totals = [row_of(sheet, values, "Total of this sheet") for sheet in sheets]
    assert_same([sum(row[-1] for row in totals)], [answer(question, company.manager).total.cells["delivered"].now])
    assert file.rows["Lines"] == ShipmentLine.objects.filter(shipment__shipped_on__year=2025).count()


def test_a_month_without_lines_has_the_sheet_with_its_head(company: Traded, progress: Kept) -> None:
    book, _values, file = made(Question(read_period("2025-04")), company.manager, progress, details=True)
    assert file.rows["Lines"] == 0
    assert "Shipment" in [row[0].value for row in book["Lines"].iter_rows()]
    assert book["Summary"]["B6"].value is not None


def test_of_products_there_is_no_sheet_of_money_and_it_is_said_why(company: Traded, progress: Kept) -> None:
    question = Question(read_period("2025"), kept={"product": company.products[0].sku})
    book, values, _made = made(question, company.manager, progress)
    assert book.sheetnames == ["Summary", "By region", "By agent", "By product", "By person", "About"]
    assert any("left out" in str(row[1]) for row in rows_of(book["About"], values))


def test_a_person_gets_its_own_customers_only(company: Traded, progress: Kept) -> None:
    lin = company.people["lin"]
    question = Question(read_period("2025"))
    book, values, _made = made(question, lin, progress, details=True)
    found = answer(question, lin)
    assert_same(row_of(book["By region"], values, "Total")[2:], expected_of(found, found.total))
    everything = {str(cell.value) for sheet in book.worksheets for row in sheet.iter_rows() for cell in row}
    assert {EVIL, "Harbour"} <= everything
    assert not {"Lakeside", "Hilltop", "Desert"} & everything
    own = ShipmentLine.objects.filter(shipment__shipped_on__year=2025, shipment__customer__representative=lin)
    assert found.total.cells["delivered"].now == sum(line.amount for line in own)


def test_receivables_are_for_who_sees_accounts(company: Traded, progress: Kept) -> None:
    marketing = make_user("marketing")
    book, values, _made = made(Question(read_period("2025")), marketing, progress)
    assert "Receivables" not in book.sheetnames
    assert any("may see accounts" in str(row[1]) for row in rows_of(book["About"], values))


def test_the_last_sheet_says_what_the_workbook_is(company: Traded, progress: Kept) -> None:
    question = Question(read_period("2025-Q3"), kept={"region": "E"})
    book, values, file = made(question, company.manager, progress)
    said = {str(row[0]): str(row[1]) for row in rows_of(book["About"], values)}
    assert said["Period"] == "2025-07-01 – 2025-09-30, CNY"
    assert said["Filters"] == "Region: East"
    assert said["Made"].startswith(f"{company.manager}, ")
    assert said["SHA-256 of the figures"] == file.digest
    for measure in MEASURES.values():
        assert str(measure.says) in [str(row[1]) for row in rows_of(book["About"], values)]
    assert said["By agent"] in {"4", "5"}


def test_the_digest_changes_with_any_figure_and_with_nothing_else(company: Traded, progress: Kept) -> None:
    question = Question(read_period("2025"))
    first = make_workbook(question, company.manager, progress, details=False).digest
    with translation.override("zh-hans"):
        assert make_workbook(question, company.manager, progress, details=False).digest == first
    company.ship("Desert", 0, read_period("2024-02").start, 1, "0.01")
    bring_facts_along()
    assert make_workbook(question, company.manager, progress, details=False).digest != first


def test_a_chinese_reader_gets_chinese_names(company: Traded, progress: Kept) -> None:
    with translation.override("zh-hans"):
        book, _values, _made = made(Question(read_period("2025")), company.manager, progress, details=True)
    everything = {str(cell.value) for sheet in book.worksheets for row in sheet.iter_rows() for cell in row}
    assert {"华东", "林悦", "客户", "合计"} <= everything
    assert "Customer" not in everything


def test_very_many_rows_end_with_one_that_adds_up_the_others(
    company: Traded, progress: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contents_module, "MOST_ROWS", 3)
    book, values, _made = made(Question(read_period("2025")), company.manager, progress)
    found = answer(Question(read_period("2025"), by="customer"), company.manager)
    sheet = book["By agent"]
    rest = sum(row.cells["delivered"].now for row in found.rows[2:])
    assert_same(row_of(sheet, values, "3 others")[2:3], [rest])
    assert_same(row_of(sheet, values, "Total")[2:], expected_of(found, found.total))
    assert any("The first 2 of 5" in str(row[0]) for row in rows_of(sheet, values))


def test_more_customers_and_regions_ask_no_more_queries(company: Traded) -> None:
    question = Question(read_period("2025-Q3"), by="customer", across="product")

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            read_contents(question, company.manager, sees_accounts=True)
        return len(asked)

    before = queries()
    for number in range(3):
        customer = make_customer(region=make_region(parent=company.regions["west"]), representative=make_user())
        company.customers[f"new {number}"] = customer
        company.ship(f"new {number}", 0, read_period("2025-08").start, 1, "10")
        del company.customers[f"new {number}"]
    bring_facts_along()
    assert len(answer(Question(read_period("2025-Q3"), by="customer"), company.manager).rows) == 8
    assert queries() == before


def test_nothing_at_all_is_a_workbook_too(company: Traded, progress: Kept) -> None:
    book, values, _made = made(Question(read_period("2019")), company.manager, progress, details=True)
    assert row_of(book["By agent"], values, "Total")[1] == 0
    assert row_of(book["Receivables"], values, "Total")[-1] == 0


def test_progress_says_which_sheet_is_made(company: Traded, progress: Kept) -> None:
    made(Question(read_period("2025")), company.manager, progress)
    assert [text for text in progress.said if text.startswith("Sheet")] == [
        f"Sheet {number} of 8, {name}"
        for number, name in enumerate(
            ["By region", "By agent", "By product", "By person", "Payments", "Receivables", "Summary", "About"], 1
        )
    ]
