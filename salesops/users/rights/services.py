"""What each role may do, and that somebody always remains who can change it."""

from collections.abc import Iterable

from django.contrib.auth.models import Group
from django.db import transaction
from django.utils.translation import gettext as _

from salesops.kernel.errors import require
from salesops.users.models import User
from salesops.users.people.queries import holders_of
from salesops.users.secondfactor.services import require_second_factor
from salesops.web.history import recorded

MANAGE = "users.manage_users"
"""The right that must never be lost: it gives all others."""

Right = tuple[str, str]
"""The name of a role, and a permission as `app.codename`."""


@transaction.atomic
@recorded
def change_rights(
    *,
    by: User,
    give: Iterable[Right] = (),
    take: Iterable[Right] = (),
    require_factor_of: Iterable[str] = (),
    release_from_factor: Iterable[str] = (),
) -> None:
    """Give rights to roles and take rights from them; say which roles must sign in with a second factor.

    The last role that manages users keeps that right.
    """
    from .queries import rights_shown

    given, taken = list(give), list(take)
    roles = {group.name: group for group in lock_roles()}
    permissions = {right.key: right.pk for right in rights_shown()}
    for role, key in [*given, *taken]:
        require(role in roles and key in permissions, _("There is no such role or right."), rule="right")
    for role, key in given:
        roles[role].permissions.add(permissions[key])
    for role, key in taken:
        roles[role].permissions.remove(permissions[key])
    require(
        _roles_with(MANAGE),
        _("At least one role must manage users: else nobody could ever change anything here again."),
        rule="last role",
    )
    keep_somebody_in_charge()
    require_second_factor(by=by, of=require_factor_of, no_longer_of=release_from_factor)


def lock_roles() -> list[Group]:
    """Lock all roles, always in the same order, so that two administrators never take the last right at once."""
    return list(Group.objects.select_for_update().order_by("pk"))


def keep_somebody_in_charge() -> None:
    """Refuse what has just been done if nobody is left who manages users; call it last, with the roles locked."""
    require(
        holders_of(MANAGE).exists(),
        _("Somebody must remain who manages users: this is the last one."),
        rule="last administrator",
        field="roles",
    )


def _roles_with(key: str) -> bool:
    label, codename = key.split(".")
    return Group.objects.filter(permissions__content_type__app_label=label, permissions__codename=codename).exists()
