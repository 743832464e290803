"""What a statistic says: its sheets as read from facts, and the digest by which it is known to be what it was."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC
from decimal import Decimal
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.db.models import Max, Model
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from orders.receivables.models import Allocation, ReceivableEntry
from orders.shipments.models import Shipment
from salesops.kernel.periods import Period
from salesops.users.models import User

from ..answers import Answer, Cell, Figures, Head, Keep, Reader, Row, heads_of, read
from ..measures import DIMENSIONS
from ..models import IssuedStatistic
from ..questions import Question
from .places import Kept, Place, of_place

COUNTED: tuple[type[Model], ...] = (ReceivableEntry, Shipment, Allocation)
"""What facts are counted from: of each the last one that was there is kept."""
WHOLE = ""
"""The key of a sheet's total among its rows."""


@dataclass(frozen=True)
class Sheet:
    """A part of a statistic: the measures of its rows; `kinds` are the places that have it."""

    key: str
    label: Any
    by: str
    measures: tuple[str, ...]
    kinds: tuple[str, ...] = ("company", "region", "team")

    def question(self, period: Period, region: str) -> Question:
        """Return what is asked; rows of regions are those directly below one."""
        return Question(period, by=self.by, measures=self.measures, kept={"region": region} if region else {})


ABOVE_TEAMS = ("company", "region")
USUAL = ("delivered", "pieces", "payments", "closing", "overdue")
SHEETS = {
    sheet.key: sheet
    for sheet in (
        Sheet("months", _("Key figures by month"), "month", (*USUAL, "new_customers", "lost_customers")),
        Sheet("regions", _("By region"), "region", USUAL, ABOVE_TEAMS),
        Sheet("teams", _("By team"), "team", USUAL, ABOVE_TEAMS),
        Sheet("representatives", _("By representative"), "representative", USUAL),
        Sheet("customers", _("By customer"), "customer", USUAL),
        Sheet("products", _("By product"), "product", ("delivered", "pieces")),
        Sheet(
            "receivable",
            _("Payments and receivable"),
            "month",
            ("opening", "debits", "payments", "credits", "closing", "overdue"),
        ),
    )
}
"""What a statistic consists of, in order."""


def keep_of(kept: Kept) -> Keep:
    """Return what keeps the facts of a place as of the documents' days, whoever reads."""
    return lambda facts: facts.filter(of_place(kept))


def parameters_of(place: Place) -> dict[str, Any]:
    """Return what a statistic is made of, beside period and facts: names and structure as they are today."""
    named = place.region or place.team
    return {
        "place": place.kind,
        "code": place.region.code if place.region else str(place.team.pk) if place.team else "",
        "name": named.name if named else "",
        "name_zh": named.name_zh if named else "",
        "kept": place.kept(),
        "teams": {str(person): team for person, team in people_in_teams()},
        "company": settings.COMPANY_NAME,
        "currency": settings.CURRENCY,
        "fiscal_year_first_month": settings.FISCAL_YEAR_FIRST_MONTH,
        "lost_after_months": settings.LOST_AFTER_MONTHS,
        "through": {model._meta.model_name: last_key(model) for model in COUNTED},
    }


def people_in_teams() -> Iterable[tuple[int, int]]:
    """Who is in which team today, by their keys: those who move later take nothing of a statistic along."""
    return User.objects.filter(team__isnull=False).order_by().values_list("pk", "team")


def last_key(model: type[Model]) -> int:
    """The key of the last row there is: what comes later has a higher one."""
    key: int | None = model._default_manager.aggregate(last=Max("pk"))["last"]
    return key or 0


def sheets_of(period: Period, parameters: dict[str, Any]) -> list[dict[str, Any]]:
    """Read all sheets from facts, of the period, the one before and a year before; numbers as text with two decimals.

    Names are kept in both languages. That no fact changes in between is the caller's.
    """
    region = str(parameters["code"]) if parameters["place"] == "region" else ""
    return [
        _written(sheet, read(sheet.question(period, region), keep_of(parameters["kept"])))
        for sheet in SHEETS.values()
        if parameters["place"] in sheet.kinds
    ]


