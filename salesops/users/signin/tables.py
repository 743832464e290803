"""What happened at the door, as lists show it."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from salesops.web.badges import Badge
from salesops.web.tables import DENSE, BadgeColumn, Column, DateColumn, Table

from .browsers import browser_in_words
from .models import Outcome, SignInEvent

TONES: dict[str, str | tuple[str, str]] = {
    Outcome.SIGNED_IN: "good",
    Outcome.WRONG_PASSWORD: "warn",
    Outcome.WRONG_CODE: "warn",
    Outcome.BARRED: ("bad", "lock"),
    Outcome.RECOVERY_CODE: ("warn", "key"),
    Outcome.SIGNED_OUT: ("", "out"),
    Outcome.PASSWORD_CHANGED: ("info", "key"),
    Outcome.ACCESS_ENDED: ("", "lock"),
    Outcome.FACTOR_SET_UP: ("info", "shield"),
    Outcome.FACTOR_ENDED: ("warn", "shield"),
    Outcome.FACTOR_RESET: ("warn", "shield"),
    Outcome.CODES_RENEWED: ("info", "key"),
    Outcome.TOKEN_MADE: ("info", "key"),
    Outcome.TOKEN_REVOKED: ("", "key"),
}


def outcome_badge(event: SignInEvent) -> Badge:
    """Return what happened as a badge."""
    tone = TONES.get(event.outcome, "")
    made = Badge(tone) if isinstance(tone, str) else Badge(*tone)
    return made._replace(text=event.get_outcome_display())


class BrowserColumn(Column):
    """A browser in words; the file has all that it says of itself."""

    width = 60

    def render(self, value: str) -> str:
        return browser_in_words(value)

    def value(self, value: str) -> str:
        return value


class OwnSignInTable(Table):
    """One's own."""

    at = DateColumn(time=True, verbose_name=_("When"))
    outcome = BadgeColumn(tones=TONES, phone="lead")
    address = Column(width=20)
    browser = BrowserColumn(orderable=False)
    note = Column(orderable=False, width=40)

    class Meta(Table.Meta):
        model = SignInEvent
        fields = ("at", "outcome", "address", "browser", "note")
        order_by = "-at"


class SignInTable(OwnSignInTable):
    """Everybody's."""

    person = Column(accessor="user", verbose_name=_("Person"), orderable=False, linkify=True, phone="lead", width=24)
    name = Column(phone="line", width=20)
    by = Column(orderable=False, verbose_name=pgettext_lazy("audit", "Done by"), width=24)

    class Meta(Table.Meta):
        attrs = DENSE
        model = SignInEvent
        order_by = "-at"
        fields = ("at", "person", "name", "outcome", "address", "browser", "by", "note")
        sequence = fields
