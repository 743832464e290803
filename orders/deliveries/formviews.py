"""Writing an application: the form, what it costs while it is typed, and the products that it offers."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers.files.models import Customer
from orders.stock.models import Warehouse
from orders.stock.queries import SEES_STOCK
from salesops.users.models import User
from salesops.web.figures import money_text
from salesops.web.numbers import number_in
from salesops.web.pages import FormPage, Page

from .discounts import kept_discounts
from .forms import DeliveryForm, LineForms, initial_lines, product_text
from .models import EDITABLE, Delivery
from .preview import Preview, preview
from .queries import Offer, addresses_of, deliveries_for, offers, usual_address, usual_warehouse
from .services import change_delivery, submit_delivery, write_delivery

BLANK_LINES = 3
DRAFT = "draft"


class OfDraft(Page):
    """What the form and its preview share: the two forms, over a delivery or over nothing yet."""

    permission_required = "orders.write_delivery"
    menu_key = "deliveries"

    @property
    def user(self) -> User:
        """Who writes."""
        user: Any = self.request.user
        return user

    @cached_property
    def delivery(self) -> Delivery | None:
        """The delivery that is changed; None for a new one."""
        return None

    @cached_property
    def customer(self) -> Customer | None:
        """The customer that is given: the agent's own, the delivery's, or one that a link names."""
        if self.delivery is not None:
            return self.delivery.customer
        customers = Customer.objects.visible_to(self.user).active()
        if self.user.customer_id:
            return customers.filter(pk=self.user.customer_id).first()
        code = self.request.GET.get("customer", "")
        return customers.filter(code=code).first() if code else None

    @property
    def fixed_customer(self) -> Customer | None:
        """The customer where nobody chooses: an agent's own account, or a delivery that is there already."""
        return self.customer if self.delivery is not None or self.user.customer_id else None

    def initial(self) -> dict[str, Any]:
        """What the head starts with."""
        if self.delivery is not None:
            kept = ("customer", "warehouse", "wanted_on", "address", "note", "version")
            return {name: getattr(self.delivery, name) for name in kept}
        return {
            "customer": self.customer,
            "warehouse": usual_warehouse(self.customer),
            "address": usual_address(self.customer),
        }

    def head_form(self, data: Any = None) -> DeliveryForm:
        """The form of the head."""
        return DeliveryForm(data, initial=self.initial(), user=self.user, fixed_customer=self.fixed_customer)

    def line_forms(self, data: Any = None) -> Any:
        """The forms of the lines."""
        if data is not None:
            return LineForms(data, user=self.user, kept_discounts=kept_discounts(self.user, self.delivery))
        blank = 1 if self.delivery is not None else BLANK_LINES
        return LineForms(initial=initial_lines(self.delivery, blank=blank), user=self.user)

    def preview(self, form: DeliveryForm, lines: Any) -> Preview:
        """What it costs as far as it is typed."""
        return preview(lines.drafts(), customer=form.customer_so_far, warehouse=form.warehouse_so_far, writer=self.user)


class DeliveryFormPage(OfDraft, FormPage):
    """The form: saved as a draft, or submitted at once."""

    template_name = "orders/deliveries/form.html"
    submit_label = gettext_lazy("Submit")

    def get_form(self) -> DeliveryForm:
        return self.head_form(self.request.POST if self.request.method == "POST" else None)

    @cached_property
    def lines(self) -> Any:
        """The forms of the lines."""
        return self.line_forms(self.request.POST if self.request.method == "POST" else None)

    @cached_property
    def is_submitted(self) -> bool:
        """Whether it goes to those who decide at once; the other button keeps it as a draft."""
        return self.request.POST.get("then") != DRAFT

    def form_is_valid(self, form: Any) -> bool:
        """Head, lines and prices are right; everything that is wrong is said at once."""
        head, lines = form.is_valid(), self.lines.is_valid()
        wrong = self.preview(form, self.lines).wrong
        for line in self.lines.live:
            if line.key in wrong and not line.errors:
                line.add_error("product", wrong[line.key])
        if not lines or wrong:
            form.add_error(None, self.lines.non_form_errors() or _("Look at the lines that are marked."))
        return bool(head and lines and not wrong)

    @transaction.atomic
    def perform(self, form: Any) -> str:
        delivery = self.save(form.cleaned_data)
        words = _("%(number)s is saved as a draft.")
        if self.is_submitted:
            delivery = submit_delivery(delivery.pk, by=self.user)
            words = _("%(number)s is submitted.")
        self.message = words % {"number": delivery.number}
        return delivery.get_absolute_url()

    def save(self, given: Mapping[str, Any]) -> Delivery:
        """Write it down as a draft."""
        raise NotImplementedError

    def context(self, **more: Any) -> dict[str, Any]:
        form = more["form"]
        shown = self.preview(form, self.lines)
        return super().context(
            lines=self.lines,
            preview=shown,
            rows=_rows(self.lines, shown),
            addresses=addresses_of(form.customer_so_far),
            sees_stock=self.user.has_perm(SEES_STOCK),
            gives_discount=self.lines.gives_discount,
            preview_url=self.preview_url,
            **more,
        )

    @property
    def preview_url(self) -> str:
        """Where the totals are asked for."""
        url = reverse("orders:delivery_preview")
        return f"{url}?delivery={self.delivery.number}" if self.delivery else url


