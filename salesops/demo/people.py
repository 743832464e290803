"""Regions, teams, people, and who decides for whom this week."""

from datetime import date, timedelta

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.utils import timezone

from customers.models import Invitation
from customers.portal.services import VALID_FOR, digest_of, invite_person
from salesops.users.delegation.services import give_delegation
from salesops.users.models import Region, Team, User
from salesops.users.roles import Role
from salesops.users.signin.demo import NAMES, PASSWORD

from .cast import Cast
from .tables.people import AGENT_PEOPLE, COLLEAGUE, DOMAIN, PEOPLE, RESPONSIBLE, TEAMS
from .tables.places import AREAS, CITIES, COMPANY


def make_first_person() -> User:
    """Make the administrator, who files everybody else."""
    row = next(row for row in PEOPLE if row[0] == "admin")
    person = _person(row[0], row[1], row[2], make_password(PASSWORD))
    person.save()
    return person


def make_places(cast: Cast) -> None:
    """Make the region tree: company, areas, cities; and a team in each area, two in the largest."""
    code, name, name_zh = COMPANY
    company = Region.objects.create(code=code, name=name, name_zh=name_zh, level=1)
    areas = [Region(code=c, name=n, name_zh=z, level=2, parent=company) for c, (n, z) in AREAS.items()]
    Region.objects.bulk_create(areas)
    by_code = {region.code: region for region in areas}
    cities = [
        Region(code=code, name=name, name_zh=name_zh, level=3, parent=by_code[area])
        for area, rows in CITIES.items()
        for code, name, name_zh, _prefix in rows
    ]
    Region.objects.bulk_create(cities)
    cast.regions = {region.code: region for region in [company, *areas, *cities]}
    cast.teams = {key: Team(name=n, name_zh=z, region=cast.regions[area]) for key, (n, z, area) in TEAMS.items()}
    Team.objects.bulk_create(cast.teams.values())


def make_people(cast: Cast, admin: User) -> None:
    """Make everybody inside the company; they all have the demo's password."""
    hashed = admin.password
    for username, name, name_zh, _role, region, team in PEOPLE:
        person = admin if username == admin.username else _person(username, name, name_zh, hashed)
        person.region = cast.regions[region]
        person.team = cast.teams.get(team)
        cast.people[username] = person
    admin.save(update_fields=["region"])
    User.objects.bulk_create(person for person in cast.people.values() if person.pk is None)
    _give_roles({cast.people[username]: role for username, _n, _z, role, _region, _team in PEOPLE})


def make_agent_people(cast: Cast) -> None:
    """Let agents sign in to their own accounts."""
    hashed = cast.people["admin"].password
    for username, name, name_zh, code in AGENT_PEOPLE:
        person = _person(username, name, name_zh, hashed)
        person.customer = cast.customers[code]
        cast.people[username] = person
    agents = [cast.people[username] for username, _n, _z, _code in AGENT_PEOPLE]
    User.objects.bulk_create(agents)
    _give_roles(dict.fromkeys(agents, Role.AGENT))
    first = _invited(cast, RESPONSIBLE, by=cast.people["representative"], is_responsible=True)
    _invited(cast, COLLEAGUE, by=first)


def _invited(cast: Cast, username: str, *, by: User, is_responsible: bool = False) -> User:
    """One of the agents' people, who came by an invitation."""
    person = cast.people[username]
    assert person.customer is not None
    Invitation.objects.create(
        customer=person.customer,
        email=person.email,
        full_name=person.full_name,
        is_responsible=is_responsible,
        digest=digest_of(username),
        made_by=by,
        expires_at=timezone.now() + VALID_FOR,
        used_at=timezone.now(),
        person=person,
    )
    return person


def invite_a_colleague(cast: Cast) -> None:
    """The responsible person of the demo's agent has invited one more, who has not come yet."""
    by = cast.people[RESPONSIBLE]
    assert by.customer_id is not None
    invite_person(by.customer_id, by=by, email=f"guo.min@{DOMAIN}", full_name="Guo Min", language="zh-hans")


def make_delegation(cast: Cast, today: date) -> None:
    """He Ming is on leave this week; Lin Yue decides in his place."""
    giver = cast.people["he.ming"]
    give_delegation(
        by=giver,
        giver_id=giver.pk,
        taker_id=cast.people["supervisor"].pk,
        first_day=today - timedelta(days=2),
        last_day=today + timedelta(days=5),
        reason="On leave",
    )


def _person(username: str, name: str, name_zh: str, hashed: str) -> User:
    is_demo = username in NAMES
    return User(
        username=username,
        full_name=name,
        full_name_zh=name_zh,
        email=f"{username}@{DOMAIN}",
        password=hashed,
        language="en" if is_demo else "zh-hans",
    )


def _give_roles(roles: dict[User, str]) -> None:
    groups = {group.name: group for group in Group.objects.all()}
    through = User.groups.through
    through.objects.bulk_create(through(user=user, group=groups[role]) for user, role in roles.items())
