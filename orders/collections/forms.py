"""What was promised, what is disputed, how one is reminded."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from salesops.kernel.money import CENT, Money
from salesops.users.models import User
from salesops.users.people.queries import employees, people_visible_to
from salesops.web.forms import Form, ModelForm, RemoteSelect

from .models import DisputeKind, ReminderLevel

USUAL_DAYS = 7


class PromiseForm(Form):
    """How much, until when, by whom."""

    amount = forms.DecimalField(label=_("Amount"), max_digits=14, decimal_places=2, min_value=CENT)
    promised_for = forms.DateField(label=_("Promised for"))
    given_by = forms.CharField(label=_("Who promised"), max_length=120, required=False)
    note = forms.CharField(label=_("Note"), max_length=300, required=False)

    sections = [("", [("amount", "promised_for"), "given_by", "note"])]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        today = timezone.localdate()
        self.initial.setdefault("promised_for", today + timedelta(days=USUAL_DAYS))
        self.fields["promised_for"].widget.attrs["min"] = today.isoformat()


class DisputeForm(Form):
    """What the customer does not accept of an item."""

    kind = forms.ChoiceField(label=_("What is disputed"), choices=DisputeKind)
    amount = forms.DecimalField(label=_("Amount"), max_digits=14, decimal_places=2, min_value=CENT)
    text = forms.CharField(
        label=_("What the customer says"), max_length=500, widget=forms.Textarea(attrs={"rows": 3, "autofocus": True})
    )
    owner = forms.ModelChoiceField(
        label=_("Owner"),
        queryset=User.objects.none(),
        required=False,
        widget=RemoteSelect("customers:pick_representative"),
        help_text=_("Who sees to it; you, unless somebody else is named."),
    )

    sections = [("", [("kind", "amount"), "text", "owner"])]

    def __init__(self, *args: Any, undisputed: Money, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("amount", undisputed)
        owners: Any = self.fields["owner"]
        owners.queryset = employees(people_visible_to(user))


class OutcomeForm(Form):
    """What came of a dispute."""

    outcome = forms.CharField(
        label=_("What came of it"), max_length=500, widget=forms.Textarea(attrs={"rows": 3, "autofocus": True})
    )


class LevelForm(ModelForm):
    """When a level is sent, and what it says."""

    class Meta:
        model = ReminderLevel
        fields = ["days", "gap", "title", "title_zh", "text", "text_zh", "holds"]

    sections = [("", [("days", "gap"), ("title", "title_zh"), "text", "text_zh", "holds"])]


class RemindForm(Form):
    """Whom one reminds; the page lists them with what each letter would say."""

    def chosen(self) -> list[int]:
        """The customers that were ticked."""
        data: Any = self.data
        return [int(key) for key in data.getlist("customers") if key.isdecimal() and len(key) < 19]
