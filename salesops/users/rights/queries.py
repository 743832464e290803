"""Reads about roles and rights."""

from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from salesops.users.models import DefaultGrant
from salesops.users.roles import Role

APPS: dict[str, Any] = {
    "customers": gettext_lazy("Customers"),
    "orders": gettext_lazy("Goods and money"),
    "approvals": gettext_lazy("Approvals"),
    "staff": gettext_lazy("Staff"),
    "reports": gettext_lazy("Reports"),
    "users": gettext_lazy("People"),
    "imports": gettext_lazy("Books from files"),
    "jobs": gettext_lazy("Background work"),
    "notify": gettext_lazy("Notices"),
}
"""Our own apps, in the order in which the page of roles shows their rights."""

VERBS = {
    "view": gettext_lazy("Can see %(things)s"),
    "add": gettext_lazy("Can add %(things)s"),
    "change": gettext_lazy("Can change %(things)s"),
    "delete": gettext_lazy("Can delete %(things)s"),
}


@dataclass(frozen=True)
class RightShown:
    """A right with words for people."""

    pk: int
    key: str
    label: str
    app: str


def role_label(name: str) -> str:
    """A role in words."""
    return str(Role(name).label) if name in Role.values else name


def rights_shown() -> list[RightShown]:
    """Return the rights that administrators decide about: the named ones of our apps, and those given by default."""
    given = {key.split(".", 1)[1] for key in DefaultGrant.objects.values_list("permission", flat=True).distinct()}
    named = _named_rights()
    codenames = given | {codename for _label, codename in named}
    rows = Permission.objects.filter(content_type__app_label__in=APPS, codename__in=codenames)
    shown = []
    for pk, label, codename, model in rows.values_list(
        "pk", "content_type__app_label", "codename", "content_type__model"
    ):
        words = named.get((label, codename)) or _default_words(label, codename, model)
        if words:
            shown.append(RightShown(pk, f"{label}.{codename}", str(words), label))
    order = list(APPS)
    return sorted(shown, key=lambda right: (order.index(right.app), right.label))


def rights_held() -> set[tuple[str, str]]:
    """Return every right that a role holds, as (role, key)."""
    pairs = Group.objects.filter(name__in=Role.values, permissions__content_type__app_label__in=APPS)
    rows = pairs.values_list("name", "permissions__content_type__app_label", "permissions__codename")
    return {(role, f"{label}.{codename}") for role, label, codename in rows}


def people_by_role() -> dict[str, int]:
    """How many active people have each role."""
    counted = Group.objects.annotate(people=Count("user", filter=Q(user__is_active=True)))
    return dict(counted.values_list("name", "people"))


def _named_rights() -> dict[tuple[str, str], Any]:
    """The rights named in Meta.permissions, with their words, which follow the reader's language."""
    return {
        (model._meta.app_label, codename): words
        for model in apps.get_models()
        if model._meta.app_label in APPS and not model._meta.proxy
        for codename, words in model._meta.permissions
    }


def _default_words(label: str, codename: str, model_name: str) -> str:
    """The words of a right that Django names, such as view_customer; "" for one that nobody should decide about."""
    verb = codename.split("_", 1)[0]
    try:
        model = apps.get_model(label, model_name)
    except LookupError:
        return ""
    if verb not in VERBS or codename != f"{verb}_{model_name}":
        return ""
    return str(VERBS[verb]) % {"things": _(str(model._meta.verbose_name_plural))}
