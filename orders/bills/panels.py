"""Parts of a bill's page, of its payment's, of its customer's and the account's."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from customers.files.models import Customer
from orders.payments.models import Payment
from orders.receivables.models import Source
from orders.receivables.queries import posting_of
from salesops.web.history import history_panel

from .models import Bill, BillState
from .queries import Expected, bills_for, expectation_of
from .tables import state_badge
from .telling import REGISTER
from .views import new_bill_action, url_of

NEXT_ONES, LAST_BAD = 5, 3


# ---- on its own page ----
def facts(request: HttpRequest, bill: Bill) -> dict[str, Any]:
    """How much, of what paper, when it matures, where it is."""
    return {"bill": bill}


def outcome(request: HttpRequest, bill: Bill) -> dict[str, Any]:
    """What became of it: its payment with what that settled, or why it ended."""
    return {"bill": bill, "posting": posting_of(Source.PAYMENT, bill.payment_id) if bill.payment_id else None}


def history(request: HttpRequest, bill: Bill) -> dict[str, Any]:
    """Who changed what of it."""
    return history_panel(bill)


# ---- on the page of its payment ----
def of_payment(request: HttpRequest, payment: Payment) -> dict[str, Any]:
    """The bill that became this payment."""
    bill = Bill.objects.get(payment=payment)
    return {"bill": bill, "state": state_badge(bill)}


def came_of_a_bill(request: HttpRequest, payment: Payment) -> bool:
    """Whether it did."""
    return Bill.objects.filter(payment=payment).exists()


# ---- on the page of the customer, and of its account ----
def of_customer(request: HttpRequest, customer: Customer) -> dict[str, Any]:
    """What is expected, the next ones first, and the last that were dishonoured."""
    user: Any = request.user
    rows = bills_for(user).filter(customer=customer)
    expectation = expectation_of(rows)
    bad = rows.filter(state=BillState.DISHONOURED).order_by("-ended_on", "-pk")[:LAST_BAD]
    everything = Expected(None, None, expectation.amount, expectation.count)
    return {
        "expected": everything,
        "expected_url": url_of(everything, customer.code),
        "bills": [
            (one, state_badge(one))
            for one in [*rows.filter(state=BillState.HELD).order_by("matures_on", "pk")[:NEXT_ONES], *bad]
        ],
        "head_actions": [new_bill_action(customer.code)] if user.has_perm(REGISTER) else [],
        "head_url": f"{reverse('orders:bills')}?customer={customer.code}",
        "head_link": _("All"),
    }


def has_bills(request: HttpRequest, customer: Customer) -> bool:
    """Whether there is anything to show or to register."""
    user: Any = request.user
    return bool(user.has_perm(REGISTER)) or bills_for(user).filter(customer=customer).exists()
