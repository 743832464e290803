"""Reads about people."""

from django.contrib.auth.models import Group
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, QuerySet

from salesops.users.models import User
from salesops.users.roles import COMPANY_ROLES, Role

SALES_ROLES = (Role.REPRESENTATIVE, Role.SUPERVISOR, Role.REGIONAL_MANAGER, Role.SALES_MANAGER)
"""Roles of those who may be responsible for a customer."""


def people_visible_to(user: User) -> QuerySet[User]:
    """Return the people in somebody's scope: oneself, one's team, one's region's subtree, or the whole company."""
    roles = user.roles
    if not user.is_active:
        return User.objects.none()
    if user.is_superuser or roles & COMPANY_ROLES:
        return User.objects.all()
    condition = Q(pk=user.pk)
    if Role.SUPERVISOR in roles and user.team_id:
        condition |= Q(team=user.team_id)
    if Role.REGIONAL_MANAGER in roles and user.region_id:
        condition |= Q(region__in=user.region_ids) | Q(team__region__in=user.region_ids)
    return User.objects.filter(condition)


def employees(people: QuerySet[User]) -> QuerySet[User]:
    """Keep those who work for the company: not the agents."""
    return people.exclude(groups__name=Role.AGENT)


def colleagues() -> QuerySet[User]:
    """Return whom one may pick as a colleague: everybody who works for the company and has access."""
    return employees(User.objects.filter(is_active=True))


def in_sales(people: QuerySet[User]) -> QuerySet[User]:
    """Keep active people who may be responsible for a customer."""
    return people.filter(is_active=True, groups__name__in=SALES_ROLES).distinct()


def holders_of(permission: str, people: QuerySet[User] | None = None) -> QuerySet[User]:
    """Keep the active people whose roles hold a permission, `app.codename`; superusers hold all."""
    label, codename = permission.split(".")
    held = Q(groups__permissions__content_type__app_label=label, groups__permissions__codename=codename)
    found = User.objects.all() if people is None else people
    return found.filter(held | Q(is_superuser=True), is_active=True).distinct()


def administrators() -> QuerySet[User]:
    """Return the active people who look after the product: administrators and superusers."""
    return User.objects.filter(Q(groups__name=Role.ADMINISTRATOR) | Q(is_superuser=True), is_active=True).distinct()


def with_role_list(people: QuerySet[User]) -> QuerySet[User]:
    """Add the names of everybody's roles as `role_list`, so that a list asks once."""
    names = Group.objects.filter(user=OuterRef("pk")).order_by("name").values("name")
    return people.annotate(role_list=ArraySubquery(names)).select_related("region", "team")


def find_people(people: QuerySet[User], text: str) -> QuerySet[User]:
    """Keep those in whose name or user name every word of the text stands."""
    for word in text.replace("\x00", "").split()[:6]:
        people = people.filter(
            Q(username__icontains=word) | Q(full_name__icontains=word) | Q(full_name_zh__icontains=word)
        )
    return people
