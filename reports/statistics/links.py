"""Where a statistic leads: rows into what they are made of, cells to the documents or accounts behind them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlencode

from django.urls import reverse

from salesops.kernel.periods import Period
from salesops.users.models import Region, User

from .answers import Answer, Head, months_between, open_region_id, span_of
from .measures import MEASURES
from .questions import ITSELF, Question, spell_period

Which = Literal["now", "before", "last_year"]
Said = dict[str, Any]
"""What an address says."""

INTO = {
    "region": "customer",
    "team": "representative",
    "representative": "customer",
    "customer": "product",
    "grade": "customer",
    "category": "product",
    "product": "customer",
    "month": "region",
}
"""What the rows of a row are of, once it is opened. A region with others below it opens into them, time into months."""
OF_ROWS = ("by", "across", "measures")


def statistic_url(said: Said) -> str:
    """The address of the page of a question."""
    return f"{reverse('reports:statistics')}?{urlencode(said, doseq=True)}"


def documents_url(said: Said) -> str:
    """The address of the documents of a question's period and of what it keeps."""
    kept = {key: value for key, value in said.items() if key not in OF_ROWS}
    return f"{reverse('reports:statistics_documents')}?{urlencode(kept)}"


@dataclass(frozen=True)
class Links:
    """The addresses behind one answer, for one reader. `parents` are the regions that have others below them."""

    question: Question
    main: str
    said: Said
    spans: Mapping[Which, Period]
    open_region: int | None
    parents: frozenset[int]
    opens_documents: bool
    opens_accounts: bool

    @classmethod
    def of(cls, found: Answer, main: str, user: User) -> "Links":
        """Return the links of an answer that a reader may follow, in two queries at most."""
        question = found.question
        is_by_region, open_region, parents = "region" in (question.by, question.across), None, frozenset[int]()
        if is_by_region:
            open_region = open_region_id(question.kept.get("region"))
        if question.by == "region":
            keys = [row.head.key for row in found.rows]
            parents = frozenset(Region.objects.filter(parent__in=keys).order_by().values_list("parent", flat=True))
        return cls(
            question,
            main,
            question.as_query(),
            {"now": question.counted, "before": question.before, "last_year": question.last_year},
            open_region,
            parents,
            user.has_perm("orders.view_shipment"),
            user.has_perm("orders.view_accounts"),
        )

    def row_url(self, head: Head) -> str:
        """Where the name of a row leads."""
        by = self.question.by
        into = INTO.get(by, "month")
        if by == "region" and head.key in self.parents and head.key != self.open_region:
            into = "region"
        across = self.question.across if self.question.across != into else ""
        inside = self._inside([head], "now")
        return statistic_url({**(inside or {}), "by": into, "across": across, "main": self.main}) if inside else ""

    def cell_url(self, measure: str, heads: Sequence[Head], which: Which = "now") -> str:
        """Where a figure leads, of all where there are no heads: documents, customers, an account; empty for none."""
        inside = self._inside(heads, which)
        if inside is None:
            return ""
        if MEASURES[measure].of_goods:
            return documents_url(inside) if self.opens_documents else ""
        if self.question.by != "customer" or not heads:
            return statistic_url({**inside, "by": "customer", "across": "", "main": measure})
        return self._account_url(heads[0].code, self._span(heads, which)) if self.opens_accounts else ""

    def _account_url(self, code: str, period: Period | None) -> str:
        assert period is not None
        days = urlencode({"from": period.start.isoformat(), "to": period.last_day.isoformat()})
        return f"{reverse('orders:account', args=[code])}?{days}"

    def _span(self, heads: Sequence[Head], which: Which) -> Period | None:
        """The months of one cell; None where no month is both its row's and its column's."""
        counted = span = self.spans["now"]
        for head, dimension in zip(heads, self.question.dimensions, strict=False):
            if dimension.is_time:
                part = span_of(dimension, head.key, counted)
                if max(part.start, span.start) >= min(part.end, span.end):
                    return None
                span = Period(max(part.start, span.start), min(part.end, span.end))
        return span.shifted(-months_between(self.spans[which], counted))

    def _inside(self, heads: Sequence[Head], which: Which) -> Said | None:
        """What an address says to keep one cell alone; None where it is of no month."""
        span = self._span(heads, which)
        if span is None:
            return None
        inside = dict(self.said)
        if span != self.spans["now"]:  # a running year is called by its name
            inside["period"] = spell_period(span)
        for head, dimension in zip(heads, self.question.dimensions, strict=False):
            if not dimension.is_time:
                is_itself = dimension.key == "region" and head.key == self.open_region
                inside[dimension.key] = f"{ITSELF}{head.code}" if is_itself else head.code
        return inside
