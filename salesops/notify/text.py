"""Words that wait for their reader: said once for each language among the recipients."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise

Text = str | Promise | Callable[[], Any]
"""A string that is final, one of gettext_lazy, or a function that makes the sentence:

    notify(..., title=lambda: _("%(number)s waits for your approval") % {"number": delivery.number})
"""

LANGUAGES = frozenset(code for code, _name in settings.LANGUAGES)


def language_of(user: Any) -> str:
    """The language in which a person reads."""
    return user.language if user.language in LANGUAGES else settings.LANGUAGE_CODE


def spoken(text: Text) -> str:
    """Return a text in the active language."""
    return str(text() if callable(text) and not isinstance(text, Promise) else text)


def spoken_in(language: str, text: Text) -> str:
    """Return a text in a language."""
    with translation.override(language):
        return spoken(text)
