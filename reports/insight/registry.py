"""What this feature adds: menu entries."""

from django.utils.translation import gettext_lazy as _

from salesops.web import registry

from .views import VIEW

registry.menu.add(registry.MenuEntry("growth", _("Growth map"), "reports:growth", "map", "insight", VIEW, order=20))
registry.menu.add(
    registry.MenuEntry("sleeping", _("Sleeping agents"), "reports:sleeping", "clock", "insight", VIEW, order=30)
)
registry.menu.add(
    registry.MenuEntry("behind", _("Behind their rhythm"), "reports:behind", "clock", "insight", VIEW, order=40)
)
