from django.apps import AppConfig


class NotifyConfig(AppConfig):
    """Notices in the bell and by mail, as each person wishes."""

    name = "salesops.notify"
    label = "notify"

    def ready(self) -> None:
        from . import account, shell  # noqa: F401  tells people of their own account; answers for the bell
