"""The form of a policy: a row for each stage, a column for each fact that may ask for it."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from salesops.users.roles import Role
from salesops.web.forms import Form

from .conditions import Condition
from .documents import DocumentType
from .models import PolicyVersion
from .policies import StageInput

MOST_STAGES = 6


@dataclass(frozen=True)
class StageRow:
    """The fields of one stage, as the table of the form shows them."""

    position: int
    role: Any
    hours: Any
    level: Any
    facts: list[Any]


class PolicyForm(Form):
    """What a version says: its name, its stages with conditions, and what stops a document whoever decides."""

    name = forms.CharField(label=_("Name"), max_length=120)
    note = forms.CharField(label=_("What changes, and why"), max_length=300)
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, document: DocumentType, version: PolicyVersion | None = None, **kwargs: Any) -> None:
        self.document = document
        kwargs["initial"] = {**_initial_of(document, version), **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)
        for position in range(1, MOST_STAGES + 1):
            self._add_stage(position)
        for fact in document.facts:
            if fact.kind == "yes":
                self.fields[f"stop_{fact.name}"] = forms.BooleanField(label=str(fact.label), required=False)
        from salesops.web.forms import dress

        for field in self.fields.values():
            dress(field)

    def _add_stage(self, position: int) -> None:
        roles = [("", _("no stage")), *[(role.value, role.label) for role in Role if role != Role.AGENT]]
        self.fields[f"role_{position}"] = forms.ChoiceField(label=_("Who decides"), choices=roles, required=False)
        self.fields[f"hours_{position}"] = forms.IntegerField(
            label=_("Hours to decide"), min_value=1, max_value=2_000, required=False
        )
        self.fields[f"level_{position}"] = forms.IntegerField(
            label=_("Level of the region"), min_value=1, max_value=20, required=False
        )
        for fact in self.document.facts:
            name = f"{fact.name}_{position}"
            if fact.kind == "yes":
                self.fields[name] = forms.BooleanField(label=str(fact.label), required=False)
            else:
                self.fields[name] = forms.DecimalField(
                    label=_("%(fact)s above") % {"fact": fact.label},
                    min_value=Decimal(0),
                    max_digits=14,
                    decimal_places=2,
                    required=False,
                )

    def stage_rows(self) -> Iterator[StageRow]:
        """The fields, a row for each stage."""
        for position in range(1, MOST_STAGES + 1):
            yield StageRow(
                position,
                self[f"role_{position}"],
                self[f"hours_{position}"],
                self[f"level_{position}"],
                [self[f"{fact.name}_{position}"] for fact in self.document.facts],
            )

    def stop_fields(self) -> list[Any]:
        """The check boxes of what stops a document."""
        return [self[name] for name in self.fields if name.startswith("stop_")]

    def stages(self) -> list[StageInput]:
        """The stages that were filled in, in order."""
        data = self.cleaned_data
        return [
            StageInput(
                role=data[f"role_{position}"],
                hours=data[f"hours_{position}"] or 24,
                region_level=data[f"level_{position}"],
                conditions=self._conditions(position),
            )
            for position in range(1, MOST_STAGES + 1)
            if data.get(f"role_{position}")
        ]

    def _conditions(self, position: int) -> list[Condition]:
        conditions: list[Condition] = []
        for fact in self.document.facts:
            value = self.cleaned_data.get(f"{fact.name}_{position}")
            if fact.kind == "yes" and value:
                conditions.append({"fact": fact.name, "op": "is"})
            elif fact.kind != "yes" and value is not None:
                conditions.append({"fact": fact.name, "op": "above", "value": str(value.normalize() + 0)})
        return conditions

    def stops(self) -> list[Condition]:
        """The facts that stop a document."""
        return [
            {"fact": name.removeprefix("stop_"), "op": "is"}
            for name, value in self.cleaned_data.items()
            if name.startswith("stop_") and value
        ]


def _initial_of(document: DocumentType, version: PolicyVersion | None) -> dict[str, Any]:
    if version is None:
        return {"name": document.plural}
    initial: dict[str, Any] = {"name": version.policy.name, "seen": version.number}
    for position, stage in enumerate(version.stages.all(), start=1):
        initial |= {
            f"role_{position}": stage.role,
            f"hours_{position}": stage.hours,
            f"level_{position}": stage.region_level,
        }
        for condition in stage.conditions:
            initial[f"{condition['fact']}_{position}"] = condition.get("value", True)
    return initial | {f"stop_{condition['fact']}": True for condition in version.stops}
