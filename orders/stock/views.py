"""Pages of stock: what lies where, what moved, what will come, and what supply does about it."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from salesops.web.figures import quantity_text
from salesops.web.numbers import number_in
from salesops.web.pages import Action, ActionPage, Empty, FormPage, ListPage

from .filters import ExpectedFilters, MovementFilters, StockFilters
from .forms import (
    CountForm,
    ExpectedChangeForm,
    ExpectedReceiptForm,
    ExpectForm,
    ReceiptForm,
    WarehouseChangeForm,
    WarehouseForm,
)
from .models import ExpectedGoods, Stock, StockMovement, Warehouse
from .queries import SEES_STOCK, stock_with_outlook
from .services import (
    call_off_expected,
    change_expected,
    change_warehouse,
    count_stock,
    expect_goods,
    open_warehouse,
    receive_expected,
    receive_goods,
)
from .tables import ExpectedTable, ExpectedToReceiveTable, MovementTable, StockTable, WarehouseTable, signed

MANAGE = "orders.manage_stock"
OF_PRODUCT = ("product__sku", "product__name", "product__name_zh")


def receive_action(primary: bool = False) -> Action:
    """The button that takes goods in."""
    return Action(_("Receive goods"), reverse("orders:stock_receipt"), "box", primary=primary, permission=MANAGE)


class StockList(ListPage):
    """What lies where, what is promised of it, and when more comes."""

    permission_required = SEES_STOCK
    title = gettext_lazy("Stock")
    menu_key = "stock"
    table = StockTable
    filters = StockFilters
    search_fields = OF_PRODUCT
    search_label = gettext_lazy("SKU or name")

    def rows(self) -> QuerySet[Stock]:
        return stock_with_outlook()

    def actions(self) -> Sequence[Action]:
        return [
            Action(_("Movements"), reverse("orders:movements"), "swap"),
            Action(_("Count"), reverse("orders:stock_count"), "list", permission=MANAGE),
            receive_action(primary=True),
        ]

    @property
    def empty(self) -> Empty:  # type: ignore[override]
        """Nothing lies anywhere yet."""
        text = _("Stock comes by receipts, or out of a file when the books are taken over.")
        if not self.request.user.has_perm(MANAGE):
            return Empty(_("No stock yet"), text, icon="box")
        return Empty(_("No stock yet"), text, receive_action(primary=True), icon="box")


class Movements(ListPage):
    """Every change of what lies in the warehouses."""

    permission_required = SEES_STOCK
    title = gettext_lazy("Stock movements")
    menu_key = "stock"
    table = MovementTable
    filters = MovementFilters
    search_fields = (*OF_PRODUCT, "document", "batch")
    search_label = gettext_lazy("Product, document or batch")
    empty = Empty(gettext_lazy("Nothing has moved yet"), icon="swap")

    def rows(self) -> QuerySet[StockMovement]:
        return StockMovement.objects.select_related("product", "warehouse", "recorded_by")


class Expected(ListPage):
    """What production or purchases will bring."""

    permission_required = SEES_STOCK
    title = gettext_lazy("Expected goods")
    menu_key = "expected"
    filters = ExpectedFilters
    search_fields = (*OF_PRODUCT, "note")
    search_label = gettext_lazy("Product or note")

    @property
    def table(self) -> Any:  # type: ignore[override]
        """Supply gets the buttons."""
        return ExpectedToReceiveTable if self.request.user.has_perm(MANAGE) else ExpectedTable

    def rows(self) -> QuerySet[ExpectedGoods]:
        return ExpectedGoods.objects.select_related("product", "warehouse", "recorded_by")

    def actions(self) -> Sequence[Action]:
        return [Action(_("Expect goods"), reverse("orders:expected_new"), "plus", primary=True, permission=MANAGE)]

    @property
    def empty(self) -> Empty:  # type: ignore[override]
        """Nothing is announced."""
        text = _("Back-orders say when goods come as soon as they are announced here.")
        if not self.request.user.has_perm(MANAGE):
            return Empty(_("Nothing is expected"), text, icon="clock")
        new = Action(_("Expect goods"), reverse("orders:expected_new"), "plus", primary=True)
        return Empty(_("Nothing is expected"), text, new, icon="clock")


class Warehouses(ListPage):
    """Places that goods leave from."""

    permission_required = SEES_STOCK
    title = gettext_lazy("Warehouses")
    menu_key = "warehouses"
    table = WarehouseTable
    search_fields = ("code", "name", "name_zh")

    def rows(self) -> QuerySet[Warehouse]:
        there = Q(stock__on_hand__gt=0)
        return Warehouse.objects.annotate(
            product_count=Count("stock", filter=there), piece_count=Coalesce(Sum("stock__on_hand"), 0)
        )

    def actions(self) -> Sequence[Action]:
        return [Action(_("New warehouse"), reverse("orders:warehouse_new"), "plus", primary=True, permission=MANAGE)]

    @property
    def empty(self) -> Empty:  # type: ignore[override]
        """A delivery needs one."""
        new = Action(_("New warehouse"), reverse("orders:warehouse_new"), "plus", primary=True, permission=MANAGE)
        return Empty(_("No warehouses yet"), _("A delivery leaves from a warehouse."), new, icon="building")


class OfProductPage(FormPage):
    """A form about a product in a warehouse; `?product=&warehouse=` fill it in."""

    permission_required = MANAGE
    menu_key = "stock"

    def get_initial(self) -> dict[str, Any]:
        asked = {name: number_in(self.request.GET.get(name)) for name in ("product", "warehouse")}
        return {name: value for name, value in asked.items() if value is not None}


class Receipt(OfProductPage):
    """Take goods in."""

    title = gettext_lazy("Receive goods")
    form_class = ReceiptForm
    submit_label = gettext_lazy("Receive")

    def perform(self, form: Any) -> str:
        movement = receive_goods(
            by=self.request.user, **form.place(), **form.given("quantity", "on", "batch", "document", "note")
        )
        say_received(self.request, movement)
        return movement.product.get_absolute_url()


class StockCount(OfProductPage):
    """Enter what was counted."""

    title = gettext_lazy("Count stock")
    form_class = CountForm
    submit_label = gettext_lazy("Enter the count")
    intro = gettext_lazy("The difference to the books becomes a movement with your name.")

    def perform(self, form: Any) -> str:
        movement = count_stock(by=self.request.user, **form.place(), **form.given("counted", "on", "note"))
        product = form.cleaned_data["product"]
        if movement is None:
            messages.success(self.request, _("The count agrees with the books."))
        else:
            words = {"difference": signed(movement.quantity), "sku": product.sku}
            messages.success(self.request, _("%(sku)s is corrected by %(difference)s.") % words)
        return str(product.get_absolute_url())


class ExpectedNew(OfProductPage):
    """Announce goods."""

    title = gettext_lazy("Expect goods")
    menu_key = "expected"
    form_class = ExpectForm
    message = gettext_lazy("The goods are announced.")

    def perform(self, form: Any) -> str:
        expect_goods(by=self.request.user, **form.place(), **form.given("quantity", "expected_on", "note"))
        return reverse("orders:expected")


class OfExpectedPage(FormPage):
    """A form about goods that were announced."""

    permission_required = MANAGE
    menu_key = "expected"

    @cached_property
    def expected(self) -> ExpectedGoods:
        """The goods that the address names."""
        rows = ExpectedGoods.objects.select_related("product", "warehouse")
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    @property
    def intro(self) -> str:
        """Which goods."""
        return _("%(product)s, %(pieces)s pieces on %(day)s in %(warehouse)s") % {
            "product": f"{self.expected.product.sku} {self.expected.product}",
            "pieces": quantity_text(self.expected.quantity),
            "day": self.expected.expected_on,
            "warehouse": self.expected.warehouse,
        }


class ExpectedChange(OfExpectedPage):
    """Put goods off, bring them forward, change the number."""

    title = gettext_lazy("Change expected goods")
    form_class = ExpectedChangeForm
    message = gettext_lazy("The announcement is changed.")

    def get_initial(self) -> dict[str, Any]:
        return {name: getattr(self.expected, name) for name in ("quantity", "expected_on", "note")}

    def perform(self, form: Any) -> str:
        change_expected(self.expected.pk, by=self.request.user, **form.cleaned_data)
        return reverse("orders:expected")


class ExpectedReceipt(OfExpectedPage):
    """Take expected goods in, all or part."""

    title = gettext_lazy("Receive expected goods")
    form_class = ExpectedReceiptForm
    submit_label = gettext_lazy("Receive")

    def get_initial(self) -> dict[str, Any]:
        return {"quantity": self.expected.quantity, "note": self.expected.note}

    def perform(self, form: Any) -> str:
        movement = receive_expected(self.expected.pk, by=self.request.user, **form.cleaned_data)
        say_received(self.request, movement)
        return reverse("orders:expected")


class ExpectedCallOff(ActionPage):
    """Goods will not come after all."""

    permission_required = MANAGE

    def get_success_url(self) -> str:
        return reverse("orders:expected")

    def perform(self) -> str:
        get_object_or_404(ExpectedGoods, pk=self.kwargs["pk"])
        name = call_off_expected(self.kwargs["pk"], by=self.request.user)
        return _("%(product)s is no longer expected.") % {"product": name}


class WarehouseNew(FormPage):
    """Open a warehouse."""

    permission_required = MANAGE
    title = gettext_lazy("New warehouse")
    menu_key = "warehouses"
    form_class = WarehouseForm

    def perform(self, form: Any) -> str:
        open_warehouse(by=self.request.user, **form.cleaned_data)
        return reverse("orders:warehouses")


class WarehouseChange(FormPage):
    """Rename, close or open a warehouse."""

    permission_required = MANAGE
    menu_key = "warehouses"
    form_class = WarehouseChangeForm

    @cached_property
    def warehouse(self) -> Warehouse:
        """The warehouse that the address names."""
        return get_object_or_404(Warehouse, pk=self.kwargs["pk"])

    def heading(self) -> str:
        return _("Change %(name)s") % {"name": self.warehouse}

    def get_initial(self) -> dict[str, Any]:
        return {name: getattr(self.warehouse, name) for name in ("code", "name", "name_zh", "is_active")}

    def perform(self, form: Any) -> str:
        change_warehouse(self.warehouse.pk, by=self.request.user, **form.cleaned_data)
        return reverse("orders:warehouses")


def say_received(request: Any, movement: StockMovement) -> None:
    """Say what came in."""
    words = {"pieces": quantity_text(movement.quantity), "sku": movement.product.sku}
    messages.success(request, _("%(pieces)s pieces of %(sku)s are received.") % words)
