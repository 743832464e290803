"""Filters of the lists of notices and mails."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from salesops.web.forms import Chips

from .models import MailState, Notice, OutgoingMail
from .registry import notice_kinds


def kind_choices() -> list[tuple[str, Any]]:
    """The kinds in words, in the order of the settings page."""
    return [(kind.key, kind.label) for kind in sorted(notice_kinds, key=lambda kind: kind.order)]


class NoticeFilters(django_filters.FilterSet):
    """New ones, and by what they are about."""

    new = django_filters.ChoiceFilter(
        label=_("Show"),
        method="only_new",
        choices=[("yes", _("New ones"))],
        empty_label=_("All"),
        widget=Chips,
    )
    kind = django_filters.ChoiceFilter(label=_("About"), choices=kind_choices, empty_label=_("Everything"))

    class Meta:
        model = Notice
        fields = ["new", "kind"]

    def only_new(self, rows: QuerySet[Notice], name: str, value: str) -> QuerySet[Notice]:
        """Keep what has not been read."""
        return rows.filter(read_at=None)


class MailFilters(django_filters.FilterSet):
    """By state."""

    state = django_filters.ChoiceFilter(label=_("State"), choices=MailState.choices, empty_label=_("All"), widget=Chips)

    class Meta:
        model = OutgoingMail
        fields = ["state"]
