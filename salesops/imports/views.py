"""Pages of importing: runs, their files, the mapping, the preview, the load."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from salesops.jobs.models import JobState
from salesops.jobs.views import progress_context
from salesops.web.figures import moment_text
from salesops.web.pages import Action, ActionPage, Empty, FormPage, ListPage, Page, RecordPage

from .assistant import look_at, write_toml
from .forms import AssistantForm, MappingForm, NewRunForm
from .kinds import kinds, kinds_in_order, why_not_load
from .models import ImportRun, RunState
from .report import severity_in_words
from .services import discard_run, files_of, kinds_with_new, open_run, start_check, start_load, write_mapping
from .tables import RunTable, state_badge

MAY = "imports.import_books"


class Runs(ListPage):
    """Every import, and what came of it."""

    permission_required = MAY
    title = gettext_lazy("Books from files")
    menu_key = "imports"
    table = RunTable
    search_fields = ("title",)

    def rows(self) -> QuerySet[ImportRun]:
        return ImportRun.objects.select_related("started_by", "job")

    def actions(self) -> Sequence[Action]:
        return [Action(_("Import books"), reverse("imports:new"), "upload", primary=True, permission=MAY)]

    @property
    def empty(self) -> Empty:  # type: ignore[override]
        """What can come in."""
        words = _(
            "Regions, people, customers, products, prices, stock, deliveries, payments: out of Excel or text files."
        )
        new = Action(_("Import books"), reverse("imports:new"), "upload", primary=True)
        return Empty(_("Nothing was imported yet"), words, new, icon="upload")


class NewRun(FormPage):
    """Upload files; with a mapping they are checked at once."""

    permission_required = MAY
    title = gettext_lazy("Import books")
    menu_key = "imports"
    form_class = NewRunForm
    submit_label = gettext_lazy("Upload")
    intro = gettext_lazy("Nothing is loaded before you have seen what it is: first the files are checked.")

    def perform(self, form: Any) -> str:
        given = form.cleaned_data
        mapping = given["mapping_of"].mapping if given["mapping_of"] else ""
        run = open_run(by=self.request.user, title=given["title"], files=given["upload"], mapping=mapping)
        if not run.mapping:
            return reverse("imports:assistant", args=[run.pk])
        start_check(run.pk, by=self.request.user)
        return run.get_absolute_url()


class RunRecord(RecordPage):
    """One import: its files, what the check found, what was loaded."""

    permission_required = MAY
    menu_key = "imports"
    record_key = "import"
    lookup = "pk"
    template_name = "imports/record.html"

    def rows(self) -> QuerySet[ImportRun]:
        return ImportRun.objects.select_related("job__owner", "started_by")

    def headline(self, record: Any) -> dict[str, Any]:
        return {
            "kind": _("Import of books"),
            "title": record.title,
            "badge": state_badge(record),
            "meta": [str(record.started_by), moment_text(record.started_at)],
        }

    def actions(self, record: ImportRun) -> Sequence[Action]:
        if record.is_busy or record.state == RunState.LOADED:
            return []
        pk = [record.pk]
        sure = _("The files and what the check found go away. Nothing was loaded.")
        actions = [
            Action(
                _("Discard"), reverse("imports:discard", args=pk), "trash", method="post", confirm=sure, danger=True
            ),
            Action(_("Assistant"), reverse("imports:assistant", args=pk), "grid", primary=not record.mapping),
            Action(_("Mapping"), reverse("imports:mapping", args=pk), "pen"),
        ]
        if record.mapping:
            check = reverse("imports:check", args=pk)
            is_open = record.state == RunState.OPEN
            label = _("Check the books") if is_open else _("Check again")
            actions.append(Action(label, check, "check", primary=is_open, method="post"))
        return actions

    def context(self, **more: Any) -> dict[str, Any]:
        run: ImportRun = self.record
        job = run.job
        more |= {"run": run, "files": [(path.name, path.stat().st_size) for path in files_of(run)]}
        if job is not None and job.is_live and job.owner == self.request.user:
            more |= progress_context(job)
        if job is not None and job.state in {JobState.FAILED, JobState.CANCELLED} and run.state != RunState.LOADED:
            more["failed"] = job
        if run.summary:
            more |= self._outcome(run)
        return super().context(**more)

    def _outcome(self, run: ImportRun) -> dict[str, Any]:
        errors = run.summary.get("errors", [])
        loads = self.actions_allowed(self._load_actions(run)) if run.state == RunState.CHECKED else []
        return {
            "counts": [self._count(run, one) for one in run.summary.get("kinds", [])],
            "errors": [(severity_in_words(one[0]), *one) for one in errors],
            "more_errors": max(run.errors - len(errors), 0),
            "loads": loads if not run.is_busy else [],
        }

    def _load_actions(self, run: ImportRun) -> Sequence[Action]:
        wrong = _("%(n)s things are wrong. Correct the files and check again, or load only the good rows.")
        nothing = _("Everything in these files is there already.") if not run.rows else ""
        nothing = nothing or why_not_load(self.request.user, kinds_with_new(run))
        refused = wrong % {"n": run.errors} if run.errors else nothing
        all_of_it = Action(
            _("Load all"), reverse("imports:load", args=[run.pk]), "download", not refused, "post", refused=refused
        )
        if not run.errors:
            return [all_of_it]
        good = reverse("imports:load_good", args=[run.pk])
        sure = _("What is wrong, and all that depends on it, stays out.")
        return [
            all_of_it,
            Action(_("Load only the good rows"), good, "filter", method="post", confirm=sure, refused=nothing),
        ]

    def _count(self, run: ImportRun, one: dict[str, Any]) -> dict[str, Any]:
        kind = kinds.get(one["key"])
        url = reverse(kind.shown_at) if kind and kind.shown_at and run.state == RunState.LOADED else ""
        totals = [(label, Decimal(value), form) for label, value, form in one["totals"] if Decimal(value)]
        return {**one, "label": kind.label if kind else one["label"], "url": url, "totals": totals}


class OfRun(FormPage):
    """A form about one run."""

    permission_required = MAY
    menu_key = "imports"

    @cached_property
    def run(self) -> ImportRun:
        """The run that the address names."""
        return get_object_or_404(ImportRun, pk=self.kwargs["pk"])

    def crumbs(self) -> Sequence[Any]:
        return [*super().crumbs()[:-1], (self.run.title, self.run.get_absolute_url()), (self.heading(), None)]

    def save(self, text: str) -> str:
        """Keep a mapping and check the books by it."""
        write_mapping(self.run.pk, text, by=self.request.user)
        start_check(self.run.pk, by=self.request.user)
        return self.run.get_absolute_url()


class EditMapping(OfRun):
    """The mapping as text."""

    title = gettext_lazy("Mapping")
    form_class = MappingForm
    template_name = "imports/mapping.html"
    submit_label = gettext_lazy("Save and check")

    def get_initial(self) -> dict[str, Any]:
        return {"mapping": self.run.mapping}

    def perform(self, form: Any) -> str:
        return self.save(form.cleaned_data["mapping"])

    def context(self, **more: Any) -> dict[str, Any]:
        known = [
            (kind.label, kind.key, [(name, field.is_required()) for name, field in kind.row.model_fields.items()])
            for kind in kinds_in_order()
        ]
        return super().context(known=known, run=self.run, **more)


class Assistant(OfRun):
    """What the files hold, guessed and corrected; makes the mapping."""

    title = gettext_lazy("Which file holds what")
    form_class = AssistantForm
    template_name = "imports/assistant.html"
    submit_label = gettext_lazy("Make the mapping")
    intro = gettext_lazy(
        "The guesses come from the names of the columns. Correct what is wrong; leave out what is not needed."
    )

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "looks": look_at(files_of(self.run))}

    def perform(self, form: Any) -> str:
        return self.save(write_toml(self.run.title, form.choices_made(), self.run.books))

    def context(self, **more: Any) -> dict[str, Any]:
        return super().context(parts=list(more["form"].parts()), **more)


class AssistantPart(OfRun):
    """The fields of one table after somebody chose another kind for it."""

    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer with the part that the choice concerns."""
        looks, at = look_at(files_of(self.run)), int(self.kwargs["at"])
        if at >= len(looks):
            raise Http404
        form = AssistantForm(looks=looks, chosen={at: request.GET.get(f"kind-{at}", "")})
        return self.render("imports/assistant_rows.html", part=list(form.parts())[at])


