"""Every change to teams."""

from django.db import transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from salesops.kernel.errors import RuleBroken, require
from salesops.users.models import Team, User
from salesops.web.history import recorded


@transaction.atomic
@recorded
def create_team(*, by: User, name: str, region_id: int, name_zh: str = "") -> Team:
    """Make a team in a region; people join it on their own pages."""
    _check_name_is_free(name)
    return Team.objects.create(name=name.strip(), name_zh=name_zh.strip(), region_id=region_id)


@transaction.atomic
@recorded
def change_team(team_id: int, *, by: User, name: str, region_id: int, name_zh: str = "") -> Team:
    """Rename a team or move it to another region."""
    team = Team.objects.select_for_update(of=("self",)).get(pk=team_id)
    _check_name_is_free(name, besides=team)
    team.name, team.name_zh, team.region_id = name.strip(), name_zh.strip(), region_id
    team.save(update_fields=["name", "name_zh", "region"])
    return team


@transaction.atomic
@recorded
def delete_team(team_id: int, *, by: User) -> None:
    """Remove a team that nobody belongs to."""
    team = Team.objects.select_for_update(of=("self",)).get(pk=team_id)
    try:
        team.delete()
    except ProtectedError as error:
        names = sorted({str(row._meta.verbose_name_plural) for row in error.protected_objects})
        raise RuleBroken(
            _("“%(team)s” is in use and stays: %(by)s.") % {"team": team, "by": ", ".join(names)}, rule="in use"
        ) from error


def _check_name_is_free(name: str, besides: Team | None = None) -> None:
    others = Team.objects.filter(name__iexact=name.strip())
    if besides is not None:
        others = others.exclude(pk=besides.pk)
    require(not others.exists(), _("There is a team of this name already."), field="name", rule="name")
