"""Writing an application in the browser: what is saved, what is refused and kept, what the preview says."""

from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from customers.models import Address
from orders.catalogue.models import DiscountRight
from orders.deliveries.services import LineInput, change_delivery, write_delivery
from orders.models import Delivery, Price
from salesops.approvals.models import Request
from salesops.users.models import User
from salesops.users.roles import Role
from tests.support.build import Sales, make_product, make_sales, make_stock, make_user
from tests.support.signed_in import signed_in

pytestmark = pytest.mark.django_db

Line = tuple[Any, ...]


@pytest.fixture
def sales() -> Sales:
    return make_sales()


def typed(sales: Sales, *lines: Line, **head: Any) -> dict[str, Any]:
    """What a browser sends: lines are (product id, quantity) or (product id, quantity, discount)."""
    data: dict[str, Any] = {
        "warehouse": sales.warehouse.pk,
        "wanted_on": "",
        "address": "",
        "note": "",
        "lines-TOTAL_FORMS": len(lines),
        "lines-INITIAL_FORMS": 0,
        "then": "draft",
    }
    for at, (product, quantity, *discount) in enumerate(lines):
        data |= {f"lines-{at}-product": product, f"lines-{at}-quantity": quantity}
        if discount:
            data[f"lines-{at}-discount"] = discount[0]
    return data | head


def new(user: User, data: dict[str, Any]) -> Any:
    return signed_in(user).post(reverse("orders:delivery_new"), data)


def preview(user: User, data: dict[str, Any], query: str = "") -> str:
    response = signed_in(user).post(reverse("orders:delivery_preview") + query, data, headers={"HX-Request": "true"})
    assert response.status_code == 200
    text: str = response.content.decode()
    return text


# ---- saving ----
def test_a_draft_is_saved_with_its_lines(sales: Sales) -> None:
    customer = sales.customer()
    wanted = timezone.localdate().isoformat()
    data = typed(sales, (sales.product.pk, 3), (sales.product.pk, 2, "10"), customer=customer.pk, wanted_on=wanted)
    response = new(sales.representative, data | {"address": "Street 1", "note": "Soon"})
    delivery = Delivery.objects.get()
    assert response["Location"] == delivery.get_absolute_url()
    assert (delivery.state, delivery.amount, delivery.address, delivery.note) == (
        "draft",
        Decimal("480.00"),
        "Street 1",
        "Soon",
    )
    assert [(line.quantity, line.discount_percent) for line in delivery.lines.all()] == [(3, 0), (2, Decimal(10))]


def test_submit_writes_and_submits_at_once(sales: Sales) -> None:
    data = typed(sales, (sales.product.pk, 3), customer=sales.customer().pk, then="submit")
    new(sales.representative, data)
    assert Delivery.objects.get().state == "submitted"
    assert Request.objects.get().submitted_by == sales.representative


def test_where_submitting_is_refused_nothing_is_written_and_everything_typed_is_kept(sales: Sales) -> None:
    User.objects.exclude(pk=sales.representative.pk).update(is_active=False)
    data = typed(sales, (sales.product.pk, 37), customer=sales.customer().pk, then="submit", note="For the fair")
    response = new(sales.representative, data)
    assert response.status_code == 422
    assert not Delivery.objects.exists()
    text = response.content.decode()
    assert 'value="37"' in text
    assert "For the fair" in text
    assert "Nobody but those who wrote it may decide" in text


def test_sending_twice_writes_once(sales: Sales) -> None:
    client = signed_in(sales.representative)
    key = client.get(reverse("orders:delivery_new")).context["once_key"]
    data = typed(sales, (sales.product.pk, 3), customer=sales.customer().pk, once_key=key)
    first = client.post(reverse("orders:delivery_new"), data)
    second = client.post(reverse("orders:delivery_new"), data)
    assert Delivery.objects.count() == 1
    assert first["Location"] == second["Location"]


def test_blank_and_removed_lines_do_not_count(sales: Sales) -> None:
    data = typed(sales, ("", ""), (sales.product.pk, 3), (sales.product.pk, 9), customer=sales.customer().pk)
    new(sales.representative, data | {"lines-2-DELETE": "on"})
    assert [line.quantity for line in Delivery.objects.get().lines.all()] == [3]


# ---- what is wrong ----
def test_a_delivery_without_lines_is_refused(sales: Sales) -> None:
    response = new(sales.representative, typed(sales, ("", ""), customer=sales.customer().pk))
    assert response.status_code == 422
    assert "Add at least one line." in response.content.decode()
    assert not Delivery.objects.exists()


