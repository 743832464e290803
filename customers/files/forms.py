"""The form of a customer's file."""

from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from salesops.users.models import Region, User
from salesops.web.forms import Form, RemoteSelect, RemoteSelectMultiple, Segments

from .models import Customer, Grade, Kind
from .queries import possible_representatives
from .services import CustomerInput, may_grade, ungraded

PLAIN = ("code", "kind", "name", "name_zh", "tax_number", "phone", "email", "grade", "is_active")


class CustomerForm(Form):
    """Identity, place and responsibility, on one page."""

    name = forms.CharField(label=_("Name"), max_length=160, required=False)
    name_zh = forms.CharField(label=_("Chinese name"), max_length=160, required=False)
    kind = forms.ChoiceField(label=_("Kind"), choices=Kind.choices, initial=Kind.AGENT)
    grade = forms.ChoiceField(label=_("Grade"), choices=Grade.choices, initial=Grade.B, widget=Segments)
    code = forms.CharField(
        label=_("Code"), max_length=20, required=False, help_text=_("Empty: the next number is taken.")
    )
    tax_number = forms.CharField(label=_("Tax number"), max_length=40, required=False)
    phone = forms.CharField(label=_("Telephone"), max_length=60, required=False)
    email = forms.EmailField(label=_("E-mail"), required=False)
    region = forms.ModelChoiceField(
        label=_("Region"), queryset=Region.objects.all(), widget=RemoteSelect("users:pick_region")
    )
    territory = forms.ModelMultipleChoiceField(
        label=_("Territory"),
        queryset=Region.objects.all(),
        required=False,
        widget=RemoteSelectMultiple("users:pick_region"),
        help_text=_("What the agreement covers: one or more regions, each with all below it."),
    )
    representative = forms.ModelChoiceField(
        label=_("Sales representative"),
        queryset=User.objects.none(),
        required=False,
        widget=RemoteSelect("customers:pick_representative"),
    )
    parent = forms.ModelChoiceField(
        label=_("Belongs to"),
        queryset=Customer.objects.none(),
        required=False,
        widget=RemoteSelect("customers:pick"),
        help_text=_("For example the agent that a secondary dealer buys from."),
    )
    is_active = forms.BooleanField(
        label=_("Active"), required=False, initial=True, help_text=_("An inactive customer cannot order.")
    )
    despite_duplicates = forms.BooleanField(label=_("Duplicates"), required=False)
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    sections = [
        (_("Identity"), [("name", "name_zh"), ("kind", "grade"), ("code", "tax_number"), ("phone", "email")]),
        (_("Place and responsibility"), [("region", "representative"), "territory", "parent", "is_active"]),
    ]

    def __init__(self, *args: Any, by: User, customer: Customer | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people: Any = self.fields["representative"]
        customers: Any = self.fields["parent"]
        people.queryset, customers.queryset = possible_representatives(by), Customer.objects.visible_to(by)
        if not may_grade(by):
            grade: Any = self.fields["grade"]
            grade.choices = [choice for choice in Grade.choices if choice[0] in ungraded(customer)]
        if customer is not None:
            self.fields["code"].help_text = ""
            # What the file says now may stay, even where the reader could not choose it anew
            people.queryset = _with(people.queryset, customer.representative_id)
            customers.queryset = _with(customers.queryset, customer.parent_id)

    def as_input(self) -> CustomerInput:
        """What was typed, as the services take it."""
        data = self.cleaned_data
        keys: dict[str, Any] = {
            f"{name}_id": data[name].pk if data[name] else None for name in ("representative", "parent")
        }
        return CustomerInput(
            **{name: data[name] for name in PLAIN},
            **keys,
            region_id=data["region"].pk,
            territory_ids=[region.pk for region in data["territory"]],
        )

    @staticmethod
    def initial_of(customer: Customer) -> dict[str, Any]:
        """What the form starts with for a customer."""
        places = {name: getattr(customer, f"{name}_id") for name in ("region", "representative", "parent")}
        territory = list(customer.territory.values_list("pk", flat=True))
        return {**{name: getattr(customer, name) for name in PLAIN}, **places, "territory": territory}


def _with(rows: QuerySet[Any], key: int | None) -> QuerySet[Any]:
    """The rows and one more."""
    return rows.model._default_manager.filter(Q(pk__in=rows.values("pk")) | Q(pk=key))
