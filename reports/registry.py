"""What this app adds to the shell: the home page, and its cards."""

from django.utils.translation import gettext_lazy as _

from salesops.web import registry

from .home import cards  # noqa: F401  registers the cards
from .home.portal import MENU

registry.menu.add(registry.MenuEntry("home", _("Home"), "reports:home", "home", "", order=0))
registry.own_menus.add(MENU)
