"""Pages of products and prices: what they show to whom, what they keep, how often they ask the database."""

import json
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO

import openpyxl
import pytest
from django.urls import reverse
from django.utils import timezone

from orders.catalogue.registry import hits
from orders.catalogue.services import PriceChange, set_prices
from orders.models import DiscountRight, Price, PriceList, Product
from orders.stock.services import expect_goods
from salesops.users.roles import Role
from salesops.web.history import Parts, history_of
from tests.support.build import (
    make_category,
    make_customer,
    make_price,
    make_price_list,
    make_product,
    make_stock,
    make_user,
    make_warehouse,
)
from tests.support.signed_in import client_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager():
    return client_of(Role.SALES_MANAGER)


@pytest.fixture
def agent():
    return client_of(Role.AGENT, customer=make_customer(grade="A"))


def text_of(response) -> str:
    return response.content.decode()


# ---- products ----
def test_the_list_shows_price_and_free_stock(manager):
    product = make_product("KT-1", name="Kettle", price="129.00")
    make_stock(make_warehouse(), product, 50, reserved=8)
    make_stock(make_warehouse(), product, 5)

    text = text_of(manager.get(reverse("orders:products")))

    assert "KT-1" in text
    assert "129<small>.00</small>" in text
    assert ">47<" in text


def test_an_agent_sees_the_own_price_and_nothing_else(agent):
    product = make_product("KT-1", name="Kettle", price="129.00")
    make_price(product, "119.00", make_price_list("A", name="Secret of A"))
    make_price(product, "99.00", make_price_list("B", name="Secret of B"))
    make_stock(make_warehouse(name="Hidden place"), product, 4711)
    make_product("OLD-1", is_active=False)

    for url in (reverse("orders:products"), product.get_absolute_url()):
        text = text_of(agent.get(url))
        assert "119<small>.00</small>" in text
        assert not [word for word in ("129", "99<small>", "4,711", "4711", "Hidden place", "Secret") if word in text]
        assert "OLD-1" not in text
    for key in ("stock", "expected", "movements", "history"):
        assert agent.get(reverse("web:panel", args=["product", key, product.sku])).status_code == 403


def test_a_product_that_may_not_be_ordered_is_not_there_for_an_agent(agent, manager):
    product = make_product(is_active=False)

    assert agent.get(product.get_absolute_url()).status_code == 404
    assert manager.get(product.get_absolute_url()).status_code == 200


def test_without_the_right_to_see_stock_the_column_is_not_there_nor_in_the_file():
    marketing = client_of(Role.MARKETING)
    product = make_product("KT-1", price=10)
    make_stock(make_warehouse(), product, 4711)

    assert "4,711" not in text_of(marketing.get(reverse("orders:products")))
    assert "4711" not in cells(marketing.get(reverse("orders:products"), {"export": "xlsx"}))


def test_the_file_holds_what_is_shown(manager):
    category = make_category("Kettles")
    make_product("KT-1", category=category, price=10)
    make_product("PN-1", price=10)

    shown = cells(manager.get(reverse("orders:products"), {"export": "xlsx", "category": category.pk}))

    assert "KT-1" in shown
    assert "PN-1" not in shown


def cells(response) -> set[str]:
    book = openpyxl.load_workbook(BytesIO(response.getvalue()))
    return {str(cell.value) for row in book.active.iter_rows() for cell in row if cell.value is not None}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "kett"}, {"KT-1", "KT-2"}),
        ({"q": "水壶"}, {"KT-2"}),
        ({"q": "t-1"}, {"KT-1"}),
        ({"active": "no"}, {"OLD-1"}),
        ({"stock": "yes"}, {"KT-1"}),
        ({"stock": "no", "active": "yes"}, {"KT-2"}),
        ({"priced": "no"}, {"KT-2", "OLD-1"}),
    ],
)
def test_products_are_narrowed(manager, query, found):
    first = make_product("KT-1", name="Kettle", price=10)
    make_product("KT-2", name="Kettle", name_zh="水壶")
    make_product("OLD-1", is_active=False, name="Pan")
    make_stock(make_warehouse(), first, 1)

    text = text_of(manager.get(reverse("orders:products"), query))

    assert {sku for sku in ("KT-1", "KT-2", "OLD-1") if f">{sku}<" in text} == found


def test_a_long_list_asks_no_more_than_a_short_one(manager, django_assert_max_num_queries):
    category, place, general = make_category(), make_warehouse(), make_price_list()
    for _ in range(60):
        product = make_product(category=category)
        make_price(product, 10, general)
        make_stock(place, product, 5)

    with django_assert_max_num_queries(12):
        manager.get(reverse("orders:products"))


def test_a_product_is_filed_once_and_changed(manager):
    category = make_category()
    page = manager.get(reverse("orders:product_new"))
    given = {
        "sku": "KT-1",
        "name": "Kettle",
        "category": category.pk,
        "unit": "pcs",
        "pack_size": 6,
        "tax_rate": "13",
        "is_active": "on",
        "once_key": page.context["once_key"],
    }

    for _ in range(2):
        response = manager.post(reverse("orders:product_new"), given)
        assert response["Location"] == "/products/KT-1/"
    assert Product.objects.count() == 1

    response = manager.post("/products/KT-1/change/", {**given, "name": "Kettle 1.7 l", "once_key": ""})
    assert response["Location"] == "/products/KT-1/"
    assert Product.objects.get().name == "Kettle 1.7 l"


