"""Pages: the list of work, one job with its bar, the bar over every page, cancel, try again, fetch the result."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_htmx.http import HttpResponseClientRefresh

from salesops.web.figures import moment_text
from salesops.web.pages import Action, ActionPage, Badge, Empty, ListPage, Page, RecordPage
from salesops.web.tables import Table

from . import bar
from .filters import JobFilters
from .models import Job, JobState
from .services import cancel_job, retry_job
from .tables import TONES, AllJobsTable, JobTable
from .words import in_words, progress_in_words


class JobList(ListPage):
    """One's own work; everybody's for those who watch over it."""

    title = gettext_lazy("Background work")
    menu_key = "jobs"
    filters = JobFilters
    search_fields = ("title",)
    empty = Empty(
        gettext_lazy("Nothing has run yet"),
        gettext_lazy("Long exports, imports and statistics stand here, with their results."),
        icon="clock",
    )

    @property
    def table(self) -> type[Table]:  # type: ignore[override]
        """With or without the column of people."""
        return AllJobsTable if self.request.user.has_perm("jobs.view_all_jobs") else JobTable

    def rows(self) -> QuerySet[Job]:
        return Job.objects.visible_to(self.request.user).select_related("owner").defer("params", "summary")


class JobRecord(RecordPage):
    """One job: how far, how long still, what came of it."""

    template_name = "jobs/record.html"
    menu_key = "jobs"
    lookup = "pk"

    def rows(self) -> QuerySet[Job]:
        return Job.objects.visible_to(self.request.user).select_related("owner")

    def headline(self, record: Job) -> dict[str, Any]:
        tone = TONES[record.state]
        badge = Badge(tone) if isinstance(tone, str) else Badge(*tone)
        return {
            "kind": record.kind_label,
            "title": record.title,
            "badge": badge._replace(text=record.get_state_display()),
            "meta": [str(record.owner), moment_text(record.queued_at)],
        }

    def actions(self, record: Job) -> Sequence[Action]:
        if record.is_live:
            return [] if record.is_stopping else [cancel_action(record)]
        if record.state == JobState.FAILED and record.owner_id == self.request.user.pk:
            return [Action(_("Try again"), reverse("jobs:retry", args=[record.pk]), "undo", True, "post")]
        return self._result_actions(record)

    def _result_actions(self, record: Job) -> Sequence[Action]:
        actions = []
        if record.result_url:
            actions.append(Action(_("Open the result"), record.result_url, "right", primary=not record.result))
        if record.result:
            refused = "" if record.result_allowed_to(self.request.user) else _("You no longer have the right to it.")
            url = reverse("jobs:result", args=[record.pk])
            actions.append(Action(_("Download"), url, "download", primary=True, refused=refused))
        return actions

    def context(self, **more: Any) -> dict[str, Any]:
        return super().context(**progress_context(self.record), **more)


def cancel_action(job: Job) -> Action:
    """The button that stops a job."""
    return Action(_("Cancel"), reverse("jobs:cancel", args=[job.pk]), "x", method="post", danger=True)


def progress_context(job: Job) -> dict[str, Any]:
    """What the template of a job's progress needs."""
    return {"job": job, "says": progress_in_words(job), "took": in_words(job.duration) if job.duration else ""}


class JobProgress(Page):
    """The part of a job's page that is fetched again while it lives; at its end the whole page is."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show how far it is."""
        job = visible_job(self, kwargs["pk"])
        if not job.is_live:
            return HttpResponseClientRefresh()
        return self.render("jobs/progress.html", **progress_context(job))


class CurrentJobs(Page):
    """The bar that floats over every page while work of one's own runs."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show what runs and what has just ended; nothing when there is neither."""
        shown = bar.shown_on(self.request)
        if shown is None:
            return HttpResponse("")
        return self.render("jobs/bar.html", bar=shown)


class HideCurrentJobs(Page):
    """Puts the bar away; the work goes on, and other work shows it again."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer with nothing, in place of the bar."""
        bar.hide(self.request)
        return HttpResponse("")


class CancelJob(ActionPage):
    """Stops a job."""

    def perform(self) -> str | HttpResponseBase:
        job = cancel_job(visible_job(self, self.kwargs["pk"]).pk, by=self.request.user)
        if getattr(self.request, "htmx", False):
            return self.render("jobs/bar.html", bar=bar.Bar(job))
        if job.state == JobState.CANCELLED:
            return _("Cancelled.")
        return _("It stops as soon as it can. Nothing of it will count.")


class RetryJob(ActionPage):
    """Has a failed job done again."""

    def perform(self) -> str:
        retry_job(visible_job(self, self.kwargs["pk"]).pk, by=self.request.user)
        return _("It waits for its turn again.")


class JobResult(Page):
    """The file of a job, for those who have the right to it now."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Send it as a file to keep, never to show."""
        job = visible_job(self, kwargs["pk"])
        if not job.result:
            raise Http404(_("There is no file (any more): results are kept for a month."))
        if not job.result_allowed_to(self.request.user):
            raise PermissionDenied(_("You no longer have the right to this result."))
        try:
            file = job.result.open("rb")
        except FileNotFoundError:
            raise Http404(_("The file is no longer there. Ask for it again.")) from None
        response = FileResponse(file, as_attachment=True, filename=job.result_name)
        response["X-Content-Type-Options"] = "nosniff"
        response["Cache-Control"] = "private, no-store"
        return response


def visible_job(page: Page, pk: UUID) -> Job:
    """Return the job if the person may see it; Http404 if not."""
    return get_object_or_404(Job.objects.visible_to(page.request.user).select_related("owner"), pk=pk)
