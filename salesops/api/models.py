"""Tokens, and the answers that were given to requests with an Idempotency-Key."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from salesops.users.models import User


class TokenQuerySet(models.QuerySet["Token"]):
    """Words for tokens."""

    def live(self) -> "TokenQuerySet":
        """Keep those that open something: not revoked, of somebody with access."""
        return self.filter(revoked_at=None, user__is_active=True)


class Token(models.Model):
    """Lets a program act as a person. The secret is shown once and never kept: `digest` is its SHA-256."""

    user = models.ForeignKey(User, models.CASCADE, related_name="tokens", verbose_name=_("person"))
    name = models.CharField(_("name"), max_length=60)
    prefix = models.CharField(_("begins with"), max_length=12, help_text=_("the part of the secret that is shown"))
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    objects = TokenQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        constraints = [
            models.UniqueConstraint(fields=["user", "prefix"], name="a_persons_tokens_begin_differently"),
            models.CheckConstraint(condition=Q(digest__regex="^[0-9a-f]{64}$"), name="only_a_digest_is_kept"),
        ]

    def __str__(self) -> str:
        return self.name


class KeptAnswer(models.Model):
    """What a request with an Idempotency-Key was answered; written in the transaction of its work.

    `fingerprint` is the SHA-256 of method, address and body: the key stands for this one request only.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    key = models.CharField(max_length=100)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    body = models.TextField(blank=True)
    location = models.CharField(max_length=400, blank=True)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="a_persons_key_is_used_once")]

    def __str__(self) -> str:
        return self.key
