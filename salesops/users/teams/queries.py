"""Reads about teams."""

from django.contrib.postgres.aggregates import StringAgg
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Value

from salesops.users.models import Team, User
from salesops.users.roles import Role


def teams_with_people() -> QuerySet[Team]:
    """Return the teams with `supervisors` (names) and `people_count` (active ones)."""
    leaders = User.objects.filter(team=OuterRef("pk"), is_active=True, groups__name=Role.SUPERVISOR)
    names = leaders.order_by().values("team").annotate(all=StringAgg("full_name", delimiter=Value(", "))).values("all")
    counted = Team.objects.annotate(people_count=Count("people", filter=Q(people__is_active=True)))
    return counted.annotate(supervisors=Subquery(names)).select_related("region")
