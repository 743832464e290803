"""What is owed over the API: ageing of any day, open items of any day, settling by hand and taking back."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.urls import path
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from salesops.api.fields import Amount, Input, Named
from salesops.api.filters import checked, search_in
from salesops.api.schema import filter_parameters, page_of_rows, search_parameter
from salesops.api.views import Api, ListApi, described
from salesops.kernel.money import CENT, Money

from .ageing_filters import AgeingFilters
from .ageing_views import AgeingItems, AgeingPage
from .models import Allocation, OpenItem, Source
from .settlement import settle_by_hand, take_back
from .settlement_views import SettleCredit, TakeBack
from .views import AccountList

MOST_DEBITS = 500


class AgeingRowOut(serializers.Serializer[Any]):
    """What is open of one customer, region, representative or grade."""

    kind = serializers.ChoiceField(choices=["customer", "region", "representative", "grade"], source="row.kind")
    code = serializers.CharField(help_text="of the customer or region, the user name, or the grade; empty for none")
    name = serializers.CharField()
    name_zh = serializers.CharField()
    debits = serializers.ListField(child=Amount(), help_text="by age, the youngest first")
    credits = Amount(source="row.credits", help_text="not allocated, above zero")
    outstanding = Amount(help_text="debits less credits")


class AgeingTotalOut(serializers.Serializer[Any]):
    """All rows added up."""

    debits = serializers.ListField(child=Amount())
    credits = Amount()
    outstanding = Amount()


class ProofOut(serializers.Serializer[Any]):
    """Whether the rows add up to the ledger."""

    ledger = Amount(source="report.ledger", help_text="of the same customers at the end of the same day")
    holds = serializers.BooleanField(source="report.is_proved")


class AgeingOut(serializers.Serializer[Any]):
    """Who owed what and since when, at the end of a day."""

    day = serializers.DateField()
    by = serializers.ChoiceField(choices=["due_on", "posted_on"])
    edges = serializers.ListField(child=serializers.IntegerField(), help_text="days at which columns end")
    rows = AgeingRowOut(many=True, source="listed")
    total = AgeingTotalOut(source="report.total")
    proof = ProofOut(source="*")


class OpenItemOut(serializers.Serializer[Any]):
    """An entry, or a part of it that is due on a day of its own, with what was open of it at the end of the day."""

    id = serializers.IntegerField()
    customer = Named()
    document = serializers.CharField(source="entry.document")
    kind = serializers.ChoiceField(choices=Source.choices, source="entry.source")
    text = serializers.CharField(source="entry.text")
    part = serializers.IntegerField()
    posted_on = serializers.DateField()
    due_on = serializers.DateField()
    amount = Amount()
    open = Amount(source="open_then", help_text="below zero for a credit")


class AllocationOut(serializers.Serializer[Any]):
    """How much of a debit a credit settled; below zero where it takes another one back."""

    id = serializers.IntegerField()
    credit = serializers.CharField(source="credit.entry.document")
    debit = serializers.CharField(source="debit.entry.document")
    amount = Amount()
    allocated_on = serializers.DateField()
    takes_back = serializers.IntegerField(source="reverses_id", allow_null=True)


class SettledInput(Input):
    """How much of one debit."""

    document = serializers.CharField(max_length=40, help_text="of the debit")
    part = serializers.IntegerField(min_value=1, max_value=1_000, default=1, help_text="of the document's terms")
    amount = Amount(min_value=CENT)


class SettlementInput(Input):
    """What the credit settles."""

    debits = SettledInput(many=True, min_length=1, max_length=MOST_DEBITS)  # type: ignore[call-arg]
    on = serializers.DateField(required=False, help_text="from which day on it counts; today where nothing is said")

    def validate_debits(self, debits: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Refuse a debit that stands there twice: which amount is meant cannot be told."""
        if len({(one["document"], one["part"]) for one in debits}) < len(debits):
            raise serializers.ValidationError(_("A debit stands there twice."))
        return debits


class TakeBackInput(Input):
    """From when on."""

    on = serializers.DateField(required=False, help_text="from which day on it counts; today where nothing is said")


class SettlementOut(serializers.Serializer[Any]):
    """The allocations that were made."""

    allocations = AllocationOut(many=True)


