from django.apps import AppConfig


class JobsConfig(AppConfig):
    """Background work: progress, cancelling, results, and no second effect."""

    name = "salesops.jobs"
    label = "jobs"

    def ready(self) -> None:
        from . import notices, shell  # noqa: F401  kinds of notices and of jobs, the bar, exports of long lists
