"""What a remote select asks while somebody types: a few rows in the person's scope, as JSON."""

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, JsonResponse

from .page import Page


class Autocomplete(Page):
    """`?q=` answers {"results": [{"value", "text", "sub"}]}: at most `limit` rows of `rows()`, best first.

    `search_fields` are matched by any part; a row must have every word.
    """

    search_fields: tuple[str, ...] = ()
    limit = 20

    def rows(self) -> QuerySet[Any]:
        """The rows that may be picked, in the person's scope."""
        raise NotImplementedError

    def search(self, rows: QuerySet[Any], text: str) -> QuerySet[Any]:
        """Keep the rows that have every word in one of the search fields."""
        for word in text.replace("\x00", "").split()[:6]:
            condition = Q()
            for name in self.search_fields:
                condition |= Q(**{f"{name}__icontains": word})
            rows = rows.filter(condition)
        return rows

    def item(self, record: Any) -> dict[str, Any]:
        """How a row is shown: value, text, and a second line; more keys reach the page's script."""
        return {"value": str(record.pk), "text": str(record), "sub": ""}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> JsonResponse:
        """Answer what was typed."""
        found = self.search(self.rows(), request.GET.get("q", "").strip()[:100])[: self.limit]
        return JsonResponse({"results": [self.item(record) for record in found]})
