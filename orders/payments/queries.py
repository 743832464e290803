"""Reads of payments."""

from django.db.models import Exists, OuterRef, QuerySet

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


def reversal_of(payment: Payment) -> PaymentReversal | None:
    """Return the reversal of a payment, if it was a mistake."""
    return PaymentReversal.objects.filter(payment=payment).select_related("reversed_by").first()
