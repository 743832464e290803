"""An adjustment is asked for, decided on by approval, and posted with the decision, once; a mistake is taken back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from customers.accounts.models import CreditAccount
from customers.accounts.terms import due_parts
from customers.files.models import Customer
from orders.payments.models import Method
from orders.payments.services import MOST
from orders.receivables.models import OpenItem, ReceivableEntry
from orders.receivables.services import post_entry, reverse_entry
from salesops.approvals.models import Request, Verdict
from salesops.approvals.services import bring_back, open_request, record_after, withdraw
from salesops.kernel.errors import found, require
from salesops.kernel.money import CENT, ZERO, Money
from salesops.kernel.numbering import next_number
from salesops.kernel.periods import require_meant
from salesops.users.models import User
from salesops.web.history import recorded

from .hooks import after_move
from .models import NEXT_ADJUSTMENT_STATES, Adjustment, AdjustmentItem, AdjustmentState, Kind, Reason

KEY = "adjustment"
"""What the approval engine calls these documents."""


@dataclass(frozen=True)
class Chosen:
    """The open items that an adjustment is raised against, how much of each, and its whole amount."""

    amount: Money
    items: Sequence[tuple[OpenItem, Money]] = ()


@transaction.atomic
@recorded
def submit_adjustment(
    *,
    by: User,
    customer_id: int,
    kind: str,
    reason: str,
    text: str,
    concerns: date,
    amount: Money | None = None,
    items: Sequence[int] = (),
    method: str = "",
    reference: str = "",
) -> Adjustment:
    """Ask for an adjustment of a customer's account; it is posted once it is approved.

    A write-off names open debits by their keys and is of all that is open of them; a refund names one open credit, and
    is of all of it unless a smaller amount is said, with how it is paid. A credit may name the debits that it settles:
    what it is larger by stays open in the customer's favour; without, it settles the oldest due first, as a payment
    does. A debit is due by the account's terms. Amounts are in the company's currency, above zero.

    Raises RuleBroken out of scope, without a reason, for a day in the future or in a year that nobody means, for an
    amount that makes no sense, for items that are not open on the right side of that account, and where another
    adjustment that waits names one of them.
    """
    require(kind in set(Kind) - {Kind.REVERSAL}, _("Say what is asked for."), rule="kind", field="kind")
    customer = _customer(customer_id, by)
    _require_sense(reason, text, concerns)
    CreditAccount.objects.locked(customer_id)
    chosen = _choose(kind, customer_id, amount, items)
    adjustment = Adjustment.objects.create(
        number=next_number(Adjustment.series, timezone.localdate().year),
        customer=customer,
        kind=kind,
        amount=chosen.amount,
        reason=reason,
        text=text.strip(),
        concerns=concerns,
        created_by=by,
        **_payout(kind, method, reference),
    )
    return _submit(adjustment, chosen, by=by)


@transaction.atomic
@recorded
def submit_adjustment_again(
    adjustment_id: int,
    *,
    by: User,
    reason: str,
    text: str,
    concerns: date,
    amount: Money | None = None,
    items: Sequence[int] = (),
    method: str = "",
    reference: str = "",
) -> Adjustment:
    """Submit an adjustment again that was returned for change, changed as asked; only who asked for it may.

    Customer and kind stay, of a reversal the amount too. Raises RuleBroken as submit_adjustment does, and where it was
    not returned.
    """
    rows = Adjustment.objects.visible_to(by).filter(created_by=by)
    unlocked = found(rows.filter(pk=adjustment_id).first(), _("This adjustment is not yours to change."))
    _require_sense(reason, text, concerns)
    CreditAccount.objects.locked(unlocked.customer_id)
    adjustment = Adjustment.objects.select_for_update(of=("self",)).get(pk=adjustment_id)
    move_adjustment(adjustment, AdjustmentState.SUBMITTED)
    adjustment.items.all().delete()
    if adjustment.kind == Kind.REVERSAL:
        chosen = Chosen(adjustment.amount)
    else:
        chosen = _choose(adjustment.kind, adjustment.customer_id, amount, items)
    adjustment.amount, adjustment.reason = chosen.amount, reason
    adjustment.text, adjustment.concerns = text.strip(), concerns
    for name, value in _payout(adjustment.kind, method, reference).items():
        setattr(adjustment, name, value)
    adjustment.save(update_fields=["amount", "reason", "text", "concerns", "method", "reference"])
    return _submit(adjustment, chosen, by=by)


@transaction.atomic
@recorded
def reverse_adjustment(adjustment_id: int, *, by: User, text: str, reason: str = Reason.MISTAKE) -> Adjustment:
    """Ask for the reversal of a posted adjustment: a document of its own, on which the same people decide.

    Once it is approved an entry of the same amount takes the first one back, today, what that had settled is open again
    on its own day, and the two settle each other. Raises RuleBroken out of scope, without a reason, and where the
    adjustment is not posted, is a reversal itself, or its reversal is asked for or done already.
    """
    rows = Adjustment.objects.visible_to(by)
    unlocked = found(rows.filter(pk=adjustment_id).first(), _("This adjustment is not in your scope."))
    today = timezone.localdate()
    _require_sense(reason, text, today)
    CreditAccount.objects.locked(unlocked.customer_id)
    target = Adjustment.objects.select_for_update(of=("self",)).get(pk=adjustment_id)
    require(
        target.kind != Kind.REVERSAL,
        _("%(number)s takes another one back; ask for a new adjustment.") % {"number": target.number},
        rule="reversal",
    )
    _require_posted(target)
    asked = target.reversals.filter(state__in=[AdjustmentState.SUBMITTED, AdjustmentState.RETURNED]).first()
    require(
        asked is None,
        _("%(other)s already asks for the reversal of %(number)s.")
        % {"other": asked.number if asked else "", "number": target.number},
        rule="asked already",
        number=asked.number if asked else "",
    )
    reversal = Adjustment.objects.create(
        number=next_number(Adjustment.series, today.year),
        customer_id=target.customer_id,
        kind=Kind.REVERSAL,
        amount=target.amount,
        reason=reason,
        text=text.strip(),
        concerns=target.concerns,
        reverses=target,
        created_by=by,
    )
    return _submit(reversal, Chosen(target.amount), by=by)


@transaction.atomic
@recorded
def withdraw_adjustment(adjustment_id: int, *, by: User) -> None:
    """Take back an application that waits for its decision, or one's own that was returned for change.

    What it was to put right is open again, and what it named may be named by another. RuleBroken out of scope, for who
    did not ask for it, and where it is decided or withdrawn.
    """
    rows = Adjustment.objects.visible_to(by).filter(pk=adjustment_id)
    unlocked = found(rows.first(), _("This adjustment is not in your scope."))
    CreditAccount.objects.locked(unlocked.customer_id)
    adjustment = Adjustment.objects.select_for_update(of=("self",)).get(pk=adjustment_id)
    if adjustment.state == AdjustmentState.RETURNED:
        is_own = adjustment.created_by_id == by.pk
        require(is_own, _("Only who submitted it may withdraw it."), rule="withdraw", who=adjustment.created_by)
        move_adjustment(adjustment, AdjustmentState.WITHDRAWN)
        record_after(KEY, adjustment.pk, Verdict.WITHDRAWN, by=by, note="")
        return
    request = Request.objects.waiting().filter(document_type=KEY, object_id=adjustment_id).first()
    words = _("It does not wait for a decision any more.")
    withdraw(found(request, words, rule="state", state=adjustment.state).pk, by=by)


def post_adjustment(adjustment: Adjustment, *, by: User | None) -> ReceivableEntry:
    """Post an adjustment with its decision, and move it on; call it with the account and the adjustment locked.

    Raises RuleBroken, with the figures, where less or more is open of an item than was asked for.
    """
    account = CreditAccount.objects.locked(adjustment.customer_id)
    lines = list(adjustment.items.select_related("item__entry"))
    for line in lines:
        _require_still_open(adjustment.kind, line)
    entry = _reverse(account, adjustment, by) if adjustment.reverses_id else _post(account, adjustment, lines, by)
    move_adjustment(adjustment, AdjustmentState.APPROVED)
    if entry.credit:
        bring_back(adjustment.customer_id)
    return entry


def move_adjustment(adjustment: Adjustment, state: AdjustmentState) -> None:
    """Set the next state of a locked adjustment; RuleBroken where its states do not lead there."""
    require(
        state in NEXT_ADJUSTMENT_STATES[adjustment.state],
        _("%(number)s is “%(state)s”.") % {"number": adjustment.number, "state": adjustment.get_state_display()},
        rule="state",
        state=adjustment.state,
    )
    adjustment.state = state
    adjustment.save(update_fields=["state"])
    for listen in after_move:
        listen(adjustment)


# ---- what makes sense ----
def _customer(customer_id: int, by: User) -> Customer:
    rows = Customer.objects.visible_to(by).select_related("representative")
    return found(rows.filter(pk=customer_id).first(), _("This customer is not in your scope."), field="customer")


def _require_sense(reason: str, text: str, concerns: date) -> None:
    require(reason in set(Reason), _("Choose a reason."), rule="reason", field="reason")
    require(text.strip(), _("Say why; whoever decides reads it."), rule="reason", field="text")
    require_meant(concerns, field="concerns")
    today = timezone.localdate()
    require(concerns <= today, _("It concerns a day up to today."), rule="date", field="concerns", last=today)


def _payout(kind: str, method: str, reference: str) -> dict[str, str]:
    """How a refund is paid; nothing of any other kind."""
    if kind != Kind.REFUND:
        return {"method": "", "reference": ""}
    require(method in set(Method), _("Say how it is paid."), rule="method", field="method")
    return {"method": method, "reference": reference.strip()}


def _choose(kind: str, customer_id: int, amount: Money | None, keys: Sequence[int]) -> Chosen:
    """The items chosen, found open on the right side of the account, and the amount that follows from them."""
    items = _open_items(kind, customer_id, keys)
    if kind == Kind.WRITE_OFF:
        require(items, _("Choose what is written off."), rule="items", field="items")
        whole = sum((item.open_amount for item in items), ZERO)
        require(
            amount is None or amount == whole,
            _("A write-off is of all that is open: %(open)s.") % {"open": f"{whole:,.2f}"},
            rule="amount",
            field="amount",
            open=whole,
        )
        return Chosen(whole, [(item, item.open_amount) for item in items])
    if kind == Kind.REFUND:
        require(len(items) == 1, _("Choose the one credit that is paid back."), rule="items", field="items")
        amount = items[0].open_amount if amount is None else amount
        _require_amount(amount)
        _require_enough(items[0], amount)
        return Chosen(amount, [(items[0], amount)])
    _require_amount(amount)
    assert amount is not None
    require(kind == Kind.CREDIT or not items, _("A debit settles nothing."), rule="items", field="items")
    return Chosen(amount, [(item, item.open_amount) for item in items])


def _open_items(kind: str, customer_id: int, keys: Sequence[int]) -> list[OpenItem]:
    is_debit = kind != Kind.REFUND
    rows = OpenItem.objects.filter(customer=customer_id, pk__in=keys, is_debit=is_debit).open()
    items = list(rows.select_related("entry").order_by("due_on", "pk"))
    require(
        len(items) == len(set(keys)),
        _("Some of what was chosen is not open on this account any more.")
        if is_debit
        else _("This credit is not open on this account any more."),
        rule="items",
        field="items",
    )
    taken = AdjustmentItem.objects.filter(item__in=items, adjustment__state=AdjustmentState.SUBMITTED)
    other = taken.select_related("adjustment", "item__entry").first()
    require(
        other is None,
        _("%(document)s is already asked for by %(other)s, which waits for a decision.")
        % {"document": other.item.entry.document if other else "", "other": other.adjustment if other else ""},
        rule="asked already",
        field="items",
        document=other.item.entry.document if other else "",
        number=other.adjustment.number if other else "",
    )
    return items


def _require_amount(amount: Money | None) -> None:
    require(
        amount is not None and amount > 0,
        _("The amount is more than 0."),
        rule="amount",
        field="amount",
        least=CENT,
        most=MOST,
    )
    assert amount is not None
    most = _("The amount is at most %(most)s.") % {"most": f"{MOST:,.2f}"}
    require(amount <= MOST, most, rule="amount", field="amount", most=MOST)


def _require_enough(item: OpenItem, amount: Money) -> None:
    require(
        amount <= item.open_amount,
        _("%(document)s: %(open)s is open; %(asked)s cannot be paid back.")
        % {"document": item.entry.document, "open": f"{item.open_amount:,.2f}", "asked": f"{amount:,.2f}"},
        rule="more than open",
        field="amount",
        document=item.entry.document,
        open=item.open_amount,
        asked=amount,
    )


def _require_still_open(kind: str, line: AdjustmentItem) -> None:
    """A write-off is of what was open when it was asked for, no more and no less; a refund of no more than is open."""
    item = line.item
    if kind == Kind.REFUND:
        _require_enough(item, line.amount)
    require(
        kind != Kind.WRITE_OFF or item.open_amount == line.amount,
        _("%(document)s: %(asked)s was open when it was asked for, %(open)s is open now. Return it for change.")
        % {"document": item.entry.document, "open": f"{item.open_amount:,.2f}", "asked": f"{line.amount:,.2f}"},
        rule="open changed",
        document=item.entry.document,
        open=item.open_amount,
        asked=line.amount,
    )


def _require_posted(target: Adjustment) -> None:
    require(
        target.state == AdjustmentState.APPROVED,
        _("%(number)s is “%(state)s”: only what is posted is taken back.")
        % {"number": target.number, "state": target.get_state_display()},
        rule="state",
        state=target.state,
    )


# ---- what is written ----
def _submit(adjustment: Adjustment, chosen: Chosen, *, by: User) -> Adjustment:
    AdjustmentItem.objects.bulk_create(
        AdjustmentItem(adjustment=adjustment, item=item, amount=amount) for item, amount in chosen.items
    )
    open_request(KEY, adjustment, by=by, note=adjustment.text)
    adjustment.refresh_from_db()
    return adjustment


def _post(
    account: CreditAccount, adjustment: Adjustment, lines: Sequence[AdjustmentItem], by: User | None
) -> ReceivableEntry:
    today = timezone.localdate()
    is_debit = adjustment.is_debit
    by_terms = adjustment.kind == Kind.DEBIT
    return post_entry(
        account,
        source=adjustment.source,
        source_id=adjustment.pk,
        document=adjustment.number,
        text=_words(adjustment, lines),
        posted_on=today,
        due=due_parts(account, account.parts.all(), adjustment.amount, today) if by_terms else today,
        debit=adjustment.amount if is_debit else ZERO,
        credit=ZERO if is_debit else adjustment.amount,
        against=[line.item_id for line in lines] or None,
        by=by or adjustment.created_by,
    )


def _reverse(account: CreditAccount, adjustment: Adjustment, by: User | None) -> ReceivableEntry:
    target = Adjustment.objects.select_for_update(of=("self",)).get(pk=adjustment.reverses_id)
    _require_posted(target)
    entry = ReceivableEntry.objects.get(source=target.source, source_id=target.pk)
    move_adjustment(target, AdjustmentState.REVERSED)
    return reverse_entry(
        account,
        entry,
        source=adjustment.source,
        source_id=adjustment.pk,
        document=adjustment.number,
        text=_("Takes back %(number)s") % {"number": target.number},
        by=by or adjustment.created_by,
    )


def _words(adjustment: Adjustment, lines: Sequence[AdjustmentItem]) -> str:
    """What the entry says to everybody who reads the account: the explanation is for the company's people."""
    words = [str(adjustment.get_kind_display()), str(adjustment.get_reason_display())]
    if adjustment.kind == Kind.REFUND:
        words = [words[0], str(adjustment.get_method_display()), adjustment.reference]
    words.extend(sorted({line.item.entry.document for line in lines}))
    return " · ".join(word for word in words if word)[:200]
