"""Who is told of a statistic: by role, or because they wanted it; and choosing."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from salesops.kernel.errors import require
from salesops.notify.registry import NoticeKind, notice_kinds
from salesops.notify.services import notify
from salesops.users.models import User
from salesops.users.roles import Role

from ..models import IssuedStatistic, ScheduledPlace, Span, Subscription
from .places import SEE, Place, readers_of, sees

ISSUED = notice_kinds.add(
    NoticeKind(
        "statistics.issued", gettext_lazy("A statistic was issued"), email_by_default=True, permission=SEE, order=60
    )
)


def told_by_role(place: Place) -> Q:
    """Return the condition on people who are told of a place unless they say otherwise."""
    if place.region:
        return Q(groups__name=Role.REGIONAL_MANAGER, region=place.region)
    if place.team:
        return Q(groups__name=Role.SUPERVISOR, team=place.team)
    return Q(groups__name__in=[Role.SALES_MANAGER, Role.FINANCE])


def subscribers_of(span: str, place: Place) -> QuerySet[User]:
    """Return the people who are told of a place's statistics of a span, all of whom may see it."""
    said = Subscription.objects.of(place).filter(span=span).order_by()
    return (
        readers_of(place)
        .filter(told_by_role(place) | Q(pk__in=said.filter(is_wanted=True).values("user")))
        .exclude(pk__in=said.filter(is_wanted=False).values("user"))
    )


def tell_subscribers(statistic: IssuedStatistic) -> None:
    """Tell the subscribers, without who issued it, where it is read; the figures stay behind the link."""
    place, period = statistic.place, statistic.period_words
    notify(
        ISSUED.key,
        to=subscribers_of(statistic.span, place).exclude(pk=statistic.issued_by_id or 0),
        title=lambda: _("The statistic of %(period)s is issued: %(place)s") % {"period": period, "place": place},
        text=lambda: (
            _("%(number)s keeps its figures as they are now; what comes later stands beside them.")
            % {"number": statistic.number}
        ),
        url=statistic.get_absolute_url(),
    )


# ---- choosing ----
@transaction.atomic
def choose_subscription(span: str, place: Place, *, by: User, is_wanted: bool) -> None:
    """Let a person be told of a place's statistics of a span from now on, or not; RuleBroken out of scope."""
    require(span in Span.values, _("Choose a month, a quarter or a year."), rule="span")
    require(sees(by, place), _("You may not see the statistics of %(place)s.") % {"place": place}, rule="scope")
    Subscription.objects.bulk_create(
        [Subscription(user=by, span=span, is_wanted=is_wanted, **place.columns)], ignore_conflicts=True
    )
    Subscription.objects.of(place).filter(user=by, span=span).update(is_wanted=is_wanted)


@transaction.atomic
def choose_subscriptions(wishes: Mapping[tuple[str, Place], bool], *, by: User) -> int:
    """Choose several at once, all or none; returns how many are other than before."""
    told = {(span, line.place): is_told for line in offered_to(by) for span, is_told in line.told.items()}
    changed = {key: is_wanted for key, is_wanted in wishes.items() if told.get(key) is not is_wanted}
    for (span, place), is_wanted in changed.items():
        choose_subscription(span, place, by=by, is_wanted=is_wanted)
    return len(changed)


@dataclass(frozen=True)
class Offer:
    """A place of the schedule, and of which spans a person is told."""

    place: Place
    told: Mapping[str, bool]


def offered_to(user: User) -> list[Offer]:
    """Return the places of the schedule that a person may see, in three queries: company, regions, teams."""
    rows = ScheduledPlace.objects.current().visible_to(user).select_related("region", "team")
    said = {
        (wish.region_id, wish.team_id, wish.span): wish.is_wanted for wish in Subscription.objects.filter(user=user)
    }
    places = sorted(
        (row.place for row in rows),
        key=lambda place: (place.team is not None, place.region is not None, place.key, str(place)),
    )
    return [Offer(place, _told(user, place, said)) for place in places]


def _told(user: User, place: Place, said: Mapping[tuple[int | None, int | None, str], bool]) -> dict[str, bool]:
    usual = is_told_by_role(user, place)
    keys = (place.region.pk if place.region else None, place.team.pk if place.team else None)
    return {span: said.get((*keys, span), usual) for span in Span.values}


def is_told_by_role(user: User, place: Place) -> bool:
    """`told_by_role` of one person, without a query."""
    if place.region:
        return user.has_role(Role.REGIONAL_MANAGER) and user.region_id == place.region.pk
    if place.team:
        return user.has_role(Role.SUPERVISOR) and user.team_id == place.team.pk
    return user.has_role(Role.SALES_MANAGER, Role.FINANCE)


def is_subscribed(user: User, statistic: IssuedStatistic) -> bool:
    """Whether a person is told of statistics like this one."""
    said = Subscription.objects.of(statistic.place).filter(user=user, span=statistic.span)
    wish = said.values_list("is_wanted", flat=True).first()
    return is_told_by_role(user, statistic.place) if wish is None else bool(wish)
