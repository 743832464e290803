from django.apps import AppConfig


class ApiConfig(AppConfig):
    """What the API is made of: tokens, answers given once, errors, pages of rows, throttling, schema."""

    name = "salesops.api"
    label = "api"

    def ready(self) -> None:
        from salesops.users.people.hooks import access_changed

        from . import registry  # noqa: F401  registers the line of the account menu
        from .services import revoke_all_tokens

        access_changed.append(revoke_all_tokens)
