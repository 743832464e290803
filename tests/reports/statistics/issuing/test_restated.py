"""What documents say today stands beside what was issued, with the documents that came since; nothing else does."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from orders.facts.services import bring_facts_along
from orders.models import OpenItem
from orders.receivables.settlement import settle_by_hand, take_back
from reports.models import IssuedStatistic
from reports.statistics.issuing.restating import Restated, restate
from reports.statistics.issuing.services import issue_statistic
from salesops.kernel.periods import Period
from salesops.users.models import User
from tests.orders.facts.test_facts import passing_over_triggers
from tests.support.build import Sales, make_product, make_region, make_sales, make_team, make_user, open_stock
from tests.support.closing import closed, day_in
from tests.support.signed_in import signed_in

from .builders import MONTH, customer_of, issued, paid, shipped

pytestmark = pytest.mark.django_db

LABEL = f"{MONTH.start:%Y-%m}"


@pytest.fixture
def sales() -> Sales:
    return make_sales()


def again(statistic: IssuedStatistic) -> Restated:
    """The statistic read anew, beside today's facts."""
    bring_facts_along()
    return restate(IssuedStatistic.objects.get(pk=statistic.pk))


def others(found: Restated) -> dict[tuple[str, str, str], tuple[str, str, list[str]]]:
    """What is other today: issued, today and because of which documents, by sheet, row and measure."""
    return {
        (sheet.key, row.code, cell.measure.key): (
            cell.issued.now if cell.issued else "",
            cell.today,
            [one.document for one in cell.because],
        )
        for sheet in found.sheets
        for row, cell in sheet.restated
    }


def test_nothing_is_restated_where_nothing_came(sales: Sales) -> None:
    customer = customer_of(sales)
    shipped(sales, customer, 4)
    paid(sales, customer, 100)
    one = issued()
    found = again(one)
    assert (found.count, found.is_unchanged, list(found.came.documents)) == (0, True, [])


def test_what_happens_in_this_month_restates_nothing(sales: Sales) -> None:
    customer = customer_of(sales)
    shipped(sales, customer, 4)
    one = issued()
    sales.ship(sales.approved(customer, 3))
    sales.pay(customer, 100)
    found = again(one)
    assert (found.count, list(found.came.documents)) == (0, [])


def test_a_late_shipment_stands_beside_the_figures_that_it_changes(sales: Sales) -> None:
    customer, other = customer_of(sales), customer_of(sales)
    shipped(sales, customer, 4)
    shipped(sales, other, 1)
    one = issued()
    late = shipped(sales, customer, 2)

    found = again(one)

    said = others(found)
    because = ("400.00", "600.00", [late.number])
    assert said["customers", customer.code, "delivered"] == because
    assert said["customers", customer.code, "closing"] == because
    assert said["months", LABEL, "delivered"] == ("500.00", "700.00", [late.number])
    assert said["months", "", "pieces"] == ("5.00", "7.00", [late.number])
    assert said["regions", sales.region.code, "delivered"] == ("500.00", "700.00", [late.number])
    assert said["teams", str(sales.team.pk), "delivered"] == ("500.00", "700.00", [late.number])
    assert said["representatives", sales.representative.username, "closing"] == ("500.00", "700.00", [late.number])
    assert said["products", sales.product.sku, "delivered"] == ("500.00", "700.00", [late.number])
    assert said["receivable", LABEL, "debits"] == ("500.00", "700.00", [late.number])
    assert not [key for key in said if other.code in key or key[2] in ("payments", "credits", "opening")]
    (document,) = found.came.documents
    assert (document.url, document.customer, document.by) == (late.get_absolute_url(), customer, sales.supply)
    one.refresh_from_db()
    assert found.is_unchanged


def test_a_customer_that_was_not_there_gets_a_row(sales: Sales) -> None:
    one = issued()
    newcomer = customer_of(sales, name="Kunshan Hechang")
    late = shipped(sales, newcomer, 1)
    said = others(again(one))
    assert said["customers", newcomer.code, "delivered"] == ("", "100.00", [late.number])
    assert said["months", "", "new_customers"] == ("0.00", "1.00", [late.number])


def test_only_the_product_that_was_shipped_is_restated(sales: Sales) -> None:
    shipped(sales, customer_of(sales), 1)
    one = issued()
    other = make_product(price=10)
    open_stock(sales.warehouse, other, 10)
    first, sales.product = sales.product, other
    late = shipped(sales, customer_of(sales), 3)
    said = others(again(one))
    assert said["products", other.sku, "delivered"] == ("", "30.00", [late.number])
    assert ("products", first.sku, "delivered") not in said


def test_a_late_payment_changes_payments_and_what_is_owed(sales: Sales) -> None:
    customer = customer_of(sales)
    shipped(sales, customer, 4)
    one = issued(region_id=sales.region.pk)
    payment = paid(sales, customer, 150)
    said = others(again(one))
    assert said["receivable", LABEL, "payments"] == ("0.00", "150.00", [payment.number])
    assert said["customers", customer.code, "closing"] == ("400.00", "250.00", [payment.number])
    assert {key[2] for key in said} <= {"payments", "closing", "overdue"}


