"""Policies, requests, decisions: the tables of the approval engine."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from salesops.kernel.money import MoneyField
from salesops.kernel.triggers import APPEND_ONLY
from salesops.users.models import Region, Team, User, in_reader_language
from salesops.users.roles import Role
from salesops.users.scope import ScopedQuerySet, scope_condition

if TYPE_CHECKING:
    from .documents import DocumentType


class Policy(models.Model):
    """How one type of document is approved. What it says stands in its versions."""

    document_type = models.CharField(_("document type"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=120)

    class Meta:
        ordering = ["document_type"]
        verbose_name = _("policy")
        verbose_name_plural = _("policies")
        permissions = [("manage_policies", _("Can edit approval policies"))]

    def __str__(self) -> str:
        return self.name


class PolicyVersion(models.Model):
    """A published policy; never changed. A running request keeps the version it started with.

    `stops` are conditions that stop a document whoever decides: a list of {"fact", "op", "value"}.
    """

    policy = models.ForeignKey(Policy, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(_("version"))
    stops = models.JSONField(default=list, blank=True)
    note = models.CharField(_("what changed"), max_length=300, blank=True)
    published_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["policy", "-number"]
        constraints = [models.UniqueConstraint(fields=["policy", "number"], name="one_policy_version_a_number")]
        triggers: list[pgtrigger.Trigger] = APPEND_ONLY

    def __str__(self) -> str:
        return f"{self.policy} {self.number}"


class Stage(models.Model):
    """One decision that a policy asks for, where one of its conditions holds; without conditions always."""

    version = models.ForeignKey(PolicyVersion, models.PROTECT, related_name="stages")
    position = models.PositiveSmallIntegerField()
    role = models.CharField(_("role"), max_length=40, choices=Role)
    region_level = models.PositiveSmallIntegerField(_("level of the region"), null=True, blank=True)
    hours = models.PositiveSmallIntegerField(_("hours to decide"), default=24)
    conditions = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ["version", "position"]
        verbose_name = _("stage")
        verbose_name_plural = _("stages")
        constraints = [models.UniqueConstraint(fields=["version", "position"], name="one_stage_a_position")]
        triggers: list[pgtrigger.Trigger] = APPEND_ONLY

    def __str__(self) -> str:
        return f"{self.position}. {self.get_role_display()}"


class RequestState(models.TextChoices):
    """Where a request stands."""

    WAITING = "waiting", _("Waits")
    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Rejected")
    RETURNED = "returned", _("Returned for change")
    WITHDRAWN = "withdrawn", _("Withdrawn")


ENDED = (RequestState.APPROVED, RequestState.REJECTED, RequestState.RETURNED, RequestState.WITHDRAWN)


class RequestQuerySet(ScopedQuerySet):
    """Words for requests."""

    def visible_to(self, user: User) -> "RequestQuerySet":
        """Keep what is in the person's scope: by the customer as it stands today, else by whose document it is."""
        of_customer = scope_condition(
            user, owner="customer__representative", region="customer__region", account="customer"
        )
        of_owner = scope_condition(user, owner="owner", region="region", account="customer")
        return self.filter((Q(customer__isnull=False) & of_customer) | (Q(customer=None) & of_owner))

    def waiting(self) -> "RequestQuerySet":
        """Keep those that nobody has ended."""
        return self.filter(state=RequestState.WAITING)

    def on_desk(self) -> "RequestQuerySet":
        """Keep the waiting ones that are not put aside until there is room."""
        return self.waiting().filter(parked_at=None)

    def late_on(self, moment: datetime) -> "RequestQuerySet":
        """Keep those on a desk past their time."""
        return self.on_desk().filter(due_at__lt=moment)


