"""What put differences right: where it stands, and whether it is posted."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from orders.adjustments.models import Adjustment, AdjustmentState
from orders.adjustments.queries import adjustments_for
from orders.payments.models import PaymentReversal
from orders.receivables.models import Source
from orders.receivables.queries import document_urls
from salesops.users.models import User
from salesops.web.badges import Badge

from .models import Difference


class PostingState(models.TextChoices):
    """Whether what puts a difference right stands on the account."""

    WAITS = "waits", _("Waits for approval")
    POSTED = "posted", _("Is posted")
    REVERSED = "reversed", _("Reversed")
    REFUSED = "refused", _("Not posted")


OF_ADJUSTMENT = {
    AdjustmentState.SUBMITTED: PostingState.WAITS,
    AdjustmentState.RETURNED: PostingState.WAITS,
    AdjustmentState.APPROVED: PostingState.POSTED,
    AdjustmentState.REVERSED: PostingState.REVERSED,
    AdjustmentState.REJECTED: PostingState.REFUSED,
    AdjustmentState.WITHDRAWN: PostingState.REFUSED,
}
TONES = {
    PostingState.WAITS: ("info", "clock"),
    PostingState.POSTED: ("good", "check"),
    PostingState.REVERSED: ("bad", "undo"),
    PostingState.REFUSED: ("bad", "x"),
}
ADJUSTED = frozenset({Source.ADJUSTMENT, Source.WRITE_OFF, Source.REFUND})


@dataclass(frozen=True)
class PutRight:
    """The document of ours that put a difference right; `url` is empty where the reader cannot open it."""

    number: str
    url: str
    state: PostingState

    @property
    def badge(self) -> Badge:
        """Its state, to show."""
        tone, icon = TONES[self.state]
        return Badge(tone, icon, self.state.label)


def put_right(differences: Iterable[Difference], reader: User) -> dict[int, PutRight]:
    """Return what of ours put differences right, by their keys, in a few queries however many they are.

    The differences come with `adjustment` and `posted`. People of the customer are told of what is posted only.
    """
    rows = list(differences)
    entries = [one.posted for one in rows if one.posted]
    urls = document_urls(entries)
    gone = _reversed(entries)
    asked = [one.adjustment_id for one in rows if one.adjustment_id]
    open_to_reader = set(adjustments_for(reader).filter(pk__in=asked).values_list("pk", flat=True)) if asked else set()
    found: dict[int, PutRight] = {}
    for one in rows:
        if one.adjustment:
            seen = one.adjustment.pk in open_to_reader
            url = one.adjustment.get_absolute_url() if seen else ""
            if seen or not reader.customer_id:
                state = OF_ADJUSTMENT[AdjustmentState(one.adjustment.state)]
                found[one.pk] = PutRight(one.adjustment.number, url, state)
        elif one.posted:
            state = PostingState.REVERSED if one.posted.pk in gone else PostingState.POSTED
            found[one.pk] = PutRight(one.posted.document, urls.get(one.posted.pk, ""), state)
    return found


def _reversed(entries: Iterable[Any]) -> set[int]:
    """The keys of entries whose document was taken back."""
    payments = {entry.source_id: entry.pk for entry in entries if entry.source == Source.PAYMENT}
    adjusting = {entry.document: entry.pk for entry in entries if entry.source in ADJUSTED}
    gone: set[int] = set()
    if payments:
        taken = PaymentReversal.objects.filter(payment__in=payments).values_list("payment", flat=True)
        gone |= {payments[key] for key in taken}
    if adjusting:
        taken_back = Adjustment.objects.filter(number__in=adjusting, state=AdjustmentState.REVERSED)
        gone |= {adjusting[number] for number in taken_back.values_list("number", flat=True)}
    return gone
