"""Reading every table of a mapping into the staged tables; what is wrong with single rows is noted with its reason."""

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from salesops.kernel.errors import RuleBroken

from .kinds import Kind, kinds
from .rows import PLAIN, CellStyle, Row, Wrong, make_row
from .staging import CHUNK, copy_in, fields_of, staged
from .translating import Translator, shown

if TYPE_CHECKING:
    from .books import Books, Progress


def read_part(books: "Books", at: int, part: Translator, progress: "Progress") -> None:
    """Read one table of the mapping. A file that cannot be read is one error; its rows are missed by others then."""
    kind = kinds.get(part.table.kind)
    assert kind is not None
    progress.start_part(_("Reading %(file)s") % {"file": part.file})
    intake = _Intake(books, kind, part, at, books.mapping.style_of(part.table))
    try:
        for number, (line, record) in enumerate(part.lines(), start=1):
            intake.take(line, record)
            if number % CHUNK == 0:
                intake.flush()
                progress.step(number)
    except RuleBroken as refusal:
        books.note_wrong(kind.key, at, 0, "", part.file, str(refusal.message))
    intake.flush()


def stage_named(books: "Books", kind: Kind, names: list[str]) -> None:
    """Stage rows that are made of nothing but their name."""
    rows = []
    for name in names:
        row = make_row(kind.row, dict.fromkeys(kind.named_only, name) | {"key": name}, PLAIN)
        if isinstance(row, Row):
            rows.append(_staged(books, kind, row, -1, 0, may_repeat=True))
    books.lines_read[kind.key] = books.lines_read.get(kind.key, 0) + len(rows)
    _copy(kind, rows)


class _Intake:
    """The rows of one table on their way, a chunk at a time."""

    def __init__(self, books: "Books", kind: Kind, part: Translator, at: int, style: CellStyle) -> None:
        self.books, self.kind, self.part, self.at, self.style = books, kind, part, at, style
        self.good: list[tuple[Any, ...]] = []
        self.bad: set[str] = set()
        self.torn: list[tuple[str, str]] = []

    def take(self, line: int, record: dict[str, Any]) -> None:
        """Make a row of a line, or note what is wrong with it."""
        kind, books = self.kind, self.books
        books.lines_read[kind.key] = books.lines_read.get(kind.key, 0) + 1
        cells = self.part.cells_of(record)
        row = make_row(kind.row, cells, self.style)
        if isinstance(row, Row):
            row.key = kind.key_of(row) or (f"{self.at}/{line}" if kind.part_of else "")
            if row.key:
                self.good.append(_staged(books, kind, row, self.at, line, may_repeat=self.part.table.distinct))
                return
            row = [Wrong("key", _("is missing: nothing tells this row apart"))]
        for wrong in row:
            books.note_wrong(kind.key, self.at, line, wrong.field, shown(cells.get(wrong.field)), wrong.reason)
        self._remember_bad(cells)

    def _remember_bad(self, cells: dict[str, Any]) -> None:
        """Remember what a bad row goes by, so that rows which name it can say why they are left out too."""
        names = {shown(cells.get("key")), shown(cells.get(self.kind.goes_by))}
        names.add("/".join(shown(cells.get(name)) for name in self.kind.identified_by))
        self.bad |= names - {""}
        if self.kind.part_of:
            whole, field = self.kind.part_of
            self.torn.append((whole, shown(cells.get(field))))

    def flush(self) -> None:
        """Write what has been collected."""
        _copy(self.kind, self.good)
        copy_in("book_bad", ["kind", "ref"], [(self.kind.key, ref) for ref in self.bad])
        copy_in("book_torn", ["kind", "ref"], self.torn)
        self.books.flush_notes()
        self.good, self.bad, self.torn = [], set(), []


def _staged(books: "Books", kind: Kind, row: Row, at: int, line: int, *, may_repeat: bool) -> tuple[Any, ...]:
    books.seq += 1
    return (books.seq, at, line, may_repeat, *(getattr(row, name) for name in fields_of(kind)))


def _copy(kind: Kind, rows: list[tuple[Any, ...]]) -> None:
    copy_in(staged(kind.key), ["seq", "part", "line", "may_repeat", *fields_of(kind)], rows)
