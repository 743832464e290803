"""What is asked for where a statistic is issued, and where one chooses what one is told of."""

from collections.abc import Iterator, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from salesops.kernel.errors import RuleBroken
from salesops.kernel.periods import Period
from salesops.users.models import Region, Team
from salesops.web.forms import Form, RemoteSelect

from ..models import Span
from ..questions import read_period
from .places import Place
from .services import MONTHS
from .telling import Offer


class IssueForm(Form):
    """A period that has ended, and of whom."""

    period = forms.CharField(
        label=gettext_lazy("Period"),
        max_length=20,
        help_text=gettext_lazy("A month (2026-03), a quarter (2026-Q1) or a fiscal year (2026) that has ended."),
    )
    region = forms.ModelChoiceField(
        label=gettext_lazy("Region"),
        queryset=Region.objects.all(),
        required=False,
        widget=RemoteSelect("users:pick_region"),
        help_text=gettext_lazy("With all below it. Without region and team it is the company's."),
    )
    team = forms.ModelChoiceField(
        label=gettext_lazy("Team"), queryset=Team.objects.all(), required=False, empty_label=gettext_lazy("–")
    )

    sections = [("", ["period", ("region", "team")])]

    def clean_period(self) -> Period:
        """A month, a quarter or a year."""
        try:
            period = read_period(self.cleaned_data["period"].strip())
        except RuleBroken as refusal:
            raise ValidationError(str(refusal.message)) from refusal
        if period.whole_months not in MONTHS.values():
            raise ValidationError(_("Choose a month, a quarter or a year."))
        return period

    @property
    def asked(self) -> dict[str, Any]:
        """What the service takes."""
        given = self.cleaned_data
        spans = {months: span for span, months in MONTHS.items()}
        return {
            "span": spans[given["period"].whole_months],
            "starts_on": given["period"].start,
            "region_id": given["region"].pk if given["region"] else None,
            "team_id": given["team"].pk if given["team"] else None,
        }


class SubscriptionForm(Form):
    """A box for each place that the person may see and each span."""

    def __init__(self, *args: Any, offers: Sequence[Offer], **kwargs: Any) -> None:
        self.offers = offers
        super().__init__(*args, **kwargs)
        for offer, span, name in self._boxes():
            self.fields[name] = forms.BooleanField(
                label=_("%(place)s: %(span)s") % {"place": offer.place, "span": Span(span).label},
                required=False,
                initial=offer.told[span],
                widget=forms.CheckboxInput({"class": "so-check"}),
            )

    def _boxes(self) -> Iterator[tuple[Offer, str, str]]:
        for offer in self.offers:
            for span in Span.values:
                yield offer, span, f"{offer.place.key}.{span}"

    @property
    def lines(self) -> list[tuple[Place, list[tuple[Any, Any]]]]:
        """The lines of the table: a place and its boxes, each with its span in words."""
        return [
            (offer.place, [(self[f"{offer.place.key}.{span}"], label) for span, label in Span.choices])
            for offer in self.offers
        ]

    @property
    def wishes(self) -> dict[tuple[str, Place], bool]:
        """What was chosen."""
        return {(span, offer.place): self.cleaned_data[name] for offer, span, name in self._boxes()}
