"""Teams: named once, kept while somebody belongs to them."""

from typing import Any

import pytest

from salesops.kernel.errors import RuleBroken
from salesops.users.models import Team
from salesops.users.roles import Role
from salesops.users.teams.queries import teams_with_people
from salesops.users.teams.services import change_team, create_team, delete_team
from tests.support.build import make_region, make_team, make_user

pytestmark = pytest.mark.django_db


def test_a_team_belongs_to_a_region():
    region = make_region()
    team = create_team(by=make_user(Role.ADMINISTRATOR), name="Wuxi", region_id=region.pk)
    other = make_region()
    change_team(team.pk, by=make_user(Role.ADMINISTRATOR), name="Wuxi 2", region_id=other.pk)
    team.refresh_from_db()
    assert (team.name, team.region) == ("Wuxi 2", other)


def test_a_name_is_given_once():
    team, other = make_team("Wuxi"), make_team("Suzhou")
    admin = make_user(Role.ADMINISTRATOR)
    with pytest.raises(RuleBroken):
        create_team(by=admin, name="wuxi", region_id=team.region_id)
    with pytest.raises(RuleBroken):
        change_team(other.pk, by=admin, name="Wuxi", region_id=team.region_id)
    assert set(Team.objects.values_list("name", flat=True)) == {"Wuxi", "Suzhou"}


def test_a_team_stays_while_somebody_belongs_to_it():
    team = make_team()
    person = make_user(team=team)
    with pytest.raises(RuleBroken):
        delete_team(team.pk, by=make_user(Role.ADMINISTRATOR))
    assert Team.objects.filter(pk=team.pk).exists()
    person.team = None
    person.save(update_fields=["team"])
    delete_team(team.pk, by=make_user(Role.ADMINISTRATOR))
    assert not Team.objects.filter(pk=team.pk).exists()


def test_a_team_names_its_supervisors_and_counts_its_people():
    team = make_team()
    make_user(Role.SUPERVISOR, team=team, full_name="Lin Yue")
    make_user(team=team)
    make_user(team=team, is_active=False)
    listed: Any = teams_with_people().get()
    assert (listed.supervisors, listed.people_count) == ("Lin Yue", 2)
