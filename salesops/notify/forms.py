"""The form of a person's own wishes."""

from datetime import time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from salesops.users.models import User
from salesops.web.forms import Form

from .models import DIGEST_HOUR, Email, MailSettings
from .registry import NoticeKind, notice_kinds
from .wishes import QuietHours, Wish, wishes_of


class WishesForm(Form):
    """A line for each kind of notice that may concern the person, the quiet hours, the hour of the digest."""

    quiet_from = forms.TimeField(
        label=gettext_lazy("No mail from"), required=False, widget=forms.TimeInput({"type": "time"}, "%H:%M")
    )
    quiet_until = forms.TimeField(
        label=gettext_lazy("until"),
        required=False,
        widget=forms.TimeInput({"type": "time"}, "%H:%M"),
        help_text=gettext_lazy("What comes in between arrives afterwards."),
    )
    digest_hour = forms.TypedChoiceField(
        label=gettext_lazy("The digest comes at"), choices=[(hour, f"{hour:02}:00") for hour in range(24)], coerce=int
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        self.user = user
        self.kinds = notice_kinds.allowed(user)
        super().__init__(*args, **kwargs)
        wishes = wishes_of(user)
        for kind in self.kinds:
            self._add_line(kind, wishes[kind.key])
        self._start_with(MailSettings.objects.filter(user=user).first())

    def _add_line(self, kind: NoticeKind, wish: Wish) -> None:
        # The labels are for readers of the page's words; the eye has the heads of the table.
        self.fields[f"in_app.{kind.key}"] = forms.BooleanField(
            label=_("%(kind)s: in the bell") % {"kind": kind.label},
            required=False,
            initial=wish.in_app,
            widget=forms.CheckboxInput({"class": "so-check"}),
        )
        self.fields[f"email.{kind.key}"] = forms.ChoiceField(
            label=_("%(kind)s: by e-mail") % {"kind": kind.label},
            choices=Email.choices,
            initial=wish.email,
            widget=forms.Select({"class": "form-select"}),
        )

    def _start_with(self, kept: MailSettings | None) -> None:
        self.fields["quiet_from"].initial = kept.quiet_from if kept else None
        self.fields["quiet_until"].initial = kept.quiet_until if kept else None
        self.fields["digest_hour"].initial = kept.digest_hour if kept else DIGEST_HOUR

    @property
    def lines(self) -> list[tuple[Any, Any, Any]]:
        """The lines of the table: what it is about, the bell's box, the choice of mail."""
        return [(kind.label, self[f"in_app.{kind.key}"], self[f"email.{kind.key}"]) for kind in self.kinds]

    def clean(self) -> dict[str, Any]:
        """Quiet hours have two ends or none."""
        cleaned = super().clean() or self.cleaned_data
        start, end = cleaned.get("quiet_from"), cleaned.get("quiet_until")
        if not self.errors and (start is None) != (end is None):
            raise ValidationError({"quiet_until" if end is None else "quiet_from": _("Give both ends, or none.")})
        return cleaned

    @property
    def quiet(self) -> QuietHours | None:
        """The quiet hours that were typed."""
        start: time | None = self.cleaned_data["quiet_from"]
        end: time | None = self.cleaned_data["quiet_until"]
        return QuietHours(start, end) if start is not None and end is not None else None

    @property
    def wishes(self) -> dict[str, Wish]:
        """What was chosen for each kind."""
        data = self.cleaned_data
        return {kind.key: Wish(data[f"in_app.{kind.key}"], data[f"email.{kind.key}"]) for kind in self.kinds}
