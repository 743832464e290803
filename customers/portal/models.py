"""Invitations of an agent's people: a link that works once, for a while; only its hash is kept."""

from datetime import datetime

import pghistory
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers.files.models import Customer
from salesops.users.models import User
from salesops.users.scope import ScopedQuerySet


class InvitationState(models.TextChoices):
    """Where an invitation stands."""

    OPEN = "open", _("Invited")
    USED = "used", _("Used")
    REVOKED = "revoked", _("Revoked")
    EXPIRED = "expired", _("Expired")


class InvitationQuerySet(ScopedQuerySet):
    """Words for invitations."""

    owner_path = "customer__representative"
    region_path = "customer__region"
    account_path = "customer"

    def unanswered(self) -> "InvitationQuerySet":
        """Keep those that nobody used or revoked; some may have expired."""
        return self.filter(used_at=None, revoked_at=None)

    def expired(self, moment: datetime) -> "InvitationQuerySet":
        """Keep the unanswered ones whose time is over."""
        return self.unanswered().filter(expires_at__lte=moment)


@pghistory.track(exclude=["digest"])
class Invitation(models.Model):
    """That somebody may become one of an agent's people. `digest` is the SHA-256 of the latest link's word.

    A responsible person may invite colleagues of the same agent and end their access.
    """

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="invitations")
    email = models.EmailField(_("e-mail"))
    full_name = models.CharField(_("name"), max_length=120)
    language = models.CharField(_("language"), max_length=10, default="en")
    is_responsible = models.BooleanField(_("responsible"), default=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    times_sent = models.PositiveSmallIntegerField(_("times sent"), default=1)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("invited by"))
    made_at = models.DateTimeField(_("invited"), default=timezone.now)
    expires_at = models.DateTimeField(_("valid until"))
    used_at = models.DateTimeField(_("used"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    person = models.OneToOneField(
        User, models.PROTECT, null=True, blank=True, related_name="invitation", verbose_name=_("person")
    )

    objects = InvitationQuerySet.as_manager()

    hidden_in_history = ("times_sent", "made_by", "made_at")

    class Meta:
        ordering = ["-made_at", "-pk"]
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        permissions = [
            ("invite_person", _("Can let people of a customer sign in")),
            ("invite_colleague", _("Can invite colleagues of the own account, where responsible")),
        ]
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                condition=Q(used_at=None, revoked_at=None),
                name="one_unanswered_invitation_an_address",
            ),
            models.CheckConstraint(
                condition=Q(used_at=None, person=None) | Q(used_at__isnull=False, person__isnull=False),
                name="a_used_invitation_made_a_person",
            ),
            models.CheckConstraint(
                condition=Q(used_at=None) | Q(revoked_at=None), name="an_invitation_is_used_or_revoked"
            ),
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def state(self) -> InvitationState:
        """Where it stands now."""
        if self.used_at:
            return InvitationState.USED
        if self.revoked_at:
            return InvitationState.REVOKED
        return InvitationState.EXPIRED if self.expires_at <= timezone.now() else InvitationState.OPEN