def _written(sheet: Sheet, answer: Answer) -> dict[str, Any]:
    keys = [row.head.key for row in answer.rows]
    english, chinese = names_of(sheet, keys, "en"), names_of(sheet, keys, "zh-hans")
    return {
        "key": sheet.key,
        "by": sheet.by,
        "measures": list(sheet.measures),
        "rows": [
            {
                "key": key_text(row.head.key),
                "code": row.head.code,
                "name": english[row.head.key].label,
                "name_zh": chinese[row.head.key].label,
                "figures": _figures(row, sheet.measures),
            }
            for row in answer.rows
        ],
        "total": _figures(answer.total, sheet.measures),
    }


def names_of(sheet: Sheet, keys: list[Any], language: str) -> dict[Any, Head]:
    """Return what rows are called in a language."""
    with translation.override(language):
        return heads_of(DIMENSIONS[sheet.by], keys)


def _figures(row: Row, measures: Iterable[str]) -> list[list[str]]:
    """The figures of a row in the order of the measures: of the period, the one before, a year before."""
    cells: list[Cell] = [row.cells[measure] for measure in measures]
    return [[figure(cell.now), figure(cell.before), figure(cell.last_year)] for cell in cells]


def figure(amount: Decimal) -> str:
    """Return a number as statistics keep it."""
    return f"{amount:.2f}"


def key_text(key: Any) -> str:
    """Return the key of a row as statistics keep it."""
    return "none" if key is None else str(key)


@dataclass(frozen=True)
class Today:
    """What documents say today of one sheet: figures by row and measure, and what rows are called."""

    figures: dict[str, dict[str, str]]
    heads: dict[str, Head]


def read_today(statistic: IssuedStatistic, known: dict[str, set[str]]) -> dict[str, Today]:
    """Read the sheets of a statistic from today's facts, by the key of the sheet; names only of rows not known.

    The place is what it was when the statistic was issued: a team or a region that others belong to now is not.
    """
    parameters, found = statistic.parameters, {}
    for key in (each["key"] for each in statistic.sheets):
        sheet = SHEETS[key]
        question = sheet.question(statistic.period, statistic.region.code if statistic.region else "")
        reader = Reader(question, keep_of(parameters["kept"]))
        rows = _rows_today(reader, sheet, parameters["teams"])
        new = [one for one in rows if key_text(one) not in known[key]]
        heads = heads_of(DIMENSIONS[sheet.by], new) if new else {}
        figures = {key_text(one): {name: figure(each) for name, each in own.items()} for one, own in rows.items()}
        whole = reader.figures(question.counted, ()).get((), {})
        figures[WHOLE] = {name: figure(each) for name, each in whole.items()}
        found[key] = Today(figures, {key_text(one): head for one, head in heads.items()})
    return found


def _rows_today(reader: Reader, sheet: Sheet, teams: Mapping[str, int]) -> dict[Any, Figures]:
    """The figures of a sheet's rows today; those of teams by the people who were in them."""
    question, by = reader.question, "representative" if sheet.by == "team" else sheet.by
    found = {key: own for (key,), own in reader.figures(question.counted, (DIMENSIONS[by],)).items()}
    if sheet.by != "team":
        return found
    rows: dict[Any, Figures] = defaultdict(lambda: defaultdict(Decimal))
    for person, own in found.items():
        for name, amount in own.items():
            rows[teams.get(str(person))][name] += amount
    return rows


def digest_of(statistic: IssuedStatistic) -> str:
    """Return the SHA-256 over canonical JSON of all that a statistic says: its head, its parameters, its sheets."""
    said = {
        "number": statistic.number,
        "span": statistic.span,
        "starts_on": statistic.starts_on.isoformat(),
        "ends_on": statistic.ends_on.isoformat(),
        "region": statistic.region_id,
        "team": statistic.team_id,
        "issued_by": statistic.issued_by_id,
        "issued_at": statistic.issued_at.astimezone(UTC).isoformat(),
        "parameters": statistic.parameters,
        "sheets": statistic.sheets,
    }
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256(text.encode()).hexdigest()
