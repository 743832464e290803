from django.apps import AppConfig
from django.db.models.signals import post_migrate


class UsersConfig(AppConfig):
    """People who sign in: users, roles, regions, teams, scope, delegation."""

    name = "salesops.users"
    label = "users"

    def ready(self) -> None:
        from . import registry  # noqa: F401  registers menu entries
        from .roles import grant_default_permissions

        post_migrate.connect(grant_default_permissions, dispatch_uid="grant default permissions")
