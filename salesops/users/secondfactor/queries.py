"""Reads about second factors."""

from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef, QuerySet
from django_otp.plugins.otp_totp.models import TOTPDevice

from .models import RecoveryCode, SecondFactorRole

if TYPE_CHECKING:
    from salesops.users.models import User


def with_second_factor(people: QuerySet[Any]) -> QuerySet[Any]:
    """Read `has_second_factor` and `needs_second_factor` with each person, so that asking costs nothing more."""
    return people.annotate(
        has_second_factor=Exists(TOTPDevice.objects.filter(user=OuterRef("pk"), confirmed=True)),
        needs_second_factor=Exists(SecondFactorRole.objects.filter(group__user=OuterRef("pk"))),
    )


def has_second_factor(person: "User") -> bool:
    """Whether somebody has a device that was confirmed with a code."""
    return device_of(person) is not None


def needs_second_factor(person: "User") -> bool:
    """Whether a role of somebody requires a second factor."""
    return SecondFactorRole.objects.filter(group__user=person.pk).exists()


def device_of(person: "User") -> TOTPDevice | None:
    """Return somebody's device, None where they have none."""
    return TOTPDevice.objects.filter(user=person.pk, confirmed=True).first()


def codes_left(person: "User") -> int:
    """How many recovery codes somebody has left."""
    return RecoveryCode.objects.filter(user=person.pk, used_at=None).count()


def roles_that_require_it() -> set[str]:
    """Return the names of the roles that must sign in with a second factor."""
    return set(SecondFactorRole.objects.values_list("group__name", flat=True))
