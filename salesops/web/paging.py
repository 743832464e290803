"""Paging that stays fast at a million rows: counting stops where nobody would turn the pages."""

from functools import cached_property
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet

COUNTED_ROWS = 10_000


class BoundedPaginator(Paginator):
    """A paginator that counts at most COUNTED_ROWS rows. Beyond them `is_bounded` is true and filters are the way."""

    counted_rows = COUNTED_ROWS

    @cached_property
    def counted(self) -> int:
        """The number of rows, or one more than is counted."""
        rows: Any = self.object_list
        if isinstance(rows, QuerySet):
            return rows.order_by()[: self.counted_rows + 1].count()
        return len(rows)

    @property
    def is_bounded(self) -> bool:
        """Whether there are more rows than are counted."""
        return self.counted > self.counted_rows

    @cached_property
    def count(self) -> int:
        """The rows that can be reached by turning pages."""
        return min(self.counted, self.counted_rows)
