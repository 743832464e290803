"""Pages of products, categories and discount rights."""

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.models import Permission
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers.files.models import Customer
from orders.stock.queries import SEES_STOCK, availability, free_stock, product_outlook
from salesops.users.roles import Role
from salesops.web.badges import Badge
from salesops.web.figures import percent_text, quantity_text
from salesops.web.forms import Autocomplete
from salesops.web.numbers import number_in
from salesops.web.pages import Action, Empty, Figure, FormPage, ListPage, Page, RecordPage

from .filters import OfferFilters, ProductFilters, StockedProductFilters
from .forms import CategoryForm, DiscountRightsForm, ProductForm
from .models import Category, DiscountRight, Product
from .queries import (
    find_products,
    grade_of,
    prices_for,
    products_visible_to,
    sees_all_prices,
    with_free_stock,
    with_price,
)
from .services import (
    ProductData,
    change_product,
    file_category,
    file_product,
    give_discount_rights,
    rename_category,
)
from .tables import CategoryTable, OfferTable, ProductTable, tax_in_words

MANAGE = "orders.manage_catalogue"


class AtAPrice(Page):
    """A page of products at the price of one grade: the reader's own, where no other is asked for."""

    @cached_property
    def grade(self) -> str:
        """By whose lists the price is found."""
        return grade_of(self.request.user)


class Products(AtAPrice, ListPage):
    """What is sold, at which price; agents see their own price, and no stock."""

    permission_required = "orders.view_product"
    title = gettext_lazy("Products")
    menu_key = "products"
    search_fields = ("sku", "name", "name_zh")
    search_label = gettext_lazy("SKU or name")

    @property
    def table(self) -> Any:  # type: ignore[override]
        """The company's columns, or an agent's."""
        return ProductTable if sees_all_prices(self.request.user) else OfferTable

    @property
    def filters(self) -> Any:  # type: ignore[override]
        """What the person may narrow by."""
        if not sees_all_prices(self.request.user):
            return OfferFilters
        return StockedProductFilters if self.sees_stock else ProductFilters

    @property
    def sees_stock(self) -> bool:
        """Whether stock figures are shown."""
        return self.request.user.has_perm(SEES_STOCK)

    @cached_property
    def sheet(self) -> Any:
        """Without the right to see stock its column is not there, in the file neither."""
        table = super().sheet
        if not self.sees_stock and "free_stock" in table.columns.names():
            table.columns.hide("free_stock")
        return table

    def rows(self) -> QuerySet[Product]:
        products = products_visible_to(self.request.user).select_related("category")
        products = with_price(products, self.grade, timezone.localdate())
        return with_free_stock(products) if self.sees_stock else products

    def actions(self) -> Sequence[Action]:
        return [
            Action(_("Categories"), reverse("orders:categories"), "grid", permission=MANAGE),
            Action(_("New product"), reverse("orders:product_new"), "plus", primary=True, permission=MANAGE),
        ]

    @property
    def empty(self) -> Empty:  # type: ignore[override]
        """What to do where there is nothing yet."""
        if not self.request.user.has_perm(MANAGE):
            return Empty(_("No products yet"), _("They are filed by marketing or the sales manager."), icon="tag")
        new = Action(_("New product"), reverse("orders:product_new"), "plus", primary=True)
        return Empty(_("No products yet"), _("File the first one, or load them from a file."), new, icon="tag")


