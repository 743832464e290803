from django.apps import AppConfig


class ReportsConfig(AppConfig):
    """Homes, statistics, Excel: reads everything, changes nothing below it."""

    name = "reports"

    def ready(self) -> None:
        from . import registry  # noqa: F401  registers menu entries
