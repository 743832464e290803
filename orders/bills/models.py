"""Bills: post-dated cheques and acceptance bills, money that is expected on the day on which they mature."""

from pathlib import Path
from uuid import uuid4

import pghistory
import pgtrigger
from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Reverse, Upper
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers.files.models import Customer
from orders.payments.models import Method, Payment
from orders.receivables.models import OfCustomerQuerySet
from salesops.kernel.errors import require
from salesops.kernel.money import MoneyField
from salesops.users.models import User


class BillKind(models.TextChoices):
    """What paper it is."""

    CHEQUE = "cheque", _("Post-dated cheque")
    BANK = "bank", _("Bank acceptance bill")
    COMMERCIAL = "commercial", _("Commercial acceptance bill")


METHODS: dict[str, Method] = {
    BillKind.CHEQUE: Method.CHEQUE,
    BillKind.BANK: Method.BILL,
    BillKind.COMMERCIAL: Method.BILL,
}
"""How the payment came that a bill of each kind becomes."""


class BillState(models.TextChoices):
    """Where a bill stands; only one that is settled counts on the account."""

    HELD = "held", _("Expected")
    SETTLED = "settled", _("Settled")
    DISHONOURED = "dishonoured", _("Dishonoured")
    RETURNED = "returned", _("Given back")


NEXT_BILL_STATES: dict[str, frozenset[str]] = {
    BillState.HELD: frozenset({BillState.SETTLED, BillState.DISHONOURED, BillState.RETURNED}),
    BillState.SETTLED: frozenset({BillState.DISHONOURED}),
    BillState.DISHONOURED: frozenset(),
    BillState.RETURNED: frozenset(),
}
GOOD = (BillState.HELD, BillState.SETTLED)
"""States in which a paper cannot be registered a second time."""
ENDED = (BillState.DISHONOURED, BillState.RETURNED)
"""States with a day and a reason."""

FIXED = ("number", "customer", "kind", "instrument", "drawer", "bank", "amount", "received_on", "matures_on")
"""What is registered stays: a mistake is given back with a reason, and registered again."""


class Endorsed(models.TextChoices):
    """To whom a bill was passed on before it matured."""

    THIRD_PARTY = "third_party", _("Endorsed to a third party")
    DISCOUNT = "discount", _("Discounted at a bank")


def scan_path(bill: "Bill", name: str) -> str:
    """Where an upload is kept: never under the name that somebody typed."""
    return f"bills/{timezone.localdate():%Y/%m}/{uuid4()}{Path(name).suffix.lower()[:8]}"


class BillQuerySet(OfCustomerQuerySet):
    """Words for bills."""

    def locked(self, bill_id: int) -> "Bill":
        """Return the bill with its row locked; lock the customer's account first."""
        return self.select_for_update(of=("self",)).get(pk=bill_id)

    def held(self) -> "BillQuerySet":
        """Keep those whose money is expected."""
        return self.filter(state=BillState.HELD)


def _differ(names: tuple[str, ...]) -> Q:
    """The trigger's condition that one of these columns changes."""
    condition = pgtrigger.Q()
    for name in names:
        condition |= pgtrigger.Q(**{f"old__{name}__df": pgtrigger.F(f"new__{name}")})
    return condition


