"""The list of people."""

from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from salesops.users.models import User
from salesops.users.roles import Role
from salesops.web.badges import Badge, badge_html
from salesops.web.tables import Column, DateColumn, NameColumn, Table


class RolesColumn(Column):
    """The roles of a person in words; the rows carry `role_list`."""

    def render(self, value: list[str]) -> str:
        return ", ".join(str(Role(name).label) for name in Role.values if name in value)

    def value(self, value: list[str]) -> str:
        return self.render(value)


class AccessColumn(Column):
    """Whose access has ended; the others may sign in."""

    def render(self, value: bool) -> SafeString | str:
        return "" if value else badge_html(Badge("warn", "lock", _("Access ended")))

    def value(self, value: bool) -> str:
        return str(_("May sign in") if value else _("Access ended"))


class PeopleTable(Table):
    """Who signs in, with their place and whether they may."""

    full_name = NameColumn(verbose_name=_("Name"), zh="full_name_zh", link=True)
    username = Column(verbose_name=_("User name"))
    roles = RolesColumn(accessor="role_list", verbose_name=_("Roles"), orderable=False, width=30)
    region = Column(verbose_name=_("Region"))
    team = Column(verbose_name=_("Team"))
    is_active = AccessColumn(verbose_name=_("Access"))
    last_login = DateColumn(verbose_name=_("Last signed in"), time=True)

    class Meta(Table.Meta):
        model = User
        fields = ("full_name", "username", "roles", "region", "team", "is_active", "last_login")
        order_by = "full_name"
