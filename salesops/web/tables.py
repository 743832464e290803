"""Tables: columns declared once make the page, its order, its cards on a phone, and the Excel file.

class DeliveryTable(Table):
    number = NumberColumn()
    customer = NameColumn(accessor="customer__name", zh="customer__name_zh")
    state = BadgeColumn(tones={"submitted": "info", "approved": "good", "rejected": "bad"})
    submitted_at = DateColumn()
    amount = MoneyColumn(total=True)

    class Meta(Table.Meta):
        model = Delivery
        fields = ("number", "customer", "state", "submitted_at", "amount")
        order_by = "-submitted_at"
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar

import django_tables2 as tables
from django.core.exceptions import FieldDoesNotExist
from django.db.models import QuerySet, Sum
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _
from django_tables2.utils import A

from . import excel
from .badges import Badge, badge_html
from .figures import day_text, moment_text, money_html, percent_text, quantity_text
from .names import both_names, reader_name

NOTHING = mark_safe('<span class="so-muted" aria-hidden="true">–</span>')


DENSE = {"class": "so-table so-table--rows so-table--dense"}
"""The attrs of a table of many columns: the leading name stays on one line and is cut where it is too long."""
FULL = {"class": f"{DENSE['class']} so-table--full"}
"""The attrs of one with more columns still: on a small desk names are shorter and headings take two lines."""


class Column(tables.Column):
    """Text. `phone` says where it stands on a card: lead, figure, line or hide; `width` is that of the Excel column."""

    kind = "text"
    css = ""
    phone = "line"
    width = 18

    def __init__(self, *args: Any, phone: str = "", width: int = 0, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.phone = phone or self.phone
        self.width = width or self.width

    def excel_columns(self, label: str) -> list[excel.Column]:
        """The Excel columns that this one becomes."""
        return [excel.Column(label, self.kind, self.width)]

    def excel_values(self, record: Any, value: Any) -> list[Any]:
        """The Excel cells of a row, one for each of `excel_columns`."""
        return [value if value is None or isinstance(value, int | float | Decimal | date) else str(value)]


class MoneyColumn(Column):
    """An amount, on the right; `total` adds the sum of all rows that the filters leave, below."""

    kind = "money"
    css = "so-num"
    phone = "figure"
    width = 16

    def __init__(self, *args: Any, total: bool = False, tone: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.total = total
        self.tone = tone

    def render(self, value: Decimal) -> SafeString:
        return money_html(value, self.tone)

    def value(self, value: Decimal) -> Decimal:
        return value


class SomeMoneyColumn(MoneyColumn):
    """An amount that is often nothing: a zero stays empty on the page, so that the others stand out."""

    def render(self, value: Decimal) -> SafeString:
        return super().render(value) if value else mark_safe("")


class QuantityColumn(Column):
    """A count or a quantity, on the right, without superfluous zeros."""

    kind = "int"
    css = "so-num"
    width = 12

    def render(self, value: Decimal) -> str:
        return quantity_text(value)

    def value(self, value: Decimal) -> Decimal:
        return value


class PercentColumn(Column):
    """Percent with one decimal; the value is in percent, 2.2 for 2.2%."""

    kind = "percent"
    css = "so-num"
    width = 10

    def render(self, value: Decimal) -> str:
        return percent_text(value)

    def value(self, value: Decimal) -> Decimal:
        return value


class DateColumn(Column):
    """A day, or with `time=True` a moment: 2026-11-23, 2026-11-23 16:42."""

    kind = "date"
    css = "so-num so-tl"
    width = 12

    def __init__(self, *args: Any, time: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.time = time
        if time:
            self.kind, self.width = "datetime", 17

    def render(self, value: date | datetime) -> str:
        return moment_text(value) if self.time else day_text(value)

    def value(self, value: date | datetime) -> date | datetime:
        return value


class NumberColumn(Column):
    """The number of a document; links to the record (its get_absolute_url), and with it the whole row."""

    css = "so-nowrap"

    def __init__(self, *args: Any, linkify: Any = True, **kwargs: Any) -> None:
        attrs = {"a": {"class": "so-id so-rowlink"}, **kwargs.pop("attrs", {})}
        super().__init__(*args, linkify=linkify, attrs=attrs, **kwargs)


class NameColumn(Column):
    """A name, followed by the Chinese one (`zh` is its path); the order turns on a Chinese page.

    `link=True` makes it the link of the row, where a table has no number.
    """

    phone = "lead"
    width = 30

    def __init__(self, *args: Any, zh: str = "", link: bool = False, **kwargs: Any) -> None:
        if link:
            kwargs.setdefault("linkify", True)
            kwargs["attrs"] = {"a": {"class": "so-rowlink so-strong"}, **kwargs.get("attrs", {})}
        super().__init__(*args, **kwargs)
        self.zh = zh

    def _zh(self, record: Any) -> str:
        return str(A(self.zh).resolve(record, quiet=True) or "") if self.zh else ""

    def render(self, value: Any, record: Any) -> SafeString:
        return both_names(str(value), self._zh(record), "so-name")

    def value(self, value: Any) -> str:
        return str(value)

    def excel_columns(self, label: str) -> list[excel.Column]:
        own = super().excel_columns(label)
        chinese = _("Chinese")
        return [*own, excel.Column(f"{label} ({chinese})", "text", 22)] if self.zh else own

    def excel_values(self, record: Any, value: Any) -> list[Any]:
        own = super().excel_values(record, value)
        return [*own, self._zh(record)] if self.zh else own


class ShortNameColumn(Column):
    """A name in the reader's language only, where the row has another one; `zh` is the path of the Chinese name."""

    def __init__(self, *args: Any, zh: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zh = zh

    def render(self, value: Any, record: Any) -> str:
        return reader_name(str(value), str(A(self.zh).resolve(record, quiet=True) or ""))


class BadgeColumn(Column):
    """A state in words with its glyph. `tones` maps a state to good, warn, bad, info or "", or to (tone, icon)."""

    width = 16

    def __init__(self, *args: Any, tones: Mapping[Any, str | tuple[str, str]] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tones = tones or {}

    def badge(self, state: Any, text: Any) -> Badge:
        """The badge of a state."""
        tone = self.tones.get(state, "")
        return Badge(tone, text=text) if isinstance(tone, str) else Badge(tone[0], tone[1], text)

    def render(self, value: Any, record: Any, bound_column: Any) -> SafeString:
        # django-tables2 hands over the words of a choice; the state itself is read from the record.
        state = A(bound_column.accessor).resolve(record, quiet=True)
        return badge_html(self.badge(state, value))

    def value(self, value: Any) -> str:
        return str(value)


class StateColumn(Column):
    """Where a record stands, as the function `of` tells by a badge; nothing where it tells none."""

    width = 16

    def __init__(self, *args: Any, of: Callable[[Any], Badge | None], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.of = of

    def render(self, record: Any) -> SafeString:
        badge = self.of(record)
        return badge_html(badge) if badge else mark_safe("")

    def value(self, record: Any) -> str:
        badge = self.of(record)
        return str(badge.text) if badge else ""


class PickColumn(tables.Column):
    """The check box before a row, for bulk actions; none before rows that `may` says no to."""

    kind = "text"
    css = "so-pick"
    phone = "pick"

    def __init__(self, *, may: Callable[[Any], bool], is_ticked: bool, **kwargs: Any) -> None:
        super().__init__(accessor="pk", orderable=False, exclude_from_export=True, verbose_name=_("Select"), **kwargs)
        self.may, self.is_ticked = may, is_ticked

    @property
    def header(self) -> SafeString:
        return format_html('<input class="so-check" type="checkbox" data-pick-all aria-label="{}">', _("Select all"))

    def render(self, value: Any, record: Any) -> SafeString:
        if not self.may(record):
            return mark_safe("")
        return format_html(
            '<input class="so-check" type="checkbox" form="bulk" name="selected" value="{}" aria-label="{}"{}>',
            value,
            _("Select %(thing)s") % {"thing": record},
            mark_safe(" checked") if self.is_ticked else "",
        )


class Table(tables.Table):
    """A list's table. Rows may be models or dicts; what may be sorted is what is declared here."""

    totals: dict[str, Decimal | None]

    class Meta:
        attrs: ClassVar[dict[str, Any]] = {"class": "so-table so-table--rows"}
        template_name = "web/table.html"
        default = NOTHING
        order_by_field = "sort"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.totals = {}
        self._place_on_cards()

    def _place_on_cards(self) -> None:
        """Give each column its place on a phone's card: one lead, one figure, the others in a line below."""
        bound = [column for column in self.columns if column.visible]
        roles = {column.name: getattr(column.column, "phone", "line") for column in bound}
        figures = [name for name, role in roles.items() if role == "figure"]
        roles |= dict.fromkeys(figures[:-1], "line")
        leads = [name for name, role in roles.items() if role == "lead"]
        roles |= dict.fromkeys(leads[1:], "line")
        if not leads:
            first = next((name for name, role in roles.items() if role == "line"), None)
            roles |= {first: "lead"} if first else {}
        dates = [column for column in bound if getattr(column.column, "kind", "") in ("date", "datetime")]
        for column in bound:
            kind = getattr(column.column, "css", "")
            classes = f"{kind} so-card-{roles[column.name]}".strip()
            own = column.column.attrs
            for part in ("td", "th", "tf"):
                given = own.get(part, {}).get("class", "")
                own.setdefault(part, {})
                own[part] = {**own[part], "class": f"{classes} {given}".strip()}
            only_date = column in dates and len(dates) == 1
            if roles[column.name] == "line" and kind.startswith("so-num") and not only_date:
                own["td"] = {**own["td"], "data-label": column.header}

    @property
    def paginated_rows(self) -> Any:
        """The rows of the open page; the records were paged, not the rows, so that only they are read."""
        page = getattr(self, "page", None)
        return self.rows if page is None else tables.rows.BoundRows(page.object_list, self, self.pinned_data)

    # ---- totals ----
    def add_totals(self) -> None:
        """Sum the columns that ask for it over all rows, in one query."""
        wanted = {c.name: c.accessor for c in self.columns if getattr(c.column, "total", False) and c.visible}
        if not wanted:
            return
        sums = {f"total_{name}": Sum(str(accessor).replace(".", "__")) for name, accessor in wanted.items()}
        answer = self.data.data.order_by().aggregate(**sums)
        self.totals = {name: answer[f"total_{name}"] for name in wanted}

    def total_cells(self) -> list[tuple[str, Any]]:
        """The cells of the total line: class and content of each column; empty when there is no total."""
        if not self.totals:
            return []
        cells: list[tuple[str, Any]] = []
        for column in self.columns.iterall():
            if not column.visible:
                continue
            total = self.totals.get(column.name)
            css = column.column.attrs.get("td", {}).get("class", "")
            cells.append((css, money_html(total) if total is not None else ""))
        return cells

    # ---- Excel ----
    def _exported(self) -> list[Any]:
        return [c for c in self.columns.iterall() if c.visible and not c.column.exclude_from_export]

    def excel_columns(self) -> list[excel.Column]:
        """The columns of the Excel file, in the order of the page."""
        made: list[excel.Column] = []
        for bound in self._exported():
            label = str(bound.header)
            declared: Callable[[str], list[excel.Column]] | None = getattr(bound.column, "excel_columns", None)
            made.extend(declared(label) if declared else [excel.Column(label, "text", 18)])
        return made

    def excel_rows(self, chunk: int = 2000) -> Iterator[Sequence[Any]]:
        """The cells of every row, read in chunks so that memory stays flat.

        Where every column is plain, values are read and no row becomes an instance: that is most of the time.
        """
        exported = self._exported()
        rows = self.data.data
        plain = self._plain_columns(exported, rows)
        if plain is not None:
            yield from plain.read(rows, chunk)
            return
        records = rows.iterator(chunk_size=chunk) if hasattr(rows, "iterator") else iter(rows)
        for record in records:
            row = tables.rows.BoundRow(record, table=self)
            cells: list[Any] = []
            for bound in exported:
                value = row.get_cell_value(bound.name)
                declared = getattr(bound.column, "excel_values", None)
                cells.extend(declared(record, value) if declared else [str(value or "")])
            yield cells

    def _plain_columns(self, exported: Sequence[Any], rows: Any) -> "PlainColumns | None":
        """The columns of the database behind the file's, where each cell says just what such a column says."""
        if not isinstance(rows, QuerySet) or rows.query.values_select:
            return None
        plain = PlainColumns()
        for bound in exported:
            own = any(hasattr(self, f"{prefix}_{bound.name}") for prefix in ("render", "value"))
            if own or not plain.add(rows.model, bound.column, str(bound.accessor).replace(".", "__")):
                return None
        return plain


class PlainColumns:
    """Columns of the database as an Excel file has them: their paths, and words for those that hold a choice."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self.words: dict[int, dict[Any, str]] = {}

    def add(self, model: Any, column: tables.Column, path: str) -> bool:
        """Take a column in; False where it is more than columns of the database."""
        if type(column) not in PLAIN:
            return False
        zh = getattr(column, "zh", "") if isinstance(column, NameColumn) else ""
        for each in filter(None, (path, zh.replace(".", "__"))):
            field = field_at(model, each)
            if field is None:
                return False
            if field.choices:
                self.words[len(self.paths)] = {value: str(label) for value, label in field.flatchoices}
            self.paths.append(each)
        return True

    def read(self, rows: QuerySet[Any], chunk: int) -> Iterator[Sequence[Any]]:
        """Yield the cells of each row."""
        for values in rows.values_list(*self.paths).iterator(chunk_size=chunk):
            cells = list(values)
            for at, words in self.words.items():
                cells[at] = words.get(cells[at], cells[at])
            yield cells


PLAIN: frozenset[type[tables.Column]] = frozenset(
    {
        Column,
        MoneyColumn,
        SomeMoneyColumn,
        QuantityColumn,
        PercentColumn,
        DateColumn,
        NumberColumn,
        NameColumn,
        ShortNameColumn,
        BadgeColumn,
    }
)
"""Columns whose cells in a file are what the database holds; one that is derived from them may do more."""


def field_at(model: Any, path: str) -> Any:
    """Return the column of the database at the end of a path, None where it ends at a row or at nothing."""
    field: Any = None
    for name in path.split("__"):
        if model is None:
            return None
        try:
            field = model._meta.get_field(name)
        except FieldDoesNotExist:
            return None
        model = field.related_model if field.many_to_one or field.one_to_one else None
    return field if getattr(field, "concrete", False) and not field.is_relation else None


__all__ = [
    "DENSE",
    "BadgeColumn",
    "Column",
    "DateColumn",
    "MoneyColumn",
    "NameColumn",
    "NumberColumn",
    "PercentColumn",
    "PickColumn",
    "QuantityColumn",
    "ShortNameColumn",
    "SomeMoneyColumn",
    "Table",
]