@pghistory.track(exclude=["file", "file_type"])
class Bill(models.Model):
    """A post-dated cheque or an acceptance bill of a customer; on its day it becomes a payment, once.

    `instrument` is the number printed on it, which one drawer and bank use once. `settles` names what it shall settle,
    as a payment's text does. An endorsed bill settles all the same. `payment` is what it became.
    """

    series = "BL"
    """What the numbers begin with."""

    number = models.CharField(_("number"), max_length=20, unique=True)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="bills", verbose_name=_("customer"))
    kind = models.CharField(_("kind"), max_length=20, choices=BillKind)
    instrument = models.CharField(_("number on it"), max_length=60)
    drawer = models.CharField(_("drawer"), max_length=120)
    bank = models.CharField(_("bank"), max_length=120)
    amount = MoneyField(_("amount"))
    received_on = models.DateField(_("received on"))
    matures_on = models.DateField(_("matures on"))
    settles = models.CharField(_("shall settle"), max_length=80, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)
    file = models.FileField(upload_to=scan_path, blank=True)
    file_name = models.CharField(_("scan"), max_length=200, blank=True)
    file_type = models.CharField(max_length=100, blank=True)
    endorsed_as = models.CharField(_("passed on"), max_length=20, choices=Endorsed, blank=True)
    endorsed_on = models.DateField(_("passed on, day"), null=True)
    endorsed_to = models.CharField(_("passed on to"), max_length=120, blank=True)
    state = models.CharField(_("state"), max_length=20, choices=BillState, default=BillState.HELD)
    payment = models.OneToOneField(
        Payment, models.PROTECT, null=True, related_name="bill", verbose_name=_("payment"), editable=False
    )
    ended_on = models.DateField(_("ended on"), null=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    registered_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("registered by"))
    registered_at = models.DateTimeField(auto_now_add=True)

    objects = BillQuerySet.as_manager()

    class Meta:
        ordering = ["-matures_on", "-pk"]
        verbose_name = _("bill")
        verbose_name_plural = _("bills and post-dated cheques")
        permissions = [("register_bill", _("Can register bills and post-dated cheques, and say what became of them"))]
        constraints = [
            models.UniqueConstraint(
                Upper("instrument"),
                Upper("drawer"),
                Upper("bank"),
                condition=Q(state__in=GOOD),
                name="a_paper_is_registered_once",
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="a_bill_is_positive"),
            models.CheckConstraint(
                condition=Q(matures_on__gte=F("received_on")), name="a_bill_matures_after_it_was_received"
            ),
            models.CheckConstraint(
                condition=Q(endorsed_as="", endorsed_to="", endorsed_on=None)
                | (~Q(endorsed_as="") & ~Q(endorsed_to="") & Q(endorsed_on__isnull=False)),
                name="an_endorsement_says_when_and_to_whom",
            ),
            models.CheckConstraint(
                condition=Q(state=BillState.SETTLED, payment__isnull=False)
                | Q(state__in=[BillState.HELD, BillState.RETURNED], payment=None)
                | Q(state=BillState.DISHONOURED),
                name="a_settled_bill_has_its_payment",
            ),
            models.CheckConstraint(
                condition=Q(state__in=GOOD, reason="", ended_on=None)
                | (Q(state__in=ENDED, ended_on__isnull=False) & ~Q(reason="")),
                name="a_bill_ends_on_a_day_for_a_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["matures_on", "id"]),
            models.Index(fields=["state", "matures_on", "id"]),
            models.Index(fields=["customer", "matures_on"]),
            models.Index(fields=["amount", "id"]),
            models.Index(OpClass(Reverse("number"), name="text_pattern_ops"), name="bills_by_number_end"),
            models.Index(OpClass(Upper("instrument"), name="text_pattern_ops"), name="bills_by_instrument_start"),
            models.Index(
                OpClass(Reverse(Upper("instrument")), name="text_pattern_ops"), name="bills_by_instrument_end"
            ),
        ]
        triggers = [
            pgtrigger.FSM(
                name="states_are_not_skipped",
                field="state",
                transitions=[(old, new) for old, following in NEXT_BILL_STATES.items() for new in sorted(following)],
            ),
            pgtrigger.Protect(
                name="starts_as_held", operation=pgtrigger.Insert, condition=~pgtrigger.Q(new__state=BillState.HELD)
            ),
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            pgtrigger.Protect(name="what_is_registered_stays", operation=pgtrigger.Update, condition=_differ(FIXED)),
            pgtrigger.Protect(
                name="its_payment_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__payment__isnull=False) & _differ(("payment",)),  # type: ignore[operator]  # stubs know of one Q only
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("orders:bill", args=[self.number])

    @property
    def is_due(self) -> bool:
        """Whether it is held and its day has come."""
        return self.state == BillState.HELD and self.matures_on <= timezone.localdate()

    def move_to(self, state: BillState) -> None:
        """Set the next state (saving is the caller's); RuleBroken where the table of states does not lead there."""
        require(
            state in NEXT_BILL_STATES[self.state],
            _("%(number)s is “%(now)s” and cannot become “%(then)s”.")
            % {"number": self.number, "now": BillState(self.state).label, "then": state.label},
            rule="state",
            state=self.state,
            number=self.number,
        )
        self.state = state
