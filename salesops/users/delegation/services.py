"""Every change to delegations: for a span of days, somebody decides in another's place."""

from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from salesops.kernel.errors import RuleBroken, require
from salesops.kernel.periods import require_meant
from salesops.users.models import Delegation, User
from salesops.users.rights.services import MANAGE
from salesops.users.roles import Role
from salesops.web.history import recorded


@transaction.atomic
@recorded
def give_delegation(
    *, by: User, giver_id: int, taker_id: int, first_day: date, last_day: date, reason: str = ""
) -> Delegation:
    """Let a colleague decide in somebody's place on the days given, both included. One's own, or an administrator's."""
    giver = User.objects.select_for_update(of=("self",), no_key=True).get(pk=giver_id)
    taker = User.objects.get(pk=taker_id)
    require(
        giver.pk == by.pk or by.has_perm(MANAGE),
        _("Only administrators delegate in somebody else's name."),
        rule="own delegation",
        field="giver",
    )
    require(giver.pk != taker.pk, _("Nobody delegates to themselves."), rule="delegation", field="taker")
    require(taker.is_active, _("%(name)s has no access any more.") % {"name": taker}, rule="delegation", field="taker")
    for person, field in ((giver, "giver"), (taker, "taker")):
        require(not person.has_role(Role.AGENT), _("An agent decides for nobody."), rule="delegation", field=field)
    require_meant(first_day, field="first_day")
    require_meant(last_day, field="last_day")
    require(last_day >= first_day, _("It cannot end before it starts."), rule="days", field="last_day")
    require(last_day >= timezone.localdate(), _("These days have passed."), rule="days", field="last_day")
    _check_days_are_free(giver, first_day, last_day)
    return Delegation.objects.create(
        giver=giver, taker=taker, first_day=first_day, last_day=last_day, reason=reason.strip()
    )


@transaction.atomic
@recorded
def revoke_delegation(delegation_id: int, *, by: User) -> Delegation:
    """End a delegation now; what was decided under it stays."""
    delegation = Delegation.objects.select_for_update(of=("self",)).get(pk=delegation_id)
    require(
        delegation.giver_id == by.pk or by.has_perm(MANAGE),
        _("Only %(name)s or an administrator takes this back.") % {"name": delegation.giver},
        rule="own delegation",
    )
    require(delegation.revoked_at is None, _("It was taken back already."), rule="state")
    require(delegation.last_day >= timezone.localdate(), _("It has ended already."), rule="state")
    delegation.revoked_at = timezone.now()
    delegation.save(update_fields=["revoked_at"])
    return delegation


def _check_days_are_free(giver: User, first_day: date, last_day: date) -> None:
    """Refuse days for which somebody else already decides in the giver's place; the giver's row is locked."""
    others = Delegation.objects.filter(giver=giver, revoked_at=None, first_day__lte=last_day, last_day__gte=first_day)
    other = others.select_related("taker").first()
    if other is not None:
        raise RuleBroken(
            _("From %(first)s to %(last)s %(name)s decides already; take that back first.")
            % {"first": other.first_day, "last": other.last_day, "name": other.taker},
            rule="overlap",
            field="first_day",
        )
