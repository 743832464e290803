"""The form of a delegation."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from salesops.users.models import User
from salesops.users.people.queries import colleagues, employees
from salesops.users.rights.services import MANAGE
from salesops.web.forms import Form, RemoteSelect


class DelegationForm(Form):
    """Who decides, for whom, on which days. Only administrators choose for whom.

    Only colleagues are choices, so that no id typed by hand shows a name. A giver may have lost access meanwhile.
    """

    giver = forms.ModelChoiceField(
        label=_("For"), queryset=employees(User.objects.all()), widget=RemoteSelect("users:pick_people"), required=False
    )
    taker = forms.ModelChoiceField(label=_("Delegate"), queryset=colleagues(), widget=RemoteSelect("users:pick_people"))
    first_day = forms.DateField(label=_("From"))
    last_day = forms.DateField(label=_("Until, included"))
    reason = forms.CharField(
        label=_("Reason"), max_length=200, required=False, help_text=_("For example: on leave, abroad")
    )

    sections = [("", ["giver", "taker", ("first_day", "last_day"), "reason"])]

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["first_day"].initial = timezone.localdate()
        if by.has_perm(MANAGE):
            self.fields["giver"].initial = by.pk
        else:
            del self.fields["giver"]
            self.sections = [("", ["taker", ("first_day", "last_day"), "reason"])]  # type: ignore[misc]