@pytest.mark.parametrize("quantity", ["0", "-3", "x", "1.5", ""])
def test_a_quantity_that_is_none_is_an_error_at_its_line(sales: Sales, quantity: str) -> None:
    response = new(sales.representative, typed(sales, (sales.product.pk, quantity), customer=sales.customer().pk))
    assert response.status_code == 422
    assert response.context["lines"].forms[0].errors.keys() == {"quantity"}
    assert not Delivery.objects.exists()


def test_a_product_without_a_price_is_an_error_at_its_line(sales: Sales) -> None:
    unpriced = make_product()
    data = typed(sales, (sales.product.pk, 1), (unpriced.pk, 2), customer=sales.customer().pk)
    response = new(sales.representative, data)
    assert response.status_code == 422
    forms = response.context["lines"].forms
    assert not forms[0].errors
    assert "There is no price" in str(forms[1].errors["product"])


@pytest.mark.parametrize("product", ["999999", "abc", "99999999999999999999", "1e3"])
def test_a_product_that_is_none_is_an_error_at_its_line(sales: Sales, product: str) -> None:
    response = new(sales.representative, typed(sales, (product, 2), customer=sales.customer().pk))
    assert response.status_code == 422
    assert response.context["lines"].forms[0].errors.keys() == {"product"}


def test_an_inactive_product_is_not_ordered(sales: Sales) -> None:
    gone = make_product(price=5, is_active=False)
    response = new(sales.representative, typed(sales, (gone.pk, 2), customer=sales.customer().pk))
    assert response.status_code == 422
    assert not Delivery.objects.exists()


def test_a_customer_out_of_scope_is_refused(sales: Sales) -> None:
    foreign = make_sales().customer()
    response = new(sales.representative, typed(sales, (sales.product.pk, 2), customer=foreign.pk))
    assert response.status_code == 422
    assert "customer" in response.context["form"].errors
    assert foreign.name not in response.content.decode()


def test_a_changed_price_shows_in_the_form_before_it_is_sent(sales: Sales) -> None:
    customer = sales.customer()
    draft = sales.draft(customer, 2)
    Price.objects.filter(product=sales.product).update(amount=Decimal(120))
    response = signed_in(sales.representative).get(reverse("orders:delivery_change", args=[draft.number]))
    assert response.context["preview"].amount == Decimal("240.00")


# ---- changing ----
def change(user: User, delivery: Delivery, data: dict[str, Any]) -> Any:
    return signed_in(user).post(reverse("orders:delivery_change", args=[delivery.number]), data)


def test_a_change_replaces_the_lines(sales: Sales) -> None:
    draft = sales.draft(sales.customer(), 2)
    change(sales.representative, draft, typed(sales, (sales.product.pk, 5), version=draft.version))
    draft.refresh_from_db()
    assert (draft.amount, draft.version) == (Decimal("500.00"), 2)


def test_the_form_of_a_change_starts_with_what_is_there(sales: Sales) -> None:
    draft = sales.draft(sales.customer(), 7, discount=5)
    response = signed_in(sales.representative).get(reverse("orders:delivery_change", args=[draft.number]))
    first = response.context["lines"].forms[0]
    assert (first.chosen, first["quantity"].value(), first["discount"].value()) == (sales.product, 7, Decimal(5))
    assert response.context["preview"].amount == draft.amount


def test_a_stale_form_is_told_that_somebody_changed_it(sales: Sales) -> None:
    draft = sales.draft(sales.customer(), 2)
    lines = [LineInput(sales.product.pk, 9)]
    change_delivery(draft.pk, by=sales.supervisor, version=1, warehouse_id=sales.warehouse.pk, lines=lines)
    response = change(sales.representative, draft, typed(sales, (sales.product.pk, 5), version=1))
    assert response.status_code == 422
    assert "Somebody changed" in response.content.decode()
    assert 'value="5"' in response.content.decode()
    draft.refresh_from_db()
    assert draft.amount == Decimal("900.00")


def test_what_waits_for_a_decision_opens_no_form(sales: Sales) -> None:
    request = sales.submitted(sales.customer())
    delivery = Delivery.objects.get(pk=request.object_id)
    url = reverse("orders:delivery_change", args=[delivery.number])
    assert signed_in(sales.representative).get(url)["Location"] == delivery.get_absolute_url()
    data = typed(sales, (sales.product.pk, 1), version=delivery.version)
    assert change(sales.representative, delivery, data).status_code == 422
    assert Delivery.objects.get(pk=delivery.pk).amount == delivery.amount


