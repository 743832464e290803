"""Reads of adjustments."""

from collections.abc import Sequence
from dataclasses import dataclass

from orders.deliveries.queries import SEES_FACTS
from orders.receivables.queries import OpenRow, open_rows
from salesops.kernel.money import Money
from salesops.users.models import User

from .models import Adjustment, AdjustmentQuerySet, AdjustmentState


def adjustments_for(user: User) -> AdjustmentQuerySet:
    """Return the adjustments that a person may see; who sees no decisions, as an agent, sees those that are posted."""
    rows = Adjustment.objects.visible_to(user).select_related("customer", "customer__region", "reverses")
    return rows if user.has_perm(SEES_FACTS) else rows.posted()


@dataclass(frozen=True)
class AdjustedItem:
    """An item that an adjustment is raised against: how much was asked for, and how it stands now."""

    row: OpenRow
    amount: Money

    @property
    def has_changed(self) -> bool:
        """Whether less or more is open now."""
        return self.row.item.open_amount != self.amount


def lines_of(adjustment: Adjustment) -> list[AdjustedItem]:
    """Return the items that an adjustment names, with their documents."""
    lines = list(adjustment.items.select_related("item__entry"))
    rows = open_rows(line.item for line in lines)
    return [AdjustedItem(row, line.amount) for line, row in zip(lines, rows, strict=True)]


def reversals_of(adjustment: Adjustment) -> Sequence[Adjustment]:
    """Return what was asked for to take an adjustment back, without what was refused or withdrawn."""
    ended = (AdjustmentState.REJECTED, AdjustmentState.WITHDRAWN)
    return list(adjustment.reversals.exclude(state__in=ended).select_related("created_by"))
