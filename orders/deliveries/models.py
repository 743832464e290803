"""Deliveries: the application and, once approved, the order to ship."""

from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

import pghistory
import pgtrigger
from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Reverse
from django.utils.translation import gettext_lazy as _

from customers.files.models import Customer
from orders.catalogue.models import PERCENT, Product
from orders.receivables.models import OfCustomerQuerySet
from orders.stock.models import Warehouse
from salesops.kernel.errors import require
from salesops.kernel.money import ZERO, Money, MoneyField, share_of
from salesops.users.models import Region, User

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

    from orders.credit.queries import CreditPicture
    from salesops.approvals.models import Request


FIXED_COLUMNS = (
    "delivery_id",
    "product_id",
    "quantity",
    "unit_price",
    "price_includes_tax",
    "discount_percent",
    "tax_rate",
    "net",
    "tax",
    "amount",
)
"""The columns of a line that do not change once its delivery waits for a decision or has one."""


class State(models.TextChoices):
    """Where a delivery stands."""

    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Waits for approval")
    RETURNED = "returned", _("Returned for change")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    REJECTED = "rejected", _("Rejected")
    APPROVED = "approved", _("Approved")
    PARTLY_SHIPPED = "partly_shipped", _("Partly shipped")
    SHIPPED = "shipped", _("Shipped")
    CANCELLED = "cancelled", _("Cancelled")


NEXT: dict[str, frozenset[str]] = {
    State.DRAFT: frozenset({State.SUBMITTED, State.WITHDRAWN}),
    State.SUBMITTED: frozenset({State.APPROVED, State.REJECTED, State.RETURNED, State.WITHDRAWN}),
    State.RETURNED: frozenset({State.SUBMITTED, State.WITHDRAWN}),
    State.WITHDRAWN: frozenset({State.SUBMITTED}),
    State.REJECTED: frozenset(),
    State.APPROVED: frozenset({State.RETURNED, State.PARTLY_SHIPPED, State.SHIPPED, State.CANCELLED}),
    State.PARTLY_SHIPPED: frozenset({State.SHIPPED}),
    State.SHIPPED: frozenset(),
    State.CANCELLED: frozenset(),
}

EDITABLE = frozenset({State.DRAFT, State.RETURNED, State.WITHDRAWN})
"""States in which lines may change: nothing has been decided on them."""

SHIPPABLE = frozenset({State.APPROVED, State.PARTLY_SHIPPED})
"""States in which something is still to be shipped."""


class DeliveryQuerySet(OfCustomerQuerySet):
    """Words for deliveries."""

    def locked(self, delivery_id: int) -> "Delivery":
        """Return the delivery with its row locked; lock the customer's account first."""
        return self.select_for_update(of=("self",)).get(pk=delivery_id)

    def awaiting_approval(self) -> "DeliveryQuerySet":
        """Keep those that somebody has to decide on."""
        return self.filter(state=State.SUBMITTED)

    def to_ship(self) -> "DeliveryQuerySet":
        """Keep those with goods still to leave."""
        return self.filter(state__in=SHIPPABLE)

    def for_list(self) -> "DeliveryQuerySet":
        """Join what a list shows."""
        return self.select_related("customer", "representative", "region", "warehouse")