def test_a_year_that_nobody_means_is_said_at_the_wanted_day(sales: Sales) -> None:
    typed_in = typed(sales, (sales.product.pk, 1), customer=sales.customer().pk, wanted_on="0202-12-01")
    response = new(sales.representative, typed_in)
    assert response.status_code == 422
    assert response.context["form"].errors["wanted_on"] == ["This year is not meant."]
    assert not Delivery.objects.exists()


# ---- agents ----
def test_an_agent_orders_for_its_own_account_only(sales: Sales) -> None:
    own, other = sales.customer(), sales.customer()
    agent = make_user(Role.AGENT, customer=own)
    new(agent, typed(sales, (sales.product.pk, 1), customer=other.pk))
    assert Delivery.objects.get().customer == own


def test_an_agent_sees_neither_discounts_nor_stock_nor_who_decides(sales: Sales) -> None:
    own = sales.customer()
    make_stock(sales.warehouse, make_product(sku="SOME", price=1), 4321)
    agent = make_user(Role.AGENT, customer=own)
    text = signed_in(agent).get(reverse("orders:delivery_new")).content.decode()
    assert "Discount" not in text
    assert ">Free<" not in text
    told = preview(agent, typed(sales, (sales.product.pk, 200)))
    assert "stock" not in told
    assert "Decided by" not in told
    assert "20,000" in told
    asked: dict[str, Any] = {"q": "SOME", "warehouse": sales.warehouse.pk}
    found = signed_in(agent).get(reverse("orders:delivery_products"), asked)
    assert "4,321" not in found.content.decode()


def test_a_discount_that_an_agent_sends_is_not_given(sales: Sales) -> None:
    agent = make_user(Role.AGENT, customer=sales.customer())
    new(agent, typed(sales, (sales.product.pk, 1, "50")))
    assert Delivery.objects.get().amount == Decimal("100.00")


def test_a_discount_that_the_representative_gave_stays_when_the_agent_changes_the_quantity(sales: Sales) -> None:
    own = sales.customer()
    draft = sales.draft(own, 2, discount=10)
    agent = make_user(Role.AGENT, customer=own)
    change(agent, draft, typed(sales, (sales.product.pk, 5), version=draft.version))
    draft.refresh_from_db()
    assert draft.amount == Decimal("450.00")


def test_each_of_two_lines_of_one_product_keeps_its_own_discount(sales: Sales) -> None:
    own, product = sales.customer(), sales.product.pk
    agent = make_user(Role.AGENT, customer=own)
    draft = write_delivery(
        by=sales.representative,
        customer_id=own.pk,
        warehouse_id=sales.warehouse.pk,
        lines=[LineInput(product, 1, Decimal(0)), LineInput(product, 1, Decimal(10))],
    )
    change(agent, draft, typed(sales, (product, 2), (product, 3), (product, 4), version=draft.version))
    assert discounts(draft) == [(2, "0.00"), (3, "10.00"), (4, "0.00")]
    first_removed = {"lines-0-DELETE": "on", "version": 2}
    change(agent, draft, typed(sales, (product, 2), (product, 5), **first_removed))
    assert discounts(draft) == [(5, "10.00")]


def discounts(delivery: Delivery) -> list[tuple[int, str]]:
    """Pieces and discount of each line."""
    rows = delivery.lines.order_by("position").values_list("quantity", "discount_percent")
    return [(quantity, str(percent)) for quantity, percent in rows]


# ---- the preview ----
def test_the_preview_prices_lines_and_puts_them_on_the_account(sales: Sales) -> None:
    customer = sales.customer(limit=1_000)
    sales.ship(sales.approved(customer, 4))
    told = preview(sales.representative, typed(sales, (sales.product.pk, 7, "10"), customer=customer.pk))
    assert "630<small>.00" in told
    assert "Over the limit by" in told
    assert "30<small>.00" in told
    assert not Delivery.objects.filter(state="draft").exists()


def test_the_preview_says_a_missing_price_at_the_line(sales: Sales) -> None:
    unpriced = make_product()
    told = preview(sales.representative, typed(sales, (unpriced.pk, 7), customer=sales.customer().pk))
    assert 'id="line-0-wrong"' in told
    assert "There is no price" in told


def test_the_preview_says_who_would_decide_and_why(sales: Sales) -> None:
    customer = sales.customer(limit=1_000)
    within = preview(sales.representative, typed(sales, (sales.product.pk, 3), customer=customer.pk))
    assert "Sales supervisor" in within
    assert "Regional manager" not in within
    beyond = preview(sales.representative, typed(sales, (sales.product.pk, 20), customer=customer.pk))
    assert "Sales supervisor" in beyond
    assert "Sales manager" in beyond
    assert "Over the limit, percent above 10.0%" in beyond


