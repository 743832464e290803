"""What the API adds to the shell."""

from django.utils.translation import gettext_lazy as _

from salesops.web import registry

registry.account.add(registry.AccountLink("tokens", _("API tokens"), "api:tokens", "key", order=80))
