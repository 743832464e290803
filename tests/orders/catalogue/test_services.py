"""Products, price lists, prices, discount rights: what changes, and what is refused."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from customers.models import Customer
from orders.catalogue.services import (
    PriceChange,
    PriceListData,
    ProductData,
    change_price_list,
    change_product,
    file_product,
    give_discount_rights,
    open_price_list,
    set_prices,
)
from orders.models import Delivery, DeliveryLine, DiscountRight, Price, PriceList, Product
from salesops.kernel.errors import RuleBroken
from salesops.users.roles import Role
from tests.support.build import (
    make_category,
    make_customer,
    make_price,
    make_price_list,
    make_product,
    make_user,
    make_warehouse,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager():
    return make_user(Role.SALES_MANAGER)


def data_of(product: Product, **changes: object) -> ProductData:
    fields = {name: getattr(product, name) for name in ProductData.__dataclass_fields__}
    return ProductData(**{**fields, **changes})


def make_delivery_of(product: Product, customer: Customer | None = None) -> Delivery:
    customer = customer or make_customer()
    delivery = Delivery.objects.create(
        number=f"DL-{product.pk}",
        customer=customer,
        warehouse=make_warehouse(),
        ordered_on=date(2026, 1, 1),
        region=customer.region,
    )
    DeliveryLine.objects.create(delivery=delivery, product=product, quantity=1, unit_price=1, net=1, tax=0, amount=1)
    return delivery


def test_a_product_is_filed(manager):
    product = file_product(
        ProductData(sku="KT-1", name="Kettle", name_zh="水壶", category_id=make_category().pk, pack_size=6), by=manager
    )

    product.refresh_from_db()
    assert (product.sku, product.pack_size, product.tax_rate) == ("KT-1", 6, Decimal(13))


def test_no_sku_is_given_twice_whatever_its_case(manager):
    make_product("KT-1")

    with pytest.raises(RuleBroken, match="SKU kt-1 already") as refused:
        file_product(ProductData(sku="kt-1", name="Kettle", category_id=make_category().pk), by=manager)

    assert refused.value.field == "sku"
    assert Product.objects.count() == 1


@pytest.mark.parametrize("sku", ["A/B", "new", "pick", "..", " KT", "K\tT"])
def test_a_sku_can_be_written_in_an_address(manager, sku):
    with pytest.raises(RuleBroken, match="A SKU has no slash") as refused:
        file_product(ProductData(sku=sku, name="Kettle", category_id=make_category().pk), by=manager)

    assert refused.value.field == "sku"
    assert not Product.objects.exists()


def test_a_product_changes_and_may_be_set_inactive(manager):
    product = make_product(name="Kettle")

    change_product(product.pk, data_of(product, name="Kettle 1.7 l", is_active=False), by=manager)

    product.refresh_from_db()
    assert (product.name, product.is_active) == ("Kettle 1.7 l", False)


def test_a_sku_that_deliveries_go_by_stays(manager):
    product = make_product("KT-1")
    make_delivery_of(product)

    with pytest.raises(RuleBroken, match="so it stays"):
        change_product(product.pk, data_of(product, sku="KT-2"), by=manager)

    product.refresh_from_db()
    assert product.sku == "KT-1"


def test_a_product_does_not_take_the_sku_of_another(manager):
    make_product("KT-1")
    other = make_product("KT-2")

    with pytest.raises(RuleBroken, match="already"):
        change_product(other.pk, data_of(other, sku="KT-1"), by=manager)

    other.refresh_from_db()
    assert other.sku == "KT-2"


def test_a_list_is_copied_with_its_prices_changed_and_rounded_to_the_cent(manager):
    old = make_price_list()
    for amount in ("10.00", "0.99", "33.33"):
        make_price(make_product(), amount, old)

    made = open_price_list(
        PriceListData(name="Summer", valid_from=date(2026, 7, 1)),
        by=manager,
        copy_of=old.pk,
        change_percent=Decimal("2.5"),
    )

    assert [str(price.amount) for price in made.prices.order_by("product_id")] == ["10.25", "1.01", "34.16"]
    assert [str(price.amount) for price in old.prices.order_by("product_id")] == ["10.00", "0.99", "33.33"]


@pytest.mark.parametrize(
    ("data", "more", "field"),
    [
        ({"name": "general", "valid_from": date(2026, 7, 1)}, {}, "name"),
        ({"name": "X", "valid_from": date(2026, 7, 1), "valid_until": date(2026, 6, 30)}, {}, "valid_until"),
        ({"name": "X", "valid_from": date(2026, 7, 1)}, {"change_percent": Decimal(-101)}, "change_percent"),
    ],
)
def test_an_unsound_list_is_not_opened(manager, data, more, field):
    old = make_price_list(name="General")

    with pytest.raises(RuleBroken) as refused:
        open_price_list(PriceListData(**data), by=manager, copy_of=old.pk, **more)

    assert refused.value.field == field
    assert list(PriceList.objects.all()) == [old]


def test_a_list_changes_its_span_and_keeps_its_prices(manager):
    price_list = make_price_list(name="General")
    price = make_price(make_product(), 10, price_list)

    change_price_list(
        price_list.pk,
        PriceListData(name="General", valid_from=price_list.valid_from, valid_until=date(2026, 12, 31)),
        by=manager,
    )

    price_list.refresh_from_db()
    assert price_list.valid_until == date(2026, 12, 31)
    assert list(price_list.prices.all()) == [price]


def test_a_list_does_not_end_before_it_starts(manager):
    price_list = make_price_list(valid_from=date(2026, 7, 1))

    with pytest.raises(RuleBroken):
        change_price_list(
            price_list.pk,
            PriceListData(name="X", valid_from=date(2026, 7, 1), valid_until=date(2026, 6, 1)),
            by=manager,
        )

    price_list.refresh_from_db()
    assert price_list.valid_until is None


def test_prices_are_set_changed_and_taken_off_together(manager):
    price_list = make_price_list()
    new, changed, gone = make_product(), make_product(), make_product()
    make_price(changed, 10, price_list)
    make_price(gone, 20, price_list)

    count = set_prices(
        price_list.pk,
        [
            PriceChange(new.pk, Decimal("5.00"), None),
            PriceChange(changed.pk, Decimal("11.00"), Decimal("10.00")),
            PriceChange(gone.pk, None, Decimal("20.00")),
        ],
        by=manager,
    )

    assert count == 3
    assert dict(price_list.prices.values_list("product_id", "amount")) == {new.pk: Decimal(5), changed.pk: Decimal(11)}


def test_a_price_that_somebody_else_changed_is_not_overwritten(manager):
    price_list = make_price_list()
    first, second = make_product("AA-1"), make_product("BB-2")
    make_price(first, 10, price_list)
    make_price(second, 12, price_list)

    with pytest.raises(RuleBroken, match=r"BB-2 meanwhile; it is 12\.00 now") as refused:
        set_prices(
            price_list.pk,
            [
                PriceChange(first.pk, Decimal(9), Decimal(10)),
                PriceChange(second.pk, Decimal(13), Decimal(11)),
            ],
            by=manager,
        )

    assert refused.value.field == f"price_{second.pk}"
    assert sorted(price_list.prices.values_list("amount", flat=True)) == [Decimal(10), Decimal(12)]


def test_a_price_is_not_negative(manager):
    price_list, product = make_price_list(), make_product()

    with pytest.raises(RuleBroken, match="not negative"):
        set_prices(price_list.pk, [PriceChange(product.pk, Decimal(-1), None)], by=manager)

    assert not Price.objects.exists()


def test_the_database_refuses_a_negative_price_and_a_second_one():
    price = make_price(make_product(), 10)

    for wrong in ({"amount": -1}, {"amount": 5}):
        product = price.product if wrong["amount"] > 0 else make_product()
        with pytest.raises(IntegrityError), transaction.atomic():
            Price.objects.create(price_list=price.price_list, product=product, **wrong)

    assert Price.objects.count() == 1


def test_discount_rights_are_replaced_as_a_whole(manager):
    DiscountRight.objects.create(role=Role.MARKETING, percent=50)
    DiscountRight.objects.create(role=Role.SUPERVISOR, percent=5)

    give_discount_rights({Role.REPRESENTATIVE: Decimal(3), Role.SUPERVISOR: Decimal("7.5")}, by=manager)

    rights = dict(DiscountRight.objects.values_list("role", "percent"))
    assert rights == {Role.REPRESENTATIVE: Decimal(3), Role.SUPERVISOR: Decimal("7.5")}


def test_no_role_may_give_more_than_everything(manager):
    DiscountRight.objects.create(role=Role.SUPERVISOR, percent=5)

    with pytest.raises(RuleBroken) as refused:
        give_discount_rights({Role.SUPERVISOR: Decimal(101)}, by=manager)

    assert refused.value.field == Role.SUPERVISOR
    assert DiscountRight.objects.get().percent == 5
