"""Figures as people read them: separators, two places, a true minus, dates that sort."""

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

MINUS = "−"
HOUR, DAY = 3_600, 86_400  # seconds
DASH = mark_safe('<span class="so-muted" aria-hidden="true">–</span>')


def as_decimal(value: Any) -> Decimal | None:
    """Return the value as a decimal, None where there is none."""
    if value is None or value == "":
        return None
    try:
        return value if isinstance(value, Decimal) else Decimal(str(value))
    except InvalidOperation:
        return None


def money_text(value: Any) -> str:
    """Return an amount in words of figures: 186,400.00; −12,460.00; "" for none."""
    amount = as_decimal(value)
    if amount is None:
        return ""
    return f"{amount.quantize(Decimal('0.01'), ROUND_HALF_UP):,.2f}".replace("-", MINUS)


def money_html(value: Any, tone: str = "") -> SafeString:
    """Return an amount as markup, cents lighter. Tones: neg (red), in (green), auto (red when below zero)."""
    text = money_text(value)
    if not text:
        return DASH
    if tone == "auto":
        tone = "neg" if text.startswith(MINUS) else ""
    whole, cents = text.split(".")
    css = f"so-money so-num so-money--{tone}" if tone else "so-money so-num"
    return format_html('<span class="{}">{}<small>.{}</small></span>', css, whole, cents)


def quantity_text(value: Any) -> str:
    """Return a quantity without superfluous zeros: 1,200; 2.5; −3."""
    amount = as_decimal(value)
    if amount is None:
        return ""
    text = f"{amount:,f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace("-", MINUS)


def percent_text(value: Any) -> str:
    """Return percent with one decimal: 2.2%; the value is in percent."""
    amount = as_decimal(value)
    if amount is None:
        return ""
    return f"{amount.quantize(Decimal('0.1'), ROUND_HALF_UP):,.1f}%".replace("-", MINUS)


def _local(value: date | datetime) -> date | datetime:
    if isinstance(value, datetime) and timezone.is_aware(value):
        return timezone.localtime(value)
    return value


def day_text(value: date | datetime | None) -> str:
    """Return a day: 2026-11-23; that of a moment is the company's."""
    return _local(value).strftime("%Y-%m-%d") if value else ""


def moment_text(value: date | datetime | None) -> str:
    """Return a moment: 2026-11-23 16:42, on the company's clock."""
    if not value:
        return ""
    local = _local(value)
    return local.strftime("%Y-%m-%d %H:%M") if isinstance(local, datetime) else local.strftime("%Y-%m-%d")


def age_text(value: date | datetime | None, now: datetime | None = None) -> str:
    """Return how long ago something was, or how far ahead it is: 6 h, 3 d."""
    if not value:
        return ""
    now = now or timezone.now()
    if not isinstance(value, datetime):
        return _("%(n)s d") % {"n": abs((timezone.localdate(now) - value).days)}
    seconds = abs((now - value).total_seconds())
    if seconds < HOUR:
        return _("%(n)s min") % {"n": int(seconds // 60)}
    if seconds < DAY:
        return _("%(n)s h") % {"n": int(seconds // HOUR)}
    return _("%(n)s d") % {"n": int(seconds // DAY)}


def initials(name: str) -> str:
    """Return up to two letters for the round mark of a person: LY; 林悦 for a Chinese name."""
    words = name.split()
    if not words:
        return "?"
    if len(words) == 1:
        return words[0][:2] if not words[0].isascii() else words[0][:2].upper()
    return (words[0][0] + words[-1][0]).upper()
