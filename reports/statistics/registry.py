"""What this feature adds to the shell: a menu entry."""

from django.utils.translation import gettext_lazy as _

from salesops.web import registry

from .views import VIEW

registry.menu.add(
    registry.MenuEntry("statistics", _("Statistics"), "reports:statistics", "chart", "insight", VIEW, order=10)
)
