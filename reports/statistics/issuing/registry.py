"""What this feature adds: a menu entry, a search, a kind of job, a kind of notice."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from orders.receivables.search import number_condition
from salesops.web import registry

from ..models import IssuedStatistic
from . import jobs, telling  # noqa: F401  they register the kinds
from .places import SEE, sees_some


def find_issued_statistics(user: Any, text: str, limit: int) -> Sequence[registry.Hit]:
    """Find issued statistics by how the number begins or ends; newest first."""
    rows = IssuedStatistic.objects.visible_to(user).filter(number_condition(text, IssuedStatistic.series))
    rows = rows.select_related("region", "team").defer("sheets", "parameters").order_by("-pk")[:limit]
    return [registry.Hit(one.number, f"{one.place} · {one.period_words}", one.get_absolute_url()) for one in rows]


registry.menu.add(
    registry.MenuEntry(
        "issued",
        _("Issued statistics"),
        "reports:issued_statistics",
        "file",
        "insight",
        SEE,
        order=15,
        suits=sees_some,
    )
)
registry.search.add(
    registry.SearchProvider("issued", _("Issued statistics"), "file", find_issued_statistics, permission=SEE, order=80)
)
