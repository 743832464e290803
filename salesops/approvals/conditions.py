"""Conditions on facts: what a policy is made of. Pure."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .documents import Fact, Facts

Condition = dict[str, Any]
"""{"fact": name, "op": "above" | "is", "value": decimal as text}; "is" takes no value."""

OPS = ("above", "is")


def holds(condition: Condition, facts: Facts) -> bool:
    """Whether a condition holds on the facts; a fact that is absent or None counts as nothing."""
    value = facts.get(condition["fact"])
    if condition["op"] == "is":
        return value is True
    if value is None or value is False:
        return False
    return Decimal(value) > Decimal(condition["value"])


def any_holds(conditions: Iterable[Condition], facts: Facts) -> bool:
    """Whether one of the conditions holds; true where there are none."""
    conditions = list(conditions)
    return not conditions or any(holds(condition, facts) for condition in conditions)


def in_words(condition: Condition, known: Iterable[Fact]) -> str:
    """Return the condition as a sentence, for example “Over the limit, percent above 5.0%”."""
    fact = next((fact for fact in known if fact.name == condition["fact"]), None)
    label = str(fact.label) if fact else condition["fact"]
    if condition["op"] == "is":
        return label
    value = figure(condition["value"], fact.kind if fact else "count")
    return _("%(fact)s above %(value)s") % {"fact": label, "value": value}


def figure(value: Any, kind: str) -> str:
    """Return a fact's value as people read it: 12,300.00 or 5.0% or 15 days."""
    if kind == "yes":
        return _("yes") if value is True else _("no")
    number = Decimal(value or 0)
    if kind == "money":
        return number_format(number, decimal_pos=2, use_l10n=True, force_grouping=True)
    if kind == "percent":
        return f"{number:.1f}%"
    if kind == "days":
        return ngettext("%(days)d day", "%(days)d days", int(number)) % {"days": number}
    return f"{number:.0f}"


def stored(facts: Facts) -> dict[str, Any]:
    """Return the facts as a row keeps them: decimals as text."""
    return {name: str(value) if isinstance(value, Decimal) else value for name, value in facts.items()}
