"""Excel of a long list as background work: the same rows, columns and order that its page shows."""

import json
from collections.abc import Iterable
from hashlib import sha256
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import Resolver404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from salesops.users.models import User
from salesops.web.exports import ListExport, page_for, write_list_export

from .models import Job
from .progress import Progress, Result
from .registry import job_kind
from .services import start_job


def may_open_list(user: User, params: dict[str, Any]) -> bool:
    """Whether the person may open the list; its rows are those of the person's scope in any case."""
    try:
        page_for(ListExport(**params), user)
    except (PermissionDenied, Resolver404):
        return False
    return True


@job_kind("export", label=gettext_lazy("Excel file of a list"), allows=may_open_list, owner_only=True)
def write_export(job: Job, progress: Progress) -> Result:
    """Write the list as its owner sees it now."""
    export = ListExport(**job.params)
    target = progress.place("list.xlsx")

    def over(rows: Iterable[Any], total: int) -> Iterable[Any]:
        return progress.over(rows, total, saying=_("Writing rows"))

    count = write_list_export(export, job.owner, target, over=over)
    return Result(file=target, filename=export.filename, summary={_("Rows"): count})


def ask_for_export(export: ListExport, *, by: User) -> Job:
    """Have a list written in the background; asking twice while it is being written starts it once."""
    params = export.as_params()
    work = sha256(json.dumps(params, sort_keys=True).encode()).hexdigest()
    title = _("Excel: %(list)s") % {"list": export.title}
    return start_job("export", by=by, title=title, params=params, key=f"export:{by.pk}:{work}")


def start_export(request: HttpRequest, export: ListExport) -> HttpResponseBase:
    """Have a long list written and go back to it, where a bar shows how far it is."""
    user: Any = request.user
    ask_for_export(export, by=user)
    messages.success(request, _("The file is being made. You may go on; it will wait for you under the bell."))
    return HttpResponseRedirect(f"{export.path}?{export.query}" if export.query else export.path)
