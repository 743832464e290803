from django.apps import AppConfig


class ImportsConfig(AppConfig):
    """Books from files: reading, mapping, checking, loading."""

    name = "salesops.imports"
    label = "imports"
