"""The credit of a customer over the API: the picture that every decision looks at."""

from typing import Any

from django.urls import path
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from orders.deliveries.queries import SEES_FACTS
from orders.receivables.views import AccountPage
from salesops.api.fields import Amount
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


class Credit(Api):
    """The credit of one customer."""

    pages = {"GET": AccountPage}

    @described("Read a customer's credit", "What a decision on a delivery would look at now.", answer=CreditOut)
    def get(self, request: Request, code: str) -> Response:
        """The picture of the account today."""
        return self.answer(CreditOut, credit_picture(self.page.record.pk))


urlpatterns = [path("customers/<str:code>/credit/", Credit.as_view(), name="credit")]
