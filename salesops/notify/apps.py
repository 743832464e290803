from django.apps import AppConfig


class NotifyConfig(AppConfig):
    """Notices in the bell and by mail, as each person wishes."""

    name = "salesops.notify"
    label = "notify"

    def ready(self) -> None:
        from . import shell  # noqa: F401  answers for the bell
