from django.apps import AppConfig


class CustomersConfig(AppConfig):
    """Agent files and everything about meeting customers."""

    name = "customers"

    def ready(self) -> None:
        from . import registry  # noqa: F401  registers menu entries, search and panels