class ProductRecord(AtAPrice, RecordPage):
    """One product: what it costs and, for the company, where it lies."""

    permission_required = "orders.view_product"
    menu_key = "products"
    record_key = "product"
    lookup = "sku"

    def rows(self) -> QuerySet[Product]:
        products = products_visible_to(self.request.user).select_related("category")
        return with_price(products, self.grade, timezone.localdate())

    def headline(self, record: Any) -> dict[str, Any]:
        pack = _("%(pieces)s %(unit)s in a pack") % {"pieces": quantity_text(record.pack_size), "unit": record.unit}
        return {
            "kind": _("Product"),
            "number": record.sku,
            "title": record.name,
            "title_zh": record.name_zh,
            "badge": None if record.is_active else Badge("", "", _("Inactive")),
            "meta": [record.category, pack, _("tax %(rate)s") % {"rate": percent_text(record.tax_rate)}],
        }

    def figures(self, record: Any) -> Sequence[Figure]:
        if sees_all_prices(self.request.user):
            label, missing = _("General price today"), _("no price list names it")
        else:
            label, missing = _("Your price today"), _("no price yet: ask your sales representative")
        note = missing if record.price is None else tax_in_words(record.price_includes_tax)
        found = [Figure(label, record.price, note, money=True)]
        if self.request.user.has_perm(SEES_STOCK):
            found += self._stock_figures(record)
        return found

    def _stock_figures(self, record: Product) -> list[Figure]:
        outlook = product_outlook(record.pk)
        coming = _("next on %(day)s") % {"day": outlook.expected_on} if outlook.expected_on else _("nothing announced")
        return [
            Figure(
                _("Free stock"), quantity_text(outlook.free), _("of %(all)s") % {"all": quantity_text(outlook.on_hand)}
            ),
            Figure(_("Reserved"), quantity_text(outlook.reserved), _("for approved deliveries")),
            Figure(
                _("Back-ordered"),
                quantity_text(outlook.back_ordered),
                _("approved, not there yet"),
                tone="neg" if outlook.back_ordered else "",
            ),
            Figure(_("Expected"), quantity_text(outlook.expected_quantity), coming),
        ]

    def actions(self, record: Any) -> Sequence[Action]:
        query = f"?product={record.pk}"
        return [
            Action(_("Count"), reverse("orders:stock_count") + query, "list", permission="orders.manage_stock"),
            Action(
                _("Expect goods"), reverse("orders:expected_new") + query, "clock", permission="orders.manage_stock"
            ),
            Action(
                _("Receive goods"), reverse("orders:stock_receipt") + query, "box", permission="orders.manage_stock"
            ),
            Action(_("Change"), reverse("orders:product_change", args=[record.sku]), "pen", permission=MANAGE),
        ]


class ProductNew(FormPage):
    """File a product."""

    permission_required = MANAGE
    title = gettext_lazy("New product")
    menu_key = "products"
    form_class = ProductForm
    submit_label = gettext_lazy("File the product")
    message = gettext_lazy("The product is filed. Name its price next.")

    def perform(self, form: Any) -> str:
        return file_product(form.data_given(), by=self.request.user).get_absolute_url()


class ProductChange(FormPage):
    """Change a product."""

    permission_required = MANAGE
    menu_key = "products"
    form_class = ProductForm
    message = gettext_lazy("The product is changed.")

    @cached_property
    def product(self) -> Product:
        """The product that the address names."""
        return get_object_or_404(Product, sku=self.kwargs["sku"])

    def heading(self) -> str:
        return _("Change %(sku)s") % {"sku": self.product.sku}

    def crumbs(self) -> Sequence[Any]:
        here = (self.product.sku, self.product.get_absolute_url())
        return [*super().crumbs()[:-1], here, (_("Change"), None)]

    def get_initial(self) -> dict[str, Any]:
        names = [name for name in ProductData.__dataclass_fields__ if name != "category_id"]
        return {"category": self.product.category_id, **{name: getattr(self.product, name) for name in names}}

    def perform(self, form: Any) -> str:
        return change_product(self.product.pk, form.data_given(), by=self.request.user).get_absolute_url()


