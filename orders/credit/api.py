"""The credit of a customer over the API: the picture that every decision looks at."""

from typing import Any

from django.urls import path
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from customers.accounts.services import lift_hold
from customers.accounts.views import Release
from orders.deliveries.queries import SEES_FACTS
from orders.receivables.views import AccountPage
from salesops.api.fields import Amount, Input
from salesops.api.views import Api, described

from .models import TemporaryLimit
from .queries import CreditPicture, credit_picture


class TemporaryLimitOut(serializers.Serializer[Any]):
    """An amount on top of the limit that counts today."""

    number = serializers.CharField()
    amount = Amount()
    first_day = serializers.DateField()
    last_day = serializers.DateField()


class HoldOut(serializers.Serializer[Any]):
    """That nothing leaves, and why; the reason is empty for agents."""

    reason = serializers.CharField(allow_blank=True)


class CreditOut(serializers.Serializer[Any]):
    """An account against its limit, as it stands now."""

    limit = Amount(source="own_limit", allow_null=True, help_text="null: not controlled; 0.00: only against prepayment")
    temporary_limits = serializers.SerializerMethodField()
    balance = Amount(help_text="what is owed; negative: paid ahead")
    committed = Amount(help_text="approved and not shipped")
    exposure = Amount(help_text="balance and committed together")
    available = Amount(allow_null=True, help_text="negative: over the limit; null: not controlled")
    overdue_amount = Amount()
    oldest_overdue_days = serializers.IntegerField(source="overdue_days")
    hold = serializers.SerializerMethodField()

    @extend_schema_field(TemporaryLimitOut(many=True))
    def get_temporary_limits(self, picture: CreditPicture) -> Any:
        """Those that hold today."""
        active = TemporaryLimit.objects.active_on(picture.day).filter(customer=picture.customer_id).order_by("pk")
        return TemporaryLimitOut(active, many=True).data

    @extend_schema_field(HoldOut(allow_null=True))
    def get_hold(self, picture: CreditPicture) -> Any:
        """The hold, if there is one."""
        if not picture.is_on_hold:
            return None
        return {"reason": picture.hold_reason if self.context["person"].has_perm(SEES_FACTS) else ""}


class ReleaseInput(Input):
    """What has changed."""

    note = serializers.CharField(max_length=200, help_text="becomes a note of the customer's file")


class Credit(Api):
    """The credit of one customer."""

    pages = {"GET": AccountPage}

    @described("Read a customer's credit", "What a decision on a delivery would look at now.", answer=CreditOut)
    def get(self, request: Request, code: str) -> Response:
        """The picture of the account today."""
        return self.answer(CreditOut, credit_picture(self.page.record.pk))


class HoldRelease(Api):
    """Business goes on."""

    pages = {"POST": Release}
    answers = AccountPage

    @described(
        "Lift a hold",
        "Whoever set it, a person or a letter; deliveries that wait are considered again. Nothing that letters had"
        " reminded of by then puts the account on hold again.",
        request=ReleaseInput,
        answer=CreditOut,
    )
    def post(self, request: Request, code: str) -> Response:
        """Lift it."""
        customer = self.page.customer
        lift_hold(customer.pk, by=self.person, note=self.given(ReleaseInput)["note"])
        return self.answer(CreditOut, credit_picture(customer.pk))


urlpatterns = [
    path("customers/<str:code>/credit/", Credit.as_view(), name="credit"),
    path("customers/<str:code>/release/", HoldRelease.as_view(), name="hold_release"),
]
