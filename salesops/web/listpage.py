"""A list: filters, search, order and page in the address, parts by htmx, saved views, Excel of what is shown."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl

import django_filters
from django.core.exceptions import BadRequest
from django.core.paginator import EmptyPage, PageNotAnInteger
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from . import exports
from .filters import SUFFIXES, Chosen, chosen_filters, dress
from .models import SavedView
from .page import Action, BulkAction, Empty, Page
from .paging import BoundedPaginator
from .registry import may
from .savedviews import clean_query
from .tables import PickColumn, Table


class ListPage(Page):
    """Attributes make the list; `rows()` says which rows the person may see."""

    template_name = "web/list.html"
    table: type[Table]
    filters: type[django_filters.FilterSet] | None = None
    search_fields: tuple[str, ...] = ()
    search_label: Any = ""
    page_size = 50
    filters_in_view = 4
    """Filters that stand in the bar; the others come with a button, unless they are in effect."""
    starts_ticked = False
    """Whether the rows that bulk actions are for are ticked from the start."""
    empty = Empty("")
    export_name = ""
    intro: Any = ""

    # ---- what a list declares ----
    def rows(self) -> QuerySet[Any]:
        """The rows in the person's scope, with what the columns need already selected."""
        raise NotImplementedError

    def actions(self) -> Sequence[Action]:
        """Buttons in the head of the page."""
        return []

    def bulk_actions(self) -> Sequence[BulkAction]:
        """Buttons for the rows that are ticked."""
        return []

    def may_tick(self, record: Any) -> bool:
        """Whether the bulk actions are for this row."""
        return True

    def listed(self) -> Any:
        """What the table lists: the rows that filters and search leave, or a list of what is made of them."""
        return self.filtered

    def extra_columns(self) -> Sequence[tuple[str, Any]]:
        """Columns that depend on what is asked for, behind those of the table unless it says where."""
        return []

    def export_facts(self) -> list[tuple[Any, Any]]:
        """More lines for the head of the Excel sheet, such as the period."""
        return []

    # ---- filters and search ----
    @cached_property
    def filterset(self) -> Any:
        """The filters with what the address says."""
        if self.filters is None:
            return None
        filterset = self.filters(data=self.request.GET, queryset=self.rows(), request=self.request)
        for field in filterset.form.fields.values():
            dress(field)
        return filterset

    @property
    def text(self) -> str:
        """What is searched for."""
        return self.request.GET.get("q", "").strip()[:100]

    @cached_property
    def filtered(self) -> QuerySet[Any]:
        """The rows that filters and search leave."""
        rows = self.filterset.qs if self.filterset else self.rows()
        return self.search(rows, self.text) if self.text and self.search_fields else rows

    def search(self, rows: QuerySet[Any], text: str) -> QuerySet[Any]:
        """Keep the rows in which every word of the text stands in one of the search fields."""
        for word in text.replace("\x00", "").split()[:6]:
            condition = Q()
            for name in self.search_fields:
                condition |= Q(**{f"{name}__icontains": word})
            rows = rows.filter(condition)
        return rows

    @cached_property
    def chosen(self) -> list[Chosen]:
        """The filters in effect, in words, each with the address of the list without it."""
        chosen = chosen_filters(self.filterset, self.request.GET) if self.filterset else []
        if self.text and self.search_fields:
            chosen.insert(0, Chosen(_("Search"), self.text, self.query(q=None)))
        return chosen

    # ---- the table ----
    @cached_property
    def bulk(self) -> list[BulkAction]:
        """The bulk actions that the person may use."""
        return [action for action in self.bulk_actions() if may(self.request.user, action.permission)]

    @cached_property
    def sheet(self) -> Table:
        """The table over all rows that are left, in the order that the address asks for."""
        pick = [("pick", PickColumn(may=self.may_tick, is_ticked=self.starts_ticked))] if self.bulk else []
        table = self.table(
            self.listed(),
            extra_columns=[*pick, *self.extra_columns()],
            sequence=["pick", "..."] if pick else None,
            request=None,
        )
        if self.sorted_by:
            table.order_by = self.sorted_by
        self._break_ties(table)
        return table

    def _break_ties(self, table: Table) -> None:
        """End the order with the key, so that no row stands on two pages or on none."""
        rows = table.data.data
        if isinstance(rows, QuerySet):
            order = rows.query.order_by or tuple(rows.model._meta.ordering)
            if "pk" not in order and "-pk" not in order:
                table.data.data = rows.order_by(*order, "-pk" if str(next(iter(order), "")).startswith("-") else "pk")

    @cached_property
    def paginator(self) -> BoundedPaginator:
        """Counts the rows, but only so far as it pays."""
        return BoundedPaginator(self.sheet.data.data, self.page_size)

    @cached_property
    def shown(self) -> Any:
        """The page of rows that the address asks for; the nearest one when it does not exist."""
        try:
            number = self.paginator.validate_number(self.request.GET.get("page", 1))
        except PageNotAnInteger:
            number = 1
        except EmptyPage:
            number = self.paginator.num_pages
        return self.paginator.page(number)

    def _prepare(self) -> Table:
        table = self.sheet
        table.paginator, table.page = self.paginator, self.shown
        if not self.paginator.is_bounded and self.paginator.count:
            table.add_totals()
        table.page_object = self
        return table

    # ---- saved views ----
    @property
    def page_key(self) -> str:
        """The name under which views of this list are kept."""
        match = self.request.resolver_match
        return match.view_name if match else type(self).__name__

    @cached_property
    def views(self) -> list[SavedView]:
        """The person's own views of this list."""
        return list(SavedView.objects.filter(user=self.request.user.pk, page_key=self.page_key))

    @cached_property
    def current_view(self) -> SavedView | None:
        """The saved view that is open, if one is."""
        here = sorted(parse_qsl(self.query(view=None)))
        return next((view for view in self.views if sorted(parse_qsl(view.query)) == here), None) if here else None

    def _default_view_url(self) -> str:
        """Where the list opens when the address says nothing and a view is marked as the one to open with."""
        if self.request.GET or getattr(self.request, "htmx", False):
            return ""
        default = next((view for view in self.views if view.is_default), None)
        query = clean_query(default.query) if default else ""
        return f"{self.request.path}?{query}" if query else ""

    # ---- answering ----
    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the list, a part of it, or its Excel file."""
        if request.GET.get("export"):
            return self.export(request.GET["export"])
        if url := self._default_view_url():
            return HttpResponseRedirect(url)
        context = self.context(table=self._prepare())
        if getattr(request, "htmx", False) and request.htmx.target == "list":  # type: ignore[attr-defined]
            return self._part(context)
        return self.render(**context)

    def _part(self, context: dict[str, Any]) -> HttpResponse:
        response = self.render("web/list_part.html", **context)
        query = self.query(page=self.request.GET.get("page") or None) or ("view=all" if self.views else "")
        response["HX-Push-Url"] = f"{self.request.path}?{query}" if query else self.request.path
        return response

    def export(self, kind: str) -> HttpResponseBase:
        """Return what is shown, all pages of it, as a file; long ones are made in the background."""
        if kind != "xlsx":
            raise BadRequest("only xlsx")
        return exports.export_list(self)

    def export_title(self) -> str:
        """The title of the sheet and the name of the file."""
        return str(self.export_name or self.heading())

    # ---- what the template asks ----
    @cached_property
    def filter_fields(self) -> tuple[list[Any], list[Any], bool]:
        """The filters in view, the others, and whether one of those is in effect."""
        if not self.filterset:
            return [], [], False
        fields = list(self.filterset.form)
        most = len(fields) if len(fields) <= self.filters_in_view + 1 else self.filters_in_view
        rest = fields[most:]
        given = {key for key, value in self.request.GET.items() if value}
        is_open = any(f"{field.html_name}{suffix}" in given for field in rest for suffix in SUFFIXES)
        return fields[:most], rest, is_open

    @property
    def export_allowed(self) -> bool:
        """Whether there is an Excel file of the list."""
        return True

    @property
    def query_to_keep(self) -> str:
        """What a saved view keeps: filters, search and order."""
        return self.query(view=None)

    @property
    def sorted_by(self) -> list[str]:
        """The order that the address asks for."""
        return [name for name in self.request.GET.getlist("sort") if name]

    @property
    def page_numbers(self) -> list[int | None]:
        """The pages to offer around the open one; None stands for a gap."""
        here, last = self.shown.number, self.paginator.num_pages
        wanted = sorted({1, last, *range(max(1, here - 2), min(last, here + 2) + 1)})
        numbers: list[int | None] = []
        for number in wanted:
            before = numbers[-1] if numbers else None
            if before is not None and number - before > 1:
                numbers.append(None)
            numbers.append(number)
        return numbers
