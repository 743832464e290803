"""What mails say: plain text with the thing to do and a link, in the reader's language."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import ngettext

from .models import Notice


class Letter(NamedTuple):
    """Subject and text of a mail."""

    subject: str
    body: str


def letter_of_notice(notice: Notice, language: str) -> Letter:
    """Return the mail that brings one notice. It names nobody, so that all readers of a language get the same."""
    body = _written("notify/mail.txt", language, title=notice.title, text=notice.text, url=notice.url)
    return Letter(notice.title, body)


def digest_letter(notices: Sequence[Notice], language: str) -> Letter:
    """Return the mail that brings a day's notices together."""
    with translation.override(language):
        subject = ngettext("%(count)d notice for you", "%(count)d notices for you", len(notices)) % {
            "count": len(notices)
        }
    return Letter(subject, _written("notify/digest.txt", language, title=subject, notices=notices))


def _written(template: str, language: str, **context: Any) -> str:
    with translation.override(language):
        context |= {
            "site": settings.SITE_URL.rstrip("/"),
            "company": settings.COMPANY_NAME,
            "settings_url": reverse("notify:settings"),
        }
        return render_to_string(template, context).strip() + "\n"
