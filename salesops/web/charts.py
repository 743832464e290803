"""Charts: what a page says about a chart, and the table that stands behind it.

    Chart("pace", _("November against plan"), days, [Series(_("Plan"), plan, "plan"), Series("2026", now, "now")],
          sub=_("delivered so far, CNY thousand"))

The template includes web/chart.html with `chart`, and names `{% static %}` scripts by `{% chart_scripts %}`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

Value = Decimal | float | int | None


@dataclass(frozen=True)
class Series:
    """One line or row of bars. Looks: now (strong), then (last year), plan (dotted), bar, up, down, age0 to age4.

    One in `percent` is drawn against an axis of its own on the right, from 0 to 100.
    """

    name: Any
    values: Sequence[Value]
    look: str = "now"
    kind: str = ""
    stack: str = ""
    percent: bool = False


@dataclass(frozen=True)
class Chart:
    """A chart with its table. `kind` is line or bar; `strong` are the positions of bars to stand out (all if empty).

    Long names of few categories may stand `slanted`, so that each is there.
    """

    key: str
    title: Any
    categories: Sequence[Any]
    series: Sequence[Series]
    sub: Any = ""
    kind: str = "line"
    strong: Sequence[int] = ()
    decimals: int = 1
    low: bool = False
    horizontal: bool = False
    slanted: bool = False
    category_label: Any = ""
    url: str = ""

    @property
    def data(self) -> dict[str, Any]:
        """What the script draws, as JSON can hold it."""
        return {
            "kind": self.kind,
            "categories": [str(name) for name in self.categories],
            "series": [
                {
                    "name": str(one.name),
                    "look": one.look,
                    "kind": one.kind or self.kind,
                    "stack": one.stack,
                    "percent": one.percent,
                    "values": [None if value is None else float(value) for value in one.values],
                }
                for one in self.series
            ],
            "strong": list(self.strong),
            "decimals": self.decimals,
            "horizontal": self.horizontal,
            "slanted": self.slanted,
            "label": str(self.title),
        }

    @property
    def data_id(self) -> str:
        """The id of the data block."""
        return f"chart-{self.key}"

    def rows(self) -> Iterator[tuple[str, list[str]]]:
        """The table behind the chart: category and its figures."""
        for at, name in enumerate(self.categories):
            yield str(name), [self._text(one.values[at] if at < len(one.values) else None) for one in self.series]

    def _text(self, value: Value) -> str:
        return "" if value is None else f"{value:,.{self.decimals}f}".replace("-", "−")
