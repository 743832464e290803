"""What supply types."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orders.catalogue.models import Product
from salesops.web.forms import Form, RemoteSelect

from .models import Warehouse


def today() -> Any:
    """The company's day."""
    return timezone.localdate()


class ProductField(forms.ModelChoiceField):
    """A product, found by any part of SKU or name."""

    def __init__(self) -> None:
        super().__init__(Product.objects.all(), label=_("Product"), widget=RemoteSelect("orders:pick_product"))

    def label_from_instance(self, obj: Any) -> str:
        """What a chosen product is called."""
        return f"{obj.sku} {obj}"


class OfProductForm(Form):
    """A product in a warehouse; where there is one warehouse only it is chosen already."""

    warehouse = forms.ModelChoiceField(Warehouse.objects.filter(is_active=True), label=_("Warehouse"))
    product = ProductField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        open_ones = list(Warehouse.objects.filter(is_active=True)[:2])
        if len(open_ones) == 1:
            self.initial.setdefault("warehouse", open_ones[0].pk)

    def place(self) -> dict[str, int]:
        """Warehouse and product as a service takes them."""
        return {"warehouse_id": self.cleaned_data["warehouse"].pk, "product_id": self.cleaned_data["product"].pk}

    def given(self, *names: str) -> dict[str, Any]:
        """Other fields as a service takes them."""
        return {name: self.cleaned_data[name] for name in names}


class ReceiptForm(OfProductForm):
    """Goods that came in."""

    quantity = forms.IntegerField(label=_("Pieces received"), min_value=1, max_value=10_000_000)
    on = forms.DateField(label=_("Date"), widget=forms.DateInput, initial=today)
    batch = forms.CharField(label=_("Batch"), max_length=60, required=False)
    document = forms.CharField(
        label=_("Document"), max_length=40, required=False, help_text=_("the supplier's or the factory's number")
    )
    note = forms.CharField(label=_("Note"), max_length=200, required=False)

    sections = (("", [("product", "warehouse"), ("quantity", "on"), ("batch", "document"), "note"]),)


class CountForm(OfProductForm):
    """What somebody counted."""

    counted = forms.IntegerField(label=_("Pieces counted"), min_value=0, max_value=10_000_000)
    on = forms.DateField(label=_("Date"), widget=forms.DateInput, initial=today)
    note = forms.CharField(
        label=_("Note"),
        max_length=200,
        required=False,
        help_text=_("for example: quarterly count, damaged in the rack"),
    )

    sections = (("", [("product", "warehouse"), ("counted", "on"), "note"]),)


class ExpectForm(OfProductForm):
    """Goods that will come."""

    quantity = forms.IntegerField(label=_("Pieces"), min_value=1, max_value=10_000_000)
    expected_on = forms.DateField(label=_("Expected on"), widget=forms.DateInput)
    note = forms.CharField(label=_("Note"), max_length=200, required=False)

    sections = (("", [("product", "warehouse"), ("quantity", "expected_on"), "note"]),)


class ExpectedChangeForm(Form):
    """Goods that will come at another time, or in another number."""

    quantity = ExpectForm.base_fields["quantity"]
    expected_on = ExpectForm.base_fields["expected_on"]
    note = ExpectForm.base_fields["note"]

    sections = (("", [("quantity", "expected_on"), "note"]),)


class ExpectedReceiptForm(Form):
    """Expected goods that came, all or part."""

    quantity = forms.IntegerField(
        label=_("Pieces received"),
        min_value=1,
        max_value=10_000_000,
        help_text=_("What did not come stays expected."),
    )
    on = ReceiptForm.base_fields["on"]
    batch = ReceiptForm.base_fields["batch"]
    document = ReceiptForm.base_fields["document"]
    note = ReceiptForm.base_fields["note"]

    sections = (("", [("quantity", "on"), ("batch", "document"), "note"]),)


class WarehouseForm(Form):
    """A warehouse."""

    code = forms.CharField(label=_("Code"), max_length=20)
    name = forms.CharField(label=_("Name"), max_length=120)
    name_zh = forms.CharField(label=_("Chinese name"), max_length=120, required=False)

    sections = (("", ["code", ("name", "name_zh")]),)


class WarehouseChangeForm(WarehouseForm):
    """A warehouse that may be closed, too."""

    is_active = forms.BooleanField(label=_("Open"), required=False)

    sections = (("", ["code", ("name", "name_zh"), "is_active"]),)
