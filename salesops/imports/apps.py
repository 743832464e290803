from django.apps import AppConfig


class ImportsConfig(AppConfig):
    """Books from files: reading, mapping, checking, loading."""

    name = "salesops.imports"
    label = "imports"

    def ready(self) -> None:
        from . import jobs, registry  # noqa: F401  registers the background work and the menu entry
