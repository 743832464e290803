"""Customers over the API: the list and the file, as far as the person's role shows them."""

from typing import Any

from django.urls import path
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from customers.accounts.models import CreditAccount, DueRule
from salesops.api.fields import Amount, Named, Person
from salesops.api.schema import page_of_rows
from salesops.api.views import Api, ListApi, described
from salesops.users.models import User
from salesops.web.registry import may

from .models import Customer, Grade, Kind
from .views import ACCOUNTS, TERMS, CustomerList, CustomerPage


def customer_called(code: str, person: User) -> Customer:
    """Return the customer that a request names; ValidationError where there is none in the person's scope."""
    customer = Customer.objects.visible_to(person).select_related("account").filter(code=code).first()
    if customer is None:
        raise ValidationError({"customer": [_("There is no such customer in your scope.")]})
    return customer


def customers_called(codes: list[str], person: User) -> list[int]:
    """Return the keys of the customers that a request names; ValidationError says which of them are not in scope."""
    found = dict(Customer.objects.visible_to(person).filter(code__in=codes).values_list("code", "pk"))
    wrong = {
        f"customers.{at}": [_("There is no such customer in your scope.")]
        for at, code in enumerate(codes)
        if code not in found
    }
    if wrong:
        raise ValidationError(wrong)
    return list(found.values())


class AccountOut(serializers.ModelSerializer[CreditAccount]):
    """The terms of an account and where it stands."""

    limit = Amount(allow_null=True, help_text="null: not controlled; 0.00: goods only against prepayment")
    due_rule = serializers.ChoiceField(choices=DueRule.choices)
    balance = Amount(
        allow_null=True, help_text="what is owed; negative: paid ahead; null for those who see the terms alone"
    )
    committed = Amount(allow_null=True, help_text="approved and not shipped; null as above")

    class Meta:
        model = CreditAccount
        fields = ("limit", "due_rule", "due_days", "tolerance_days", "is_on_hold", "balance", "committed")

    def to_representation(self, account: CreditAccount) -> dict[str, Any]:
        """Figures are for those who see accounts."""
        shown = super().to_representation(account)
        return shown if may(self.context["person"], ACCOUNTS) else {**shown, "balance": None, "committed": None}


class CustomerRow(serializers.Serializer[Any]):
    """A customer in the list. `account` is null for those who do not see what customers owe."""

    code = serializers.CharField()
    name = serializers.CharField()
    name_zh = serializers.CharField()
    kind = serializers.ChoiceField(choices=Kind.choices)
    grade = serializers.ChoiceField(choices=Grade.choices)
    region = Named()
    representative = Person(allow_null=True)
    is_active = serializers.BooleanField()
    is_on_hold = serializers.BooleanField(source="account.is_on_hold", help_text="nothing is shipped meanwhile")
    account = serializers.SerializerMethodField()

    @extend_schema_field(AccountOut(allow_null=True))
    def get_account(self, customer: Customer) -> Any:
        """The account, for those who see accounts."""
        if not may(self.context["person"], (ACCOUNTS, TERMS)):
            return None
        return AccountOut(customer.account, context=self.context).data


class ContactOut(serializers.Serializer[Any]):
    """A person at the customer's."""

    name = serializers.CharField()
    post = serializers.CharField()
    phone = serializers.CharField()
    email = serializers.CharField()
    is_main = serializers.BooleanField()


class AddressOut(serializers.Serializer[Any]):
    """A place; goods go to the default one."""

    label = serializers.CharField()  # type: ignore[assignment]
    text = serializers.CharField()
    recipient = serializers.CharField()
    phone = serializers.CharField()
    is_default = serializers.BooleanField()


class CustomerOut(CustomerRow):
    """The file of a customer."""

    tax_number = serializers.CharField()
    phone = serializers.CharField()
    email = serializers.CharField()
    contacts = ContactOut(many=True)
    addresses = AddressOut(many=True)


class Customers(ListApi):
    """The customers in scope."""

    pages = {"GET": CustomerList}
    order = ("code",)
    row = CustomerRow

    @described("List customers", "Those in the person's scope, by code.", answer=page_of_rows(CustomerRow))
    def get(self, request: Request) -> Response:
        """A page of them."""
        return self.list()


class OneCustomer(Api):
    """One customer."""

    pages = {"GET": CustomerPage}

    @described("Read a customer's file", answer=CustomerOut)
    def get(self, request: Request, code: str) -> Response:
        """The file with its people and places."""
        return self.answer(CustomerOut, self.page.record)


urlpatterns = [
    path("customers/", Customers.as_view(), name="customers"),
    path("customers/<str:code>/", OneCustomer.as_view(), name="customer"),
]
