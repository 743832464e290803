"""The project: what every app stands on, and the place where all is put together."""

from .celery import app as celery_app

__all__ = ["celery_app"]
