"""A line of theirs is split by a person into parts that add up to it, and put together again."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from salesops.kernel.errors import found, require
from salesops.kernel.money import ZERO, Money, to_money
from salesops.users.models import User

from .models import LedgerDifference, LedgerLine, LedgerSplit, LedgerUpload
from .services import locked_ledger, require_free, require_unstated

MOST_PARTS = 20
"""Parts of a line."""


@transaction.atomic
def split_line(line_id: int, *, by: User, amounts: Sequence[Money]) -> LedgerSplit:
    """Split a line of theirs into parts that add up to it to the cent; each is matched and stated for itself.

    RuleBroken out of scope, for fewer than two parts or more than MOST_PARTS, for a part of nothing, for parts that do
    not add up, for a part, and for a line that is matched, stated or split already.
    """
    rows = LedgerLine.objects.filter(pk=line_id, upload__in=LedgerUpload.objects.visible_to(by))
    upload = locked_ledger(found(rows.first(), _("This line is not in your scope.")).upload_id, by=by)
    line = LedgerLine.objects.get(pk=line_id)
    require(line.split_id is None, _("A part is not split: put its line together first."), rule="split", row=line.row)
    require(line.stands, _("It is split already."), rule="split", row=line.row)
    require_free(set(), {line.pk})
    require_unstated(LedgerDifference.objects.filter(line=line))
    words = _("A line is split into 2 to %(most)s parts.") % {"most": MOST_PARTS}
    require(2 <= len(amounts) <= MOST_PARTS, words, rule="parts", field="amounts", most=MOST_PARTS)
    whole_cents = all(amount and amount == to_money(amount) for amount in amounts)
    require(whole_cents, _("Each part moves something, in whole cents."), rule="amount", field="amounts")
    total = sum(amounts, ZERO)
    require(
        total == line.amount,
        _("The parts add up to %(total)s, the line to %(amount)s.")
        % {"total": f"{total:,.2f}", "amount": f"{line.amount:,.2f}"},
        rule="sum",
        field="amounts",
        total=total,
        amount=line.amount,
    )
    split = LedgerSplit.objects.create(upload=upload, line=line, parts_count=len(amounts), made_by=by)
    last = LedgerLine.objects.filter(upload=upload, row=line.row).aggregate(last=Max("part"))["last"]
    LedgerLine.objects.filter(pk=line.pk).update(stands=False)
    LedgerLine.objects.bulk_create(
        LedgerLine(
            upload=upload,
            row=line.row,
            part=part,
            split=split,
            day=line.day,
            reference=line.reference,
            text=line.text,
            amount=amount,
        )
        for part, amount in enumerate(amounts, start=last + 1)
    )
    return split


@transaction.atomic
def undo_split(split_id: int, *, by: User) -> LedgerSplit:
    """Put a line together again; its parts stay as history. RuleBroken while a part is matched or stated."""
    rows = LedgerSplit.objects.filter(pk=split_id, upload__in=LedgerUpload.objects.visible_to(by))
    locked_ledger(found(rows.first(), _("This line is not in your scope.")).upload_id, by=by)
    split = LedgerSplit.objects.select_related("line").get(pk=split_id)
    undone_on = timezone.localdate(split.undone_at) if split.undone_at else None
    require(undone_on is None, _("It is put together already."), rule="undone", day=undone_on)
    parts = set(split.parts.values_list("pk", flat=True))
    require_free(set(), parts)
    require_unstated(LedgerDifference.objects.filter(line__in=parts))
    split.undone_by, split.undone_at = by, timezone.now()
    split.save(update_fields=["undone_by", "undone_at"])
    split.parts.update(stands=False)
    LedgerLine.objects.filter(pk=split.line_id).update(stands=True)
    return split
