"""Pages about contacts, addresses and notes of a customer's file."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers.files.models import Address, Attachment, Contact, Customer
from customers.files.views import FILE, OfCustomer
from salesops.web.pages import Action, ActionPage, FormPage

from .forms import AddressForm, ContactForm, NoteForm
from .services import (
    add_address,
    add_contact,
    add_note,
    change_address,
    change_contact,
    remove_address,
    remove_contact,
)


class OfPart(OfCustomer):
    """A page of the part of a file that the address names, in the reader's scope."""

    part_model: type[Contact | Address | Attachment]

    @cached_property
    def part(self) -> Any:
        """The part; Http404 for one that is not there or not in scope."""
        rows: Any = self.part_model._default_manager
        found = rows.visible_to(self.request.user).select_related("customer").filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise Http404
        return found

    @cached_property
    def customer(self) -> Customer:
        customer: Customer = self.part.customer
        return customer


class PartForm(OfCustomer, FormPage):
    """A form about a part of a file; it leads back to the file."""

    permission_required = FILE
    menu_key = "customers"

    def crumbs(self) -> Sequence[tuple[Any, str | None]]:
        return self.steps(self.heading())

    def get_cancel_url(self) -> str:
        return self.customer.get_absolute_url()


class NewContact(PartForm):
    """A person more."""

    title = gettext_lazy("New contact")
    form_class = ContactForm
    message = gettext_lazy("The contact is in the file.")

    def perform(self, form: ContactForm) -> str:
        add_contact(self.customer.pk, form.as_input(), by=self.request.user)
        return self.customer.get_absolute_url()


class ChangeContact(OfPart, PartForm):
    """A person's data."""

    part_model = Contact
    form_class = ContactForm
    template_name = "web/form_with_actions.html"
    message = gettext_lazy("Saved.")

    def heading(self) -> str:
        return str(self.part)

    def actions(self) -> Sequence[Action]:
        """Buttons in the head."""
        url = reverse("customers:contact_deletion", args=[self.part.pk])
        return [Action(_("Remove"), url, "trash", method="post", danger=True)]

    def get_initial(self) -> dict[str, Any]:
        return {name: getattr(self.part, name) for name in ContactForm.base_fields}

    def perform(self, form: ContactForm) -> str:
        change_contact(self.part.pk, form.as_input(), by=self.request.user)
        return self.customer.get_absolute_url()


class RemoveContact(OfPart, ActionPage):
    """A person less."""

    permission_required = FILE
    part_model = Contact

    def get_success_url(self) -> str:
        return self.customer.get_absolute_url()

    def perform(self) -> str:
        name = str(self.part)
        remove_contact(self.part.pk, by=self.request.user)
        return _("%(name)s is removed; the history keeps the name.") % {"name": name}


class NewAddress(PartForm):
    """A place more."""

    title = gettext_lazy("New address")
    form_class = AddressForm
    message = gettext_lazy("The address is in the file.")

    def perform(self, form: AddressForm) -> str:
        add_address(self.customer.pk, form.as_input(), by=self.request.user)
        return self.customer.get_absolute_url()


class ChangeAddress(OfPart, PartForm):
    """A place."""

    part_model = Address
    form_class = AddressForm
    template_name = "web/form_with_actions.html"
    message = gettext_lazy("Saved.")

    def heading(self) -> str:
        return str(self.part.label)

    def actions(self) -> Sequence[Action]:
        """Buttons in the head."""
        url = reverse("customers:address_deletion", args=[self.part.pk])
        return [Action(_("Remove"), url, "trash", method="post", danger=True)]

    def get_initial(self) -> dict[str, Any]:
        return {name: getattr(self.part, name) for name in AddressForm.base_fields}

    def perform(self, form: AddressForm) -> str:
        change_address(self.part.pk, form.as_input(), by=self.request.user)
        return self.customer.get_absolute_url()


class RemoveAddress(OfPart, ActionPage):
    """A place less."""

    permission_required = FILE
    part_model = Address

    def get_success_url(self) -> str:
        return self.customer.get_absolute_url()

    def perform(self) -> str:
        remove_address(self.part.pk, by=self.request.user)
        return _("The address is removed; the history keeps it.")


class NewNote(PartForm):
    """A note more; the panel of notes posts here too."""

    title = gettext_lazy("New note")
    form_class = NoteForm
    message = gettext_lazy("Noted.")

    def perform(self, form: NoteForm) -> str:
        add_note(self.customer.pk, by=self.request.user, text=form.cleaned_data["text"])
        return f"{self.customer.get_absolute_url()}#panel-notes"