class PickProduct(Autocomplete):
    """Products to order by any part of SKU or name, with the price of `?customer=` and what `?warehouse=` has free.

    Beside value, text and sub each answer has price (text of digits or null), includes_tax, tax_rate, unit and
    pack_size; with the right to see stock, free.
    """

    permission_required = "orders.view_product"
    search_fields = ("sku", "name", "name_zh")

    def rows(self) -> QuerySet[Product]:
        return Product.objects.active()

    def search(self, rows: QuerySet[Product], text: str) -> QuerySet[Product]:
        """The likeliest come first."""
        return find_products(rows, text)

    @cached_property
    def grade(self) -> str:
        """Whose prices are shown."""
        asked = self.request.GET.get("customer", "")
        if not asked:
            return grade_of(self.request.user)
        customer = Customer.objects.visible_to(self.request.user).filter(pk=number_in(asked)).first()
        if customer is None:
            raise Http404
        return str(customer.grade)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> JsonResponse:
        """Answer what was typed, prices and stock read together."""
        found = list(self.search(self.rows(), request.GET.get("q", "").strip()[:100])[: self.limit])
        ids = [product.pk for product in found]
        prices = prices_for(self.grade, timezone.localdate(), ids)
        free = self._free(ids)
        return JsonResponse({"results": [self._answer(product, prices.get(product.pk), free) for product in found]})

    def _free(self, product_ids: list[int]) -> dict[int, int] | None:
        """Free pieces by product, None without the right to see them."""
        if not self.request.user.has_perm(SEES_STOCK):
            return None
        warehouse = number_in(self.request.GET.get("warehouse"))
        if warehouse is None:
            return free_stock(product_ids)
        return {pk: found.free for pk, found in availability(warehouse, product_ids).items()}

    def _answer(self, product: Product, price: Any, free: dict[int, int] | None) -> dict[str, Any]:
        words = [f"{price.amount:,.2f} / {product.unit}" if price else _("no price")]
        answer = {
            "value": str(product.pk),
            "text": f"{product.sku} {product}",
            "price": str(price.amount) if price else None,
            "includes_tax": price.includes_tax if price else None,
            "tax_rate": str(product.tax_rate),
            "unit": product.unit,
            "pack_size": product.pack_size,
        }
        if free is not None:
            answer["free"] = free.get(product.pk, 0)
            words.append(_("%(pieces)s free") % {"pieces": quantity_text(answer["free"])})
        return {**answer, "sub": " · ".join(words)}


class Categories(ListPage):
    """Lines of products."""

    permission_required = MANAGE
    title = gettext_lazy("Categories")
    menu_key = "products"
    table = CategoryTable
    search_fields = ("name", "name_zh")

    def rows(self) -> QuerySet[Category]:
        return Category.objects.annotate(product_count=Count("products"))

    def actions(self) -> Sequence[Action]:
        return [Action(_("New category"), reverse("orders:category_new"), "plus", primary=True, permission=MANAGE)]

    @property
    def empty(self) -> Empty:  # type: ignore[override]
        """A product needs a category first."""
        new = Action(_("New category"), reverse("orders:category_new"), "plus", primary=True)
        return Empty(_("No categories yet"), _("A product belongs to a category."), new, icon="grid")


class CategoryNew(FormPage):
    """File a line of products."""

    permission_required = MANAGE
    title = gettext_lazy("New category")
    menu_key = "products"
    form_class = CategoryForm

    def crumbs(self) -> Sequence[Any]:
        return [*super().crumbs()[:-1], (_("Categories"), reverse("orders:categories")), (self.heading(), None)]

    def perform(self, form: Any) -> str:
        file_category(**form.cleaned_data, by=self.request.user)
        return reverse("orders:categories")


class CategoryChange(CategoryNew):
    """Rename a line of products."""

    title = gettext_lazy("Rename the category")

    @cached_property
    def category(self) -> Category:
        """The category that the address names."""
        return get_object_or_404(Category, pk=self.kwargs["pk"])

    def get_initial(self) -> dict[str, Any]:
        return {"name": self.category.name, "name_zh": self.category.name_zh}

    def perform(self, form: Any) -> str:
        rename_category(self.category.pk, **form.cleaned_data, by=self.request.user)
        return reverse("orders:categories")


class DiscountRights(FormPage):
    """How much discount each role that writes deliveries may give by itself."""

    permission_required = "orders.change_discountright"
    title = gettext_lazy("Discount rights")
    menu_key = "discount_rights"
    form_class = DiscountRightsForm
    message = gettext_lazy("The discount rights are saved.")
    intro = gettext_lazy(
        "In percent of the list price. Empty: none. A delivery with more discount is decided on by the approval policy."
    )

    @cached_property
    def roles(self) -> list[str]:
        """The roles that may write deliveries, in their usual order."""
        write = Permission.objects.get(content_type__app_label="orders", codename="write_delivery")
        writing = set(write.group_set.values_list("name", flat=True))
        return [role for role in Role.values if role in writing]

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "roles": self.roles}

    def get_initial(self) -> dict[str, Any]:
        return dict(DiscountRight.objects.values_list("role", "percent"))

    def perform(self, form: Any) -> str:
        given = {role: percent for role, percent in form.cleaned_data.items() if percent is not None}
        give_discount_rights(given, by=self.request.user)
        return self.request.path
