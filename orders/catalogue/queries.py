"""What products cost, and for whom."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Case, Count, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from orders.stock.models import Stock
from salesops.kernel.errors import RuleBroken
from salesops.kernel.money import Money
from salesops.users.models import User

from .models import Price, PriceList, Product, ProductQuerySet


@dataclass(frozen=True)
class PriceFound:
    """What one piece costs, by which list; `includes_tax` says what the amount means."""

    amount: Money
    includes_tax: bool
    price_list: PriceList


def holding_on(day: date) -> Q:
    """Return the condition on price lists that hold on a day."""
    return Q(is_active=True, valid_from__lte=day) & (Q(valid_until=None) | Q(valid_until__gte=day))


def best_prices(grade: str, on: date) -> QuerySet[Price]:
    """Return the prices that hold for a grade on a day, the one that counts first for each product.

    A list of the grade wins over the general one, then the list that started later, then the one made later.
    """
    lists = PriceList.objects.filter(holding_on(on), grade__in={"", grade})
    return Price.objects.filter(price_list__in=lists).order_by(
        "product_id", "-price_list__grade", "-price_list__valid_from", "-price_list_id"
    )


def prices_for(grade: str, on: date, product_ids: Iterable[int]) -> dict[int, PriceFound]:
    """Return what products cost a customer of that grade on a day, by product id, in one query.

    A product that no list names is not in the answer.
    """
    prices = best_prices(grade, on).filter(product_id__in=set(product_ids)).select_related("price_list")
    return {
        price.product_id: PriceFound(price.amount, price.price_list.includes_tax, price.price_list)
        for price in prices.distinct("product_id")
    }


def found_price(prices: dict[int, PriceFound], product: Product, on: date) -> PriceFound:
    """Return a product's price out of those found for a day; RuleBroken where there is none."""
    found = prices.get(product.pk)
    if found is None:
        raise RuleBroken(
            _("There is no price for %(sku)s %(name)s on %(day)s.")
            % {"sku": product.sku, "name": product, "day": on.isoformat()},
            rule="price",
            sku=product.sku,
            day=on,
        )
    return found


# ---- what people see ----
def sees_all_prices(user: User) -> bool:
    """Whether somebody sees every list and product; agents see what they may order, at their own price."""
    return user.has_perm("orders.view_pricelist")


def grade_of(user: User) -> str:
    """The grade by whose lists somebody's own price is found; empty for people of the company."""
    return user.customer.grade if user.customer else ""


def products_visible_to(user: User) -> ProductQuerySet:
    """Return the products that somebody may see: all of them, or those that may be ordered."""
    products = Product.objects.all()
    return products if sees_all_prices(user) else products.active()


def with_price(products: ProductQuerySet, grade: str, on: date) -> ProductQuerySet:
    """Add `price` and `price_includes_tax`: what each product costs that grade on a day, None where no list says."""
    best = best_prices(grade, on).filter(product=OuterRef("pk"))
    return products.annotate(
        price=Subquery(best.values("amount")[:1]),
        price_includes_tax=Subquery(best.values("price_list__includes_tax")[:1]),
    )


def with_free_stock(products: ProductQuerySet) -> ProductQuerySet:
    """Add `free_stock`: pieces that nobody has been promised, in all warehouses."""
    free = Stock.objects.filter(product=OuterRef("pk")).order_by().values("product")
    total = free.annotate(total=Sum(F("on_hand") - F("reserved"))).values("total")
    return products.annotate(free_stock=Coalesce(Subquery(total), Value(0), output_field=IntegerField()))


def price_lists() -> QuerySet[PriceList]:
    """Return all price lists with the number of products on each, `priced`."""
    return PriceList.objects.annotate(priced=Count("prices"))


def overlapping(price_list: PriceList) -> list[PriceList]:
    """Return the other active lists of the same grade that hold on some of the same days, the later start first.

    Where two name a price, the list that started later wins.
    """
    if not price_list.is_active:
        return []
    others = PriceList.objects.filter(grade=price_list.grade, is_active=True).exclude(pk=price_list.pk)
    others = others.filter(Q(valid_until=None) | Q(valid_until__gte=price_list.valid_from))
    if price_list.valid_until is not None:
        others = others.filter(valid_from__lte=price_list.valid_until)
    return list(others.order_by("-valid_from", "-pk"))


def prices_in_lists(product: Product) -> QuerySet[Price]:
    """Return every price of a product that any list names, lists that hold or will hold before those that are over."""
    today = timezone.localdate()
    over = Q(price_list__valid_until__lt=today) | Q(price_list__is_active=False)
    return (
        product.prices.select_related("price_list")
        .annotate(is_over=over)
        .order_by("is_over", "price_list__grade", "-price_list__valid_from", "-price_list_id")
    )


def find_products(products: QuerySet[Product], text: str) -> QuerySet[Product]:
    """Keep products with every word in SKU or name, the likeliest first: by the beginning of SKU and name."""
    whole = text.replace("\x00", "").strip()
    for word in whole.split()[:6]:
        products = products.filter(Q(sku__icontains=word) | Q(name__icontains=word) | Q(name_zh__icontains=word))
    rank = Case(
        When(sku__iexact=whole, then=Value(0)),
        When(sku__istartswith=whole, then=Value(1)),
        When(Q(name__istartswith=whole) | Q(name_zh__startswith=whole), then=Value(2)),
        When(name__icontains=f" {whole}", then=Value(3)),
        default=Value(4),
        output_field=IntegerField(),
    )
    return products.annotate(rank=rank).order_by("rank", "sku")
