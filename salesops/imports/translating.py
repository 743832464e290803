"""From a line of somebody's file to the cells of our fields, as a table of the mapping says."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from salesops.kernel.errors import require

from .cells import Trouble, is_empty, text_of
from .mapping import ANY, TEMPLATE, JoinMap, Mapping, TableMap, columns_in
from .reading import Cells, TableRead, open_table

MOST_JOINED = 200_000
SHOWN = 80
MAPPING = "mapping"
"""The name under which rows that stand in the mapping itself are reported."""


class Translator:
    """Opens the file of one table of a mapping and yields its lines by field."""

    def __init__(self, mapping: Mapping, table: TableMap, folder: Path) -> None:
        self.mapping = mapping
        self.table = table
        self.folder = folder
        self.joined: dict[str, dict[str, Cells]] = {}
        self.values = {
            field: {key.strip(): value for key, value in values.items()} for field, values in table.values.items()
        }

    # ---- reading ----
    def lines(self) -> Iterator[tuple[int, Cells]]:
        """Yield (line, the file's own cells) of every line that the mapping does not leave out.

        RuleBroken where the file cannot be read, or lacks a column that the mapping names.
        """
        if self.table.rows:
            yield from enumerate(self.table.rows, start=1)
            return
        with ExitStack() as stack:
            path = self.folder / self.table.file
            read = stack.enter_context(open_table(path, self.mapping.how_of(self.table)))
            self._require_columns(path, read)
            self.joined = {name: self._read_join(join) for name, join in self.table.join.items()}
            for number, cells in read.rows:
                record = self._with_joined(cells)
                if self._is_wanted(record):
                    yield number, record

    def _require_columns(self, path: Path, read: TableRead) -> None:
        for column, field in self.table.columns_needed().items():
            require(
                column in read.columns,
                _("%(file)s has no column “%(column)s”%(field)s; it has: %(columns)s.")
                % {
                    "file": path.name,
                    "column": column,
                    "field": f" ({field})" if field else "",
                    "columns": ", ".join(name for name in read.columns if name),
                },
                rule="mapping",
            )

    def _read_join(self, join: JoinMap) -> dict[str, Cells]:
        path = self.folder / join.file
        with open_table(path, self.mapping.how_of(join)) as read:
            words = _("%(file)s has no column “%(column)s” to join by.") % {"file": path.name, "column": join.key}
            require(join.key in read.columns, words, rule="mapping")
            found: dict[str, Cells] = {}
            for _number, cells in read.rows:
                found.setdefault(text_of(cells.get(join.key)), cells)
                words = _("%(file)s is too long to be joined.") % {"file": path.name}
                require(len(found) <= MOST_JOINED, words, rule="mapping")
        return found

    def _with_joined(self, cells: Cells) -> Cells:
        for name, join in self.table.join.items():
            other = self.joined[name].get(text_of(cells.get(join.equals)), {})
            cells = cells | {f"{name}.{column}": cell for column, cell in other.items()}
        return cells

    def _is_wanted(self, record: Cells) -> bool:
        only = all(text_of(record.get(column)) in texts for column, texts in self.table.only.items())
        return only and not any(text_of(record.get(column)) in texts for column, texts in self.table.leave_out.items())

    # ---- by field ----
    def cells_of(self, record: Cells) -> Cells:
        """Return the cells by our fields: columns and templates, then tables of values, then constants where empty."""
        cells = (
            dict(record) if self.table.rows else {f: self._cell(spec, record) for f, spec in self.table.columns.items()}
        )
        for field, values in self.values.items():
            if field in cells:
                cells[field] = _translated(cells[field], values)
        for field, constant in self.table.constants.items():
            if is_empty(cells.get(field)):
                cells[field] = constant
        return cells

    def _cell(self, spec: str, record: Cells) -> Any:
        if "{" not in spec:
            return record.get(spec)
        parts = [record.get(column) for column in columns_in(spec)]
        trouble = next((part for part in parts if isinstance(part, Trouble)), None)
        if trouble is not None or all(is_empty(part) for part in parts):
            return trouble
        text = TEMPLATE.sub(lambda match: text_of(record.get(match[1])), spec)
        return " ".join(text.split()).strip(" ,;/-")

    # ---- for reports ----
    def column_of(self, field: str) -> str:
        """Return what the file calls a field."""
        return self.table.columns.get(field, field)

    @property
    def file(self) -> str:
        """The file's name in reports."""
        return self.table.file or MAPPING


def _translated(cell: Any, values: dict[str, Any]) -> Any:
    if isinstance(cell, Trouble):
        return cell
    text = text_of(cell)
    if text in values:
        return values[text]
    if not text:
        return cell
    if ANY in values:
        return values[ANY]
    known = ", ".join(values)
    return Trouble(_("is none of the values that the mapping knows: %(known)s") % {"known": known}, text)


def shown(cell: Any) -> str:
    """Return a cell as a report shows it."""
    text = text_of(cell)
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"
