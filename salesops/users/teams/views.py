"""Pages about teams."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from salesops.users.models import Team
from salesops.web.pages import Action, ActionPage, Empty, FormPage, ListPage, Page

from .forms import TeamForm
from .queries import teams_with_people
from .services import change_team, create_team, delete_team
from .tables import TeamTable

MANAGE = "users.manage_regions"


class TeamList(ListPage):
    """All teams."""

    title = gettext_lazy("Teams")
    permission_required = MANAGE
    menu_key = "teams"
    table = TeamTable
    search_fields = ("name", "name_zh", "region__name", "region__name_zh")
    empty = Empty(gettext_lazy("No team yet"), gettext_lazy("A supervisor decides for the people of a team."))

    def rows(self) -> QuerySet[Team]:
        return teams_with_people()

    def actions(self) -> Sequence[Action]:
        return [Action(_("New team"), reverse("users:team_new"), "plus", primary=True)]


class NewTeam(FormPage):
    """A team in a region."""

    title = gettext_lazy("New team")
    permission_required = MANAGE
    menu_key = "teams"
    form_class = TeamForm
    message = gettext_lazy("The team is there; people join it on their own pages.")

    def perform(self, form: TeamForm) -> str:
        create_team(by=self.request.user, **given(form))
        return reverse("users:teams")


class OfTeam(Page):
    """A page of the team that the address names."""

    @cached_property
    def team(self) -> Team:
        """The team; Http404 where there is none."""
        found = Team.objects.filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise Http404
        return found


class ChangeTeam(OfTeam, FormPage):
    """Another name or region; a team that nobody belongs to may go."""

    permission_required = MANAGE
    menu_key = "teams"
    form_class = TeamForm
    template_name = "web/form_with_actions.html"
    message = gettext_lazy("Saved.")

    def heading(self) -> str:
        return _("Change %(name)s") % {"name": self.team}

    def actions(self) -> Sequence[Action]:
        """Buttons in the head."""
        return [
            Action(
                _("Delete"), reverse("users:team_deletion", args=[self.team.pk]), "trash", method="post", danger=True
            )
        ]

    def get_initial(self) -> dict[str, Any]:
        return {"name": self.team.name, "name_zh": self.team.name_zh, "region": self.team.region_id}

    def perform(self, form: TeamForm) -> str:
        change_team(self.team.pk, by=self.request.user, **given(form))
        return reverse("users:teams")


class DeleteTeam(OfTeam, ActionPage):
    """A team that nobody belongs to goes."""

    permission_required = MANAGE

    def get_success_url(self) -> str:
        return reverse("users:teams")

    def perform(self) -> str:
        delete_team(self.team.pk, by=self.request.user)
        return _("“%(name)s” is deleted.") % {"name": self.team}


def given(form: TeamForm) -> dict[str, Any]:
    """What was typed, as the services take it."""
    data = form.cleaned_data
    return {"name": data["name"], "name_zh": data["name_zh"], "region_id": data["region"].pk}