class Check(ActionPage):
    """Reads and checks the books in the background."""

    permission_required = MAY

    def get_success_url(self) -> str:
        return reverse("imports:record", args=[self.kwargs["pk"]])

    def perform(self) -> str:
        get_object_or_404(ImportRun, pk=self.kwargs["pk"])
        start_check(self.kwargs["pk"], by=self.request.user)
        return ""


class Load(Check):
    """Loads the books in the background."""

    only_good = False

    def perform(self) -> str:
        get_object_or_404(ImportRun, pk=self.kwargs["pk"])
        start_load(self.kwargs["pk"], by=self.request.user, only_good=self.only_good)
        return ""


class Discard(ActionPage):
    """Throws a run away that was never loaded."""

    permission_required = MAY

    def get_success_url(self) -> str:
        return reverse("imports:list")

    def perform(self) -> str:
        get_object_or_404(ImportRun, pk=self.kwargs["pk"])
        title = discard_run(self.kwargs["pk"], by=self.request.user)
        return _("%(title)s is discarded.") % {"title": title}


class Report(Page):
    """The workbook with every row that is wrong."""

    permission_required = MAY

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Send it as a file to keep."""
        run = get_object_or_404(ImportRun, pk=kwargs["pk"])
        path = run.report_path
        if path is None or not path.is_file():
            raise Http404(_("There is no report (any more). Check the books again."))
        response = FileResponse(path.open("rb"), as_attachment=True, filename=f"{run.title}.xlsx")
        response["X-Content-Type-Options"] = "nosniff"
        response["Cache-Control"] = "private, no-store"
        return response
