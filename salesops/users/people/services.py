"""Every change to people who sign in."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from salesops.kernel.errors import RuleBroken, require
from salesops.users.models import User
from salesops.users.rights.services import keep_somebody_in_charge, lock_roles
from salesops.users.roles import Role
from salesops.users.signin.events import NOWHERE, Where, write_event
from salesops.users.signin.models import Outcome
from salesops.web.history import recorded

from .hooks import tell_access_changed

ADDRESSES = frozenset({"new", "pick", ".", ".."})
"""Addresses below /people/ that are not people."""


@dataclass(frozen=True)
class PersonInput:
    """What is written about a person; ids of region, team and customer may be None."""

    username: str
    full_name: str
    full_name_zh: str = ""
    phone: str = ""
    email: str = ""
    region_id: int | None = None
    team_id: int | None = None
    customer_id: int | None = None
    language: str = "en"
    roles: frozenset[str] = frozenset()


@transaction.atomic
@recorded
def create_person(given: PersonInput, *, by: User, password: str = "") -> User:
    """Let somebody sign in. Without a password they cannot, until one is set."""
    _check(given)
    _check_name_is_free(given.username)
    user = User(**_columns(given))
    if password:
        _check_password(password, user)
        user.set_password(password)
    else:
        user.set_unusable_password()
    user.save()
    user.groups.set(_groups(given.roles))
    return user


@transaction.atomic
@recorded
def change_person(user_id: int, given: PersonInput, *, by: User) -> User:
    """Write a person's data and roles anew. The last one who manages users keeps that right."""
    lock_roles()
    user = User.objects.select_for_update(of=("self",), no_key=True).get(pk=user_id)
    _check(given)
    _check_name_is_free(given.username, besides=user)
    columns = _columns(given)
    for name, value in columns.items():
        setattr(user, name, value)
    user.save(update_fields=list(columns))
    user.groups.set(_groups(given.roles))
    keep_somebody_in_charge()
    return user


@transaction.atomic
@recorded
def deactivate_person(user_id: int, *, by: User, where: Where = NOWHERE) -> User:
    """End somebody's access and sessions at once; what they did stays theirs. Nobody does it to themselves."""
    lock_roles()
    user = User.objects.select_for_update(of=("self",), no_key=True).get(pk=user_id)
    require(user.pk != by.pk, _("Nobody ends their own access; ask another administrator."), rule="own access")
    require(user.is_active, _("%(name)s has no access any more.") % {"name": user}, rule="state", is_active=False)
    user.is_active = False
    user.session_round += 1
    user.save(update_fields=["is_active", "session_round"])
    tell_access_changed(user.pk)
    keep_somebody_in_charge()
    write_event(Outcome.ACCESS_ENDED, user=user, where=where, by=by)
    return user


@transaction.atomic
@recorded
def reactivate_person(user_id: int, *, by: User) -> User:
    """Give somebody access again, with the roles and the password they had."""
    user = User.objects.select_for_update(of=("self",), no_key=True).get(pk=user_id)
    require(not user.is_active, _("%(name)s has access already.") % {"name": user}, rule="state", is_active=True)
    user.is_active = True
    user.save(update_fields=["is_active"])
    return user


@transaction.atomic
@recorded
def set_password(user_id: int, *, by: User, password: str, where: Where = NOWHERE) -> User:
    """Set a password for somebody, who changes it afterwards; all their sessions end."""
    user = User.objects.select_for_update(of=("self",), no_key=True).get(pk=user_id)
    require(user.pk != by.pk, _("Change your own password under your name, with the old one."), rule="own password")
    _check_password(password, user)
    user.set_password(password)
    user.save(update_fields=["password"])
    write_event(Outcome.PASSWORD_CHANGED, user=user, where=where, by=by)
    return user


def _columns(given: PersonInput) -> dict[str, object]:
    return {
        "username": given.username.strip(),
        "full_name": given.full_name.strip(),
        "full_name_zh": given.full_name_zh.strip(),
        "phone": given.phone.strip(),
        "email": given.email.strip(),
        "region_id": given.region_id,
        "team_id": given.team_id,
        "customer_id": given.customer_id,
        "language": given.language,
    }


def _check(given: PersonInput) -> None:
    """Refuse what would leave a role without the place that its scope comes from."""
    roles = given.roles
    unknown = roles - set(Role.values)
    require(not unknown, _("There is no such role."), field="roles", rule="role")
    require(roles, _("Somebody without a role sees nothing: choose at least one."), field="roles", rule="role")
    if Role.AGENT in roles:
        require(
            len(roles) == 1,
            _("An agent sees one account only and has no other role."),
            field="roles",
            rule="agent",
        )
        require(
            given.customer_id, _("Choose the customer whose account the agent sees."), field="customer", rule="agent"
        )
    else:
        require(not given.customer_id, _("Only an agent belongs to a customer."), field="customer", rule="agent")
    if Role.SUPERVISOR in roles:
        require(given.team_id, _("Choose the team that the supervisor leads."), field="team", rule="place")
    if Role.REGIONAL_MANAGER in roles:
        require(given.region_id, _("Choose the region that the manager is in charge of."), field="region", rule="place")


def _check_name_is_free(username: str, besides: User | None = None) -> None:
    require(username.strip() not in ADDRESSES, _("This name is taken."), field="username", rule="user name")
    others = User.objects.filter(username__iexact=username.strip())
    if besides is not None:
        others = others.exclude(pk=besides.pk)
    require(not others.exists(), _("Somebody signs in by this name already."), field="username", rule="user name")


def _check_password(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise RuleBroken(" ".join(error.messages), rule="password", field="password") from error


def _groups(roles: Iterable[str]) -> list[Group]:
    return list(Group.objects.filter(name__in=roles))
