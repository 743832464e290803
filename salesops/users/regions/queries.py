"""Reads about the region tree, which may have thousands of nodes: never more of it than is looked at."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce

from salesops.users.models import Region, Team, User


@dataclass(frozen=True)
class RegionPath:
    """The regions above one, from the top."""

    above: tuple[Region, ...]

    def __str__(self) -> str:
        return " / ".join(str(region) for region in self.above)


ABOVE = """
(WITH RECURSIVE above(id, parent_id) AS (
    SELECT id, parent_id FROM users_region WHERE id = %s
    UNION ALL
    SELECT region.id, region.parent_id FROM users_region region JOIN above ON region.id = above.parent_id
) SELECT id FROM above)
"""


def ids_above(region_id: int) -> RawSQL:
    """The database's expression for the ids of a region and of all above it: for `region__in`, without a query."""
    return RawSQL(ABOVE, [region_id])  # noqa: S611  the statement is a constant, the id is bound


def with_counts(regions: QuerySet[Region]) -> QuerySet[Region]:
    """Add how many regions, people and teams each has directly below it."""

    def number(model: type[Region | User | Team], path: str) -> Coalesce:
        rows = model._default_manager.filter(**{path: OuterRef("pk")}).order_by().values(path)
        return Coalesce(Subquery(rows.annotate(n=Count("pk")).values("n")), 0)

    return regions.annotate(
        below=number(Region, "parent"), people_count=number(User, "region"), team_count=number(Team, "region")
    )


def children_of(region_id: int | None) -> QuerySet[Region]:
    """The regions directly below one, or the highest ones."""
    return with_counts(Region.objects.filter(parent=region_id)).order_by("code")


def find_regions(text: str) -> QuerySet[Region]:
    """Regions in which every word of the text stands in code or name; exact codes and short names first."""
    found = Region.objects.all()
    for word in text.replace("\x00", "").split()[:6]:
        found = found.filter(Q(code__istartswith=word) | Q(name__icontains=word) | Q(name_zh__icontains=word))
    return found.order_by("level", "code")


def paths_of(regions: Iterable[Region]) -> dict[int, RegionPath]:
    """Return what lies above each region, with one query for each level of the tree."""
    rows = list(regions)
    known: dict[int, Region] = {region.pk: region for region in rows}
    wanted = {region.parent_id for region in rows} - set(known) - {None}
    while wanted:
        above = Region.objects.in_bulk(wanted)
        known |= above
        wanted = {region.parent_id for region in above.values()} - set(known) - {None}
    return {region.pk: RegionPath(tuple(_climb(region, known))) for region in rows}


def _climb(region: Region, known: dict[int, Region]) -> list[Region]:
    above: list[Region] = []
    parent_id = region.parent_id
    while parent_id is not None and parent_id in known:
        above.insert(0, known[parent_id])
        parent_id = known[parent_id].parent_id
    return above


def subtree_ids(region_id: int) -> list[int]:
    """The ids of a region and of all below it."""
    return list(Region.objects.descendants(region_id, include_self=True).values_list("pk", flat=True))
