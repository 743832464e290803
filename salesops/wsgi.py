"""WSGI entry point for gunicorn."""

import gc
import os
from importlib import import_module
from typing import Any

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.utils.http import parse_header_parameters

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "salesops.settings")
django.setup(set_prefix=False)


def _is_readable(header: str) -> bool:
    """Whether Django can take a type and its parameters out of a header."""
    try:
        parse_header_parameters(header)
    except (TypeError, ValueError):
        return False
    return True


class LenientRequest(WSGIRequest):
    """A request whose headers may say anything.

    Address and form are read as UTF-8, whatever charset is named: Python knows codecs of no text. Types whose
    parameters come in parts that contradict each other (RFC 2231: `a*=x; a*0=y`) count as not said.
    """

    def __init__(self, environ: dict[str, Any]) -> None:
        if not _is_readable(environ.get("CONTENT_TYPE", "")):
            environ["CONTENT_TYPE"] = ""
        if accepted := environ.get("HTTP_ACCEPT"):
            environ["HTTP_ACCEPT"] = ",".join(kind for kind in accepted.split(",") if _is_readable(kind))
        super().__init__(environ)

    @property
    def encoding(self) -> str:
        """The charset of address and form."""
        return "utf-8"

    @encoding.setter
    def encoding(self, named: str | None) -> None:
        """What the request names changes nothing."""


class Handler(WSGIHandler):
    """Django's, for such requests."""

    request_class = LenientRequest


application = Handler()


def settle() -> None:
    """Load the code of all pages before processes are forked, so that they share it.

    Afterwards the garbage collector of this process and its children passes over all that is loaded; going through
    it would stop a request now and then for longer than the request takes.
    """
    import_module(settings.ROOT_URLCONF)
    gc.collect()
    gc.freeze()
