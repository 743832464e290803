"""The forms about people."""

from typing import Any

from django import forms
from django.contrib.auth.forms import SetPasswordForm as DjangoSetPasswordForm
from django.utils.translation import gettext_lazy as _

from salesops.users.models import Region, Team, User
from salesops.users.rights.queries import role_label
from salesops.users.roles import Role
from salesops.web.forms import Dressed, Form, RemoteSelect

from .services import PersonInput


class PersonForm(Form):
    """Who somebody is, where they belong, and their roles."""

    full_name = forms.CharField(label=_("Name"), max_length=120)
    full_name_zh = forms.CharField(label=_("Chinese name"), max_length=120, required=False)
    phone = forms.CharField(label=_("Phone"), max_length=40, required=False)
    email = forms.EmailField(label=_("E-mail"), required=False)
    language = forms.ChoiceField(label=_("Language"), choices=User._meta.get_field("language").choices or [])
    username = forms.CharField(
        label=_("User name"),
        max_length=150,
        validators=[User.username_validator],
        help_text=_("What the person types to sign in: letters, digits and @ . + - _"),
    )
    roles = forms.MultipleChoiceField(label=_("Roles"), choices=Role.choices, widget=forms.CheckboxSelectMultiple)
    region = forms.ModelChoiceField(
        label=_("Region"),
        queryset=Region.objects.all(),
        required=False,
        widget=RemoteSelect("users:pick_region"),
        help_text=_("A regional manager sees it and all below it."),
    )
    team = forms.ModelChoiceField(
        label=_("Team"),
        queryset=Team.objects.all(),
        required=False,
        empty_label=_("None"),
        help_text=_("A supervisor sees the customers of everybody in it."),
    )
    customer = forms.ModelChoiceField(
        label=_("Customer"),
        queryset=User.objects.none(),
        required=False,
        widget=RemoteSelect("customers:pick"),
        help_text=_("Only for an agent: the account that is theirs."),
    )

    sections = [
        (_("Person"), [("full_name", "full_name_zh"), ("phone", "email"), "language"]),
        (_("Sign-in"), ["username"]),
        (_("Roles and place"), ["roles", ("region", "team"), "customer"]),
    ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        customers: Any = User._meta.get_field("customer").related_model
        self.fields["customer"].queryset = customers._default_manager.all()  # type: ignore[attr-defined]

    def as_input(self) -> PersonInput:
        """What was typed, as the service takes it."""
        data = self.cleaned_data
        keys: dict[str, Any] = {
            f"{name}_id": data[name].pk if data[name] else None for name in ("region", "team", "customer")
        }
        names = ("username", "full_name", "full_name_zh", "phone", "email", "language")
        return PersonInput(**{name: data[name] for name in names}, **keys, roles=frozenset(data["roles"]))

    @staticmethod
    def initial_of(person: User) -> dict[str, Any]:
        """What the form starts with for somebody."""
        names = ("username", "full_name", "full_name_zh", "phone", "email", "language", "region", "team", "customer")
        return {**{name: getattr(person, name) for name in names}, "roles": sorted(person.roles, key=role_label)}


class NewPersonForm(PersonForm):
    """The same with a first password."""

    password = forms.CharField(
        label=_("First password"),
        required=False,
        widget=forms.PasswordInput(render_value=True, attrs={"autocomplete": "new-password"}),
        help_text=_("Tell it to the person, who changes it. Without one nobody can sign in by this name yet."),
    )

    sections = [
        PersonForm.sections[0],
        (_("Sign-in"), [("username", "password")]),
        PersonForm.sections[2],
    ]


class SetPasswordForm(Dressed, DjangoSetPasswordForm):
    """A password for somebody else, twice."""

    sections = [("", ["new_password1", "new_password2"])]
