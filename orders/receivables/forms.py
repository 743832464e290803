"""The span of days of a ledger, and what a credit settles."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from salesops.kernel.money import ZERO, Money
from salesops.kernel.periods import Period
from salesops.web.forms import Form

from .models import OpenItem
from .queries import OpenRow
from .settlement import plan_settlement

USUAL_MONTHS = 3
FIRST = date(2000, 1, 1)
LAST_YEAR = 2100


class PeriodForm(Form):
    """From and to, both days belong to it; without them the last three months."""

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.usual = Period(Period.last_months(USUAL_MONTHS, today).start, Period.day(today).end)
        self.fields["from"] = forms.DateField(label=_("From"), required=False)
        self.fields["to"] = forms.DateField(label=_("To"), required=False)
        for name in ("from", "to"):
            self.fields[name].widget.attrs["class"] = "form-control"
            self.fields[name].widget.input_type = "date"

    @property
    def period(self) -> Period:
        """The span that was asked for; what makes no sense is the usual one."""
        self.is_valid()
        first, last = (_sensible(self.cleaned_data.get(name)) for name in ("from", "to"))
        start = first or (FIRST if last and last < self.usual.start else self.usual.start)
        end = Period.day(last).end if last else max(self.usual.end, start)
        return Period(start, end) if start <= end else self.usual


def _sensible(day: date | None) -> date | None:
    return day if day and FIRST.year <= day.year <= LAST_YEAR else None


class SettlementForm(Form):
    """An amount for each open debit; proposed is what the credit's text names, then the oldest due."""

    on = forms.DateField(label=_("Counts from"))

    def __init__(self, *args: Any, credit: OpenItem, rows: Sequence[OpenRow], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.debits = rows
        today = timezone.localdate()
        self.initial.setdefault("on", today)
        self.fields["on"].widget.attrs["max"] = today.isoformat()
        proposed = propose(credit)
        for row in rows:
            item = row.item
            self.fields[f"amount_{item.pk}"] = forms.DecimalField(
                label=gettext("Of %(document)s") % {"document": item.entry.document},
                max_digits=14,
                decimal_places=2,
                min_value=0,
                required=False,
                initial=proposed.get(item.pk),
                widget=forms.NumberInput(
                    attrs={
                        "class": "form-control so-num-input",
                        "inputmode": "decimal",
                        "step": "0.01",
                        "data-open": f"{item.open_amount:f}",
                    }
                ),
            )

    def rows(self) -> Iterator[tuple[OpenRow, BoundField]]:
        """Each debit with its field."""
        for row in self.debits:
            yield row, self[f"amount_{row.item.pk}"]

    def amounts(self) -> dict[int, Money]:
        """What is settled, by item; what was left empty or is 0 is not."""
        typed = {row.item.pk: self.cleaned_data.get(f"amount_{row.item.pk}") or ZERO for row in self.debits}
        return {key: Decimal(amount) for key, amount in typed.items() if amount}


def propose(credit: OpenItem) -> dict[int, Money]:
    """Return how much of which debit a credit would settle by the rule: what its text names first, then in order."""
    proposed: dict[int, Money] = {}
    for one in plan_settlement([credit.customer_id], credit_id=credit.pk):
        proposed[one.debit_id] = proposed.get(one.debit_id, ZERO) + one.amount
    return proposed
