"""The application form: its head, and its lines as they are typed."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers.files.models import Customer
from orders.catalogue.models import Product
from orders.stock.models import Warehouse
from salesops.users.models import User
from salesops.web.figures import quantity_text
from salesops.web.forms import Form, RemoteSelect
from salesops.web.numbers import number_in

from .discounts import Kept
from .models import Delivery
from .preview import DraftLine
from .queries import GIVES_DISCOUNT
from .services import MOST_LINES, MOST_PIECES, LineInput

PREFIX = "lines"


class DeliveryForm(Form):
    """Who, from where, to where, when. An agent orders for its own account; a change keeps the customer."""

    customer = forms.ModelChoiceField(
        label=gettext_lazy("Customer"),
        queryset=Customer.objects.none(),
        widget=RemoteSelect("customers:pick"),
        error_messages={"required": gettext_lazy("Choose the customer first.")},
    )
    warehouse = forms.ModelChoiceField(
        label=gettext_lazy("Warehouse"), queryset=Warehouse.objects.filter(is_active=True), empty_label=None
    )
    wanted_on = forms.DateField(label=gettext_lazy("Wanted on"), required=False)
    address = forms.CharField(label=gettext_lazy("Ship to"), max_length=300, required=False)
    note = forms.CharField(
        label=gettext_lazy("Note"),
        required=False,
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Whoever decides reads it."),
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, user: User, fixed_customer: Customer | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["customer"]
        field.queryset = Customer.objects.visible_to(user).active()
        self.fixed_customer = fixed_customer
        if fixed_customer is not None:
            field.queryset = Customer.objects.filter(pk=fixed_customer.pk)
            field.disabled = True
            field.widget = forms.HiddenInput()
            self.initial["customer"] = fixed_customer
        self.fields["wanted_on"].widget.attrs["data-wanted"] = ""
        self.fields["address"].widget.attrs["data-address-field"] = ""

    @cached_property
    def customer_so_far(self) -> Customer | None:
        """The customer chosen, also while the rest of the form is not right yet."""
        return self.fixed_customer or self._chosen("customer")

    @cached_property
    def warehouse_so_far(self) -> Warehouse | None:
        """The warehouse chosen."""
        return self._chosen("warehouse")

    def _chosen(self, name: str) -> Any:
        if self.is_bound:
            self.is_valid()
            return self.cleaned_data.get(name)
        given = self.initial.get(name)
        return given if given else None


class LineForm(Form):
    """One line as it is typed. The products of all lines are read at once by LineForms."""

    product = forms.IntegerField(
        label=gettext_lazy("Product"),
        required=False,
        min_value=1,
        widget=RemoteSelect("orders:delivery_products", placeholder=gettext_lazy("Type any part of SKU or name")),
        error_messages={"invalid": gettext_lazy("Choose a product from the list.")},
    )
    quantity = forms.IntegerField(label=gettext_lazy("Quantity"), required=False, min_value=1, max_value=MOST_PIECES)
    discount = forms.DecimalField(
        label=gettext_lazy("Discount, %"), required=False, min_value=0, max_value=100, max_digits=5, decimal_places=2
    )

    def __init__(self, *args: Any, gives_discount: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not gives_discount:
            del self.fields["discount"]
        self.fields["product"].widget.attrs["data-with"] = "customer warehouse"
        self.fields["product"].widget.attrs["data-price"] = ""
        for name in ("quantity", "discount"):
            if name in self.fields:
                widget = self.fields[name].widget
                widget.attrs |= {"data-price": "", "autocomplete": "off"}
                widget.attrs["class"] = "form-control so-num-input"
        self.fields["quantity"].widget.attrs["inputmode"] = "numeric"
        self.chosen: Product | None = None

    @property
    def key(self) -> int:
        """Its place among the lines."""
        return int(str(self.prefix).rsplit("-", 1)[-1])

    @property
    def is_removed(self) -> bool:
        """Whether somebody took the line away."""
        return bool(self.is_bound and self.cleaned_data.get("DELETE"))

    @property
    def is_blank(self) -> bool:
        """Whether nothing was typed on it."""
        return not self.cleaned_data.get("product") and not self.cleaned_data.get("quantity") and not self.errors


class BaseLineForms(forms.BaseFormSet):
    """All lines of a delivery: blank ones do not count, products are read in one query."""

    deletion_widget = forms.HiddenInput

    def __init__(self, *args: Any, user: User, kept_discounts: Kept = (), **kwargs: Any) -> None:
        self.gives_discount = user.has_perm(GIVES_DISCOUNT)
        self.kept_discounts = kept_discounts
        kwargs |= {"prefix": PREFIX, "form_kwargs": {"gives_discount": self.gives_discount}}
        super().__init__(*args, **kwargs)
        self.offer_chosen_products()

    def offer_chosen_products(self) -> None:
        """Give every line its product, and its select the one option that is chosen."""
        products = self._products()
        for form in self.forms:
            value = form["product"].value()
            form.chosen = products.get(number_in(value) or 0)
            if form.chosen is not None:
                form.fields["product"].widget.choices = [(form.chosen.pk, product_text(form.chosen))]

    def _products(self) -> dict[int, Product]:
        values = {form["product"].value() for form in self.forms}
        ids = set(filter(None, map(number_in, values)))
        return Product.objects.in_bulk(ids) if ids else {}

    @property
    def live(self) -> list[LineForm]:
        """The lines on which something was typed, in order."""
        self.is_valid()
        return [
            form for form in self.forms if hasattr(form, "cleaned_data") and not form.is_removed and not form.is_blank
        ]

    def drafts(self) -> list[DraftLine]:
        """The lines as far as they are right."""
        if not self.is_bound:
            return [
                DraftLine(
                    form.key, form.chosen, form.initial.get("quantity"), form.initial.get("discount") or Decimal(0)
                )
                for form in self.forms
                if form.chosen
            ]
        return [
            DraftLine(form.key, form.chosen, form.cleaned_data.get("quantity"), self._discount_of(form))
            for form in self.live
        ]

    def inputs(self) -> list[LineInput]:
        """The lines for the service; only after is_valid()."""
        return [
            LineInput(form.chosen.pk, form.cleaned_data["quantity"], self._discount_of(form))
            for form in self.live
            if form.chosen is not None
        ]

    def _discount_of(self, form: LineForm) -> Decimal:
        """What was typed; for those who see no discount what the line had before."""
        if self.gives_discount:
            return form.cleaned_data.get("discount") or Decimal(0)
        product, discount = self.kept_discounts[form.key] if form.key < len(self.kept_discounts) else (0, Decimal(0))
        return discount if form.chosen and form.chosen.pk == product else Decimal(0)

    def clean(self) -> None:
        """A line has a product and a quantity; there is at least one."""
        live = [form for form in self.forms if not form.is_removed and not form.is_blank]
        for form in live:
            if form.errors:
                continue
            if form.chosen is None or not form.chosen.is_active:
                form.add_error("product", _("Choose a product that is in the catalogue."))
            elif not form.cleaned_data.get("quantity"):
                form.add_error("quantity", _("How many?"))
        if not live:
            raise forms.ValidationError(_("Add at least one line."))


def product_text(product: Product) -> str:
    """Return a product as a line's select shows it."""
    return f"{product.sku} {product}"


LineForms: Any = forms.formset_factory(
    LineForm,
    formset=BaseLineForms,
    extra=0,
    can_delete=True,
    max_num=MOST_LINES,
    absolute_max=MOST_LINES + 50,
    validate_max=True,
)


def initial_lines(delivery: Delivery | None, *, blank: int = 1) -> Sequence[dict[str, Any]]:
    """Return what the lines start with: those of the delivery, and blank ones to type in."""
    lines = delivery.lines.all() if delivery else []
    filled = [
        {"product": line.product_id, "quantity": line.quantity, "discount": _without_zeros(line.discount_percent)}
        for line in lines
    ]
    return [*filled, *[{} for _ in range(blank)]]


def _without_zeros(discount: Decimal) -> Decimal | None:
    """7.50 as 7.5, 10.00 as 10, nothing as an empty field."""
    return Decimal(quantity_text(discount)) if discount else None


class ReasonForm(Form):
    """Why something is taken back."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3, "autofocus": True}),
        help_text=gettext_lazy("It stands in the note and in the history of the delivery."),
    )
