"""Words of state: a tone, a glyph, the word."""

from typing import Any, NamedTuple

from django.utils.html import format_html
from django.utils.safestring import SafeString

GLYPHS = {"good": "check", "warn": "clock", "bad": "x", "info": "clock", "": ""}
"""The glyph that a tone has unless another one is named."""


class Badge(NamedTuple):
    """A state: tone good, warn, bad, info or "" (neutral); the glyph follows the tone unless it is named."""

    tone: str = ""
    icon: str = ""
    text: Any = ""


SIZES = {"sm": " so-i--sm", "phone": " so-only-phone", "": ""}
"""What may follow an icon's name: sm makes it small, phone shows it on phones only."""


def icon_html(name: str, size: str = "") -> SafeString:
    """Return the glyph of that name."""
    return format_html('<svg class="so-i{}" aria-hidden="true"><use href="#i-{}"/></svg>', SIZES[size], name)


def badge_html(badge: Badge) -> SafeString:
    """Return the badge as markup."""
    name = badge.icon or GLYPHS.get(badge.tone, "")
    glyph = icon_html(name) if name else ""
    tone = f" so-badge--{badge.tone}" if badge.tone else ""
    return format_html('<span class="so-badge{}">{}{}</span>', tone, glyph, badge.text)
