"""WSGI entry point for gunicorn."""

import os

import django
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "salesops.settings")
django.setup(set_prefix=False)


class Utf8Request(WSGIRequest):
    """A request whose address and form are read as UTF-8, whatever charset it names: Python knows codecs of no text."""

    @property
    def encoding(self) -> str:
        """The charset of address and form."""
        return "utf-8"

    @encoding.setter
    def encoding(self, named: str | None) -> None:
        """What the request names changes nothing."""


class Handler(WSGIHandler):
    """Django's, for such requests."""

    request_class = Utf8Request


application = Handler()
