"""Template tags of our components: `{% load so %}`."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django import template
from django.template import Context
from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from salesops.web import badges, credit, figures, names
from salesops.web import registry as web_registry
from salesops.web.once import new_key
from salesops.web.page import Action, clean_query
from salesops.web.refusals import facts_in_words

register = template.Library()


# ---- figures ----
@register.filter
def money(value: Any, tone: str = "") -> SafeString:
    """An amount, cents lighter, a true minus. Tones: "neg" red, "in" green, "auto" red when below zero."""
    return figures.money_html(value, tone)


@register.filter
def money_plain(value: Any) -> str:
    """An amount as text."""
    return figures.money_text(value)


@register.filter
def quantity(value: Any) -> str:
    """A quantity without superfluous zeros."""
    return figures.quantity_text(value)


@register.filter
def percent(value: Any) -> str:
    """Percent with one decimal; the value is in percent."""
    return figures.percent_text(value)


@register.filter
def day(value: Any) -> str:
    """2026-11-23."""
    return figures.day_text(value)


@register.filter
def moment(value: Any) -> str:
    """2026-11-23 16:42."""
    return figures.moment_text(value)


@register.filter
def age(value: Any) -> str:
    """How long ago: 6 h, 3 d."""
    return figures.age_text(value)


@register.filter
def initials(user: Any) -> str:
    """Two letters for the round mark of a person."""
    return figures.initials(str(user))


@register.simple_tag
def name(thing: Any, path: str = "name") -> SafeString:
    """A name with its Chinese one after it; on a Chinese page the order turns. `path` is name or full_name."""
    english, chinese = getattr(thing, path, "") or "", getattr(thing, f"{path}_zh", "") or ""
    return names.both_names(english, chinese)


@register.simple_tag
def both_names(english: str, chinese: str = "") -> SafeString:
    """Two names of one thing, that of the page's language first."""
    return names.both_names(english, chinese)


# ---- marks ----
@register.simple_tag
def icon(name: str, size: str = "") -> SafeString:
    """A glyph of templates/web/icons.html; size "sm" for the small one, "phone" for one that phones show only."""
    return badges.icon_html(name, size)


@register.simple_tag
def badge(tone: Any = "", icon: str = "", text: Any = "") -> SafeString:
    """A state: `{% badge "good" "check" _("Approved") %}`, or `{% badge a_badge %}`."""
    made = tone if isinstance(tone, badges.Badge) else badges.Badge(tone, icon, text)
    return badges.badge_html(made)


# ---- pictures ----
@register.inclusion_tag("web/credit_bar.html")
def credit_bar(
    picture: Any, balance_url: str = "", committed_url: str = "", equation: bool = True, one: bool = True
) -> dict[str, Any]:
    """Exposure against a limit, with its equation below; the terms may link to their rows.

    `one=False` leaves “This one” out of the equation, where the account is shown by itself.
    """
    return {
        "shows_one": one and picture.this is not None,
        "picture": picture,
        "bar": credit.draw(picture),
        "balance_url": balance_url or getattr(picture, "balance_url", ""),
        "committed_url": committed_url or getattr(picture, "committed_url", ""),
        "equation": equation,
    }


@register.simple_tag
def sparkline(values: Iterable[Any], label: str = "", kind: str = "bar") -> SafeString:
    """Some months beside a decision: bars (the last one strong) or, with kind "line", a line."""
    numbers = [float(value or 0) for value in values]
    if not numbers:
        return mark_safe("")
    height, width = 40.0, 240.0
    top = max([*numbers, 0.0])
    low = min([*numbers, 0.0]) if kind == "bar" else min(numbers)
    span = (top - low) or 1.0
    heading = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    if kind == "line":
        step = width / max(len(numbers) - 1, 1)
        points = " ".join(
            f"{at * step:.1f},{height - (value - low) / span * (height - 6) - 3:.1f}"
            for at, value in enumerate(numbers)
        )
        inside = format_html('<polyline points="{}"/>', points)
    else:
        step = width / len(numbers)
        zero = height - (0 - low) / span * height
        inside = format_html_join(
            "",
            '<rect{} x="{}" y="{}" width="{}" height="{}"/>',
            (
                (
                    mark_safe(' class="is-now"') if at == len(numbers) - 1 else "",
                    f"{at * step:.1f}",
                    f"{min(zero, zero - value / span * height):.1f}",
                    f"{step * 0.62:.1f}",
                    f"{max(abs(value) / span * height, 0.6):.1f}",
                )
                for at, value in enumerate(numbers)
            ),
        )
    return format_html(
        '<svg class="so-spark" viewBox="0 0 240 40" preserveAspectRatio="none" {}>{}</svg>', heading, inside
    )


@register.simple_tag
def share_bar(percent: Any, mark: Any = None, label: str = "") -> SafeString:
    """A share in a table cell, 0 to 100; `mark` is the stroke of plan or pace. The figure stands beside it."""
    share = max(0.0, min(100.0, float(percent or 0)))
    stroke = ""
    if mark is not None:
        at = max(0.0, min(100.0, float(mark)))
        stroke = format_html('<line class="so-tick so-tick--plan" x1="{0}%" x2="{0}%" y1="-3" y2="9"/>', f"{at:.1f}")
    heading = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html(
        '<svg class="so-inbar so-inbar--tall" {}><rect class="so-bar__track" width="100%" height="6" rx="3"/>'
        '<rect class="so-f-now" width="{}%" height="6" rx="3"/>{}</svg>',
        heading,
        f"{share:.1f}",
        stroke,
    )


