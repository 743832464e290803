"""The history of any record: who, when, which field, from which value to which."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from customers.accounts.services import set_credit_terms
from customers.files.models import Address, Attachment, Contact, Customer, TerritoryPart
from customers.parts.services import AddressInput, ContactInput, add_address, add_contact, change_contact
from salesops.users.models import User
from salesops.users.roles import Role
from salesops.web.history import Change, Links, Parts, history_of, history_panel
from tests.support.build import make_customer, make_region, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def person() -> User:
    return make_user(Role.SALES_MANAGER, full_name="Lin Yue")


def whole_history(customer: Customer, limit: int = 50) -> list[Change]:
    return history_of(
        customer,
        customer.account,
        Links(TerritoryPart, "region", "territory", customer=customer),
        Parts(Contact, customer=customer),
        Parts(Address, customer=customer),
        Parts(Attachment, customer=customer),
        limit=limit,
    )


def test_a_change_says_the_field_in_words_and_both_values():
    customer = make_customer("Old name", grade="B", region=make_region("Wuxi"))
    Customer.objects.filter(pk=customer.pk).update(name="New name", grade="A", region=make_region("Suzhou"))
    changes = {(one.field, one.old, one.new) for one in history_of(customer) if one.field}
    assert changes == {("Name", "Old name", "New name"), ("Grade", "B", "A"), ("Region", "Wuxi", "Suzhou")}


def test_values_are_said_as_people_say_them(person: User):
    customer = make_customer(limit=Decimal(0), due_rule="shipment")
    set_credit_terms(customer.pk, by=person, limit=None, due_rule="month_end", due_days=30, tolerance_days=15)
    Customer.objects.filter(pk=customer.pk).update(is_active=False, representative=person)
    changes = {one.field: (one.old, one.new) for one in whole_history(customer) if one.field}
    assert changes == {
        "Credit limit": ("0.00", ""),
        "Due": ("days from shipment", "days after the end of the month"),
        "Active": ("yes", "no"),
        "Sales representative": ("", "Lin Yue"),
    }


def test_parts_and_the_record_stand_in_one_history_newest_first(person: User):
    customer = make_customer()
    contact = add_contact(customer.pk, ContactInput("Cao"), by=person)
    change_contact(contact.pk, ContactInput("Cao", phone="138"), by=person)
    customer.territory.add(make_region("Wuxi"))
    changes = whole_history(customer)
    said = [(one.verb, one.what, one.field) for one in sorted(changes, key=lambda one: one.at)]
    assert ("added", "", "") in said
    assert ("added", "contact Cao", "") in said
    assert ("changed", "contact Cao", "Phone") in said
    assert ("added", "territory Wuxi", "") in said
    assert [one.at for one in changes] == sorted((one.at for one in changes), reverse=True)


def test_the_person_is_named_and_without_one_the_system(person: User):
    customer = make_customer()
    add_contact(customer.pk, ContactInput("Cao"), by=person)
    assert {one.by for one in whole_history(customer)} == {"The system", "Lin Yue"}


def test_a_change_before_the_oldest_one_shown_is_still_compared_with_what_was_before():
    customer = make_customer("One")
    for name in ("Two", "Three"):
        Customer.objects.filter(pk=customer.pk).update(name=name)
    latest = history_of(customer, limit=1)
    assert [(one.old, one.new) for one in latest] == [("Two", "Three")]
    assert history_panel(customer, limit=1)["is_cut"]


def test_a_long_history_asks_as_often_as_a_short_one(person: User):
    def queries(customer: Customer) -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert whole_history(Customer.objects.select_related("account").get(pk=customer.pk))
        return len(asked)

    short, long = make_customer(), make_customer()
    for customer, times in ((short, 1), (long, 12)):
        for at in range(times):
            contact = add_contact(customer.pk, ContactInput(f"Person {at}"), by=person)
            change_contact(contact.pk, ContactInput(f"Person {at}", phone=str(at)), by=person)
            add_address(customer.pk, AddressInput(f"Place {at}", "Road"), by=person)
            Customer.objects.filter(pk=customer.pk).update(region=make_region())
            customer.territory.add(make_region())
    assert queries(long) == queries(short) <= 15
