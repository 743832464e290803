"""Excel of a list: exactly the rows, columns and order that are shown, all pages of them.

Short lists are answered at once. Longer ones are handed to `run_in_background`, which the jobs app sets at start-up:

    exports.run_in_background = start_export          # (request, export) -> the response, e.g. to the job's page
    exports.write_list_export(export, user, path, over=progress.over)     # later, in the worker
"""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from io import BytesIO
from os import PathLike
from typing import TYPE_CHECKING, Any, BinaryIO

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve
from django.utils import timezone, translation
from django.utils.text import get_valid_filename
from django.utils.translation import gettext as _
from django_htmx.middleware import HtmxDetails

from .excel import Sheet, write_workbook
from .figures import moment_text

if TYPE_CHECKING:
    from .listpage import ListPage

SHORT = 5_000
CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

Over = Callable[[Iterable[Any], int], Iterable[Any]]


@dataclass(frozen=True)
class ListExport:
    """A list to be written later: the address that shows it, in plain words that fit into a job's parameters."""

    path: str
    query: str
    title: str
    filename: str
    language: str = field(default="en")

    def as_params(self) -> dict[str, str]:
        """The export as a job's parameters; ListExport(**params) makes it again."""
        return asdict(self)


run_in_background: Callable[[HttpRequest, ListExport], HttpResponseBase] | None = None
"""Set by the jobs app: starts the job and answers the request."""


def export_list(page: "ListPage") -> HttpResponseBase:
    """Return the file of a list, or hand a long list to the background."""
    if count_rows(page, most=SHORT + 1) > SHORT and run_in_background is not None:
        return run_in_background(page.request, describe(page))
    target = BytesIO()
    write_workbook(target, [sheet_of(page)])
    return file_response(target.getvalue(), filename_for(page.export_title()))


def count_rows(page: "ListPage", most: int | None = None) -> int:
    """Return how many rows a list has, counted no further than `most`."""
    rows = page.sheet.data.data
    return rows.order_by()[:most].count() if isinstance(rows, QuerySet) else len(rows)


def describe(page: "ListPage") -> ListExport:
    """Return the export of a page in plain words."""
    title = page.export_title()
    return ListExport(
        path=page.request.path,
        query=page.query(),
        title=title,
        filename=filename_for(title),
        language=translation.get_language() or settings.LANGUAGE_CODE,
    )


def list_at(path: str, query: str, user: Any) -> "ListPage":
    """Return the list at an address, in the language now active, as that person would see it.

    Raises LookupError where there is no list with an Excel file, PermissionDenied where the person may not open it.
    """
    from .listpage import ListPage

    try:
        view = getattr(resolve(path).func, "view_class", None)
    except Resolver404:
        view = None
    if not (isinstance(view, type) and issubclass(view, ListPage)):
        raise LookupError(path)
    wanted = ListExport(path, query, "", "", translation.get_language() or settings.LANGUAGE_CODE)
    page = page_for(wanted, user)
    if not page.export_allowed:
        raise LookupError(path)
    return page


def write_list_export(
    export: ListExport, user: Any, target: str | PathLike[str] | BinaryIO, *, over: Over | None = None
) -> int:
    """Write the list as that person would see it now; return the number of rows.

    `over(rows, total)` wraps the rows, for progress. Raises PermissionDenied when the person may not open the list.
    """
    with translation.override(export.language):
        page = page_for(export, user)
        total = count_rows(page)
        write_workbook(target, [sheet_of(page, over=over, total=total)])
    return total


def page_for(export: ListExport, user: Any) -> "ListPage":
    """Make the page again, outside of a request, with the person's own rights."""
    from django.core.exceptions import PermissionDenied

    match = resolve(export.path)
    request: Any = HttpRequest()
    request.method, request.path, request.path_info = "GET", export.path, export.path
    request.GET = QueryDict(export.query)
    request.user, request.resolver_match = user, match
    request.META |= {"SERVER_NAME": "localhost", "SERVER_PORT": "80"}
    request.htmx = HtmxDetails(request)
    page: ListPage = match.func.view_class(**match.func.view_initkwargs)  # type: ignore[attr-defined]
    page.setup(request, *match.args, **match.kwargs)
    if not page.allowed():
        raise PermissionDenied
    return page


def sheet_of(page: "ListPage", *, over: Over | None = None, total: int = 0) -> Sheet:
    """Return the sheet of a list: its columns and rows, headed by the filters used, by whom and when."""
    rows: Iterable[Any] = page.sheet.excel_rows()
    if over is not None:
        rows = over(rows, total)
    facts = [*page.export_facts()]
    facts += [(one.label, one.text) for one in page.chosen] or [(_("Filters"), _("none"))]
    facts.append((_("Made"), f"{page.request.user}, {moment_text(timezone.now())}, {settings.COMPANY_NAME}"))
    return Sheet(page.export_title(), page.sheet.excel_columns(), rows, facts, total)


def filename_for(title: str) -> str:
    """Return a name for a file: title and day."""
    return f"{get_valid_filename(title) or 'list'}-{timezone.localdate():%Y-%m-%d}.xlsx"


def file_response(content: bytes, filename: str) -> HttpResponse:
    """Return an Excel file to keep."""
    headers = {"Content-Disposition": content_disposition(filename), "Cache-Control": "private, no-store"}
    return HttpResponse(content, content_type=CONTENT_TYPE, headers=headers)


def content_disposition(filename: str) -> str:
    """Return the header that names a download, also in Chinese."""
    from django.utils.http import content_disposition_header

    return content_disposition_header(True, filename) or "attachment"
