from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "salesops.jobs"
    label = "jobs"
