from typing import Any

from django.apps import AppConfig
from django.contrib.auth import get_user_model
from django.db.models.signals import post_save


class ApiConfig(AppConfig):
    """What the API is made of: tokens, answers given once, errors, pages of rows, throttling, schema."""

    name = "salesops.api"
    label = "api"

    def ready(self) -> None:
        from salesops.users.people.hooks import access_changed

        from . import registry  # noqa: F401  registers the line of the account menu
        from .services import revoke_all_tokens

        access_changed.append(revoke_all_tokens)
        post_save.connect(_new_password, sender=get_user_model(), dispatch_uid="tokens end with the password")


def _new_password(*, instance: Any, created: bool, **_more: Any) -> None:
    """End a person's tokens with the password, from wherever it was set: `manage.py changepassword` knows no service.

    Django keeps a password that was set in `_password` until it is saved; a hash that is only renewed is none.
    """
    from .services import revoke_all_tokens

    if instance._password is not None and not created:
        revoke_all_tokens(instance.pk)