@pghistory.track(level=pgtrigger.Statement)
class Delivery(models.Model):
    """An agent's application for goods; its amounts include tax and are in the company's currency."""

    series = "DL"
    """What the numbers begin with."""

    number = models.CharField(_("number"), max_length=20, unique=True)
    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="deliveries", verbose_name=_("customer"), db_index=False
    )
    warehouse = models.ForeignKey(Warehouse, models.PROTECT, related_name="deliveries", verbose_name=_("warehouse"))
    state = models.CharField(_("state"), max_length=20, choices=State, default=State.DRAFT)
    ordered_on = models.DateField(_("date"))
    wanted_on = models.DateField(_("wanted on"), null=True, blank=True)
    address = models.CharField(_("ship to"), max_length=300, blank=True)
    note = models.TextField(_("note"), blank=True)
    representative = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        related_name="deliveries",
        verbose_name=_("sales representative"),
        db_index=False,
    )
    region = models.ForeignKey(
        Region, models.PROTECT, related_name="deliveries", verbose_name=_("region"), db_index=False
    )
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("written by"))
    created_at = models.DateTimeField(auto_now_add=True)
    submitted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("submitted by"))
    written_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("changed by"))
    submitted_at = models.DateTimeField(_("submitted"), null=True)
    approved_at = models.DateTimeField(_("approved"), null=True)
    net = MoneyField(_("net"), default=ZERO)
    tax = MoneyField(_("tax"), default=ZERO)
    amount = MoneyField(_("amount"), default=ZERO)
    approved_amount = MoneyField(_("approved amount"), default=ZERO)
    cancelled_amount = MoneyField(_("cancelled amount"), default=ZERO)
    shipped_amount = MoneyField(_("shipped amount"), default=ZERO)
    is_disputed = models.BooleanField(_("disputed"), default=False)
    version = models.PositiveIntegerField(default=1)
    source_key = models.CharField(max_length=120, null=True, unique=True, editable=False)

    objects = DeliveryQuerySet.as_manager()
    lines: "RelatedManager[DeliveryLine]"

    class Meta:
        ordering = ["-ordered_on", "-pk"]
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        permissions = [
            ("write_delivery", _("Can write delivery applications")),
            ("give_discount", _("Can give discounts on delivery lines")),
            ("cancel_delivery", _("Can cancel and reopen approved deliveries")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(approved_amount__gte=F("shipped_amount") + F("cancelled_amount")),
                name="no_more_is_shipped_than_approved",
            ),
            models.CheckConstraint(
                condition=Q(approved_amount__lte=F("amount")), name="no_more_is_approved_than_asked"
            ),
            models.CheckConstraint(condition=Q(amount=F("net") + F("tax")), name="amount_is_net_and_tax"),
        ]
        indexes = [
            models.Index(fields=["customer", "-ordered_on", "-id"]),
            models.Index(fields=["state", "-ordered_on", "-id"]),
            models.Index(fields=["-ordered_on", "-id"]),
            models.Index(fields=["amount", "id"]),
            models.Index(
                fields=["wanted_on"], condition=Q(state__in=["approved", "partly_shipped"]), name="to_ship_by_day"
            ),
            models.Index(fields=["wanted_on", "id"]),
            models.Index(fields=["-ordered_on", "-id"], condition=Q(is_disputed=True), name="disputed_deliveries"),
            models.Index(fields=["representative", "-ordered_on"]),
            models.Index(fields=["region", "-ordered_on"]),
            models.Index(OpClass(Reverse("number"), name="text_pattern_ops"), name="deliveries_by_number_end"),
        ]
        triggers = [
            pgtrigger.FSM(
                name="states_are_not_skipped",
                field="state",
                transitions=[(old, new) for old, following in NEXT.items() for new in sorted(following)],
            ),
            pgtrigger.Trigger(
                name="decided_amounts_stay",
                operation=pgtrigger.UpdateOf("customer_id", "net", "tax", "amount"),
                when=pgtrigger.Before,
                func=(
                    "IF OLD.state NOT IN ('draft', 'returned', 'withdrawn')"
                    " AND (NEW.customer_id, NEW.net, NEW.tax, NEW.amount)"
                    " IS DISTINCT FROM (OLD.customer_id, OLD.net, OLD.tax, OLD.amount) THEN"
                    " RAISE EXCEPTION 'customer and amounts of a delivery that is % do not change', OLD.state; END IF;"
                    " RETURN NEW;"
                ),
            ),
            pgtrigger.Protect(
                name="starts_as_a_draft", operation=pgtrigger.Insert, condition=~pgtrigger.Q(new__state=State.DRAFT)
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        from django.urls import reverse

        return reverse("orders:delivery", args=[self.number])

    on_account: "CreditPicture | None" = None
    """The account with this delivery on it, as a decision that holds the locks has read it."""

    @cached_property
    def approval_requests(self) -> "list[Request]":
        """All its requests for approval with their decisions, oldest first; one query for each delivery object."""
        from salesops.approvals.timeline import requests_of

        return requests_of("delivery", self.pk)

    @property
    def committed_amount(self) -> Money:
        """What is approved, not cancelled and not yet shipped."""
        return self.approved_amount - self.cancelled_amount - self.shipped_amount

    @property
    def is_editable(self) -> bool:
        """Whether its lines may change."""
        return self.state in EDITABLE

    def move_to(self, state: State) -> None:
        """Set the next state (saving is the caller's); RuleBroken where the table of states does not lead there."""
        require(
            state in NEXT[self.state],
            _("%(number)s is “%(now)s” and cannot become “%(then)s”.")
            % {"number": self.number, "now": State(self.state).label, "then": State(state).label},
            rule="state",
            state=self.state,
            allowed={before for before, after in NEXT.items() if state in after},
        )
        self.state = state


@pghistory.track(level=pgtrigger.Statement)
class DeliveryLine(models.Model):
    """One product of a delivery. Money of some of its pieces is a cumulative share: parts add up to the cent."""

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="lines")
    position = models.PositiveSmallIntegerField(default=1)
    product = models.ForeignKey(Product, models.PROTECT, related_name="delivery_lines", verbose_name=_("product"))
    quantity = models.PositiveIntegerField(_("quantity"))
    unit_price = MoneyField(_("price"))
    price_includes_tax = models.BooleanField(default=True)
    discount_percent = models.DecimalField(
        _("discount, %"), max_digits=5, decimal_places=2, default=Decimal(0), validators=PERCENT
    )
    tax_rate = models.DecimalField(_("tax, %"), max_digits=5, decimal_places=2, default=Decimal(0))
    net = MoneyField(_("net"))
    tax = MoneyField(_("tax"))
    amount = MoneyField(_("amount"))
    granted_quantity = models.PositiveIntegerField(
        null=True, editable=False, help_text="what deciders left of it so far; empty: all"
    )
    approved_quantity = models.PositiveIntegerField(_("approved"), default=0)
    cancelled_quantity = models.PositiveIntegerField(_("cancelled"), default=0)
    shipped_quantity = models.PositiveIntegerField(_("shipped"), default=0)
    reserved_quantity = models.PositiveIntegerField(_("reserved"), default=0)

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = _("line")
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="a_line_asks_for_something"),
            models.CheckConstraint(condition=Q(unit_price__gte=0), name="a_line_has_no_negative_price"),
            models.CheckConstraint(
                condition=Q(discount_percent__gte=0, discount_percent__lte=100), name="a_line_discount_is_a_percentage"
            ),
            models.CheckConstraint(condition=Q(amount=F("net") + F("tax")), name="line_amount_is_net_and_tax"),
            models.CheckConstraint(
                condition=Q(approved_quantity__lte=F("quantity")), name="no_more_pieces_approved_than_asked"
            ),
            models.CheckConstraint(
                condition=Q(granted_quantity=None) | Q(granted_quantity__lte=F("quantity")),
                name="no_more_pieces_granted_than_asked",
            ),
            models.CheckConstraint(
                condition=Q(approved_quantity__gte=F("shipped_quantity") + F("cancelled_quantity")),
                name="no_more_pieces_shipped_than_approved",
            ),
            models.CheckConstraint(
                condition=Q(
                    approved_quantity__gte=F("shipped_quantity") + F("cancelled_quantity") + F("reserved_quantity")
                ),
                name="no_more_pieces_reserved_than_open",
            ),
        ]
        indexes = [
            models.Index(
                fields=["product"],
                condition=Q(approved_quantity__gt=F("shipped_quantity") + F("cancelled_quantity")),
                name="lines_still_to_ship",
            )
        ]
        triggers = [
            pgtrigger.Trigger(
                name="decided_lines_stay",
                operation=pgtrigger.Insert | pgtrigger.Delete | pgtrigger.UpdateOf(*FIXED_COLUMNS),
                when=pgtrigger.Before,
                declare=[("delivery_state", "text")],
                func=pgtrigger.Func(
                    "SELECT state INTO delivery_state FROM orders_delivery"
                    " WHERE id = CASE TG_OP WHEN 'INSERT' THEN NEW.delivery_id ELSE OLD.delivery_id END;"
                    " IF delivery_state NOT IN ('draft', 'returned', 'withdrawn') THEN"
                    " RAISE EXCEPTION 'lines of a delivery that is % do not change', delivery_state; END IF;"
                    " IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW;"
                ),
            )
        ]

    def __str__(self) -> str:
        return f"{self.product} × {self.quantity}"

    @property
    def granted(self) -> int:
        """Pieces that an approval would approve: what was asked for, less what deciders trimmed."""
        return self.quantity if self.granted_quantity is None else self.granted_quantity

    @property
    def granted_amount(self) -> Money:
        """What the granted pieces cost, tax included."""
        return share_of(self.amount, self.granted, self.quantity)

    @property
    def open_quantity(self) -> int:
        """Pieces approved and still to ship."""
        return self.approved_quantity - self.cancelled_quantity - self.shipped_quantity

    @property
    def back_order(self) -> int:
        """Pieces approved that no stock is reserved for."""
        return self.open_quantity - self.reserved_quantity

    @property
    def approved_amount(self) -> Money:
        """What the approved pieces cost, tax included."""
        return share_of(self.amount, self.approved_quantity, self.quantity)

    @property
    def shipped_amount(self) -> Money:
        """What the shipped pieces cost, tax included."""
        return share_of(self.amount, self.shipped_quantity, self.quantity)

    @property
    def cancelled_amount(self) -> Money:
        """What the cancelled pieces would have cost, tax included."""
        kept = share_of(self.amount, self.approved_quantity - self.cancelled_quantity, self.quantity)
        return self.approved_amount - kept
