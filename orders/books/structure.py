"""Regions, teams and people out of books."""

import re
from typing import Annotated, Any

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import BeforeValidator, Field

from salesops.imports.books import Books
from salesops.imports.kinds import Kind
from salesops.imports.rows import Flag, Ref, Row, Text, as_text, refuse_cell
from salesops.imports.staging import execute
from salesops.users.models import Region, Team, User
from salesops.users.people.services import ADDRESSES
from salesops.users.roles import Role

SEVERAL = re.compile(r"[,;/+、，；]")
USERNAME = re.compile(r"[\w.@+-]+$")


class RegionRow(Row):
    """A node of the region tree."""

    code: Text(20)  # type: ignore[valid-type]
    name: Text(120)  # type: ignore[valid-type]
    name_zh: Text(120) = ""  # type: ignore[valid-type]
    parent: Annotated[Text(60), Ref("regions")] = ""  # type: ignore[valid-type]


class Regions(Kind):
    """The region tree; levels follow from the parents."""

    key = "regions"
    shown_at = "users:regions"
    label = gettext_lazy("Regions")
    order = 10
    row = RegionRow
    model = Region
    identified_by = ("code",)
    goes_by = "code"
    adopts = True
    extra_columns = {"level": "int NOT NULL DEFAULT 0"}
    guesses = {
        "code": ("code", "region code", "编码", "代码", "区域编码"),
        "name": ("name", "region", "名称", "区域", "地区"),
        "name_zh": ("chinese name", "中文名称"),
        "parent": ("parent", "parent code", "上级", "上级编码"),
    }

    def check(self, books: Books) -> None:
        """Find each region's level from its parent's; a region without one is below itself."""
        execute("UPDATE staged_regions SET level = 1 WHERE parent = '' AND NOT bad")
        execute(
            "UPDATE staged_regions s SET level = r.level FROM users_region r WHERE r.id = s.id AND s.standing <> 'new'"
        )
        while execute(
            "UPDATE staged_regions s SET level = p.level + 1 FROM (SELECT id, level FROM staged_regions"
            " UNION ALL SELECT id, level FROM users_region) p"
            " WHERE s.level = 0 AND NOT s.bad AND p.id = s.parent_id AND p.level > 0"
        ):
            pass
        books.refuse(self, "parent", "s.level = 0", _("is below itself: {value} leads back to it"))

    def load(self, books: Books, *, by: User) -> None:
        for rows in books.new_rows(self.key):
            Region.objects.bulk_create(
                Region(
                    id=row["id"],
                    code=row["code"],
                    name=row["name"],
                    name_zh=row["name_zh"],
                    parent_id=row["parent_id"],
                    level=row["level"],
                )
                for row in rows
            )


class TeamRow(Row):
    """People who work under one supervisor."""

    name: Text(120)  # type: ignore[valid-type]
    name_zh: Text(120) = ""  # type: ignore[valid-type]
    region: Annotated[Text(60), Ref("regions")]  # type: ignore[valid-type]


class Teams(Kind):
    """Teams."""

    key = "teams"
    shown_at = "users:teams"
    label = gettext_lazy("Teams")
    order = 20
    row = TeamRow
    model = Team
    identified_by = ("name",)
    goes_by = "name"
    adopts = True
    guesses = {"name": ("team", "name", "团队", "名称"), "region": ("region", "区域", "地区")}

    def load(self, books: Books, *, by: User) -> None:
        for rows in books.new_rows(self.key):
            Team.objects.bulk_create(
                Team(id=row["id"], name=row["name"], name_zh=row["name_zh"], region_id=row["region_id"]) for row in rows
            )


def _as_roles(cell: Any) -> str:
    """The roles of a person: several, parted by commas, by their name or label."""
    known = {role.value: role.value for role in Role} | {str(role.label).lower(): role.value for role in Role}
    found = []
    for word in filter(None, (part.strip().lower() for part in SEVERAL.split(as_text(cell)))):
        if word not in known:
            raise refuse_cell(_("is none of: %(allowed)s") % {"allowed": ", ".join(Role.values)})
        found.append(str(known[word]))
    return ",".join(found)


def _as_username(cell: Any) -> str:
    text = as_text(cell)
    if not USERNAME.fullmatch(text):
        raise refuse_cell(_("has signs that a user name cannot have: letters, digits and @ . + - _ only"))
    if text in ADDRESSES:
        raise refuse_cell(_("is a word that a page's address uses"))
    return text


class PersonRow(Row):
    """Somebody who signs in."""

    username: Annotated[str, BeforeValidator(_as_username), Field(max_length=150)]
    full_name: Text(120)  # type: ignore[valid-type]
    full_name_zh: Text(120) = ""  # type: ignore[valid-type]
    email: Text(254) = ""  # type: ignore[valid-type]
    phone: Text(40) = ""  # type: ignore[valid-type]
    region: Annotated[Text(60), Ref("regions")] = ""  # type: ignore[valid-type]
    team: Annotated[Text(120), Ref("teams")] = ""  # type: ignore[valid-type]
    roles: Annotated[str, BeforeValidator(_as_roles)] = ""
    is_active: Flag = True


class People(Kind):
    """People with their roles. They have no password until an administrator gives them one."""

    key = "people"
    shown_at = "users:people"
    permission = "users.manage_users"
    label = gettext_lazy("People")
    order = 30
    row = PersonRow
    model = User
    identified_by = ("username",)
    goes_by = "username"
    guesses = {
        "key": ("employee number", "employeenumber", "工号"),
        "username": ("username", "login", "用户名", "账号"),
        "full_name": ("name", "full name", "姓名"),
        "email": ("email", "e-mail", "邮箱"),
        "phone": ("phone", "mobile", "电话", "手机"),
        "region": ("region", "区域", "地区", "officecode"),
        "team": ("team", "团队"),
        "roles": ("role", "roles", "job title", "jobtitle", "职位", "角色"),
    }

    def load(self, books: Books, *, by: User) -> None:
        groups = dict(Group.objects.values_list("name", "pk"))
        for rows in books.new_rows(self.key):
            User.objects.bulk_create(
                User(
                    id=row["id"],
                    username=row["username"],
                    full_name=row["full_name"],
                    full_name_zh=row["full_name_zh"],
                    email=row["email"],
                    phone=row["phone"],
                    region_id=row["region_id"],
                    team_id=row["team_id"],
                    is_active=row["is_active"],
                    password=make_password(None),
                )
                for row in rows
            )
            User.groups.through.objects.bulk_create(
                User.groups.through(user_id=row["id"], group_id=groups[role])
                for row in rows
                for role in dict.fromkeys(filter(None, row["roles"].split(",")))
            )