def test_a_refused_product_keeps_what_was_typed(manager):
    make_product("KT-1")
    given = {
        "sku": "kt-1",
        "name": "Kettle",
        "category": make_category().pk,
        "unit": "pcs",
        "pack_size": 1,
        "tax_rate": 13,
    }

    response = manager.post(reverse("orders:product_new"), given)

    assert response.status_code == 422
    assert "There is a product with the SKU kt-1 already." in text_of(response)
    assert 'value="Kettle"' in text_of(response)
    assert Product.objects.count() == 1


def test_categories_are_filed_and_renamed_but_never_twice(manager):
    category = make_category("Pans")

    manager.post(reverse("orders:category_new"), {"name": "Kettles"})
    response = manager.post(reverse("orders:category_change", args=[category.pk]), {"name": "kettles"})
    assert response.status_code == 422
    manager.post(reverse("orders:category_change", args=[category.pk]), {"name": "Pots"})

    category.refresh_from_db()
    assert category.name == "Pots"


# ---- picking ----
def test_picking_answers_with_the_customers_price_and_what_is_free(manager):
    product = make_product("KT-1", name="Kettle", price=100)
    make_price(product, 90, make_price_list("A"))
    place = make_warehouse()
    make_stock(place, product, 10, reserved=4)
    make_stock(make_warehouse(), product, 100)
    customer = make_customer(grade="A")

    answer = manager.get(
        reverse("orders:pick_product"), {"q": "kettle kt", "customer": customer.pk, "warehouse": place.pk}
    ).json()

    (found,) = answer["results"]
    assert (found["value"], found["text"], found["price"], found["free"]) == (
        str(product.pk),
        "KT-1 Kettle",
        "90.00",
        6,
    )
    assert found["sub"] == "90.00 / pcs · 6 free"


def test_an_agent_picks_at_the_own_price_without_stock(agent):
    product = make_product("KT-1", price=100)
    make_price(product, 90, make_price_list("A"))
    make_stock(make_warehouse(), product, 4711)

    answer = agent.get(reverse("orders:pick_product"), {"q": "KT"})

    assert answer.json()["results"][0]["price"] == "90.00"
    assert "free" not in answer.json()["results"][0]
    assert "4711" not in json.dumps(answer.json())


def test_nobody_picks_at_the_price_of_a_customer_out_of_scope(agent):
    stranger = make_customer(grade="B")

    assert agent.get(reverse("orders:pick_product"), {"customer": stranger.pk}).status_code == 404


def test_picking_puts_the_beginning_of_a_sku_first_and_leaves_inactive_ones_out(manager):
    make_product("AA-9", name="fits KT-1")
    make_product("KT-1")
    make_product("KT-2", is_active=False)

    found = manager.get(reverse("orders:pick_product"), {"q": "KT"}).json()["results"]

    assert [one["text"].split()[0] for one in found] == ["KT-1", "AA-9"]


def test_picking_among_many_is_a_handful_of_queries(manager, django_assert_max_num_queries):
    general = make_price_list()
    for _ in range(30):
        make_price(make_product(), 10, general)

    with django_assert_max_num_queries(9):
        assert len(manager.get(reverse("orders:pick_product")).json()["results"]) == 20


# ---- price lists ----
def test_the_page_of_a_list_says_which_list_wins(manager):
    old = make_price_list(name="Old", valid_from=date(2026, 1, 1))
    new = make_price_list(name="New", valid_from=date(2026, 7, 1))
    make_price_list("A", name="Of grade A", valid_from=date(2026, 7, 1))

    text = text_of(manager.get(reverse("orders:price_list", args=[old.pk])))
    assert "From 2026-07-01 another list of the same grade wins" in text
    assert "Of grade A" not in text
    assert "this list wins over the earlier one" in text_of(manager.get(reverse("orders:price_list", args=[new.pk])))


def test_a_list_is_made_out_of_another(manager):
    old = make_price_list(name="2026")
    make_price(make_product(), "100.00", old)

    manager.post(
        reverse("orders:price_list_new"),
        {
            "name": "2027",
            "valid_from": "2027-01-01",
            "includes_tax": "on",
            "is_active": "on",
            "copy_of": old.pk,
            "change_percent": "3.5",
        },
    )

    made = PriceList.objects.get(name="2027")
    assert [price.amount for price in made.prices.all()] == [Decimal("103.50")]


def test_lists_are_narrowed_by_whether_they_hold(manager):
    today = timezone.localdate()
    make_price_list(name="Now list")
    make_price_list(name="Later list", valid_from=today + timedelta(days=9))
    make_price_list(name="Over list", valid_until=today - timedelta(days=1))
    make_price_list(name="Put away", is_active=False)

    for state, names in {"now": {"Now list"}, "later": {"Later list"}, "over": {"Over list", "Put away"}}.items():
        text = text_of(manager.get(reverse("orders:price_lists"), {"state": state}))
        shown = {name for name in ("Now list", "Later list", "Over list", "Put away") if f"{name}<" in text}
        assert shown == names


