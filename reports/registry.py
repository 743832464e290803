"""What this app adds to the shell: the home page, and its cards."""

from django.utils.translation import gettext_lazy as _

from salesops.web import registry

from .home import cards  # noqa: F401  registers the cards
from .home.portal import MENU
from .insight import registry as insight  # noqa: F401  registers its menu entries
from .statistics import jobs  # noqa: F401  declares the files of statistics
from .statistics import registry as statistics  # noqa: F401  registers the menu entry
from .statistics.issuing import registry as issuing  # noqa: F401  registers menu entry, search, kinds

registry.menu.add(registry.MenuEntry("home", _("Home"), "reports:home", "home", "", order=0))
registry.own_menus.add(MENU)
