from django.apps import AppConfig


class WebConfig(AppConfig):
    """What pages are made of: list, record, form and action pages, tables, charts, Excel."""

    name = "salesops.web"
    label = "web"

    def ready(self) -> None:
        from . import components

        components.register()