def test_the_preview_counts_a_discount_beyond_the_writers_right(sales: Sales) -> None:
    DiscountRight.objects.create(role=Role.REPRESENTATIVE, percent=Decimal(5))
    customer = sales.customer()
    within = preview(sales.representative, typed(sales, (sales.product.pk, 3, "5"), customer=customer.pk))
    assert "Regional manager" not in within
    beyond = preview(sales.representative, typed(sales, (sales.product.pk, 3, "5.5"), customer=customer.pk))
    assert "Regional manager" in beyond


def test_the_preview_says_that_a_hold_stops_it(sales: Sales) -> None:
    customer = sales.customer(is_on_hold=True, hold_reason="Cheque bounced")
    told = preview(sales.representative, typed(sales, (sales.product.pk, 3), customer=customer.pk))
    assert "Waits for the hold to be lifted" in told
    assert "Cheque bounced" in told


def test_the_preview_of_a_change_keeps_the_customer(sales: Sales) -> None:
    draft = sales.draft(sales.customer(limit=1_000), 2)
    told = preview(sales.representative, typed(sales, (sales.product.pk, 30)), f"?delivery={draft.number}")
    assert "Over the limit by" in told


def test_the_preview_asks_as_often_for_many_lines_as_for_few(sales: Sales, django_assert_max_num_queries: Any) -> None:
    customer = sales.customer()
    products = [make_product(price=10) for _ in range(30)]
    client = signed_in(sales.representative)
    data = typed(sales, *[(product.pk, 2) for product in products], customer=customer.pk)
    with django_assert_max_num_queries(25):
        client.post(reverse("orders:delivery_preview"), data, headers={"HX-Request": "true"})


def test_the_preview_stands_whatever_is_sent(sales: Sales) -> None:
    client = signed_in(sales.representative)
    url = reverse("orders:delivery_preview")
    for data in (
        typed(sales, ("1" * 30, "9" * 30, "9" * 30), customer="x"),
        typed(sales, (sales.product.pk, "\x00"), customer=sales.customer().pk, wanted_on="0001-01-01"),
        typed(sales, (-1, -1, -1), customer=-1, warehouse="'"),
    ):
        assert client.post(url, data, headers={"HX-Request": "true"}).status_code == 200
    assert client.post(url, {"customer": sales.customer().pk}).status_code == 200


# ---- what the form offers ----
def test_products_are_found_by_any_part_of_sku_or_name_with_price_and_stock(sales: Sales) -> None:
    product = make_product("RO-600", name="Under-sink purifier", name_zh="净水器", price="1480")
    make_product("RO-601", name="Gone", is_active=False)
    make_stock(sales.warehouse, product, 30, reserved=4)
    query: dict[str, Any] = {"customer": sales.customer().pk, "warehouse": sales.warehouse.pk}
    client = signed_in(sales.representative)
    for text in ("o-60", "PURI", "净水", "ro sink"):
        results = client.get(reverse("orders:delivery_products"), {"q": text, **query}).json()["results"]
        expected = {"value": str(product.pk), "text": "RO-600 Under-sink purifier", "sub": "1,480.00 · 26 free"}
        assert results == [expected]


def test_what_a_customer_orders_most_is_offered_first(sales: Sales) -> None:
    for _ in range(3):
        make_product(sku=f"A{_}", price=1)
    customer = sales.customer()
    sales.draft(customer)
    results = signed_in(sales.representative).get(reverse("orders:delivery_products"), {"customer": customer.pk}).json()
    assert results["results"][0]["value"] == str(sales.product.pk)


def test_a_link_names_the_customer_and_its_usual_address(sales: Sales) -> None:
    customer = sales.customer()
    Address.objects.create(customer=customer, label="Main", text="Street 1", recipient="Wang", is_default=True)
    Address.objects.create(customer=customer, label="Shop", text="Street 2")
    url = f"{reverse('orders:delivery_new')}?customer={customer.code}"
    response = signed_in(sales.representative).get(url)
    assert response.context["form"]["customer"].value() == customer.pk
    assert response.context["form"]["address"].value() == "Street 1, Wang"
    assert "Street 2" in response.content.decode()


def test_a_link_that_names_a_foreign_customer_names_nobody(sales: Sales) -> None:
    foreign = make_sales().customer()
    url = f"{reverse('orders:delivery_new')}?customer={foreign.code}"
    assert signed_in(sales.representative).get(url).context["form"]["customer"].value() is None
