"""Who must have a second factor, and the recovery codes; the secret of the app itself is django-otp's TOTPDevice."""

import pghistory
from django.db import models


@pghistory.track(pghistory.InsertEvent(), pghistory.DeleteEvent(), obj_field=None)
class SecondFactorRole(models.Model):
    """That whoever has a role must sign in with a second factor."""

    group = models.OneToOneField("auth.Group", models.CASCADE, related_name="second_factor_role")

    class Meta:
        app_label = "users"

    def __str__(self) -> str:
        return str(self.group)


class RecoveryCode(models.Model):
    """A code that opens once in the app's place. Only its digest is kept; a used one stays, so that it is counted."""

    user = models.ForeignKey("users.User", models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "users"
        constraints = [models.UniqueConstraint(fields=["user", "digest"], name="a_recovery_code_is_given_once")]

    def __str__(self) -> str:
        return "used" if self.used_at else "unused"
