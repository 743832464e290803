"""The last closed month is opened again by an approved request; both stay on record for good."""

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from orders.closing.days import closed_through
from orders.closing.notices import tell_what_can_be_closed
from orders.closing.services import ask_reopening, close_month, withdraw_reopening
from orders.models import ClosingStep, ReceivableEntry, Reopening
from orders.proof.verification import differences
from salesops.approvals.models import Request
from salesops.approvals.policies import StageInput, publish_policy
from salesops.approvals.services import approve, reject
from salesops.kernel.errors import RuleBroken
from salesops.kernel.periods import Period
from salesops.notify.models import Notice
from salesops.users.roles import Role
from tests.support.build import Sales, make_sales
from tests.support.closing import closed, day_in, ended_month, proved

pytestmark = pytest.mark.django_db


def asked(sales: Sales, month: Period) -> Request:
    """The request to reopen a month, submitted by finance."""
    reopening = ask_reopening(month, by=sales.finance, reason="The bank sent October again")
    return Request.objects.get(document_type="period_reopening", object_id=reopening.pk)


def test_an_approved_reopening_lets_posting_in_until_it_is_closed_anew_and_all_stays_on_record() -> None:
    sales, month = make_sales(), ended_month()
    customer = sales.customer()
    closed(month, by=sales.finance)
    approve(asked(sales, month).pk, by=sales.sales_manager)
    assert closed_through() == month.previous.last_day
    entry = ReceivableEntry.objects.get(document=sales.pay(customer, 10, on=day_in(month)).number)
    assert (entry.posted_on, entry.belongs_on) == (day_in(month), None)
    closed(month, by=sales.finance)
    assert closed_through() == month.last_day
    steps = list(ClosingStep.objects.values_list("kind", "by", "reopening__number"))
    number = Reopening.objects.get().number
    assert steps == [
        ("closed", sales.finance.pk, None),
        ("reopened", sales.sales_manager.pk, number),
        ("closed", sales.finance.pk, None),
    ]


def test_what_was_closed_before_stays_closed() -> None:
    sales, month = make_sales(), ended_month()
    customer = sales.customer()
    closed(month, by=sales.finance)
    approve(asked(sales, month).pk, by=sales.sales_manager)
    entry = ReceivableEntry.objects.get(document=sales.pay(customer, 10, on=day_in(month.previous)).number)
    assert (entry.posted_on, entry.belongs_on) == (month.start, day_in(month.previous))


def test_nobody_reopens_on_their_own_request() -> None:
    sales, month = make_sales(), ended_month()
    closed(month, by=sales.finance)
    sales.finance.groups.add(Group.objects.get(name="sales_manager"))
    request = asked(sales, month)
    with pytest.raises(RuleBroken):
        approve(request.pk, by=sales.finance)
    assert closed_through() == month.last_day


def test_a_rejected_or_withdrawn_request_leaves_it_closed() -> None:
    sales, month = make_sales(), ended_month()
    closed(month, by=sales.finance)
    reject(asked(sales, month).pk, by=sales.sales_manager, note="No")
    withdraw_reopening(asked(sales, month).object_id, by=sales.finance)
    assert closed_through() == month.last_day
    assert list(Reopening.objects.order_by("pk").values_list("state", flat=True)) == ["rejected", "withdrawn"]
    assert ClosingStep.objects.count() == 1


@pytest.mark.parametrize("back", [1, 3])
def test_only_the_last_closed_month_is_asked_for(back: int) -> None:
    sales = make_sales()
    closed(ended_month(2), by=sales.finance)
    with pytest.raises(RuleBroken) as refused:
        asked(sales, ended_month(back))
    assert (refused.value.rule, refused.value.facts["last_closed"]) == ("not the last closed", str(ended_month(2)))
    assert not Reopening.objects.exists()


def test_nothing_is_asked_for_while_nothing_is_closed_or_without_a_reason() -> None:
    sales = make_sales()
    with pytest.raises(RuleBroken, match="No month is closed"):
        asked(sales, ended_month())
    closed(ended_month(), by=sales.finance)
    with pytest.raises(RuleBroken) as refused:
        ask_reopening(ended_month(), by=sales.finance, reason=" ")
    assert refused.value.field == "reason"


def test_one_request_waits_at_a_time_and_no_month_is_closed_meanwhile() -> None:
    sales = make_sales()
    closed(ended_month(2), by=sales.finance)
    request = asked(sales, ended_month(2))
    with pytest.raises(RuleBroken) as refused:
        asked(sales, ended_month(2))
    assert refused.value.rule == "reopening waits"
    proved()
    with pytest.raises(RuleBroken) as refused:
        close_month(ended_month(1), by=sales.finance, accepts_warnings=True)
    assert (refused.value.rule, refused.value.facts["number"]) == ("reopening waits", request.number)


def test_where_the_policy_asks_nobody_it_is_open_at_once() -> None:
    sales, month = make_sales(), ended_month()
    old = [{"fact": "days_closed", "op": "above", "value": "30"}]
    publish_policy("period_reopening", stages=[StageInput(Role.SALES_MANAGER, conditions=old)], by=None)
    closed(month, by=sales.finance)
    reopening = ask_reopening(month, by=sales.finance, reason="x")
    assert (reopening.state, closed_through()) == ("approved", month.previous.last_day)
    assert ClosingStep.objects.get(kind="reopened").by == sales.finance


def test_finance_and_managers_are_told() -> None:
    sales, month = make_sales(), ended_month()
    closed(month, by=sales.finance)
    assert list(Notice.objects.filter(kind="period.closed").values_list("user", flat=True)) == [sales.sales_manager.pk]
    approve(asked(sales, month).pk, by=sales.sales_manager)
    assert list(Notice.objects.filter(kind="period.reopened").values_list("user", flat=True)) == [sales.finance.pk]


def test_the_proof_knows_what_was_posted_while_a_month_was_open() -> None:
    sales, month = make_sales(), ended_month()
    customer = sales.customer()
    sales.pay(customer, 1, on=day_in(month))
    closed(month, by=sales.finance)
    sales.pay(customer, 2, on=day_in(month))
    approve(asked(sales, month).pk, by=sales.sales_manager)
    sales.pay(customer, 3, on=day_in(month))
    closed(month, by=sales.finance)
    sales.pay(customer, 4, on=day_in(month))
    assert [one for one in differences() if one.claim == "closed month"] == []


def test_those_who_close_are_told_what_can_be_once_the_company_closes_months() -> None:
    sales, day = make_sales(), timezone.localdate()
    tell_what_can_be_closed(day)
    assert not Notice.objects.filter(kind="period.closable").exists()
    closed(ended_month(2), by=sales.finance)
    tell_what_can_be_closed(day)
    tell_what_can_be_closed(day)
    told = Notice.objects.filter(kind="period.closable")
    assert [(one.user_id, str(ended_month(1)) in one.url) for one in told] == [(sales.finance.pk, True)]
    closed(ended_month(1), by=sales.finance)
    Notice.objects.all().delete()
    tell_what_can_be_closed(day)
    assert not Notice.objects.filter(kind="period.closable").exists()
