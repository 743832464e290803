"""The form of a team."""

from django import forms
from django.utils.translation import gettext_lazy as _

from salesops.users.models import Region
from salesops.web.forms import Form, RemoteSelect


class TeamForm(Form):
    """Names and region."""

    name = forms.CharField(label=_("Name"), max_length=120)
    name_zh = forms.CharField(label=_("Chinese name"), max_length=120, required=False)
    region = forms.ModelChoiceField(
        label=_("Region"), queryset=Region.objects.all(), widget=RemoteSelect("users:pick_region")
    )

    sections = [("", [("name", "name_zh"), "region"])]
