"""Notices, how each person wants them, and the mails that go out."""

from datetime import datetime
from typing import Any
from uuid import uuid4

import pgtrigger
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from salesops.users.models import User

from .registry import notice_kinds

DIGEST_HOUR = 8
"""The hour of the digest for people who chose none."""

TITLE_LENGTH = 200
URL_LENGTH = 400


class Email(models.TextChoices):
    """How a kind of notice comes by e-mail."""

    OFF = "off", _("No e-mail")
    NOW = "now", _("At once")
    DIGEST = "digest", _("In the daily digest")


class NoticeQuerySet(models.QuerySet["Notice"]):
    """Words for notices."""

    def of(self, user: User) -> "NoticeQuerySet":
        """Keep a person's own notices that the bell shows; nobody sees another's."""
        return self.filter(user=user, in_bell=True)

    def unread(self) -> "NoticeQuerySet":
        """Keep those that nobody has opened."""
        return self.filter(read_at=None)

    def for_digest(self) -> "NoticeQuerySet":
        """Keep those that the next digest takes along."""
        return self.filter(waits_for_digest=True)


class Notice(models.Model):
    """Something that one person should know or do, in that person's language. `url` is a page of ours."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="notices")
    kind = models.CharField(_("about"), max_length=60)
    title = models.CharField(_("notice"), max_length=TITLE_LENGTH)
    text = models.TextField(_("text"), blank=True)
    url = models.CharField(max_length=URL_LENGTH)
    dedupe = models.CharField(max_length=120, blank=True)
    in_bell = models.BooleanField(default=True)
    waits_for_digest = models.BooleanField(default=False)
    created_at = models.DateTimeField(_("when"), default=timezone.now)
    read_at = models.DateTimeField(_("read"), null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "pk"]
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "dedupe"],
                condition=Q(read_at=None, in_bell=True) & ~Q(dedupe=""),
                name="nobody_is_told_twice_before_reading",
            ),
            models.CheckConstraint(
                condition=Q(url__startswith="/") & ~Q(url__startswith="//"), name="a_notice_leads_to_a_page_of_ours"
            ),
        ]
        indexes = [
            models.Index(fields=["user", "-created_at"], condition=Q(in_bell=True), name="notices_of_a_person"),
            models.Index(fields=["user"], condition=Q(in_bell=True, read_at=None), name="notices_unread"),
            models.Index(fields=["user"], condition=Q(waits_for_digest=True), name="notices_for_the_digest"),
            models.Index(fields=["dedupe"], condition=Q(read_at=None) & ~Q(dedupe=""), name="notices_unread_by_key"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """The address that marks it as read and leads on."""
        return reverse("notify:open", args=[self.pk])

    @property
    def kind_label(self) -> Any:
        """What it is about, in words."""
        known = notice_kinds.get(self.kind)
        return known.label if known else self.kind


class NoticePreference(models.Model):
    """How one person wants one kind of notice. Without a row the kind's own default holds."""

    user = models.ForeignKey(User, models.CASCADE, related_name="notice_preferences")
    kind = models.CharField(max_length=60)
    in_app = models.BooleanField(default=True)
    email = models.CharField(max_length=10, choices=Email, default=Email.OFF)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "kind"], name="one_preference_a_person_and_kind"),
            models.CheckConstraint(condition=Q(email__in=Email.values), name="a_preference_names_a_known_way"),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.kind}"


class MailSettings(models.Model):
    """When a person wants mail: no mail in the quiet hours, the digest at an hour of the company's clock."""

    user = models.OneToOneField(User, models.CASCADE, related_name="mail_settings", primary_key=True)
    quiet_from = models.TimeField(_("quiet from"), null=True, blank=True)
    quiet_until = models.TimeField(_("quiet until"), null=True, blank=True)
    digest_hour = models.PositiveSmallIntegerField(
        _("hour of the digest"), default=DIGEST_HOUR, validators=[MaxValueValidator(23)]
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(quiet_from=None, quiet_until=None)
                | Q(quiet_from__isnull=False, quiet_until__isnull=False) & ~Q(quiet_from=F("quiet_until")),
                name="quiet_hours_have_two_ends",
            ),
            models.CheckConstraint(condition=Q(digest_hour__lte=23), name="a_digest_hour_is_an_hour"),
        ]

    def __str__(self) -> str:
        return f"{self.user}"


class MailState(models.TextChoices):
    """Where a mail stands."""

    WAITING = "waiting", _("Waits")
    SENT = "sent", _("Sent")
    KEPT = "kept", _("Kept here")
    FAILED = "failed", _("Not delivered")


NEXT: dict[str, frozenset[str]] = {
    MailState.WAITING: frozenset({MailState.SENT, MailState.KEPT, MailState.FAILED}),
    MailState.SENT: frozenset(),
    MailState.KEPT: frozenset(),
    MailState.FAILED: frozenset(),
}


class OutgoingMailQuerySet(models.QuerySet["OutgoingMail"]):
    """Words for mails."""

    def due(self, moment: datetime) -> "OutgoingMailQuerySet":
        """Keep those that may leave at that moment, oldest first."""
        return self.filter(state=MailState.WAITING, not_before__lte=moment).order_by("not_before", "pk")


class OutgoingMail(models.Model):
    """One mail: waits, then is sent once, or is kept for the outbox page where no mail server is set.

    `secret` is what of the text opens something, as the word of a link does; it goes when the mail has left.
    """

    to = models.EmailField(_("to"), max_length=254)
    user = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("person"))
    subject = models.CharField(_("subject"), max_length=TITLE_LENGTH)
    body = models.TextField(_("text"))
    secret = models.CharField(max_length=200, blank=True, default="", db_default="", editable=False)
    state = models.CharField(_("state"), max_length=10, choices=MailState, default=MailState.WAITING)
    created_at = models.DateTimeField(_("written"), default=timezone.now)
    not_before = models.DateTimeField(_("not before"), default=timezone.now)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    error = models.TextField(_("what went wrong"), blank=True)

    objects = OutgoingMailQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("mail")
        verbose_name_plural = _("mails")
        permissions = [("view_outbox", _("Can see the mails that go out"))]
        constraints = [
            models.CheckConstraint(
                condition=Q(state=MailState.SENT, sent_at__isnull=False)
                | ~Q(state=MailState.SENT) & Q(sent_at__isnull=True),
                name="a_mail_is_sent_at_a_moment",
            )
        ]
        indexes = [
            models.Index(fields=["not_before", "id"], condition=Q(state="waiting"), name="mails_waiting"),
            models.Index(fields=["-created_at", "-id"], name="mails_latest"),
        ]
        triggers = [
            pgtrigger.FSM(
                name="a_mail_leaves_once",
                field="state",
                transitions=[(state, after) for state, follow in NEXT.items() for after in sorted(follow)],
            )
        ]

    def __str__(self) -> str:
        return self.subject

    def get_absolute_url(self) -> str:
        """The mail as it went, or would have gone."""
        return reverse("notify:mail", args=[self.pk])

    def forget_secret(self) -> None:
        """Take out of the text what opens something; whoever calls it saves."""
        if self.secret:
            self.body, self.secret = self.body.replace(self.secret, "…"), ""


class MailAttachment(models.Model):
    """A file that goes with a mail; kept in the database, so that it is there exactly when the mail is."""

    mail = models.ForeignKey(OutgoingMail, models.CASCADE, related_name="attachments")
    name = models.CharField(max_length=120)
    content_type = models.CharField(max_length=100)
    content = models.BinaryField()

    class Meta:
        ordering = ["pk"]
        default_permissions = ()

    def __str__(self) -> str:
        return self.name
