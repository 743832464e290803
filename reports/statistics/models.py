"""Statistics that were issued: kept with every figure as it was, whatever is posted later; and who is told of them."""

from typing import Any

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from salesops.kernel.periods import Period
from salesops.kernel.triggers import APPEND_ONLY
from salesops.users.models import Region, Team, User
from salesops.users.roles import Role

from .issuing.places import Place, seen_by
from .questions import spell_period


class Span(models.TextChoices):
    """What a scheduled statistic is of."""

    MONTH = "month", _("Month")
    QUARTER = "quarter", _("Quarter")
    YEAR = "year", _("Year")


class OfPlaceQuerySet(models.QuerySet[Any]):
    """Words for rows that are of the company, a region or a team."""

    def visible_to(self, user: User) -> "OfPlaceQuerySet":
        """Keep those of places that a person may see."""
        return self.filter(seen_by(user))

    def of(self, place: Place) -> "OfPlaceQuerySet":
        """Keep those of one place."""
        return self.filter(**place.columns)


class OfPlace(models.Model):
    """A row that is of the company, of a region with all below it, or of a team."""

    region = models.ForeignKey(Region, models.CASCADE, null=True, related_name="+", verbose_name=_("region"))
    team = models.ForeignKey(Team, models.CASCADE, null=True, related_name="+", verbose_name=_("team"))

    class Meta:
        abstract = True

    @property
    def place(self) -> Place:
        """What it is of."""
        return Place(self.region, self.team)


class IssuedStatistic(OfPlace):
    """A statistic as it was issued, of whole months that had ended; nothing of it ever changes.

    `parameters` says what it was made of, `sheets` holds the answers, `digest` is the SHA-256 of all that it says. One
    is issued for each span, period and place; what documents say today stands beside it where it is shown. What was
    posted before `issued_at` is in it.
    """

    series = "SI"
    """What the numbers begin with."""

    number = models.CharField(_("number"), max_length=20, unique=True)
    span = models.CharField(_("kind"), max_length=10, choices=Span)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"))
    """The first day that no longer belongs to it."""
    region = models.ForeignKey(Region, models.PROTECT, null=True, related_name="+", verbose_name=_("region"))
    team = models.ForeignKey(Team, models.PROTECT, null=True, related_name="+", verbose_name=_("team"))
    parameters: Any = models.JSONField()
    sheets: Any = models.JSONField()
    digest = models.CharField(max_length=64)
    issued_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("issued by"))
    issued_at = models.DateTimeField(_("issued"))

    objects = OfPlaceQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_on", "-pk"]
        verbose_name = _("issued statistic")
        verbose_name_plural = _("issued statistics")
        permissions = [("view_statistics", _("Can see statistics")), ("issue_statistics", _("Can issue statistics"))]
        constraints = [
            models.UniqueConstraint(
                fields=["span", "starts_on", "region", "team"],
                nulls_distinct=False,
                name="a_statistic_is_issued_once",
            ),
            models.CheckConstraint(condition=Q(region=None) | Q(team=None), name="a_statistic_is_of_one_place"),
            models.CheckConstraint(condition=Q(starts_on__lt=F("ends_on")), name="a_statistic_is_of_some_days"),
        ]
        triggers: list[pgtrigger.Trigger] = APPEND_ONLY

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        from django.urls import reverse

        return reverse("reports:issued_statistic", args=[self.number])

    @property
    def period(self) -> Period:
        """The days that it is of."""
        return Period(self.starts_on, self.ends_on)

    @property
    def period_words(self) -> str:
        """The period as addresses spell it: 2026-03, 2026-Q1, 2026."""
        return spell_period(self.period)


def managed_regions() -> models.QuerySet[Any]:
    """Return the keys of the regions that somebody has as a regional manager."""
    managers = User.objects.filter(is_active=True, groups__name=Role.REGIONAL_MANAGER, region__isnull=False)
    return managers.order_by().values_list("region", flat=True).distinct()


def manned_teams() -> models.QuerySet[Any]:
    """Return the keys of the teams that have people."""
    people = User.objects.filter(is_active=True, team__isnull=False)
    return people.order_by().values_list("team", flat=True).distinct()


class ScheduledPlaceQuerySet(OfPlaceQuerySet):
    """Words for places of the schedule."""

    def current(self) -> "ScheduledPlaceQuerySet":
        """Keep the company, the regions that a regional manager has, the teams that have people."""
        is_current = Q(region=None, team=None) | Q(region__in=managed_regions()) | Q(team__in=manned_teams())
        return self.filter(is_current)


class ScheduledPlace(OfPlace):
    """A place that the schedule issues for, and since which day: only of periods that ended after it."""

    since = models.DateField()

    objects = ScheduledPlaceQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["region", "team"], nulls_distinct=False, name="a_place_is_scheduled_since_one_day"
            ),
            models.CheckConstraint(condition=Q(region=None) | Q(team=None), name="a_scheduled_place_is_one"),
        ]

    def __str__(self) -> str:
        return str(self.place)


class Subscription(OfPlace):
    """That somebody wants to be told of a place's statistics of a span, or not; who said nothing is told by role."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    span = models.CharField(max_length=10, choices=Span)
    is_wanted = models.BooleanField()

    objects = OfPlaceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "span", "region", "team"], nulls_distinct=False, name="one_wish_for_each_statistic"
            ),
            models.CheckConstraint(condition=Q(region=None) | Q(team=None), name="a_subscription_is_of_one_place"),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.span} {self.place}"
