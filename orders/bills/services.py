"""A bill is registered, passed on, settled on its day by a payment, dishonoured, or given back."""

from datetime import date

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from customers.accounts.models import CreditAccount
from customers.attachments.uploads import check_upload, tidy_name
from customers.files.models import Customer
from orders.payments.models import Payment
from orders.payments.services import post_payment, require_amount, require_new_reference, reverse_payment
from salesops.kernel.errors import RuleBroken, found, require
from salesops.kernel.money import Money
from salesops.kernel.numbering import next_number
from salesops.kernel.periods import require_meant
from salesops.users.models import User
from salesops.web.history import recorded

from .models import GOOD, METHODS, Bill, BillKind, BillState, Endorsed
from .queries import due_bills
from .telling import of_dishonour, of_what_is_stuck


@transaction.atomic
@recorded
def register_bill(
    *,
    by: User,
    customer_id: int,
    kind: str,
    instrument: str,
    bank: str,
    amount: Money,
    received_on: date,
    matures_on: date,
    drawer: str = "",
    settles: str = "",
    note: str = "",
    file: UploadedFile | None = None,
) -> Bill:
    """Register a post-dated cheque or an acceptance bill; nothing is posted before it matures.

    Without a drawer it is the customer. Amounts are in the company's currency. Raises RuleBroken where the customer is
    out of scope, a day makes no sense (received in the future, maturing before), the amount is none, number or bank are
    missing, the file is none that may be kept, the same paper of that drawer and bank is registered already, or the
    customer has a payment with its number.
    """
    customer = Customer.objects.visible_to(by).filter(pk=customer_id).first()
    customer = found(customer, _("This customer is not in your scope."), field="customer")
    require(kind in BillKind.values, _("Say what paper it is."), rule="kind", field="kind")
    require_amount(amount)
    _require_days(received_on, matures_on)
    instrument, bank = _tidy(instrument), _tidy(bank)
    drawer = _tidy(drawer) or customer.name[:120]
    require(instrument, _("Say which number is printed on it."), rule="instrument", field="instrument")
    require(bank, _("Say which bank it is drawn on."), rule="bank", field="bank")
    file_type = check_upload(file) if file is not None else None
    CreditAccount.objects.locked(customer_id)
    require_new_reference(customer_id, instrument, field="instrument")
    _require_new_paper(instrument, drawer, bank)
    bill = Bill(
        customer=customer,
        kind=kind,
        instrument=instrument,
        drawer=drawer,
        bank=bank,
        amount=amount,
        received_on=received_on,
        matures_on=matures_on,
        settles=_tidy(settles),
        note=note.strip(),
        registered_by=by,
    )
    if file is not None and file_type is not None:
        bill.file_name, bill.file_type = tidy_name(file.name or "", file_type), file_type.media_type
        bill.file.save(f"scan{file_type.ending}", file, save=False)
    try:
        with transaction.atomic():
            bill.number = next_number(Bill.series, received_on.year)
            bill.save()
    except IntegrityError:
        _require_new_paper(instrument, drawer, bank)  # somebody was faster, with another customer
        raise
    return bill


def _tidy(text: str) -> str:
    return " ".join(text.split())


def _require_days(received_on: date, matures_on: date) -> None:
    require_meant(received_on, field="received_on")
    require_meant(matures_on, field="matures_on")
    today = timezone.localdate()
    require(
        received_on <= today, _("A bill is not received in the future."), rule="date", field="received_on", last=today
    )
    require(
        matures_on >= received_on,
        _("A bill matures on the day on which it is received, or later."),
        rule="maturity",
        field="matures_on",
        first=received_on,
    )


def _require_new_paper(instrument: str, drawer: str, bank: str) -> None:
    rows = Bill.objects.filter(state__in=GOOD)
    first = rows.filter(instrument__iexact=instrument, drawer__iexact=drawer, bank__iexact=bank).first()
    require(
        first is None,
        _("%(number)s is this paper already: number %(instrument)s of %(drawer)s, %(bank)s.")
        % {"number": first.number if first else "", "instrument": instrument, "drawer": drawer, "bank": bank},
        rule="registered already",
        field="instrument",
        number=first.number if first else "",
    )


