"""Users, regions, teams, delegation."""

from datetime import date
from functools import cached_property
from typing import Any

import pghistory
from django.contrib.auth.models import AbstractUser, Group
from django.db import models
from django.db.models import F, OuterRef, Q
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from tree_queries.models import TreeNode

from .people.hooks import tell_access_changed
from .roles import Role


def in_reader_language(name: str, name_zh: str) -> str:
    """Return the name that a reader of the active language expects first."""
    if name_zh and (get_language() or "").startswith("zh"):
        return name_zh
    return name or name_zh


@pghistory.track()
class Region(TreeNode):
    """A node of the region tree: company, area, province, city, district."""

    code = models.CharField(_("code"), max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=120)
    name_zh = models.CharField(_("Chinese name"), max_length=120, blank=True)
    level = models.PositiveSmallIntegerField(_("level"), default=1, help_text=_("1 is the highest"))

    class Meta:
        ordering = ["code"]
        verbose_name = _("region")
        verbose_name_plural = _("regions")
        permissions = [("manage_regions", _("Can manage regions and teams"))]

    def __str__(self) -> str:
        return in_reader_language(self.name, self.name_zh)


@pghistory.track()
class Team(models.Model):
    """People who work under one supervisor."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    name_zh = models.CharField(_("Chinese name"), max_length=120, blank=True)
    region = models.ForeignKey(Region, models.PROTECT, verbose_name=_("region"), related_name="teams")

    class Meta:
        ordering = ["name"]
        verbose_name = _("team")
        verbose_name_plural = _("teams")

    def __str__(self) -> str:
        return in_reader_language(self.name, self.name_zh)


@pghistory.track(exclude=["password", "last_login", "session_round"])
class User(AbstractUser):
    """Somebody who signs in. Roles are groups; region, team and customer say which rows are theirs."""

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    full_name = models.CharField(_("name"), max_length=120)
    full_name_zh = models.CharField(_("Chinese name"), max_length=120, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    region = models.ForeignKey(
        Region, models.PROTECT, null=True, blank=True, verbose_name=_("region"), related_name="people"
    )
    team = models.ForeignKey(Team, models.PROTECT, null=True, blank=True, verbose_name=_("team"), related_name="people")
    customer = models.ForeignKey(
        "customers.Customer", models.PROTECT, null=True, blank=True, verbose_name=_("customer"), related_name="people"
    )
    language = models.CharField(
        _("language"), max_length=10, default="en", choices=[("en", "English"), ("zh-hans", "简体中文")]
    )

    session_round = models.PositiveIntegerField(
        default=0, db_default=0, editable=False, help_text=_("Raised to end every session of the person")
    )

    REQUIRED_FIELDS = ["full_name"]

    class Meta:
        ordering = ["username"]
        verbose_name = _("user")
        verbose_name_plural = _("users")
        permissions = [("manage_users", _("Can manage users and roles"))]

    def __str__(self) -> str:
        return in_reader_language(self.full_name, self.full_name_zh) or self.username

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save, and where a password was set anew, from wherever, end what hangs on the old one.

        Django keeps a password that was set in `_password` until it is saved; a hash that is only renewed is none.
        """
        has_new_password = getattr(self, "_password", None) is not None and not self._state.adding
        super().save(*args, **kwargs)
        if has_new_password:
            tell_access_changed(self.pk)

    def get_absolute_url(self) -> str:
        from django.urls import reverse

        return reverse("users:person", args=[self.username])

    def get_full_name(self) -> str:
        """Return the name in the reader's language."""
        return str(self)

    @cached_property
    def roles(self) -> frozenset[str]:
        """The names of the person's roles; one query for each user object."""
        return frozenset(self.groups.values_list("name", flat=True))

    @cached_property
    def has_second_factor(self) -> bool:
        """Whether the person has set up a second factor; read with the person where a session is looked up."""
        from .secondfactor.queries import has_second_factor

        return has_second_factor(self)

    @cached_property
    def needs_second_factor(self) -> bool:
        """Whether a role of the person requires a second factor; read like `has_second_factor`."""
        from .secondfactor.queries import needs_second_factor

        return needs_second_factor(self)

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What a session must carry to be the person's: it changes with the password, and with every new round."""
        text = f"{self.password}:{self.session_round}" if self.session_round else self.password
        salt = "django.contrib.auth.models.AbstractBaseUser.get_session_auth_hash"
        return salted_hmac(salt, text, secret=secret, algorithm="sha256").hexdigest()

    def has_role(self, *roles: str) -> bool:
        """Whether the person has one of the roles."""
        return not self.roles.isdisjoint(roles)

    @cached_property
    def region_ids(self) -> list[int]:
        """The ids of the person's region and of all below it; one query for each user object."""
        if self.region_id is None:
            return []
        return list(Region.objects.descendants(self.region_id, include_self=True).values_list("pk", flat=True))

    @cached_property
    def givers(self) -> list["User"]:
        """The people in whose place the person decides today; read once for each user object.

        Who was looked up for a session brings an empty list along, where there is nobody.
        """
        return [delegation.giver for delegation in Delegation.objects.to(self).select_related("giver__region")]

    @property
    def role_names(self) -> str:
        """The person's roles in words."""
        return ", ".join(str(Role(role).label) for role in Role.values if role in self.roles)


