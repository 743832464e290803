from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ApprovalsConfig(AppConfig):
    """The approval engine and its inbox."""

    name = "salesops.approvals"
    label = "approvals"

    def ready(self) -> None:
        from . import registry  # noqa: F401  registers menu entries and kinds of notices
        from .policies import publish_first_policies

        post_migrate.connect(publish_first_policies, sender=self, dispatch_uid="publish first policies")
