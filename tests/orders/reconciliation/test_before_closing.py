"""What of reconciliation stands on the checklist of a month."""

import pytest

from orders.closing.services import close_month
from orders.models import Reconciliation, Round
from orders.reconciliation.before_closing import unfinished_of
from orders.reconciliation.statements import issue_statement
from salesops.kernel.errors import RuleBroken
from tests.support.build import Sales, make_sales
from tests.support.closing import ended_month, proved
from tests.support.signed_in import signed_in

pytestmark = pytest.mark.django_db


def not_signed(sales: Sales, name: str, back: int) -> Reconciliation:
    """An account in a round of a month, which nobody has signed."""
    month = ended_month(back)
    made = Round.objects.create(
        number=f"RR-{back}",
        first_day=month.start,
        last_day=month.last_day,
        answer_by=month.end,
        opened_by=sales.finance,
    )
    return Reconciliation.objects.create(number=f"RC-{back}", round=made, customer=sales.customer(name))


def test_accounts_that_are_not_signed_have_to_be_accepted_and_the_figure_leads_to_them() -> None:
    sales = make_sales()
    not_signed(sales, "Of the month", 1)
    not_signed(sales, "Of another month", 2)
    left = unfinished_of(ended_month(1))
    assert left.count == 1
    said = signed_in(sales.finance).get(left.url).content.decode()
    assert "Of the month" in said
    assert "Of another month" not in said
    proved()
    with pytest.raises(RuleBroken) as refused:
        close_month(ended_month(1), by=sales.finance)
    assert refused.value.facts["points"] == ["rounds"]
    close_month(ended_month(1), by=sales.finance, accepts_warnings=True)


def test_a_month_without_a_round_says_so_and_one_that_is_signed_leaves_nothing() -> None:
    sales = make_sales()
    assert (unfinished_of(ended_month()).count, str(unfinished_of(ended_month()).words)) == (
        0,
        "no round of this month",
    )
    one = not_signed(sales, "A", 1)
    days = {"first_day": one.round.first_day, "last_day": one.round.last_day}
    statement = issue_statement(by=sales.finance, customer_id=one.customer_id, **days)
    Reconciliation.objects.filter(pk=one.pk).update(state="signed", statement=statement)
    assert (unfinished_of(ended_month()).count, unfinished_of(ended_month()).words) == (0, "")