class Request(models.Model):
    """One run of a document through its policy; the document may be submitted again, that is another request."""

    document_type = models.CharField(max_length=40)
    object_id = models.BigIntegerField()
    number = models.CharField(_("number"), max_length=20)
    title = models.CharField(max_length=200)
    title_zh = models.CharField(max_length=200, blank=True)
    amount = MoneyField(_("amount"), null=True)
    customer = models.ForeignKey("customers.Customer", models.PROTECT, null=True, related_name="+")
    owner = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    team = models.ForeignKey(Team, models.PROTECT, null=True, related_name="+")
    region = models.ForeignKey(Region, models.PROTECT, null=True, related_name="+")
    author = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    writer = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    submitted_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField(default=timezone.now)
    note = models.TextField(blank=True)
    version = models.ForeignKey(PolicyVersion, models.PROTECT, related_name="requests")
    facts = models.JSONField(default=dict)
    state = models.CharField(max_length=20, choices=RequestState, default=RequestState.WAITING)
    stage = models.ForeignKey(Stage, models.PROTECT, null=True, related_name="+")
    role = models.CharField(max_length=40, blank=True)
    region_level = models.PositiveSmallIntegerField(null=True)
    due_at = models.DateTimeField(null=True)
    parked_at = models.DateTimeField(null=True)
    came_back_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    told: "list[Decision] | None" = None
    """Its decisions in order, where they were read along: see timeline.requests_of."""
    seen: Any = None
    """What its type read of its document for the flags, and need not read again for the case."""

    objects = RequestQuerySet.as_manager()

    class Meta:
        ordering = ["due_at", "pk"]
        verbose_name = _("approval request")
        verbose_name_plural = _("approval requests")
        constraints = [
            models.UniqueConstraint(
                fields=["document_type", "object_id"], condition=Q(state="waiting"), name="one_open_request_a_document"
            )
        ]
        indexes = [
            models.Index(fields=["role", "due_at"], condition=Q(state="waiting"), name="requests_waiting_by_role"),
            models.Index(fields=["customer"], condition=Q(state="waiting"), name="requests_waiting_customer"),
            models.Index(fields=["document_type", "object_id", "-id"]),
            models.Index(fields=["-ended_at"], condition=Q(ended_at__isnull=False), name="requests_ended"),
        ]
        triggers = [
            pgtrigger.FSM(
                name="an_ended_request_stays",
                field="state",
                transitions=[(RequestState.WAITING, state) for state in ENDED],
            )
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        from django.urls import reverse

        return reverse("approvals:case", args=[self.pk])

    @property
    def document(self) -> "DocumentType":
        """The type of the document, which knows its facts and what a decision does."""
        from .documents import document_type

        return document_type(self.document_type)

    @property
    def who(self) -> str:
        """Whom it is about, in the reader's language."""
        return in_reader_language(self.title, self.title_zh)

    @property
    def own_people(self) -> set[int]:
        """The ids of those whose own document it is: who filed it, who wrote it last, who submitted it."""
        return {pk for pk in (self.author_id, self.writer_id, self.submitted_by_id) if pk}

    @property
    def is_waiting(self) -> bool:
        """Whether somebody still has to decide."""
        return self.state == RequestState.WAITING


class Verdict(models.TextChoices):
    """What was decided."""

    SUBMITTED = "submitted", _("submitted")
    APPROVED = "approved", _("approved")
    REJECTED = "rejected", _("rejected")
    RETURNED = "returned", _("returned for change")
    WITHDRAWN = "withdrawn", _("withdrew")
    ESCALATED = "escalated", _("not decided in time")
    PARKED = "parked", _("put aside until there is room")
    CAME_BACK = "came_back", _("came back: there is room now")
    REOPENED = "reopened", _("reopened")
    CANCELLED = "cancelled", _("cancelled what was not shipped")


class Decision(models.Model):
    """Who decided what, when and why, with the facts as they were at that moment; never changed."""

    request = models.ForeignKey(Request, models.PROTECT, related_name="decisions")
    stage = models.ForeignKey(Stage, models.PROTECT, null=True, related_name="+")
    verdict = models.CharField(max_length=20, choices=Verdict)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    in_place_of = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    note = models.TextField(blank=True)
    facts = models.JSONField(default=dict)
    accepted: Any = models.JSONField(default=dict, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at", "pk"]
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        indexes = [models.Index(fields=["by", "-at"])]
        triggers: list[pgtrigger.Trigger] = APPEND_ONLY

    def __str__(self) -> str:
        return f"{self.request} {self.verdict}"
