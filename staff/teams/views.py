"""The page about one's people."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from salesops.users.models import User
from salesops.web.pages import Empty, ListPage

from .filters import TeamFilters
from .queries import team_of, this_month
from .tables import TeamTable


class TeamPage(ListPage):
    """The colleagues in the reader's scope: their customers, what waits, what was delivered, who is away."""

    title = gettext_lazy("Team")
    permission_required = "users.view_team"
    menu_key = "team"
    table = TeamTable
    filters = TeamFilters
    search_fields = ("full_name", "full_name_zh", "username")
    empty = Empty(gettext_lazy("Nobody in your scope"), gettext_lazy("People join a team on their own pages."))

    def rows(self) -> QuerySet[User]:
        return team_of(self.request.user)

    def export_facts(self) -> list[tuple[Any, Any]]:
        return [(_("Month"), str(this_month()))]
