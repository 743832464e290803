from django.apps import AppConfig


class StaffConfig(AppConfig):
    """People's work."""

    name = "staff"

    def ready(self) -> None:
        from . import registry  # noqa: F401  registers menu entries
