"""Temporary limits: more credit for a span of days, by an approval of their own."""

from datetime import date

import pghistory
import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from customers.files.models import Customer
from orders.receivables.models import OfCustomerQuerySet
from salesops.kernel.money import MoneyField
from salesops.users.models import User


class LimitState(models.TextChoices):
    """Where a temporary limit stands."""

    SUBMITTED = "submitted", _("Waits for approval")
    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Rejected")
    RETURNED = "returned", _("Returned for change")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    REVOKED = "revoked", _("Revoked")


NEXT_LIMIT_STATES: dict[str, frozenset[str]] = {
    LimitState.SUBMITTED: frozenset(
        {LimitState.APPROVED, LimitState.REJECTED, LimitState.RETURNED, LimitState.WITHDRAWN}
    ),
    LimitState.RETURNED: frozenset({LimitState.SUBMITTED, LimitState.WITHDRAWN}),
    LimitState.APPROVED: frozenset({LimitState.REVOKED}),
    LimitState.REJECTED: frozenset(),
    LimitState.WITHDRAWN: frozenset(),
    LimitState.REVOKED: frozenset(),
}


class TemporaryLimitQuerySet(OfCustomerQuerySet):
    """Words for temporary limits."""

    def active_on(self, day: date) -> "TemporaryLimitQuerySet":
        """Keep the approved ones that hold on a day."""
        return self.filter(state=LimitState.APPROVED, first_day__lte=day, last_day__gte=day)


@pghistory.track()
class TemporaryLimit(models.Model):
    """An amount on top of a customer's limit, from a first to a last day."""

    number = models.CharField(_("number"), max_length=20, unique=True)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="temporary_limits", verbose_name=_("customer"))
    amount = MoneyField(_("amount on top"))
    first_day = models.DateField(_("from"))
    last_day = models.DateField(_("until"))
    reason = models.CharField(_("reason"), max_length=300)
    state = models.CharField(_("state"), max_length=20, choices=LimitState, default=LimitState.SUBMITTED)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TemporaryLimitQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("temporary limit")
        verbose_name_plural = _("temporary limits")
        permissions = [("ask_temporary_limit", _("Can ask for temporary limits"))]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="a_temporary_limit_adds_something"),
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")), name="a_temporary_limit_ends_after_it_starts"
            ),
        ]
        indexes = [models.Index(fields=["customer", "state", "last_day"])]
        triggers = [
            pgtrigger.FSM(
                name="states_are_not_skipped",
                field="state",
                transitions=[(old, new) for old, following in NEXT_LIMIT_STATES.items() for new in sorted(following)],
            )
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        from django.urls import reverse

        return reverse("orders:temporary_limit", args=[self.number])
