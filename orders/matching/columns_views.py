"""Which column of an agent's ledger holds what: the form, and what would be read with it."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders.receivables.queries import statement_of
from salesops.kernel.errors import RuleBroken
from salesops.web.pages import FormPage

from .forms import ColumnsForm
from .intake import others_of, read_ledger
from .models import LedgerFormat, LedgerState
from .queries import period_of
from .reading import FileLook, LedgerMapping, guess_mapping, look_at_file, read_lines
from .services import READ_AT_ONCE
from .views import UPLOAD, OfLedger

FIRST_LINES = 6


class OfColumns(OfLedger):
    """The columns of a ledger that is not read yet."""

    permission_required = UPLOAD

    @cached_property
    def remembered(self) -> LedgerMapping | None:
        """What was chosen for this file, else for the agent's last one."""
        kept = self.upload.mapping
        if not kept:
            kept = LedgerFormat.objects.filter(pk=self.upload.customer_id).values_list("mapping", flat=True).first()
        return LedgerMapping.of(kept) if kept else None

    @cached_property
    def look_and_mapping(self) -> tuple[FileLook, LedgerMapping]:
        """What the file holds, with the remembered mapping where it fits, else a guess."""
        path = Path(self.upload.file.path)
        if self.remembered is not None:
            try:
                look = look_at_file(path, self.remembered)
            except RuleBroken:
                pass
            else:
                if self.remembered.fits(list(look.columns)):
                    return look, self.remembered
        look = look_at_file(path)
        return look, guess_mapping(look)

    def columns_form(self, **kwargs: Any) -> ColumnsForm:
        """The form over the file's columns."""
        look, mapping = self.look_and_mapping
        return ColumnsForm(
            look=look, mapping=mapping, has_bad=bool(self.upload.bad), others=others_of(self.upload), **kwargs
        )

    def preview(self, mapping: LedgerMapping) -> dict[str, Any]:
        """What would be read: the first lines, what they add up to, and the closing balance that follows."""
        upload = self.upload
        try:
            reading = read_lines(
                Path(upload.file.path), mapping, first=upload.first_day, last=upload.last_day, most=READ_AT_ONCE
            )
        except RuleBroken as refusal:
            return {"trouble": refusal.message}
        ours = statement_of(upload.customer_id, period_of(upload))
        opening = ours.opening if upload.opening is None else upload.opening
        closing = opening + reading.total
        return {
            "reading": reading,
            "lines": reading.lines[:FIRST_LINES],
            "ours": ours,
            "opening": opening,
            "closing": closing,
            "seems_turned": abs(ours.opening - reading.total - ours.closing) < abs(closing - ours.closing),
            "apart": None if upload.closing is None else closing - upload.closing,
        }


class Columns(OfColumns, FormPage):
    """Which column holds what, with what we would read; then it is read and matched."""

    title = gettext_lazy("What stands where")
    template_name = "orders/matching/columns.html"
    form_class = ColumnsForm
    submit_label = gettext_lazy("Read and match")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the form; a ledger that is read has its own page."""
        if self.upload.state != LedgerState.NEW or self.upload.is_busy:
            return self.go(self.upload.get_absolute_url())
        return super().get(request, *args, **kwargs)

    def crumbs(self) -> Sequence[tuple[Any, str | None]]:
        above = [(self.menu_entry.label, self.menu_entry.url)] if self.menu_entry else []
        return [*above, (self.upload.file_name, self.upload.get_absolute_url()), (self.heading(), None)]

    def get_form(self) -> ColumnsForm:
        return self.columns_form(**self.get_form_kwargs())

    def perform(self, form: ColumnsForm) -> str:
        given = form.cleaned_data
        upload = read_ledger(
            self.upload.pk,
            form.mapping(),
            by=self.user,
            only_good=given.get("only_good", False),
            replaces=given.get("replaces", False),
        )
        if upload.state == LedgerState.NEW and not upload.is_busy:
            return reverse("orders:their_ledger_columns", args=[upload.pk])
        return upload.get_absolute_url()

    def context(self, **more: Any) -> dict[str, Any]:
        form: ColumnsForm = more["form"]
        chosen = form.mapping() if form.is_bound and form.is_valid() else self.look_and_mapping[1]
        return super().context(upload=self.upload, **self.preview(chosen), **more)


class Preview(OfColumns):
    """What would be read with the columns that are being chosen."""

    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer with the part beside the form."""
        if self.upload.state != LedgerState.NEW:
            raise Http404
        form = self.columns_form(data=request.GET)
        if not form.is_valid():
            return self.render("orders/matching/preview.html", trouble=_("Choose columns of this file."))
        return self.render("orders/matching/preview.html", upload=self.upload, **self.preview(form.mapping()))
