"""Contacts, addresses and notes."""

import pytest

from customers.files.models import Address, Contact, Customer, Note
from customers.parts.services import (
    AddressInput,
    ContactInput,
    add_address,
    add_contact,
    add_note,
    change_address,
    change_contact,
    remove_address,
    remove_contact,
)
from salesops.kernel.errors import RuleBroken
from salesops.users.models import User
from salesops.web.history import Parts, history_of
from tests.support.build import make_customer, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def rep() -> User:
    return make_user(full_name="Gao Lei")


@pytest.fixture
def customer(rep: User) -> Customer:
    return make_customer(representative=rep)


def test_there_is_one_main_contact(customer: Customer, rep: User):
    cao = add_contact(customer.pk, ContactInput("Cao"), by=rep)
    lu = add_contact(customer.pk, ContactInput("Lu"), by=rep)
    assert (cao.is_main, lu.is_main) == (True, False)
    change_contact(lu.pk, ContactInput("Lu", is_main=True), by=rep)
    shen = add_contact(customer.pk, ContactInput("Shen", is_main=True), by=rep)
    assert list(Contact.objects.filter(is_main=True)) == [shen]


def test_goods_go_to_one_place(customer: Customer, rep: User):
    first = add_address(customer.pk, AddressInput("Warehouse", "Ring road 1"), by=rep)
    second = add_address(customer.pk, AddressInput("Shop", "Ring road 2"), by=rep)
    assert (first.is_default, second.is_default) == (True, False)
    change_address(second.pk, AddressInput("Shop", "Ring road 2", is_default=True), by=rep)
    assert list(Address.objects.filter(is_default=True)) == [second]


def test_what_is_removed_stays_in_the_history(customer: Customer, rep: User):
    contact = add_contact(customer.pk, ContactInput("Cao"), by=rep)
    address = add_address(customer.pk, AddressInput("Shop", "Ring road 2"), by=rep)
    remove_contact(contact.pk, by=rep)
    remove_address(address.pk, by=rep)
    changes = history_of(customer, Parts(Contact, customer=customer), Parts(Address, customer=customer))
    removed = {(one.by, one.what) for one in changes if one.verb == "removed"}
    assert removed == {("Gao Lei", "contact Cao"), ("Gao Lei", "address Shop: Ring road 2")}


def test_an_empty_note_is_none(customer: Customer, rep: User):
    with pytest.raises(RuleBroken):
        add_note(customer.pk, by=rep, text="  ")
    assert not Note.objects.exists()
    assert add_note(customer.pk, by=rep, text=" pays late ").text == "pays late"
