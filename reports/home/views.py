"""The home page: what waits, what is late, how we stand; each card of it also alone."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from itertools import chain
from operator import attrgetter
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from salesops.users.models import User
from salesops.web.page import Action, Page
from salesops.web.registry import HomeCard, home_cards

from .parts import Tile

MOST_TILES = 5


class HomePage(Page):
    """Everybody's first page, made of the cards that their rights and roles bring."""

    title = gettext_lazy("Home")
    menu_key = "home"
    template_name = "reports/home.html"

    @property
    def user(self) -> User:
        """Whose home it is."""
        user: Any = self.request.user
        return user

    @cached_property
    def cards(self) -> list[tuple[HomeCard, dict[str, Any]]]:
        """The cards with what they show, in order."""
        shown = [card for card in home_cards.allowed(self.user) if card.show is None or card.show(self.user)]
        return [(card, card.context(self.user)) for card in shown]

    def gathered(self, name: str) -> list[Any]:
        """What the cards give to the head of the page."""
        return list(chain.from_iterable(context.get(name, ()) for _card, context in self.cards))

    @property
    def tiles(self) -> list[Tile]:
        """The row of figures."""
        return sorted(self.gathered("tiles"), key=attrgetter("order"))[:MOST_TILES]

    @property
    def buttons(self) -> Sequence[Action]:
        """The buttons of the head; only the first primary one stays primary."""
        found: list[Action] = []
        for action in self.actions_allowed(self.gathered("actions")):
            if action.primary and self.first:
                action = replace(action, primary=False)  # what waits above has the primary one
            if not (action.primary and any(other.primary for other in found)):
                found.append(action)
        return found

    @property
    def greeting(self) -> str:
        """A greeting by the company's clock."""
        hour = timezone.localtime().hour
        name = {"name": self.user}
        if hour < 5 or hour >= 18:
            return _("Good evening, %(name)s") % name
        return _("Good morning, %(name)s") % name if hour < 12 else _("Good afternoon, %(name)s") % name

    @property
    def first(self) -> list[tuple[HomeCard, dict[str, Any]]]:
        """The cards above the figures, where they have something."""
        return [(card, context) for card, context in self.cards if card.first and context.get("asks")]

    def context(self, **more: Any) -> dict[str, Any]:
        today = timezone.localdate()
        unit = _("Figures in %(currency)s thousand.") % {"currency": settings.CURRENCY}
        has_thousands = any(context.get("in_thousands") for _card, context in self.cards)
        return super().context(
            first=self.first,
            cards=[(card, context) for card, context in self.cards if not card.first],
            tiles=self.tiles,
            buttons=self.buttons,
            greeting=self.greeting,
            today=f"{date_format(today, 'l')} {today.isoformat()}.",
            says=self.gathered("says"),
            unit=unit if has_thousands else "",
            **more,
        )