@pghistory.track(pghistory.InsertEvent(), pghistory.DeleteEvent(), obj_field=None)
class UserRole(User.groups.through):  # type: ignore[name-defined]
    """That a person has a role, so that giving and taking it stand in the person's history."""

    class Meta:
        proxy = True


@pghistory.track(pghistory.InsertEvent(), pghistory.DeleteEvent(), obj_field=None, app_label="users")
class RoleRight(Group.permissions.through):  # type: ignore[name-defined]
    """That a role has a right, so that giving and taking it stand in the role's history."""

    class Meta:
        proxy = True
        app_label = "users"


class DelegationQuerySet(models.QuerySet["Delegation"]):
    def active_on(self, day: date) -> "DelegationQuerySet":
        """Keep the delegations that hold on a day."""
        return self.filter(first_day__lte=day, last_day__gte=day, revoked_at=None)

    def to(self, taker: "User | OuterRef") -> "DelegationQuerySet":
        """Keep those by which somebody decides today in the place of others who have access."""
        return self.active_on(timezone.localdate()).filter(taker=taker, giver__is_active=True)


@pghistory.track()
class Delegation(models.Model):
    """For a span of days, somebody decides in another's place."""

    giver = models.ForeignKey(User, models.PROTECT, related_name="delegations_given", verbose_name=_("for"))
    taker = models.ForeignKey(User, models.PROTECT, related_name="delegations_taken", verbose_name=_("delegate"))
    first_day = models.DateField(_("from"))
    last_day = models.DateField(_("until"))
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = DelegationQuerySet.as_manager()

    class Meta:
        ordering = ["-first_day", "-pk"]
        verbose_name = _("delegation")
        permissions = [("delegate", _("Can let a colleague decide for a span of days"))]
        constraints = [
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="delegation_ends_after_it_starts"),
            models.CheckConstraint(condition=~Q(giver=F("taker")), name="nobody_delegates_to_themselves"),
        ]

    def __str__(self) -> str:
        return f"{self.giver} → {self.taker}"

    @property
    def is_active(self) -> bool:
        """Whether it holds today."""
        return self.revoked_at is None and self.first_day <= timezone.localdate() <= self.last_day


class DefaultGrant(models.Model):
    """Remembers that a role was once given a default permission, so that taking it away lasts."""

    role = models.CharField(max_length=40)
    permission = models.CharField(max_length=120)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["role", "permission"], name="a_default_is_granted_once")]

    def __str__(self) -> str:
        return f"{self.role}: {self.permission}"


from .secondfactor.models import RecoveryCode, SecondFactorRole  # noqa: E402  features keep their own tables
from .signin.models import SignInEvent, TryCount  # noqa: E402

__all__ = [
    "DefaultGrant",
    "Delegation",
    "RecoveryCode",
    "Region",
    "RoleRight",
    "SecondFactorRole",
    "SignInEvent",
    "Team",
    "TryCount",
    "User",
    "UserRole",
    "in_reader_language",
]
