"""What is typed about products and prices."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from customers.files.models import Grade
from salesops.kernel.money import Money
from salesops.users.roles import Role
from salesops.web.forms import Form, dress

from .models import Category, PriceList, Product
from .services import PriceChange, PriceListData, ProductData, price_field

Sections = tuple[tuple[Any, Sequence[str | Sequence[str]]], ...]


class ProductForm(Form):
    """A product."""

    sku = forms.CharField(label=_("SKU"), max_length=40)
    category = forms.ModelChoiceField(Category.objects.all(), label=_("Category"))
    name = forms.CharField(label=_("Name"), max_length=160)
    name_zh = forms.CharField(label=_("Chinese name"), max_length=160, required=False)
    unit = forms.CharField(label=_("Unit"), max_length=20, initial="pcs")
    pack_size = forms.IntegerField(label=_("Pack size"), min_value=1, initial=1, help_text=_("pieces in a pack"))
    tax_rate = forms.DecimalField(
        label=_("Tax rate, %"), min_value=0, max_value=100, decimal_places=2, max_digits=5, initial=Decimal(13)
    )
    is_active = forms.BooleanField(label=_("May be ordered"), required=False, initial=True)

    sections = (
        (_("Identity"), [("sku", "category"), ("name", "name_zh")]),
        (_("Packing and tax"), [("unit", "pack_size", "tax_rate"), "is_active"]),
    )

    def data_given(self) -> ProductData:
        """What the service takes."""
        given = dict(self.cleaned_data)
        return ProductData(category_id=given.pop("category").pk, **given)


class CategoryForm(Form):
    """A line of products."""

    name = forms.CharField(label=_("Name"), max_length=120)
    name_zh = forms.CharField(label=_("Chinese name"), max_length=120, required=False)

    sections = (("", [("name", "name_zh")]),)


class PriceListForm(Form):
    """A price list."""

    name = forms.CharField(label=_("Name"), max_length=120)
    grade = forms.ChoiceField(
        label=_("For"),
        choices=[("", _("Every customer")), *Grade.choices],
        required=False,
        help_text=_("A list of the customer's own grade wins over one for every customer."),
    )
    valid_from = forms.DateField(label=_("Valid from"), widget=forms.DateInput)
    valid_until = forms.DateField(label=_("Valid until"), required=False, widget=forms.DateInput)
    includes_tax = forms.BooleanField(label=_("Prices include tax"), required=False, initial=True)
    is_active = forms.BooleanField(label=_("Active"), required=False, initial=True)

    sections: ClassVar[Sections] = (
        ("", ["name", "grade", ("valid_from", "valid_until")]),
        ("", ["includes_tax", "is_active"]),
    )

    def data_given(self) -> PriceListData:
        """What the service takes."""
        names = PriceListData.__dataclass_fields__
        return PriceListData(**{name: self.cleaned_data[name] for name in names})


class NewPriceListForm(PriceListForm):
    """A new price list, with the prices of another to begin with."""

    copy_of = forms.ModelChoiceField(
        PriceList.objects.all(),
        label=_("Copy the prices of"),
        required=False,
        empty_label=_("none: start empty"),
    )
    change_percent = forms.DecimalField(
        label=_("Change each price by, %"),
        required=False,
        min_value=-100,
        max_value=1000,
        decimal_places=2,
        help_text=_("For example 3.5, or -10. Rounded to the cent."),
    )

    sections: ClassVar[Sections] = (
        *PriceListForm.sections,
        (_("Prices to begin with"), [("copy_of", "change_percent")]),
    )


class PricesForm(Form):
    """One field for each product shown. What a person did not touch is not sent on."""

    def __init__(self, *args: Any, products: list[Product], prices: dict[int, Money], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.products = products
        for product in products:
            self.fields[price_field(product.pk)] = forms.DecimalField(
                label=f"{product.sku} {product}",
                required=False,
                min_value=0,
                max_digits=14,
                decimal_places=2,
                initial=prices.get(product.pk),
                show_hidden_initial=True,
                widget=forms.TextInput(attrs={"class": "form-control so-trim", "inputmode": "decimal"}),
            )

    def changes(self) -> list[PriceChange]:
        """What the person changed, with the price that they saw."""
        return [
            PriceChange(product.pk, self.cleaned_data[name], self._seen(name))
            for product in self.products
            if (name := price_field(product.pk)) in self.changed_data
        ]

    def _seen(self, name: str) -> Money | None:
        text = self.data.get(self[name].html_initial_name) or None
        try:
            return self.fields[name].clean(text)
        except forms.ValidationError:
            return None


class DiscountRightsForm(Form):
    """How much discount each role may give by itself."""

    def __init__(self, *args: Any, roles: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for role in roles:
            field = forms.DecimalField(
                label=Role(role).label, required=False, min_value=0, max_value=100, max_digits=5, decimal_places=2
            )
            dress(field)
            self.fields[role] = field