def _rows(lines: Any, shown: Preview) -> list[tuple[Any, Any]]:
    """Each line's form with what is known of it; lines that were taken away are left out."""
    priced = {line.key: line for line in shown.lines}
    kept = [form for form in lines.forms if not (lines.is_bound and form.is_removed)]
    return [(form, priced.get(form.key)) for form in kept]


class NewDelivery(DeliveryFormPage):
    """A new application."""

    title = gettext_lazy("New delivery")

    @property
    def menu_key(self) -> str:  # type: ignore[override]
        """An agent orders from an entry of its own."""
        return "order" if self.user.customer_id else "deliveries"

    def save(self, given: Mapping[str, Any]) -> Delivery:
        return write_delivery(
            by=self.user,
            customer_id=given["customer"].pk,
            warehouse_id=given["warehouse"].pk,
            lines=self.lines.inputs(),
            wanted_on=given["wanted_on"],
            address=given["address"],
            note=given["note"],
        )


class ChangeDelivery(DeliveryFormPage):
    """A change of what nobody has decided on."""

    @cached_property
    def delivery(self) -> Delivery | None:
        found = deliveries_for(self.user).filter(number=self.kwargs["number"]).first()
        if found is None:
            raise Http404
        return found

    def heading(self) -> str:
        return _("Change %(number)s") % {"number": self.kwargs["number"]}

    def crumbs(self) -> list[tuple[Any, str | None]]:
        assert self.delivery is not None
        above = [(self.menu_entry.label, self.menu_entry.url)] if self.menu_entry else []
        return [*above, (self.delivery.number, self.delivery.get_absolute_url()), (_("Change"), None)]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the form, or, where nothing may change any more, the record."""
        assert self.delivery is not None
        if self.delivery.state not in EDITABLE:
            return self.go(self.delivery.get_absolute_url())
        return super().get(request, *args, **kwargs)

    def save(self, given: Mapping[str, Any]) -> Delivery:
        assert self.delivery is not None
        return change_delivery(
            self.delivery.pk,
            by=self.user,
            version=given["version"] or 0,
            warehouse_id=given["warehouse"].pk,
            lines=self.lines.inputs(),
            wanted_on=given["wanted_on"],
            address=given["address"],
            note=given["note"],
        )


class DeliveryPreview(OfDraft):
    """What the form costs as far as it is typed: totals, prices, stock, credit. Writes nothing."""

    template_name = "orders/deliveries/preview.html"
    http_method_names = ["post", "options"]

    @cached_property
    def delivery(self) -> Delivery | None:
        number = self.request.GET.get("delivery", "")
        if not number:
            return None
        found = deliveries_for(self.user).filter(number=number).first()
        if found is None:
            raise Http404
        return found

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer with the parts of the form that follow from what was typed."""
        form, lines = self.head_form(request.POST), self.line_forms(request.POST)
        return self.render(
            preview=self.preview(form, lines),
            addresses=addresses_of(form.customer_so_far),
            usual_warehouse=usual_warehouse(form.customer_so_far) if self.delivery is None else None,
            sees_stock=self.user.has_perm(SEES_STOCK),
            swap=True,
        )


class DeliveryProducts(Page):
    """The products that a line may ask for, with the customer's price and the warehouse's free stock."""

    permission_required = "orders.write_delivery"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> JsonResponse:
        """Answer what was typed."""
        user: Any = request.user
        found = offers(
            request.GET.get("q", "").strip()[:100],
            customer=self._customer(user),
            warehouse=_by_id(Warehouse.objects.filter(is_active=True), request.GET.get("warehouse", "")),
            with_stock=user.has_perm(SEES_STOCK),
        )
        return JsonResponse({"results": [_choice(offer) for offer in found]})

    def _customer(self, user: User) -> Customer | None:
        customers = Customer.objects.visible_to(user).active()
        if user.customer_id:
            return customers.filter(pk=user.customer_id).first()
        return _by_id(customers, self.request.GET.get("customer", ""))


def _by_id(rows: Any, given: str) -> Any:
    return rows.filter(pk=number_in(given)).first()


def _choice(offer: Offer) -> dict[str, Any]:
    """A product as the select shows it: SKU and name; price and free stock below."""
    parts = []
    if offer.price is not None:
        parts.append(money_text(offer.price.amount))
    if offer.stock is not None:
        parts.append(_("%(pieces)s free") % {"pieces": number_format(offer.stock.free, force_grouping=True)})
    return {"value": str(offer.product.pk), "text": product_text(offer.product), "sub": " · ".join(parts)}
