"""The form of a region."""

from django import forms
from django.utils.translation import gettext_lazy as _

from salesops.users.models import Region
from salesops.web.forms import Form, RemoteSelect


class RegionForm(Form):
    """Code, names, and the region above."""

    code = forms.SlugField(label=_("Code"), max_length=20, help_text=_("Letters, digits, - and _"))
    name = forms.CharField(label=_("Name"), max_length=120)
    name_zh = forms.CharField(label=_("Chinese name"), max_length=120, required=False)
    parent = forms.ModelChoiceField(
        label=_("Lies in"),
        queryset=Region.objects.all(),
        required=False,
        widget=RemoteSelect("users:pick_region"),
        help_text=_("Empty for a highest one. All that lies below moves along."),
    )

    sections = [("", [("code", "parent"), ("name", "name_zh")])]
