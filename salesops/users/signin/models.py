"""What happened at the door: a row for each sign-in, try, and change of what one signs in with."""

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from salesops.kernel.triggers import APPEND_ONLY

LONGEST_BROWSER = 300

KEPT_FOR_A_WHILE = [
    pgtrigger.Protect(name="never_changed", operation=pgtrigger.Update),
    pgtrigger.Trigger(
        name="forgotten_by_age_only",
        operation=pgtrigger.Delete,
        when=pgtrigger.Before,
        func=(
            "IF current_setting('salesops.forgetting', true) IS DISTINCT FROM 'on' THEN"
            " RAISE EXCEPTION 'append-only: only age removes a row of %', TG_TABLE_NAME; END IF; RETURN OLD;"
        ),
    ),
    APPEND_ONLY[1],
]
"""Rows that nobody changes, and that only the task removes which forgets old ones."""


class Outcome(models.TextChoices):
    """What happened."""

    SIGNED_IN = "signed_in", _("Signed in")
    WRONG_PASSWORD = "wrong_password", _("Wrong name or password")
    WRONG_CODE = "wrong_code", _("Wrong code")
    BARRED = "barred", _("Too many tries")
    RECOVERY_CODE = "recovery_code", _("Recovery code used")
    SIGNED_OUT = "signed_out", _("Signed out")
    PASSWORD_CHANGED = "password_changed", _("Password changed")
    ACCESS_ENDED = "access_ended", _("Access ended")
    FACTOR_SET_UP = "factor_set_up", _("Second factor set up")
    FACTOR_ENDED = "factor_ended", _("Second factor ended")
    FACTOR_RESET = "factor_reset", _("Second factor reset")
    CODES_RENEWED = "codes_renewed", _("New recovery codes")
    TOKEN_MADE = "token_made", _("Token made")
    TOKEN_REVOKED = "token_revoked", _("Token revoked")


class SignInEvent(models.Model):
    """One thing that happened. `name` is the user name of the person, or what is left of one that is nobody's."""

    at = models.DateTimeField(_("when"), auto_now_add=True)
    outcome = models.CharField(_("what happened"), max_length=20, choices=Outcome)
    user = models.ForeignKey(
        "users.User", models.PROTECT, null=True, related_name="sign_in_events", verbose_name=_("person")
    )
    name = models.CharField(_("user name"), max_length=150, blank=True)
    by = models.ForeignKey(
        "users.User", models.PROTECT, null=True, related_name="+", verbose_name=pgettext_lazy("audit", "done by")
    )
    address = models.GenericIPAddressField(_("address"), null=True)
    browser = models.CharField(_("browser"), max_length=LONGEST_BROWSER, blank=True)
    note = models.CharField(_("reason"), max_length=200, blank=True)

    class Meta:
        app_label = "users"
        ordering = ["-at", "-pk"]
        verbose_name = _("sign-in")
        verbose_name_plural = _("sign-ins")
        triggers = KEPT_FOR_A_WHILE
        indexes = [
            models.Index(fields=["-at", "-id"], name="sign_ins_latest"),
            models.Index(fields=["user", "-at"], name="sign_ins_of_a_person"),
            models.Index(fields=["outcome", "-at"], name="sign_ins_by_outcome"),
            models.Index(fields=["address", "-at"], name="sign_ins_from_an_address"),
            models.Index(fields=["name", "-at"], name="sign_ins_under_a_name"),
        ]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()}: {self.name}"


class TryCount(models.Model):
    """How often something was tried since its window opened; of whom, only a digest says."""

    digest = models.CharField(max_length=64, primary_key=True)
    tries = models.PositiveIntegerField()
    ends_at = models.DateTimeField(db_index=True)

    class Meta:
        app_label = "users"

    def __str__(self) -> str:
        return f"{self.tries} until {self.ends_at}"
