"""Every change to the people, the places and the notes of a customer's file."""

from dataclasses import asdict, dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from customers.files.models import Address, Contact, Customer, Note
from salesops.kernel.errors import require
from salesops.users.models import User
from salesops.web.history import recorded


@dataclass(frozen=True)
class ContactInput:
    """What is written about a person at the customer's."""

    name: str
    post: str = ""
    phone: str = ""
    email: str = ""
    is_main: bool = False


@dataclass(frozen=True)
class AddressInput:
    """What is written about a place."""

    label: str
    text: str
    recipient: str = ""
    phone: str = ""
    is_default: bool = False


@transaction.atomic
@recorded
def add_contact(customer_id: int, given: ContactInput, *, by: User) -> Contact:
    """Add a person; the first one is the main contact, and a new main contact takes the place of the old."""
    customer = _locked(customer_id)
    is_main = given.is_main or not Contact.objects.filter(customer=customer).exists()
    if is_main:
        _no_other_main(customer)
    return Contact.objects.create(customer=customer, **{**asdict(given), "is_main": is_main})


@transaction.atomic
@recorded
def change_contact(contact_id: int, given: ContactInput, *, by: User) -> Contact:
    """Write a person's data anew."""
    contact = Contact.objects.get(pk=contact_id)
    customer = _locked(contact.customer_id)
    if given.is_main and not contact.is_main:
        _no_other_main(customer)
    for name, value in asdict(given).items():
        setattr(contact, name, value)
    contact.save(update_fields=list(asdict(given)))
    return contact


@transaction.atomic
@recorded
def remove_contact(contact_id: int, *, by: User) -> None:
    """Remove a person; the history keeps the name."""
    Contact.objects.get(pk=contact_id).delete()


@transaction.atomic
@recorded
def add_address(customer_id: int, given: AddressInput, *, by: User) -> Address:
    """Add a place; goods go to the first one, and a new place for goods takes over from the old."""
    customer = _locked(customer_id)
    is_default = given.is_default or not Address.objects.filter(customer=customer).exists()
    if is_default:
        _no_other_default(customer)
    return Address.objects.create(customer=customer, **{**asdict(given), "is_default": is_default})


@transaction.atomic
@recorded
def change_address(address_id: int, given: AddressInput, *, by: User) -> Address:
    """Write a place anew; deliveries keep the address that they were written with."""
    address = Address.objects.get(pk=address_id)
    customer = _locked(address.customer_id)
    if given.is_default and not address.is_default:
        _no_other_default(customer)
    for name, value in asdict(given).items():
        setattr(address, name, value)
    address.save(update_fields=list(asdict(given)))
    return address


@transaction.atomic
@recorded
def remove_address(address_id: int, *, by: User) -> None:
    """Remove a place; the history keeps it."""
    Address.objects.get(pk=address_id).delete()


@transaction.atomic
@recorded
def add_note(customer_id: int, *, by: User, text: str) -> Note:
    """Add a note; notes are never changed."""
    require(text.strip(), _("Write something first."), field="text", rule="note")
    return Note.objects.create(customer_id=customer_id, text=text.strip(), written_by=by)


def _locked(customer_id: int) -> Customer:
    """The customer's row, locked: two main contacts at once would break the database's own rule."""
    return Customer.objects.select_for_update(of=("self",)).get(pk=customer_id)


def _no_other_main(customer: Customer) -> None:
    Contact.objects.filter(customer=customer, is_main=True).update(is_main=False)


def _no_other_default(customer: Customer) -> None:
    Address.objects.filter(customer=customer, is_default=True).update(is_default=False)
