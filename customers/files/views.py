"""Pages about customers: the list, the file, and the form that writes it."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers.accounts.terms import terms_in_words
from salesops.users.models import User
from salesops.users.people.queries import find_people, with_role_list
from salesops.users.people.views import in_words
from salesops.users.roles import Role
from salesops.web.pages import Action, Autocomplete, Empty, FormPage, ListPage, Page, RecordPage
from salesops.web.registry import may

from .duplicates import Duplicate, find_duplicates
from .filters import CustomerFilters, PlainCustomerFilters
from .forms import CustomerForm
from .models import Customer
from .queries import customers_for_list, find_customers, possible_representatives
from .services import change_customer, create_customer, file_version
from .tables import CustomerTable, PlainCustomerTable, hold_badge

SEE = "customers.view_customer"
FILE = "customers.file_customer"
TERMS = "customers.set_credit_terms"
ACCOUNTS = "orders.view_accounts"
"""The right to see what customers owe; named by a higher app, which keeps the ledger."""
IDENTITY = ("name", "name_zh", "tax_number", "phone")


class CustomerList(ListPage):
    """The customers in the reader's scope. An agent has one, and comes to its file at once."""

    title = gettext_lazy("Customers")
    permission_required = SEE
    menu_key = "customers"
    table = CustomerTable
    filters = CustomerFilters
    search_fields = ("code", "name", "name_zh", "tax_number", "phone")
    search_label = gettext_lazy("Name, code, tax number, telephone")
    empty = Empty(
        gettext_lazy("No customer in your scope yet"),
        gettext_lazy("File the first one, or ask who looks after them."),
        icon="users",
    )

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        if not may(request.user, ACCOUNTS):
            self.table, self.filters = PlainCustomerTable, PlainCustomerFilters

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        user = self.request.user
        if user.roles == {Role.AGENT} and user.customer_id:
            return HttpResponseRedirect(user.customer.get_absolute_url())
        return super().get(request, *args, **kwargs)

    def rows(self) -> QuerySet[Customer]:
        return customers_for_list(self.request.user)

    def actions(self) -> Sequence[Action]:
        return [Action(_("New customer"), reverse("customers:new"), "plus", primary=True, permission=FILE)]


class CustomerPage(RecordPage):
    """The file of a customer and all that other features know of it, on one page."""

    permission_required = SEE
    menu_key = "customers"
    lookup = "code"
    record_key = "customer"

    def rows(self) -> QuerySet[Customer]:
        return Customer.objects.visible_to(self.request.user).with_account().select_related("parent")

    def headline(self, record: Customer) -> dict[str, Any]:
        rep = record.representative
        return {
            "kind": record.get_kind_display(),
            "number": record.code,
            "title": record.name or record.name_zh,
            "title_zh": record.name_zh,
            "badge": hold_badge(record),
            "meta": [
                _("Grade %(grade)s") % {"grade": record.grade},
                _("Terms %(terms)s") % {"terms": terms_in_words(record.account)},
                record.region,
                _("Rep. %(name)s") % {"name": rep} if rep else _("No representative"),
            ],
        }

    def actions(self, record: Customer) -> Sequence[Action]:
        own = [
            Action(_("Change file"), reverse("customers:change", args=[record.code]), "pen", permission=FILE),
            Action(_("Credit terms"), reverse("customers:credit_terms", args=[record.code]), "gauge", permission=TERMS),
        ]
        if record.account.is_on_hold:
            url = reverse("customers:release", args=[record.code])
            own.append(Action(_("Lift hold"), url, "undo", permission=TERMS))
        else:
            url = reverse("customers:hold", args=[record.code])
            own.append(Action(_("Put on hold"), url, "lock", permission=TERMS, danger=True))
        return own


class OfCustomer(Page):
    """A page of the customer that the address names, in the reader's scope."""

    @cached_property
    def customer(self) -> Customer:
        """The customer; Http404 for one that is not there or not in scope."""
        seen = Customer.objects.visible_to(self.request.user).with_account()
        found = seen.filter(code=self.kwargs["code"]).first()
        if found is None:
            raise Http404
        return found

    def steps(self, *last: Any) -> list[tuple[Any, str | None]]:
        """The way here: customers, the customer, and this page."""
        customer = self.customer
        return [
            (_("Customers"), reverse("customers:list")),
            (customer, customer.get_absolute_url()),
            *[(label, None) for label in last],
        ]


