"""The span of days of a ledger."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from salesops.kernel.periods import Period
from salesops.web.forms import Form

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
