"""The demo company's sign-ins: shown on the sign-in page in demo mode, refused everywhere else."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _

from salesops.users.models import User
from salesops.users.people.queries import with_role_list
from salesops.users.roles import Role

PASSWORD = "salesops-demo"  # noqa: S105  known to everybody, which is why it opens nothing outside the demo
NAMES: dict[str, str] = {
    "supervisor": Role.SUPERVISOR,
    "representative": Role.REPRESENTATIVE,
    "regional-manager": Role.REGIONAL_MANAGER,
    "sales-manager": Role.SALES_MANAGER,
    "finance": Role.FINANCE,
    "supply": Role.SUPPLY,
    "personnel": Role.PERSONNEL,
    "marketing": Role.MARKETING,
    "agent": Role.AGENT,
    "admin": Role.ADMINISTRATOR,
}
"""The user name of each demo sign-in, and its role; whoever opens the page first wants to approve."""


def demo_sign_ins() -> Sequence[User]:
    """Return the demo people to offer on the sign-in page; none outside demo mode."""
    if not settings.DEMO:
        return []
    people: Iterable[Any] = with_role_list(User.objects.filter(username__in=NAMES, is_active=True))
    found: dict[str, User] = {}
    for person in people:
        person.roles = frozenset(person.role_list)
        found[person.username] = person
    return [found[name] for name in NAMES if name in found]


class NoDemoOutsideDemo:
    """Stops the demo password at the door where this is not the demo, even for people whose password it still is.

    It has no `get_user` on purpose: it never lets anybody in, so no session is ever its own.
    """

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> None:
        """Answer nothing, so that the next backend decides, or end it."""
        if password == PASSWORD and not settings.DEMO:
            raise PermissionDenied


class NotTheDemoPassword:
    """A password validator: outside the demo nobody may choose the demo's password."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError for the demo's password."""
        if password == PASSWORD and not settings.DEMO:
            raise ValidationError(self.get_help_text(), code="demo_password")

    def get_help_text(self) -> str:
        """Say what is refused."""
        return _("The password of the demo opens nothing here; choose another one.")