@register.simple_tag
def age_bar(amounts: Sequence[Any], label: str = "") -> SafeString:
    """Open debits by age, "not due" first, at most six; their figures stand below as an equation."""
    numbers = [max(float(amount or 0), 0.0) for amount in amounts]
    total = sum(numbers) or 1.0
    parts: list[SafeString] = []
    at = 0.0
    for bucket, number in enumerate(numbers):
        share = number * 100 / total
        if share:
            parts.append(
                format_html(
                    '<rect class="so-f-age{}" x="{}%" width="{}%" height="16"/>', bucket, f"{at:.3f}", f"{share:.3f}"
                )
            )
            if at:
                parts.append(format_html('<line class="so-cut" x1="{0}%" x2="{0}%" y1="0" y2="16"/>', f"{at:.3f}"))
        at += share
    return format_html(
        '<svg class="so-bar" height="16" role="img" aria-label="{}">'
        '<rect class="so-bar__track" width="100%" height="16"/><g>{}</g></svg>',
        label,
        format_html_join("", "{}", ((part,) for part in parts)),
    )


# ---- forms ----
@register.inclusion_tag("web/forms/field_tag.html")
def field(bound: Any, label: Any = None) -> dict[str, Any]:
    """A form's field: label, control, help, error. `label=""` hides the label from the eye, not from readers."""
    return {"field": bound, "label": bound.label if label in (None, "") else label, "hide_label": label == ""}


@register.filter
def bound(form: Any, name: str) -> Any:
    """The field of that name, bound to the form."""
    return form[name]


@register.filter
def is_together(row: Any) -> bool:
    """Whether a row of a form's section is several fields side by side."""
    return isinstance(row, list | tuple)


# ---- buttons ----
@register.inclusion_tag("web/actions.html", takes_context=True)
def actions(context: Context, given: Iterable[Action], most: int = 3) -> dict[str, Any]:
    """The buttons of a page's head: the primary one last, more than `most` in a menu."""
    shown = list(given)
    request = context.get("request")
    user = getattr(request, "user", None)
    shown = [action for action in shown if web_registry.may(user, action.permission)]
    primary = [action for action in shown if action.primary]
    others = [action for action in shown if not action.primary]
    room = max(most - len(primary), 1)
    folded = others[room:] if len(others) > room + 1 else []
    return {
        "plain": others[: len(others) - len(folded)],
        "folded": folded,
        "primary": primary,
        "request": request,
        "csrf_token": context.get("csrf_token"),
    }


@register.inclusion_tag("web/action.html", takes_context=True)
def action(context: Context, given: Action, css: str = "") -> dict[str, Any]:
    """One button; each time it is shown it has a key of its own, so that a second click does nothing more."""
    return {
        "action": given,
        "once_key": new_key(),
        "css": css,
        "request": context.get("request"),
        "csrf_token": context.get("csrf_token"),
    }


# ---- parts that features contribute ----
@register.simple_tag(takes_context=True)
def panel_body(context: Context, panel: Any, panel_context: dict[str, Any], record: Any) -> SafeString:
    """What a registered panel shows, by its own template."""
    inside = {**panel_context, "panel": panel, "record": record, "page": context.get("page")}
    return render_to_string(panel.template, inside, request=context.get("request"))


@register.simple_tag(takes_context=True)
def card_body(context: Context, card: Any, card_context: dict[str, Any]) -> SafeString:
    """What a registered card of the home page shows, by its own template."""
    inside = {**card_context, "card": card, "page": context.get("page")}
    return render_to_string(card.template, inside, request=context.get("request"))


@register.simple_tag
def form_sections(page: Any, form: Any) -> Sequence[tuple[Any, Sequence[Any]]]:
    """The parts of a form: the page's word first, then the form's own, else all fields in one part."""
    if hasattr(page, "sections"):
        return page.sections(form)
    return getattr(form, "sections", None) or [("", list(form.fields))]


@register.inclusion_tag("web/chart_scripts.html")
def chart_scripts() -> dict[str, Any]:
    """The scripts of a page with charts; goes into the block `scripts`."""
    return {}


# ---- addresses and the rest ----
@register.simple_tag(takes_context=True)
def query(context: Context, **changes: Any) -> str:
    """The current query with changes, without empty values: `href="?{% query sort='-amount' page=None %}"`."""
    request = context["request"]
    return clean_query(request.GET, **{"export": None, **changes})


@register.filter
def refusal_facts(refusal: Any) -> list[tuple[Any, Any]]:
    """The figures behind a refusal, with their labels."""
    return facts_in_words(refusal)


@register.filter
def fact(value: Any) -> Any:
    """A figure behind a refusal as it is shown: amounts with two places, the rest as it is."""
    return figures.money_html(value) if isinstance(value, Decimal) else value


@register.filter
def item(mapping: Any, key: Any) -> Any:
    """The value of a key."""
    return mapping.get(key) if hasattr(mapping, "get") else None
