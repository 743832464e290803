"""Telling people what others did to their own account."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from salesops.users.models import User
from salesops.users.secondfactor.hooks import after_reset

from .registry import NoticeKind, notice_kinds
from .services import notify

notice_kinds.add(
    NoticeKind("account.second_factor", gettext_lazy("My second factor was reset"), email_by_default=True, order=95)
)


def tell_of_reset(person: User, by: User | None, reason: str) -> None:
    """Tell somebody that their second factor was reset, by whom and why."""
    notify(
        "account.second_factor",
        to=[person],
        title=lambda: _("%(name)s reset your second factor") % {"name": by or _("The system")},
        text=lambda: (
            _("Reason: %(reason)s. Set up another one. If you did not ask for this, change your password at once.")
            % {"reason": reason.rstrip(".")}
        ),
        url=reverse("users:second_factor"),
    )


after_reset.append(tell_of_reset)
