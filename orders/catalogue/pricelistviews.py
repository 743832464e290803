"""Pages of price lists and their prices."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from salesops.kernel.money import Money
from salesops.web.figures import quantity_text
from salesops.web.numbers import number_in
from salesops.web.pages import Action, Empty, FormPage, ListPage, RecordPage

from .filters import PriceFilters, PriceListFilters
from .forms import NewPriceListForm, PriceListForm, PricesForm
from .models import Category, Price, PriceList, Product
from .queries import find_products, overlapping, price_lists, prices_for
from .services import PriceListData, change_price_list, open_price_list, price_field, set_prices
from .tables import PriceListTable, PriceTable, grade_in_words, tax_in_words, validity

MANAGE = "orders.manage_catalogue"
VIEW = "orders.view_pricelist"
AT_ONCE = 150
"""Products whose prices are edited on one page."""


class PriceLists(ListPage):
    """What products cost, for whom and when."""

    permission_required = VIEW
    title = gettext_lazy("Price lists")
    menu_key = "price_lists"
    table = PriceListTable
    filters = PriceListFilters
    search_fields = ("name",)

    def rows(self) -> QuerySet[PriceList]:
        return price_lists()

    def actions(self) -> Sequence[Action]:
        return [
            Action(_("New price list"), reverse("orders:price_list_new"), "plus", primary=True, permission=MANAGE),
        ]

    @property
    def empty(self) -> Empty:  # type: ignore[override]
        """Without a list nothing can be ordered."""
        text = _("Without a price a product cannot be ordered.")
        if not self.request.user.has_perm(MANAGE):
            return Empty(_("No price lists yet"), text, icon="tag")
        new = Action(_("New price list"), reverse("orders:price_list_new"), "plus", primary=True)
        return Empty(_("No price lists yet"), text, new, icon="tag")


class PriceListRecord(RecordPage):
    """One list: for whom, how long, what stands on it, which other lists hold beside it."""

    permission_required = VIEW
    menu_key = "price_lists"
    record_key = "price_list"
    lookup = "pk"
    template_name = "orders/catalogue/price_list.html"

    def rows(self) -> QuerySet[PriceList]:
        return price_lists()

    def headline(self, record: Any) -> dict[str, Any]:
        until = record.valid_until or _("further notice")
        return {
            "kind": _("Price list"),
            "title": record.name,
            "badge": validity(record, timezone.localdate()),
            "meta": [
                grade_in_words(record.grade),
                _("%(first)s until %(last)s") % {"first": record.valid_from, "last": until},
                tax_in_words(record.includes_tax),
                ngettext("%(n)s product", "%(n)s products", record.priced) % {"n": quantity_text(record.priced)},
            ],
        }

    def actions(self, record: Any) -> Sequence[Action]:
        copy = f"{reverse('orders:price_list_new')}?copy={record.pk}"
        return [
            Action(_("Copy"), copy, "plus", permission=MANAGE),
            Action(
                _("Change the list"), reverse("orders:price_list_change", args=[record.pk]), "pen", permission=MANAGE
            ),
            Action(
                _("Edit prices"),
                reverse("orders:prices_change", args=[record.pk]),
                "tag",
                primary=True,
                permission=MANAGE,
            ),
        ]

    def context(self, **more: Any) -> dict[str, Any]:
        return super().context(overlapping=overlapping(self.record), **more)


class Prices(ListPage):
    """Every price of a list."""

    permission_required = VIEW
    menu_key = "price_lists"
    table = PriceTable
    filters = PriceFilters
    search_fields = ("product__sku", "product__name", "product__name_zh")

    @cached_property
    def price_list(self) -> PriceList:
        """The list that the address names."""
        return get_object_or_404(PriceList, pk=self.kwargs["pk"])

    def heading(self) -> str:
        return _("Prices of %(name)s") % {"name": self.price_list.name}

    def crumbs(self) -> Sequence[Any]:
        return [*super().crumbs()[:-1], crumb(self.price_list), (_("Prices"), None)]

    def rows(self) -> QuerySet[Price]:
        return self.price_list.prices.select_related("product__category")

    def actions(self) -> Sequence[Action]:
        edit = reverse("orders:prices_change", args=[self.price_list.pk])
        return [Action(_("Edit prices"), edit, "pen", primary=True, permission=MANAGE)]

    @property
    def empty(self) -> Empty:  # type: ignore[override]
        """An empty list has no effect."""
        return Empty(_("No prices on this list yet"), icon="tag")


class PriceListNew(FormPage):
    """A new list, empty or copied from another with a change in percent."""

    permission_required = MANAGE
    title = gettext_lazy("New price list")
    menu_key = "price_lists"
    form_class = NewPriceListForm
    submit_label = gettext_lazy("Make the list")
    message = gettext_lazy("The price list is made.")

    def get_initial(self) -> dict[str, Any]:
        initial: dict[str, Any] = {"valid_from": timezone.localdate()}
        old = PriceList.objects.filter(pk=number_in(self.request.GET.get("copy")) or 0).first()
        if old is not None:
            initial |= {"copy_of": old.pk, "grade": old.grade, "includes_tax": old.includes_tax}
        return initial

    def perform(self, form: Any) -> str:
        copied = form.cleaned_data["copy_of"]
        made = open_price_list(
            form.data_given(),
            by=self.request.user,
            copy_of=copied.pk if copied else None,
            change_percent=form.cleaned_data["change_percent"] or 0,
        )
        return reverse("orders:price_list", args=[made.pk])


class PriceListChange(FormPage):
    """Change the span, the grade or the name of a list."""

    permission_required = MANAGE
    menu_key = "price_lists"
    form_class = PriceListForm
    message = gettext_lazy("The price list is changed.")

    @cached_property
    def price_list(self) -> PriceList:
        """The list that the address names."""
        return get_object_or_404(PriceList, pk=self.kwargs["pk"])

    def heading(self) -> str:
        return _("Change %(name)s") % {"name": self.price_list.name}

    def crumbs(self) -> Sequence[Any]:
        return [*super().crumbs()[:-1], crumb(self.price_list), (_("Change"), None)]

    def get_initial(self) -> dict[str, Any]:
        return {name: getattr(self.price_list, name) for name in PriceListData.__dataclass_fields__}

    def perform(self, form: Any) -> str:
        change_price_list(self.price_list.pk, form.data_given(), by=self.request.user)
        return reverse("orders:price_list", args=[self.price_list.pk])


class PricesChange(FormPage):
    """Edit the prices of a list in a grid; only what was touched is written, and never over somebody else's change."""

    permission_required = MANAGE
    menu_key = "price_lists"
    template_name = "orders/catalogue/prices_form.html"
    submit_label = gettext_lazy("Save the prices")
    message = gettext_lazy("The prices are saved.")
    intro = gettext_lazy("An empty field takes the product off the list.")

    @cached_property
    def price_list(self) -> PriceList:
        """The list that the address names."""
        return get_object_or_404(PriceList, pk=self.kwargs["pk"])

    def heading(self) -> str:
        return _("Prices of %(name)s") % {"name": self.price_list.name}

    def crumbs(self) -> Sequence[Any]:
        return [*super().crumbs()[:-1], crumb(self.price_list), (_("Edit prices"), None)]

    @property
    def text(self) -> str:
        """What is searched for."""
        return self.request.GET.get("q", "").replace("\x00", "").strip()[:100]

    @property
    def category(self) -> int:
        """The category whose products are shown, 0 for all."""
        return number_in(self.request.GET.get("category")) or 0

    @cached_property
    def matching(self) -> QuerySet[Product]:
        """The products that search and category leave: those that may be ordered, and those on the list."""
        on_list = self.price_list.prices.values("product")
        products = find_products(Product.objects.filter(Q(is_active=True) | Q(pk__in=on_list)), self.text)
        return products.filter(category=self.category) if self.category else products

    @cached_property
    def products(self) -> list[Product]:
        """The products on this page."""
        return list(self.matching[:AT_ONCE])

    def get_form(self) -> PricesForm:
        shown = self.price_list.prices.filter(product__in=self.products)
        prices: dict[int, Money] = dict(shown.values_list("product_id", "amount"))
        return PricesForm(products=self.products, prices=prices, **self.get_form_kwargs())

    def perform(self, form: Any) -> str:
        set_prices(self.price_list.pk, form.changes(), by=self.request.user)
        return self.request.get_full_path()

    def context(self, **more: Any) -> dict[str, Any]:
        form = more["form"]
        general = prices_for("", timezone.localdate(), [product.pk for product in self.products])
        lines = [(product, form[price_field(product.pk)], general.get(product.pk)) for product in self.products]
        hidden = max(self.matching.count() - len(lines), 0) if len(lines) == AT_ONCE else 0
        return super().context(
            price_list=self.price_list, lines=lines, hidden=hidden, categories=Category.objects.all(), **more
        )


def crumb(price_list: PriceList) -> tuple[str, str]:
    """The step of a list in the way to a page below it."""
    return (price_list.name, reverse("orders:price_list", args=[price_list.pk]))
