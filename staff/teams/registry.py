"""What the team page adds to the shell."""

from django.utils.translation import gettext_lazy as _

from salesops.web import registry

registry.menu.add(registry.MenuEntry("team", _("Team"), "staff:team", "users", "team", "users.view_team", order=10))
