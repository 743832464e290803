"""Proofs of the books: when somebody, or the night, compared every kept figure with its rows, and what differed."""

from datetime import timedelta
from typing import Any

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

from salesops.kernel.triggers import APPEND_ONLY
from salesops.users.models import User

from .verification import Difference


class ProofQuerySet(models.QuerySet["Proof"]):
    """Words for proofs."""

    def with_cut(self) -> "ProofQuerySet":
        """Say of each in `is_cut` whether more differed than it kept, without reading what it kept."""
        cut = models.Q(found__contains=[{"more_follow": True}])
        return self.annotate(is_cut=models.ExpressionWrapper(cut, models.BooleanField()))


class Proof(models.Model):
    """One proof. `night` is the day of a nightly one; those that a person asked for have `asked_by`."""

    night = models.DateField(null=True, unique=True, editable=False)
    asked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("asked for by"))
    started_at = models.DateTimeField(_("proved"))
    finished_at = models.DateTimeField()
    count = models.PositiveIntegerField(_("differences"))
    found: Any = models.JSONField(default=list)

    is_cut: bool
    """Whether `count` is the least that differed: see ProofQuerySet.with_cut."""

    objects = ProofQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at", "-pk"]
        verbose_name = _("proof of the books")
        verbose_name_plural = _("proofs of the books")
        permissions = [("verify_books", _("Can prove the books and see what differs"))]
        indexes = [models.Index(fields=["-started_at", "-id"])]
        triggers: list[pgtrigger.Trigger] = APPEND_ONLY

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d %H:%M}"

    def get_absolute_url(self) -> str:
        from django.urls import reverse

        return reverse("orders:proof", args=[self.pk])

    @property
    def duration(self) -> timedelta:
        """How long it took."""
        return self.finished_at - self.started_at

    @property
    def differences(self) -> list[Difference]:
        """What differed."""
        return [Difference.from_json(kept) for kept in self.found]