class FileForms(FormPage):
    """What filing a customer and changing a file have in common: the warning of duplicates."""

    permission_required = FILE
    menu_key = "customers"
    form_class = CustomerForm
    template_name = "customers/form.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"by": self.request.user, **super().get_form_kwargs()}

    def context(self, **more: Any) -> dict[str, Any]:
        form = more["form"]
        asked = self.refusal is not None and self.refusal.rule == "duplicate"
        confirmed = form.is_bound and form.data.get("despite_duplicates")
        found = duplicates_of(form.data, by=self.request.user, besides=self.besides) if asked or confirmed else []
        return super().context(**{"duplicates": found, "confirmed": confirmed, "besides": self.besides, **more})

    @property
    def besides(self) -> Customer | None:
        """The file that is being changed, which is no duplicate of itself."""
        return None


class NewCustomer(FileForms):
    """File a customer."""

    title = gettext_lazy("New customer")
    submit_label = gettext_lazy("File customer")
    message = gettext_lazy("The customer is on file. Goods need prepayment until credit terms are set.")

    def get_initial(self) -> dict[str, Any]:
        user = self.request.user
        initial: dict[str, Any] = {"region": user.region_id or (user.team.region_id if user.team else None)}
        if user.has_role(Role.REPRESENTATIVE):
            initial["representative"] = user.pk
        return initial

    def perform(self, form: CustomerForm) -> str:
        confirmed = form.cleaned_data["despite_duplicates"]
        customer = create_customer(form.as_input(), by=self.request.user, despite_duplicates=confirmed)
        return customer.get_absolute_url()


class ChangeCustomer(OfCustomer, FileForms):
    """Write a customer's file anew."""

    message = gettext_lazy("Saved.")

    @property
    def besides(self) -> Customer | None:
        return self.customer

    def heading(self) -> str:
        return _("Change %(name)s") % {"name": self.customer}

    def crumbs(self) -> Sequence[tuple[Any, str | None]]:
        return self.steps(_("Change"))

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"customer": self.customer, **super().get_form_kwargs()}

    def get_initial(self) -> dict[str, Any]:
        return {**CustomerForm.initial_of(self.customer), "seen": file_version(self.customer)}

    def perform(self, form: CustomerForm) -> str:
        data = form.cleaned_data
        customer = change_customer(
            self.customer.pk,
            form.as_input(),
            by=self.request.user,
            despite_duplicates=data["despite_duplicates"],
            seen=data["seen"],
        )
        return customer.get_absolute_url()


class Duplicates(Page):
    """What the form says below the fields while they are being filled in: perhaps this customer is on file already."""

    permission_required = FILE
    template_name = "customers/duplicates.html"

    def context(self, **more: Any) -> dict[str, Any]:
        user = self.request.user
        code = self.request.GET.get("besides", "").replace("\x00", "")
        besides = Customer.objects.visible_to(user).filter(code=code).first()
        return super().context(duplicates=duplicates_of(self.request.GET, by=user, besides=besides), **more)


def duplicates_of(data: Any, *, by: User, besides: Customer | None) -> list[Duplicate]:
    """Return the duplicates of what was typed."""
    typed = {name: str(data.get(name, ""))[:160].replace("\x00", "") for name in IDENTITY}
    return find_duplicates(by=by, besides=besides.pk if besides else None, **typed)


class PickCustomer(Autocomplete):
    """Active customers in the reader's scope, by any part of code, name, tax number or telephone."""

    permission_required = SEE

    def rows(self) -> QuerySet[Customer]:
        return Customer.objects.visible_to(self.request.user).active().select_related("region", "representative")

    def search(self, rows: QuerySet[Customer], text: str) -> QuerySet[Customer]:
        return find_customers(rows, text)

    def item(self, record: Customer) -> dict[str, Any]:
        sub = " · ".join(str(part) for part in (record.code, record.region, record.representative) if part)
        names = dict.fromkeys(filter(None, (str(record), record.name, record.name_zh)))
        return {"value": str(record.pk), "text": " ".join(names), "sub": sub}


class PickRepresentative(Autocomplete):
    """Sales people in the reader's scope."""

    permission_required = (FILE, "customers.view_customer")

    def allowed(self) -> bool:
        return super().allowed() and not self.request.user.has_role(Role.AGENT)

    def rows(self) -> QuerySet[User]:
        return with_role_list(possible_representatives(self.request.user)).order_by("full_name")

    def search(self, rows: QuerySet[User], text: str) -> QuerySet[User]:
        return find_people(rows, text)

    def item(self, record: Any) -> dict[str, Any]:
        return {"value": str(record.pk), "text": str(record), "sub": in_words(record)}
