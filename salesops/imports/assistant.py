"""The assistant: what stands in the files, what it probably is, and the mapping that says so."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.utils.text import slugify
from django.utils.translation import gettext as _

from salesops.kernel.errors import RuleBroken

from .cells import is_empty, text_of
from .kinds import Kind, kinds, kinds_in_order
from .mapping import ANY
from .reading import HowToRead, open_table
from .rows import allowed_words, required_fields
from .sniffing import what_is
from .workbooks import sheet_names

SAMPLES = 3
LOOKED_AT = 20_000
MOST_VALUES = 30
PLAIN = re.compile(r"[^0-9a-z\u0080-\uffff]")


@dataclass
class TableLook:
    """One table of the files: its columns with some values of each, or why it cannot be read."""

    file: str
    sheet: str = ""
    columns: dict[str, list[str]] = field(default_factory=dict)
    trouble: str = ""

    @property
    def title(self) -> str:
        """What the page calls it."""
        return f"{self.file} · {self.sheet}" if self.sheet else self.file


@dataclass
class Guess:
    """What a table probably holds: a kind, and a column for each field."""

    kind: str = ""
    columns: dict[str, str] = field(default_factory=dict)


def look_at(files: Iterable[Path]) -> list[TableLook]:
    """Look at the first lines of every table of the files."""
    return [look for path in files for look in _looks_of(path)]


def _looks_of(path: Path) -> Iterator[TableLook]:
    try:
        sheets = sheet_names(path) if what_is(path) == "xlsx" else [""]
    except RuleBroken as refusal:
        yield TableLook(path.name, trouble=str(refusal.message))
        return
    for sheet in sheets:
        look = TableLook(path.name, sheet if len(sheets) > 1 else "")
        try:
            with open_table(path, HowToRead(sheet)) as table:
                look.columns = {name: [] for name in table.columns if name}
                for _number, (_line, cells) in zip(range(SAMPLES), table.rows, strict=False):
                    for name, samples in look.columns.items():
                        samples.append(text_of(cells.get(name)))
        except RuleBroken as refusal:
            look.trouble = str(refusal.message)
        yield look


# ---- guessing ----
def guess(look: TableLook) -> Guess:
    """Return the kind that most of the columns speak for; none where a kind lacks half of what it needs."""
    best, best_score = Guess(), 0.0
    for kind in kinds_in_order():
        columns = guess_columns(look, kind)
        needed = required_fields(kind.row)
        met = sum(name in columns for name in needed)
        score = met / max(len(needed), 1) + len(columns) / 20
        if met * 2 >= len(needed) and score > best_score:
            best, best_score = Guess(kind.key, columns), score
    return best


def guess_columns(look: TableLook, kind: Kind) -> dict[str, str]:
    """Return for the fields of a kind the columns that are probably meant, each column once."""
    return guess_fields(look.columns, kind.row.model_fields, kind.guesses)


def guess_fields(columns: Iterable[str], fields: Iterable[str], guesses: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return for fields the columns that are probably meant by their own name or one of their guesses, each once."""
    plain = {_plain(column): column for column in columns}
    found: dict[str, str] = {}
    for name in fields:
        for word in (name, *guesses.get(name, ())):
            column = plain.get(_plain(word))
            if column is not None and column not in found.values():
                found[name] = column
                break
    return found


def _plain(text: str) -> str:
    return PLAIN.sub("", text.lower())


# ---- writing the mapping ----
@dataclass
class TableChoice:
    """What a person chose for one table."""

    look: TableLook
    kind: str
    columns: dict[str, str]
    constants: dict[str, str]


def write_toml(title: str, choices: Iterable[TableChoice], folder: Path) -> str:
    """Return the mapping of what was chosen, with tables of values where a field takes certain words only."""
    name = slugify(title)[:30].strip("-") or "books"
    parts = [f"name = {_quoted(name)}\ntitle = {_quoted(title)}\n"]
    for choice in choices:
        kind = kinds.get(choice.kind)
        if kind is not None:
            parts.append("\n".join(_table(choice, kind, folder)) + "\n")
    return "\n".join(parts)


def _table(choice: TableChoice, kind: Kind, folder: Path) -> Iterator[str]:
    yield f"# {kind.label}"
    yield "[[table]]"
    yield f"kind = {_quoted(kind.key)}"
    yield f"file = {_quoted(choice.look.file)}"
    if choice.look.sheet:
        yield f"sheet = {_quoted(choice.look.sheet)}"
    if choice.columns:
        yield "[table.columns]"
        yield from (f"{name} = {_quoted(column)}" for name, column in choice.columns.items())
    if choice.constants:
        yield "[table.constants]"
        yield from (f"{name} = {_quoted(text)}" for name, text in choice.constants.items())
    for name, column in choice.columns.items():
        words = allowed_words(kind.row, name)
        if words:
            yield from _values(name, words, _values_in(choice, column, folder))


def _values(name: str, words: dict[str, str], values: list[str]) -> Iterator[str]:
    """A table of values: ours where the words are the same, left empty for the person where they are not."""
    strange = [value for value in values if value.lower() not in words]
    if not strange:
        return
    one_of = _("one of")
    yield f"[table.values.{name}]  # {one_of}: {', '.join(dict.fromkeys(words.values()))}"
    yield from (f"{_quoted(value)} = {_quoted(words.get(value.lower(), ''))}" for value in values)


def _values_in(choice: TableChoice, column: str, folder: Path) -> list[str]:
    """The different values of a column, as far as it pays to look."""
    found: dict[str, None] = {}
    with open_table(folder / choice.look.file, HowToRead(choice.look.sheet)) as table:
        for _number, (_line, cells) in zip(range(LOOKED_AT), table.rows, strict=False):
            cell: Any = cells.get(column)
            if not is_empty(cell):
                found.setdefault(text_of(cell))
            if len(found) > MOST_VALUES:
                return [ANY]
    return list(found)


def _quoted(text: str) -> str:
    """A string as TOML writes it, which is as JSON does."""
    return json.dumps(text, ensure_ascii=False)
