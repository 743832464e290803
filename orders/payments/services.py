"""Money comes in: one payment, one credit entry; a mistake is reversed, never changed."""

from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from customers.accounts.models import CreditAccount
from customers.files.models import Customer
from orders.receivables.models import ReceivableEntry, Source
from orders.receivables.services import post_entry, reverse_entry
from salesops.approvals.services import bring_back
from salesops.kernel.errors import found, require
from salesops.kernel.money import CENT, Money
from salesops.kernel.numbering import next_number
from salesops.kernel.periods import require_meant
from salesops.users.models import User
from salesops.web.history import recorded

from .hooks import refusal_of_reversal
from .models import Method, Payment, PaymentReversal

MOST = Decimal("999999999.99")
"""A larger amount is a typing error."""


@transaction.atomic
@recorded
def record_payment(
    *,
    by: User,
    customer_id: int,
    received_on: date,
    amount: Money,
    method: str = Method.TRANSFER,
    reference: str = "",
    note: str = "",
) -> Payment:
    """Record a receipt in the company's currency and post its credit entry.

    It settles the oldest due items first; deliveries that waited for room come back to their approvers.
    Raises RuleBroken where the customer is out of scope, the amount is not positive or absurd, the day lies in the
    future or in a year that nobody means, or the customer has a payment with that reference, in capitals or not, that
    was not reversed.
    """
    customer = Customer.objects.visible_to(by).filter(pk=customer_id).first()
    found(customer, _("This customer is not in your scope."), field="customer")
    require_amount(amount)
    require_meant(received_on, field="received_on")
    today = timezone.localdate()
    require(
        received_on <= today, _("Money is not received in the future."), rule="date", field="received_on", last=today
    )
    account = CreditAccount.objects.locked(customer_id)
    return post_payment(
        account, received_on=received_on, amount=amount, method=method, reference=reference, note=note, by=by
    )


def require_amount(amount: Money) -> None:
    """Raise RuleBroken where an amount is none that somebody pays."""
    require(amount > 0, _("The amount is more than 0."), rule="amount", field="amount", least=CENT, most=MOST)
    require(
        amount <= MOST,
        _("The amount is at most %(most)s.") % {"most": f"{MOST:,.2f}"},
        rule="amount",
        field="amount",
        most=MOST,
    )


def post_payment(
    account: CreditAccount,
    *,
    received_on: date,
    amount: Money,
    method: str,
    by: User | None,
    reference: str = "",
    note: str = "",
    names: str = "",
) -> Payment:
    """Record a receipt of a locked account and post its credit entry, also where nobody does it but the product.

    What the reference or `names` names is settled first. RuleBroken where the account has that reference already.
    """
    reference = reference.strip()
    require_new_reference(account.pk, reference)
    payment = Payment.objects.create(
        number=next_number(Payment.series, received_on.year),
        customer_id=account.pk,
        received_on=received_on,
        amount=amount,
        method=method,
        reference=reference,
        note=note.strip(),
        recorded_by=by,
    )
    post_entry(
        account,
        source=Source.PAYMENT,
        source_id=payment.pk,
        document=payment.number,
        text=" ".join(word for word in (payment.get_method_display(), reference, names) if word),
        posted_on=received_on,
        due=received_on,
        credit=amount,
        by=by,
    )
    bring_back(account.pk)
    return payment


def require_new_reference(customer_id: int, reference: str, *, field: str = "reference") -> None:
    """Raise RuleBroken where a customer has a payment with that reference, in capitals or not, that holds."""
    held = Payment.objects.filter(customer=customer_id, reference__iexact=reference, reversal=None)
    same = held.first() if reference else None
    require(
        same is None,
        _("%(number)s of %(day)s already has the reference “%(reference)s”.")
        % {
            "number": same.number if same else "",
            "day": same.received_on if same else "",
            "reference": reference,
        },
        rule="reference",
        field=field,
        number=same.number if same else "",
        day=same.received_on if same else None,
    )


@transaction.atomic
@recorded
def reverse_payment(payment_id: int, *, by: User, reason: str) -> PaymentReversal:
    """Reverse a payment that was a mistake: a debit entry of the same amount, posted today, that settles with it.

    What the payment had settled is taken back, so that each debt is open again and due on its own day.

    Raises RuleBroken without a reason, out of scope, where it is reversed already, or where it came of something that
    has to be undone itself (`hooks.refusals_of_reversal`).
    """
    require(reason.strip(), _("Say why it is reversed."), rule="reason", field="reason")
    rows = Payment.objects.visible_to(by)
    payment = found(rows.filter(pk=payment_id).first(), _("This payment is not in your scope."))
    account = CreditAccount.objects.locked(payment.customer_id)
    require(
        not PaymentReversal.objects.filter(payment=payment).exists(),
        _("%(number)s is reversed already.") % {"number": payment.number},
        rule="reversed",
        number=payment.number,
    )
    refusal = refusal_of_reversal(payment)
    if refusal is not None:
        raise refusal
    today = timezone.localdate()
    reversal = PaymentReversal.objects.create(
        payment=payment,
        number=next_number("PR", today.year),
        reversed_on=today,
        reason=reason.strip(),
        reversed_by=by,
    )
    entry = ReceivableEntry.objects.get(source=Source.PAYMENT, source_id=payment.pk)
    reverse_entry(
        account,
        entry,
        source=Source.PAYMENT_REVERSAL,
        source_id=reversal.pk,
        document=reversal.number,
        text=_("Reverses %(number)s: %(reason)s") % {"number": payment.number, "reason": reason.strip()[:120]},
        by=by,
    )
    return reversal
