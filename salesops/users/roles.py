"""Roles: groups with named permissions; the defaults stand in salesops/roles.py, administrators change them."""

from importlib import import_module
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """Who uses the product; the value is the name of the group."""

    REPRESENTATIVE = "representative", _("Sales representative")
    SUPERVISOR = "supervisor", _("Sales supervisor")
    REGIONAL_MANAGER = "regional_manager", _("Regional manager")
    SALES_MANAGER = "sales_manager", _("Sales manager")
    FINANCE = "finance", _("Finance")
    SUPPLY = "supply", _("Supply")
    PERSONNEL = "personnel", _("Personnel")
    MARKETING = "marketing", _("Marketing")
    AGENT = "agent", _("Agent")
    ADMINISTRATOR = "administrator", _("Administrator")


COMPANY_ROLES = frozenset(
    {Role.SALES_MANAGER, Role.FINANCE, Role.SUPPLY, Role.PERSONNEL, Role.MARKETING, Role.ADMINISTRATOR}
)
"""Roles that see the whole company; the others see what their place in it gives."""


def grant_default_permissions(**kwargs: Any) -> None:
    """Give each role the permissions of salesops/roles.py that it was never given; runs after every migrate.

    What an administrator took away stays away: each default is granted once and remembered.
    """
    from .models import DefaultGrant

    defaults: dict[str, list[str]] = import_module("salesops.roles").DEFAULT_PERMISSIONS
    permissions = {
        f"{label}.{codename}": pk
        for pk, label, codename in Permission.objects.values_list("pk", "content_type__app_label", "codename")
    }
    given = set(DefaultGrant.objects.values_list("role", "permission"))
    for role, names in defaults.items():
        group, _created = Group.objects.get_or_create(name=role)
        fresh = [name for name in names if name in permissions and (role, name) not in given]
        group.permissions.add(*[permissions[name] for name in fresh])
        DefaultGrant.objects.bulk_create([DefaultGrant(role=role, permission=name) for name in fresh])
