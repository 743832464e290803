"""The last sheet: what the workbook is of, who made it when, what each figure means, and what proves it."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from reports.statistics.answers import LOOKUPS, NAMES
from reports.statistics.measures import DIMENSIONS
from reports.statistics.questions import ITSELF, NOBODY, Question
from salesops.users.models import User, in_reader_language
from salesops.users.people.queries import people_visible_to
from salesops.web.figures import day_text, moment_text, money_text, quantity_text

from .comparing import period_name
from .contents import Contents
from .looks import BOLD, SheetWriter

Facts = Sequence[tuple[Any, Any]]


def title_of(question: Question) -> str:
    """What a statistic is called."""
    return _("Statistics %(period)s") % {"period": period_name(question.period)}


def facts_of(question: Question, user: User) -> list[tuple[str, str]]:
    """What stands above each sheet: the days, what is kept, whose scope, who made it and when."""
    period = question.counted
    days = f"{day_text(period.start)} – {day_text(period.last_day)}, {settings.CURRENCY}"
    made = f"{user}, {moment_text(timezone.now())}, {settings.COMPANY_NAME}"
    return [(_("Period"), days), (_("Filters"), kept_in_words(question, user)), (_("Made"), made)]


def kept_in_words(question: Question, user: User) -> str:
    """What the statistic is narrowed to; nobody learns a person's name by trying."""
    words = [f"{DIMENSIONS[name].label}: {_name_of(name, code, user)}" for name, code in question.kept.items()]
    return "; ".join(words) or _("none")


def _name_of(name: str, code: str, user: User) -> str:
    if code == NOBODY:
        return "–"
    if name not in LOOKUPS:
        return code
    model, by = LOOKUPS[name]
    _code, label, label_zh = NAMES[name]
    rows = people_visible_to(user) if name == "representative" else model._default_manager.all()
    plain = code.removeprefix(ITSELF) if name == "region" else code
    found = rows.filter(**{by: plain}).values_list(label, label_zh).first()
    return in_reader_language(*found) if found else code


def write_about(writer: SheetWriter, contents: Contents, title: str, rows: dict[str, int]) -> None:
    """Write it; `rows` says how many each sheet has."""
    row = writer.top(_("About this workbook"), [])
    for heading, facts in (
        (title, _about(contents)),
        (_("Rows"), [(sheet, quantity_text(count)) for sheet, count in rows.items()]),
        (_("Totals"), _totals(contents)),
        (_("How figures are counted"), [(one.label, one.says) for one in contents.months.measures]),
        (_("Left out"), [("", words) for words in contents.left_out]),
    ):
        if not facts:
            continue
        writer.text(row, 1, heading, "text", BOLD)
        for number, (label, value) in enumerate(facts, start=row + 1):
            writer.text(number, 1, label)
            writer.text(number, 2, value)
        row += len(facts) + 2
    writer.widths([30, 110])
    writer.paper()
    writer.sheet.sheet_view.showGridLines = False


def _about(contents: Contents) -> Facts:
    question = contents.question
    structure = _("that of today") if question.today else _("that of each document's day")
    compared = f"{period_name(question.before)}, {period_name(question.last_year)}"
    facts = facts_of(question, contents.user)
    return [
        *facts[:1],
        (_("Compared with"), compared),
        *([(_("Still runs"), _("Only the months that have begun are counted, and compared with as many."))]
          if question.still_runs else []),
        *facts[1:2],
        (_("Regions and representatives"), structure),
        (_("Scope"), _("What %(person)s may see") % {"person": contents.user}),
        *facts[2:],
        (_("SHA-256 of the figures"), contents.digest),
    ]  # fmt: skip


def _totals(contents: Contents) -> Facts:
    total = contents.months.total
    return [
        (one.label, money_text(total[one.key].now) if one.kind == "money" else quantity_text(total[one.key].now))
        for one in contents.months.measures
    ]