@transaction.atomic
@recorded
def endorse_bill(
    bill_id: int, *, by: User, endorsed_as: str, endorsed_to: str, endorsed_on: date | None = None
) -> Bill:
    """Say that a held bill was passed on to a third party, or discounted at a bank; it settles all the same.

    Raises RuleBroken out of scope, where it is not held or passed on already, nobody is named, or the day lies before
    it was received, in the future, or not before it matures.
    """
    bill = _locked(bill_id, by)
    day = endorsed_on or timezone.localdate()
    _require_held(bill)
    require(endorsed_as in Endorsed.values, _("Say how it was passed on."), rule="kind", field="endorsed_as")
    to = _tidy(endorsed_to)
    require(to, _("Say to whom it was passed on."), rule="endorsed to", field="endorsed_to")
    require(
        not bill.endorsed_to,
        _("%(number)s was passed on to %(to)s on %(day)s already.")
        % {"number": bill.number, "to": bill.endorsed_to, "day": bill.endorsed_on},
        rule="endorsed already",
        number=bill.number,
        to=bill.endorsed_to,
    )
    last = min(timezone.localdate(), bill.matures_on)
    require(
        bill.received_on <= day <= last,
        _("It is passed on between %(first)s and %(last)s.") % {"first": bill.received_on, "last": last},
        rule="date",
        field="endorsed_on",
        first=bill.received_on,
        last=last,
    )
    bill.endorsed_as, bill.endorsed_to, bill.endorsed_on = endorsed_as, to, day
    bill.save(update_fields=["endorsed_as", "endorsed_to", "endorsed_on"])
    return bill


@transaction.atomic
@recorded
def take_endorsement_back(bill_id: int, *, by: User) -> Bill:
    """Say that a held bill came back from whom it was passed on to; RuleBroken where it is not held or was not."""
    bill = _locked(bill_id, by)
    _require_held(bill)
    require(
        bill.endorsed_to,
        _("%(number)s was passed on to nobody.") % {"number": bill.number},
        rule="not endorsed",
        number=bill.number,
    )
    bill.endorsed_as, bill.endorsed_to, bill.endorsed_on = "", "", None
    bill.save(update_fields=["endorsed_as", "endorsed_to", "endorsed_on"])
    return bill


@transaction.atomic
@recorded
def settle_bill(bill_id: int, *, by: User | None = None) -> Payment:
    """Let a held bill that has matured become a payment, received on the day of its maturity; nobody: the product.

    The payment settles what the bill names first, then what is due first. Raises RuleBroken where the bill is not held
    any more, has not matured, is out of the person's scope, or the customer has a payment with its number.
    """
    bill = _locked(bill_id, by)
    today = timezone.localdate()
    _require_held(bill)
    require(
        bill.matures_on <= today,
        _("%(number)s matures on %(day)s; it is settled then.") % {"number": bill.number, "day": bill.matures_on},
        rule="not due",
        number=bill.number,
        matures_on=bill.matures_on,
    )
    bill.payment = post_payment(
        CreditAccount.objects.locked(bill.customer_id),
        received_on=bill.matures_on,
        amount=bill.amount,
        method=METHODS[bill.kind],
        reference=bill.instrument,
        names=bill.settles,
        note=bill.number,
        by=by,
    )
    bill.move_to(BillState.SETTLED)
    bill.save(update_fields=["state", "payment"])
    return bill.payment


def settle_due_bills(today: date) -> int:
    """Settle each held bill that has matured by a day, missed days too, each in a transaction; return how many.

    One that cannot be settled stays as it was; whoever registers bills is told why, and the others go on.
    """
    settled = 0
    for bill_id in list(due_bills(today).values_list("pk", flat=True)):
        try:
            settle_bill(bill_id)
            settled += 1
        except RuleBroken as refusal:
            if refusal.rule != "state":  # somebody was faster
                of_what_is_stuck(Bill.objects.select_related("customer").get(pk=bill_id), refusal)
    return settled


