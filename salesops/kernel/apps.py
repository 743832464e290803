from django.apps import AppConfig


class KernelConfig(AppConfig):
    """Money, periods, numbers of documents, and how the product says no."""

    name = "salesops.kernel"
    label = "kernel"