def grid_data(page) -> dict[str, str]:
    """What a browser would send back: every field, and what stood in it."""
    form = page.context["form"]
    data: dict[str, str] = {"once_key": ""}
    for bound in form:
        value = "" if bound.initial is None else str(bound.initial)
        data[bound.html_name] = data[bound.html_initial_name] = value
    return data


def test_the_grid_writes_what_was_touched_only(manager):
    price_list = make_price_list()
    touched, untouched, new, gone = make_product(), make_product(), make_product(), make_product()
    for product in (touched, untouched, gone):
        make_price(product, 10, price_list)
    url = reverse("orders:prices_change", args=[price_list.pk])

    data = grid_data(manager.get(url))
    Price.objects.filter(product=untouched).update(amount=11)  # somebody else, meanwhile
    data |= {f"price_{touched.pk}": "12.50", f"price_{new.pk}": "7", f"price_{gone.pk}": ""}
    response = manager.post(url, data)

    assert response.status_code == 302
    prices = dict(price_list.prices.values_list("product_id", "amount"))
    assert prices == {touched.pk: Decimal("12.50"), untouched.pk: Decimal(11), new.pk: Decimal(7)}


def test_the_grid_does_not_overwrite_somebody_elses_change_and_keeps_what_was_typed(manager):
    price_list, product = make_price_list(), make_product("KT-1")
    make_price(product, 10, price_list)
    url = reverse("orders:prices_change", args=[price_list.pk])

    data = grid_data(manager.get(url))
    Price.objects.update(amount=11)
    response = manager.post(url, {**data, f"price_{product.pk}": "12.50"})

    assert response.status_code == 422
    assert "Somebody else has changed the price of KT-1" in text_of(response)
    assert 'value="12.50"' in text_of(response)
    assert Price.objects.get().amount == 11


def test_the_grid_refuses_what_is_no_price(manager):
    price_list, product = make_price_list(), make_product()
    url = reverse("orders:prices_change", args=[price_list.pk])

    for wrong in ("-1", "ten", "1.234"):
        response = manager.post(url, {f"price_{product.pk}": wrong, f"initial-price_{product.pk}": ""})
        assert response.status_code == 422

    assert not Price.objects.exists()


def test_discount_rights_are_saved_for_the_roles_that_write_deliveries(manager):
    page = manager.get(reverse("orders:discount_rights"))
    assert Role.SUPPLY not in page.context["form"].fields

    manager.post(reverse("orders:discount_rights"), {Role.SUPERVISOR: "7.5", Role.REPRESENTATIVE: ""})

    assert dict(DiscountRight.objects.values_list("role", "percent")) == {Role.SUPERVISOR: Decimal("7.5")}


def test_a_discount_right_beyond_everything_is_refused_at_its_field(manager):
    response = manager.post(reverse("orders:discount_rights"), {Role.SUPERVISOR: "101"})

    assert response.status_code == 422
    assert not DiscountRight.objects.exists()


# ---- history ----
def test_the_history_names_who_changed_a_price_and_took_one_off():
    manager = make_user(Role.SALES_MANAGER, full_name="Lin Yue")
    price_list, product = make_price_list(name="General"), make_product("KT-1")
    set_prices(price_list.pk, [PriceChange(product.pk, Decimal(10), None)], by=manager)
    set_prices(price_list.pk, [PriceChange(product.pk, Decimal(12), Decimal(10))], by=manager)
    set_prices(price_list.pk, [PriceChange(product.pk, None, Decimal(12))], by=manager)

    changes = history_of(product, Parts(Price, product=product))

    prices = [(change.verb, change.by, change.old, change.new) for change in changes if change.what]
    assert prices == [
        ("removed", "Lin Yue", "", ""),
        ("changed", "Lin Yue", "10.00", "12.00"),
        ("added", "Lin Yue", "", ""),
    ]


def test_expected_goods_stand_in_the_history_for_those_who_see_stock():
    supply = make_user(Role.SUPPLY)
    product = make_product("KT-1")
    day = timezone.localdate() + timedelta(days=5)
    place = make_warehouse()
    expect_goods(by=supply, warehouse_id=place.pk, product_id=product.pk, quantity=4711, expected_on=day)
    url = reverse("web:panel", args=["product", "history", product.sku])

    assert "expected goods" in text_of(client_of(Role.SUPPLY).get(url))
    assert "expected goods" not in text_of(client_of(Role.MARKETING).get(url))


# ---- search ----
def test_the_search_finds_what_the_person_may_see():
    make_product("KT-1", name="Kettle")
    make_product("KT-2", name="Kettle", is_active=False)
    manager = make_user(Role.SALES_MANAGER)
    agent = make_user(Role.AGENT, customer=make_customer())

    assert [hit.sub for hit in hits(manager, "kettle", 5)] == ["KT-1", "KT-2 · Inactive"]
    assert [hit.sub for hit in hits(agent, "kettle", 5)] == ["KT-1"]
