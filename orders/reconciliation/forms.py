"""Which round, which statement, what differs, what explains it."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers.attachments.uploads import ACCEPTED
from customers.files.models import Customer, Grade, Kind
from salesops.kernel.money import ZERO
from salesops.users.models import Region, User
from salesops.users.people.queries import people_visible_to
from salesops.web.forms import Form, RemoteSelect, RemoteSelectMultiple

from .models import DifferenceKind, DifferenceReason, Reconciliation
from .queries import taking_part
from .statements import month_before

ANSWER_DAYS = 10


class SpanForm(Form):
    """From and to, both belong to it."""

    first_day = forms.DateField(label=_("From"))
    last_day = forms.DateField(label=_("Until"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        today = timezone.localdate()
        usual = month_before(today)
        self.initial.setdefault("first_day", usual.start)
        self.initial.setdefault("last_day", usual.last_day)
        self.fields["last_day"].widget.attrs["max"] = today.isoformat()


class StatementForm(SpanForm):
    """The days of a statement."""

    sections = [("", [("first_day", "last_day")])]


class RoundForm(SpanForm):
    """The days, until when one answers, and who takes part: all, or those of a place, or those that are named."""

    answer_by = forms.DateField(label=_("Answers due"))
    customers = forms.ModelMultipleChoiceField(
        label=_("Customers"),
        queryset=Customer.objects.none(),
        required=False,
        widget=RemoteSelectMultiple("customers:pick"),
        help_text=_("Empty: all that the choices below leave."),
    )
    kind = forms.ChoiceField(
        label=_("Kind"), choices=[("", _("Any")), *Kind.choices], required=False, initial=Kind.AGENT
    )
    region = forms.ModelChoiceField(
        label=_("Region"), queryset=Region.objects.all(), required=False, widget=RemoteSelect("users:pick_region")
    )
    representative = forms.ModelChoiceField(
        label=_("Representative"),
        queryset=User.objects.none(),
        required=False,
        widget=RemoteSelect("customers:pick_representative"),
    )
    grade = forms.ChoiceField(label=_("Grade"), choices=[("", _("Any")), *Grade.choices], required=False)
    moved = forms.BooleanField(label=_("Leave out accounts without entries or balance"), required=False, initial=True)
    note = forms.CharField(label=_("Note"), max_length=300, required=False)

    sections = [
        (_("Period"), [("first_day", "last_day", "answer_by")]),
        (_("Who takes part"), ["customers", ("kind", "grade"), ("region", "representative"), "moved"]),
        ("", ["note"]),
    ]

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        fields: Any = self.fields
        fields["customers"].queryset = Customer.objects.visible_to(user)
        fields["representative"].queryset = people_visible_to(user)
        today = timezone.localdate()
        self.initial.setdefault("answer_by", today + timedelta(days=ANSWER_DAYS))
        fields["answer_by"].widget.attrs["min"] = today.isoformat()

    def taking_part(self) -> Any:
        """The customers that the choices leave."""
        given = self.cleaned_data
        return taking_part(
            self.user,
            first_day=given["first_day"],
            last_day=given["last_day"],
            customers=[one.pk for one in given["customers"]],
            kind=given["kind"],
            grade=given["grade"],
            region=given["region"],
            representative=given["representative"],
            moved=given["moved"],
        )


class DifferenceForm(Form):
    """What differs, in the words of somebody who looks into their own books."""

    kind = forms.ChoiceField(label=_("What differs"), choices=DifferenceKind)
    entry = forms.TypedChoiceField(
        label=_("On the statement"),
        required=False,
        coerce=int,
        empty_value=None,
        help_text=_("Leave it empty where your books have something that the statement does not show."),
    )
    their_amount = forms.DecimalField(
        label=_("Amount in your books"),
        max_digits=14,
        decimal_places=2,
        min_value=ZERO,
        help_text=_("0 where your books do not have it."),
    )
    direction = forms.ChoiceField(
        label=_("In your books it"),
        choices=[("raises", _("raises what you owe")), ("lowers", _("lowers what you owe"))],
        required=False,
        initial="lowers",
        help_text=_("Of an entry on the statement it is known."),
    )
    document = forms.CharField(label=_("Your document"), max_length=60, required=False)
    text = forms.CharField(
        label=_("In words"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    file = forms.FileField(
        label=_("Evidence"), required=False, widget=forms.ClearableFileInput(attrs={"accept": ACCEPTED})
    )

    sections = [("", ["kind", "entry", ("their_amount", "direction"), "document", "text", "file"])]

    def __init__(self, *args: Any, reconciliation: Reconciliation, entries: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.entries = {entry.pk: entry for entry in entries}
        chosen: Any = self.fields["entry"]
        chosen.choices = [("", _("Not on the statement"))] + [
            (entry.pk, f"{entry.posted_on}  {entry.document}  {entry.amount:,.2f}") for entry in self.entries.values()
        ]

    @property
    def amount(self) -> Any:
        """What is added to our closing balance to come nearer to theirs."""
        given = self.cleaned_data
        entry = self.entries.get(given["entry"])
        theirs = given["their_amount"]
        if entry is not None:
            return (theirs if entry.debit else -theirs) - entry.amount
        return theirs if given["direction"] == "raises" else -theirs


class ExplanationForm(Form):
    """What explains a difference, who sees to it."""

    reason = forms.ChoiceField(label=_("Reason"), choices=DifferenceReason)
    owner = forms.ModelChoiceField(
        label=_("Owner"),
        queryset=User.objects.none(),
        required=False,
        widget=RemoteSelect("customers:pick_representative"),
    )
    note = forms.CharField(
        label=_("Note for both sides"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    resolution = forms.CharField(
        label=_("Posted as"),
        max_length=40,
        required=False,
        help_text=_(
            "The number of what is posted to this account and puts it right: a payment, an adjustment, a credit for a"
            " return. Of what is theirs to post, their own number."
        ),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owners: Any = self.fields["owner"]
        owners.queryset = people_visible_to(user)


class ClosingForm(Form):
    """What their books close with."""

    amount = forms.DecimalField(
        label=_("Their closing balance"),
        max_digits=14,
        decimal_places=2,
        required=False,
        help_text=_("Empty: it follows from the differences that are stated."),
    )


class ReasonForm(Form):
    """Why something is accepted."""

    reason = forms.CharField(
        label=_("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 3, "autofocus": True})
    )