EXAMPLE = OpenApiExample(
    "One debit in part",
    value={"debits": [{"document": "SH-2026-00017", "part": 1, "amount": "120.00"}], "on": "2026-11-26"},
    request_only=True,
)


class Ageing(Api):
    """Ageing of any day."""

    pages = {"GET": AgeingPage}

    @described(
        "Read the ageing of a day",
        "The columns are debits by age, their edges as said; debits less credits are outstanding, of each row and of"
        " all, and the sum is the ledger of that day. All rows are answered at once.",
        answer=AgeingOut,
        parameters=[*filter_parameters(AgeingFilters), search_parameter()],
    )
    def get(self, request: Request) -> Response:
        """The report."""
        search_in(self.page)
        self.page.filterset = checked(self.page, self.page.filters, self.page.rows(), also=())
        return self.answer(AgeingOut, self.page)


class OpenItems(ListApi):
    """What was open on any day."""

    pages = {"GET": AgeingItems}
    order = ("due_on", "pk")
    row = OpenItemOut

    def rows(self) -> QuerySet[Any]:
        """The items of the customers that filters and search leave, as they were on the day."""
        page = self.page
        search_in(page)
        page.filterset = checked(page, page.filters, page.rows(), also=frozenset({"cursor", "page_size"}))
        return page.items(page.filtered)

    @described(
        "List open items of a day",
        "Those that are due first in front; `customer` keeps one account, `age` one column of the ageing: its number,"
        " the youngest is 0, or `credits`.",
        answer=page_of_rows(OpenItemOut),
    )
    def get(self, request: Request) -> Response:
        """A page of them."""
        return self.list()


class Settlement(Api):
    """An open credit settles debits of its account."""

    pages = {"POST": SettleCredit}
    answers = AccountList

    @described(
        "Settle by hand",
        "The credit settles the debits named, each with its amount: never more than is open of either side.",
        request=SettlementInput,
        answer=SettlementOut,
        status=201,
        examples=[EXAMPLE],
    )
    def post(self, request: Request, item: int) -> Response:
        """Settle them, all or none."""
        credit = OpenItem.objects.visible_to(self.person).filter(pk=item).first()
        if credit is None:
            raise Http404
        given = self.given(SettlementInput)
        amounts = amounts_by_item(credit.customer_id, given["debits"])
        made = settle_by_hand(item, amounts, by=self.person, on=given.get("on"))
        return self.answer(SettlementOut, {"allocations": made}, status=201)


class Reversal(Api):
    """An allocation is taken back."""

    pages = {"POST": TakeBack}
    answers = AccountList

    @described(
        "Take back what was settled",
        "Both sides are open again; the allocation stays, with one that takes it back.",
        request=TakeBackInput,
        answer=AllocationOut,
        status=201,
    )
    def post(self, request: Request, pk: int) -> Response:
        """Take it back."""
        if not Allocation.objects.filter(pk=pk, credit__in=OpenItem.objects.visible_to(self.person)).exists():
            raise Http404
        back = take_back(pk, by=self.person, on=self.given(TakeBackInput).get("on"))
        return self.answer(AllocationOut, back, status=201)


def amounts_by_item(customer_id: int, debits: list[dict[str, Any]]) -> dict[int, Money]:
    """Return the amounts by the keys of the account's debits; ValidationError where a debit is none, or several are."""
    documents = [one["document"] for one in debits]
    items = OpenItem.objects.debits().filter(customer=customer_id, entry__document__in=documents)
    keys: dict[tuple[str, int], list[int]] = {}
    for key, document, part in items.values_list("pk", "entry__document", "part"):
        keys.setdefault((document, part), []).append(key)
    found = [keys.get((one["document"], one["part"]), []) for one in debits]
    wrong = {
        f"debits.{at}.document": [_("There is no such debit.") if not one else _("Several debits are called so.")]
        for at, one in enumerate(found)
        if len(one) != 1
    }
    if wrong:
        raise serializers.ValidationError(wrong)
    return {key: one["amount"] for (key,), one in zip(found, debits, strict=True)}


urlpatterns = [
    path("ageing/", Ageing.as_view(), name="ageing"),
    path("open-items/", OpenItems.as_view(), name="open_items"),
    path("open-items/<int:item>/settlement/", Settlement.as_view(), name="credit_settlement"),
    path("allocations/<int:pk>/reversal/", Reversal.as_view(), name="allocation_reversal"),
]
