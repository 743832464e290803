"""Runs of importing books, and the keys of all that was ever loaded."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from salesops.jobs.models import Job
from salesops.users.models import User


class RunState(models.TextChoices):
    """Where a run stands. What its background work does meanwhile says the job."""

    OPEN = "open", _("To be checked")
    CHECKED = "checked", _("Checked")
    LOADED = "loaded", _("Loaded")


class ImportRun(models.Model):
    """One company's files, the mapping that explains them, what the check found and what was loaded."""

    title = models.CharField(_("title"), max_length=120)
    state = models.CharField(_("state"), max_length=10, choices=RunState, default=RunState.OPEN)
    mapping = models.TextField(_("mapping"), blank=True)
    only_good = models.BooleanField(_("only the good rows"), default=False)
    errors = models.PositiveIntegerField(_("wrong"), default=0)
    rows = models.PositiveIntegerField(_("rows"), default=0)
    summary: Any = models.JSONField(default=dict, blank=True)
    report = models.CharField(max_length=200, blank=True)
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+")
    started_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("by"))
    started_at = models.DateTimeField(_("started"), auto_now_add=True)
    checked_at = models.DateTimeField(_("checked"), null=True)
    loaded_at = models.DateTimeField(_("loaded"), null=True)

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("import of books")
        permissions = [("import_books", _("Can import books from files"))]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        from django.urls import reverse

        return reverse("imports:record", args=[self.pk])

    @property
    def folder(self) -> Path:
        """Where its files lie: never under a name that somebody typed."""
        return Path(settings.MEDIA_ROOT) / "imports" / str(self.pk)

    @property
    def books(self) -> Path:
        """The folder of the company's own files."""
        return self.folder / "books"

    @property
    def report_path(self) -> Path | None:
        """The workbook with every row that is wrong, if the check made one."""
        return self.folder / self.report if self.report else None

    @property
    def is_busy(self) -> bool:
        """Whether something is being done with it in the background."""
        return self.job is not None and self.job.is_live


class SourceKey(models.Model):
    """What a row goes by in the books that it came from: loaded once, found again, compared by its fingerprint.

    Without a fingerprint the row was there already and was only recognised.
    """

    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=240, unique=True)
    object_id = models.BigIntegerField()
    fingerprint = models.UUIDField(null=True)
    run = models.ForeignKey(ImportRun, models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["run", "kind"])]

    def __str__(self) -> str:
        return self.key