@transaction.atomic
@recorded
def dishonour_bill(bill_id: int, *, by: User, reason: str, on: date | None = None, seen: str = "") -> Bill:
    """Say that a bill was not paid; where it was settled, its payment is reversed.

    What the payment had settled is open again, each debt due on its own day. The representative and whoever registers
    bills are told. `seen` is the state in which whoever says so has seen it: what has moved on meanwhile is looked at
    again. Raises RuleBroken without a reason, out of scope, where it is neither held nor settled or not as it was seen,
    or the day lies before it was received or in the future.
    """
    require(reason.strip(), _("Say why it was not paid."), rule="reason", field="reason")
    bill = _locked(bill_id, by)
    was = bill.state
    require(
        not seen or seen == was or was not in GOOD,
        _("%(number)s is “%(state)s” meanwhile. Look at it again before you go on.")
        % {"number": bill.number, "state": bill.get_state_display()},
        rule="changed meanwhile",
        number=bill.number,
        state=was,
    )
    bill.move_to(BillState.DISHONOURED)
    _end(bill, reason, on or timezone.localdate())
    if was == BillState.SETTLED:
        assert bill.payment_id is not None
        reverse_payment(bill.payment_id, by=by, reason=f"{bill.number}: {reason.strip()}"[:300])
    of_dishonour(bill, by)
    return bill


@transaction.atomic
@recorded
def return_bill(bill_id: int, *, by: User, reason: str) -> Bill:
    """Say that a held bill was given back or was registered by mistake; its money is not expected any more.

    Raises RuleBroken without a reason, out of scope, where it is not held, or was passed on and did not come back.
    """
    require(reason.strip(), _("Say why it is given back."), rule="reason", field="reason")
    bill = _locked(bill_id, by)
    _require_held(bill)
    require(
        not bill.endorsed_to,
        _("%(number)s is with %(to)s; say first that it came back.") % {"number": bill.number, "to": bill.endorsed_to},
        rule="endorsed",
        number=bill.number,
        to=bill.endorsed_to,
    )
    bill.move_to(BillState.RETURNED)
    _end(bill, reason, timezone.localdate())
    return bill


def _end(bill: Bill, reason: str, day: date) -> None:
    today = timezone.localdate()
    require(
        bill.received_on <= day <= today,
        _("The day lies between %(first)s and today.") % {"first": bill.received_on},
        rule="date",
        field="on",
        first=bill.received_on,
        last=today,
    )
    bill.reason, bill.ended_on = reason.strip()[:300], day
    bill.save(update_fields=["state", "reason", "ended_on"])


def _require_held(bill: Bill) -> None:
    require(
        bill.state == BillState.HELD,
        _("%(number)s is “%(state)s” already.") % {"number": bill.number, "state": bill.get_state_display()},
        rule="state",
        number=bill.number,
        state=bill.state,
    )


def _locked(bill_id: int, by: User | None) -> Bill:
    """The bill with its account and itself locked, in somebody's scope; nobody's scope is everything."""
    rows = Bill.objects.visible_to(by) if by else Bill.objects.all()
    seen = found(rows.filter(pk=bill_id).first(), _("This bill is not in your scope."))
    CreditAccount.objects.locked(seen.customer_id)
    return Bill.objects.locked(bill_id)


def refusal_of_reversal(payment: Payment) -> RuleBroken | None:
    """Return why a payment is not reversed by itself: it came of a bill that still counts as settled."""
    bill = Bill.objects.filter(payment=payment, state=BillState.SETTLED).first()
    if bill is None:
        return None
    return RuleBroken(
        _("It came of %(number)s: say there that it was dishonoured.") % {"number": bill.number},
        rule="bill",
        number=bill.number,
    )
