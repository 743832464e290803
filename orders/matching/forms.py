"""An agent's ledger with its days, and which of its columns holds what."""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers.files.models import Customer
from salesops.kernel.periods import Period
from salesops.web.forms import Form

from .models import LedgerUpload
from .reading import FileLook, LedgerMapping

MOST_TYPED = Decimal(10) ** 12
DATE_FORMATS = [
    ("", _("as 2026-10-31, or a day of Excel")),
    ("%d.%m.%Y", "31.10.2026"),
    ("%d/%m/%Y", "31/10/2026"),
    ("%m/%d/%Y", "10/31/2026"),
    ("%d-%m-%Y", "31-10-2026"),
    ("%m-%d-%Y", "10-31-2026"),
    ("%y-%m-%d", "26-10-31"),
]
LABELS = {
    "day": _("Date"),
    "reference": _("Reference"),
    "text": _("What"),
    "debit": _("Debit"),
    "credit": _("Credit"),
    "amount": _("Signed amount"),
}


class LedgerForm(Form):
    """A file and the days it is of."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("Excel (.xlsx) or text (.csv), as it comes out of their books: one line for each movement."),
    )
    first_day = forms.DateField(label=_("From"))
    last_day = forms.DateField(label=_("To"))
    opening = forms.DecimalField(
        label=_("Their opening balance"),
        max_digits=14,
        decimal_places=2,
        required=False,
        help_text=_("What they owed us before the first day. Empty: as it follows."),
    )
    closing = forms.DecimalField(
        label=_("Their closing balance"),
        max_digits=14,
        decimal_places=2,
        required=False,
        help_text=_("What they owed us after the last day."),
    )

    sections = [("", ["file", ("first_day", "last_day"), ("opening", "closing")])]

    def __init__(self, *args: Any, customer: Customer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].widget.attrs["accept"] = ".xlsx,.csv,.txt"
        span = _next_span(customer)
        self.initial.setdefault("first_day", span.start)
        self.initial.setdefault("last_day", span.last_day)


def _next_span(customer: Customer) -> Period:
    """The month after the last ledger of a customer, else the last month that is over."""
    last = LedgerUpload.objects.standing().filter(customer=customer).order_by("-last_day").first()
    this_month = Period.last_months(1, timezone.localdate())
    after = Period(last.last_day, last.last_day).end if last else None
    return this_month.previous if after is None else _month_after(after)


def _month_after(day: Any) -> Period:
    month = Period.month(day.year, day.month)
    return month if day == month.start else month.shifted(1)


class AmountsField(forms.CharField):
    """Amounts one after the other, separated by spaces, semicolons or new lines; 1,000.50 is one."""

    def to_python(self, value: Any) -> Any:
        """Return them as decimals."""
        typed = str(super().to_python(value) or "").replace("−", "-").replace(";", " ").split()
        found = []
        for one in typed:
            try:
                found.append(Decimal(one.replace(",", "")))
            except InvalidOperation:
                found.append(Decimal("NaN"))
        if not all(one.is_finite() and abs(one) < MOST_TYPED for one in found):
            raise forms.ValidationError(_("Write amounts, separated by spaces."))
        return found


class PartsForm(Form):
    """The parts of a line."""

    amounts = AmountsField(
        label=_("Amounts of the parts"),
        max_length=600,
        widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "off"}),
        help_text=_("Separated by spaces, with the sign of the line: 600 400. They add up to it."),
    )

    sections = [("", ["amounts"])]


class FileColumnsForm(Form):
    """Which column of a file holds what; the names are those of a mapping, each with its label."""

    labels: ClassVar[dict[str, Any]] = {}

    date_format = forms.ChoiceField(label=_("Dates are written"), choices=DATE_FORMATS, required=False)
    decimal_sign = forms.ChoiceField(
        label=_("Decimals are written"), choices=[(".", "1,234.50"), (",", "1.234,50")], required=False
    )
    only_good = forms.BooleanField(label=_("Leave out the rows that cannot be read"), required=False)

    def __init__(self, *args: Any, look: FileLook, mapping: Any, has_bad: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.look = look
        options = [("", "—"), *((name, name) for name in look.columns)]
        for name, label in self.labels.items():
            self.fields[name] = forms.ChoiceField(
                label=label, choices=options, required=False, initial=getattr(mapping, name)
            )
            self.fields[name].widget.attrs["class"] = "form-select"
        self.initial = {**self.initial, "date_format": mapping.date_format, "decimal_sign": mapping.decimal_sign}
        if not has_bad:
            del self.fields["only_good"]

    def rows(self) -> list[tuple[Any, list[str]]]:
        """Each field of ours with some values of the column that is chosen."""
        return [(self[name], self.look.columns.get(str(self[name].value() or ""), [])) for name in self.labels]

    def chosen(self) -> dict[str, Any]:
        """What was chosen, as mappings keep it."""
        given = self.cleaned_data
        return {
            **{name: given.get(name, "") for name in self.labels},
            "date_format": given.get("date_format", ""),
            "decimal_sign": given.get("decimal_sign") or ".",
            "sheet": self.look.sheet,
            "header_row": self.look.header_row,
        }


class ColumnsForm(FileColumnsForm):
    """The columns of an agent's ledger, and whose books these are."""

    labels = LABELS

    whose = forms.ChoiceField(
        label=_("Whose view"),
        choices=[
            ("theirs", _("Theirs: a debit, or an amount above 0, lowers what they owe us")),
            ("ours", _("Ours: a debit, or an amount above 0, raises what they owe us")),
        ],
    )
    replaces = forms.BooleanField(label=_("It replaces the ledger that is there"), required=False)

    def __init__(self, *args: Any, mapping: LedgerMapping, others: Sequence[LedgerUpload] = (), **kwargs: Any) -> None:
        super().__init__(*args, mapping=mapping, **kwargs)
        self.initial["whose"] = "ours" if mapping.debit_raises else "theirs"
        if not others:
            del self.fields["replaces"]
        self.others = others
        self.order_fields([*LABELS, "whose", "date_format", "decimal_sign", "only_good", "replaces"])

    def mapping(self) -> LedgerMapping:
        """What was chosen."""
        return LedgerMapping.of({**self.chosen(), "debit_raises": self.cleaned_data.get("whose") == "ours"})
