"""Who a session belongs to: the person, read together with roles, rights and what the second factor asks of them."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Group, Permission
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, QuerySet, Value
from django.db.models.functions import Concat

from salesops.users.models import Delegation, User
from salesops.users.secondfactor.queries import with_second_factor


class PeopleBackend(ModelBackend):
    """Django's own, but a person comes with region, roles, rights, second factor and delegations in one query."""

    def get_user(self, user_id: Any) -> User | None:
        people = with_second_factor(_with_rights(User.objects.select_related("region")))
        person = people.filter(pk=user_id).first()
        if person is None or not self.user_can_authenticate(person):
            return None
        _remember_rights(person)
        if not person.stands_in:
            person.givers = []
        return person


def _with_rights(people: QuerySet[User]) -> QuerySet[User]:
    """Read with each person roles, rights (their own, their roles'), and whether they stand in for somebody."""
    roles = Group.objects.filter(user=OuterRef("pk")).order_by()
    own = Permission.objects.filter(user=OuterRef("pk")).order_by()
    of_roles = Permission.objects.filter(group__user=OuterRef("pk")).order_by()
    right = Concat("content_type__app_label", Value("."), "codename")
    return people.annotate(
        role_list=ArraySubquery(roles.values("name")),
        own_rights=ArraySubquery(own.values(right=right)),
        role_rights=ArraySubquery(of_roles.values(right=right)),
        stands_in=Exists(Delegation.objects.to(OuterRef("pk"))),
    )


def _remember_rights(person: Any) -> None:
    """Put what was read where the person and Django look for it, so that they do not ask again."""
    person.roles = frozenset(person.role_list)
    if not person.is_superuser:
        person._user_perm_cache = set(person.own_rights)
        person._group_perm_cache = set(person.role_rights)
