"""Pages of insight: agents that sleep, and agents behind their own rhythm."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers.files.models import Customer
from salesops.web.pages import Empty, ListPage

from .filters import AgentFilters, SleepingFilters
from .rhythm import BEHIND, SLEEPS_AFTER, YEAR, behind_rhythm, sleeping
from .tables import BehindTable, SleepingTable

VIEW = "reports.view_statistics"


class OfAgents(ListPage):
    """What both lists share."""

    permission_required = VIEW
    search_fields = ("name", "name_zh", "code")
    search_label = gettext_lazy("Customer")

    def customers(self) -> Any:
        """The customers in scope, with what the columns say of them."""
        return Customer.objects.visible_to(self.request.user).select_related("region", "representative")

    def export_facts(self) -> list[tuple[Any, Any]]:
        return [(_("As of"), timezone.localdate())]


class SleepingAgents(OfAgents):
    """Agents that got goods before and none for long, whoever bought most first."""

    title = gettext_lazy("Sleeping agents")
    menu_key = "sleeping"
    table = SleepingTable
    filters = SleepingFilters
    empty = Empty(
        gettext_lazy("Nobody sleeps"), gettext_lazy("Everybody who ever bought got goods lately."), icon="check"
    )

    @property
    def intro(self) -> str:
        """What makes an agent sleep."""
        return _("Bought before, and nothing left for them in %(days)d days or more") % {"days": SLEEPS_AFTER}

    def rows(self) -> Any:
        return sleeping(self.customers(), timezone.localdate())


class BehindRhythm(OfAgents):
    """Agents that would usually have got goods again by now."""

    title = gettext_lazy("Behind their rhythm")
    menu_key = "behind"
    table = BehindTable
    filters = AgentFilters
    empty = Empty(
        gettext_lazy("Everybody keeps their rhythm"),
        gettext_lazy("No agent is silent for much longer than usual."),
        icon="check",
    )

    @property
    def intro(self) -> str:
        """What makes an agent late."""
        words = _("Silent for more than %(times)s times the usual days between deliveries of the last %(days)d days")
        return words % {"times": BEHIND, "days": YEAR.days}

    def rows(self) -> Any:
        return behind_rhythm(self.customers(), timezone.localdate())
