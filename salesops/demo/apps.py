from django.apps import AppConfig


class DemoConfig(AppConfig):
    """The demo company."""

    name = "salesops.demo"
    label = "demo"
