"""Reads of payments."""

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Reverse, Upper
from django.db.models.lookups import StartsWith

from salesops.users.models import User

from .models import Payment, PaymentReversal


def payments_for(user: User) -> QuerySet[Payment]:
    """Return the payments that a person may see, each with `is_reversed`, and with what a list shows joined."""
    reversals = PaymentReversal.objects.filter(payment=OuterRef("pk"))
    return (
        Payment.objects.visible_to(user)
        .select_related("customer", "customer__region")
        .annotate(is_reversed=Exists(reversals))
    )


def by_reference(text: str) -> Q:
    """The condition that a payment's reference begins or ends with a text, in capitals or not."""
    return Q(reference__istartswith=text) | Q(StartsWith(Reverse(Upper("reference")), text.upper()[::-1]))


def reversal_of(payment: Payment) -> PaymentReversal | None:
    """Return the reversal of a payment, if it was a mistake."""
    return PaymentReversal.objects.filter(payment=payment).select_related("reversed_by").first()
