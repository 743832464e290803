from django.apps import AppConfig


class NotifyConfig(AppConfig):
    name = "salesops.notify"
    label = "notify"