def test_what_is_posted_before_the_period_changes_the_opening(sales: Sales) -> None:
    customer = customer_of(sales)
    shipped(sales, customer, 4)
    one = issued()
    payment = paid(sales, customer, 50, month=MONTH.previous)
    said = others(again(one))
    assert said["receivable", "", "opening"] == ("0.00", "-50.00", [payment.number])
    assert said["receivable", "", "closing"] == ("400.00", "350.00", [payment.number])
    assert ("receivable", "", "payments") not in said


def test_a_document_of_a_closed_month_is_named_with_the_month_whose_figures_have_it(sales: Sales) -> None:
    customer = customer_of(sales)
    shipped(sales, customer, 4)
    closed(MONTH, by=sales.finance)
    one = issued()
    payment, late = paid(sales, customer, 100), shipped(sales, customer, 1)
    found = again(one)
    said = others(found)
    assert {document.document for document in found.came.documents} == {payment.number, late.number}
    assert all("month was closed" in document.note for document in found.came.documents)
    assert said["months", "", "delivered"] == ("400.00", "500.00", [late.number])
    assert {key[2] for key in said} == {"delivered", "pieces"}


def test_a_settlement_by_hand_on_an_earlier_day_changes_what_was_overdue(sales: Sales) -> None:
    customer = customer_of(sales, due_days=0)
    shipped(sales, customer, 4, day=2)
    paid(sales, customer, 100)
    allocation = customer.items.get(is_debit=False).settles.get()
    take_back(allocation.pk, by=sales.finance, on=day_in(MONTH, 11))
    one = issued()
    credit = OpenItem.objects.get(customer=customer, is_debit=False)
    debit = OpenItem.objects.get(customer=customer, is_debit=True)
    settle_by_hand(credit.pk, {debit.pk: Decimal(100)}, by=sales.finance, on=day_in(MONTH, 12))
    found = again(one)
    document = credit.entry.document
    assert others(found)["receivable", "", "overdue"] == ("400.00", "300.00", [document])
    assert {key[2] for key in others(found)} == {"overdue"}


def test_a_customer_or_a_representative_who_moves_restates_nothing(sales: Sales) -> None:
    customer = customer_of(sales)
    with passing_over_triggers():
        apps.get_model("customers.CustomerEvent").objects.filter(pgh_obj_id=customer.pk).update(
            pgh_created_at=timezone.now() - timedelta(days=200)
        )
    shipped(sales, customer, 4)
    made = [issued(), issued(region_id=sales.region.pk), issued(team_id=sales.team.pk)]
    customer.region, customer.representative = make_region(), make_user()
    customer.save()
    User.objects.filter(pk=sales.representative.pk).update(team=make_team())
    company, region, team = (again(one) for one in made)
    assert company.count == region.count == team.count == 0


def test_balances_move_from_the_month_of_the_document_on(sales: Sales) -> None:
    year = Period.year(MONTH.start.year - 1)
    months = year.months()
    customer = customer_of(sales)
    shipped(sales, customer, 4, month=months[0])
    one = issue_statistic("year", year.start)
    payment = paid(sales, customer, 100, month=months[9])
    said = others(again(one))
    changed = {row: measure for (sheet, row, measure) in said if sheet == "receivable" and measure == "payments"}
    assert set(changed) == {"", str(months[9])}
    for measure, first in (("closing", 9), ("opening", 10)):
        rows = {row for (sheet, row, name) in said if sheet == "receivable" and name == measure and row}
        assert rows == {str(month) for month in months[first:]}, measure
    assert said["receivable", "", "closing"] == ("400.00", "300.00", [payment.number])
    assert ("receivable", "", "opening") not in said
    assert all(because == [payment.number] for _issued, _today, because in said.values())


def test_a_region_that_was_moved_is_said_to_be_structure(sales: Sales) -> None:
    below, other = make_region(parent=sales.region), make_region()
    customer = customer_of(sales)
    customer.region = below
    customer.save()
    shipped(sales, customer, 4)
    one = issued()
    below.parent = other
    below.save()
    found = again(one)
    assert {key[0] for key in others(found)} == {"regions"}
    assert others(found)["regions", sales.region.code, "delivered"] == ("400.00", "0.00", [])
    assert others(found)["regions", other.code, "delivered"] == ("", "400.00", [])
    said = signed_in(sales.finance).get(one.get_absolute_url()).content.decode()
    assert "no document: structure" in said
    assert found.is_unchanged


def test_other_places_know_nothing_of_it(sales: Sales) -> None:
    elsewhere = make_sales()
    one, other = issued(region_id=sales.region.pk), issued(team_id=elsewhere.team.pk)
    customer = customer_of(elsewhere)
    late, payment = shipped(elsewhere, customer, 1), paid(elsewhere, customer, 10)
    assert again(one).came.documents == []
    assert {document.document for document in again(other).came.documents} == {late.number, payment.number}
    assert again(one).count == 0


def test_it_asks_as_often_however_much_came(sales: Sales) -> None:
    one = issued()

    def queries() -> int:
        bring_facts_along()
        read = IssuedStatistic.objects.select_related("region", "team").get(pk=one.pk)
        with CaptureQueriesContext(connection) as captured:
            restate(read)
        return len(captured)

    def come() -> None:
        customer = customer_of(sales)
        shipped(sales, customer, 1)
        paid(sales, customer, 10)

    come()
    few = queries()
    for _each in range(5):
        come()
    assert queries() == few
