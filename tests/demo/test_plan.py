"""The plan is believable whatever the day, and the same for the same seed and day."""

from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from orders.deliveries.models import State
from salesops.demo.company import DAYS_LIVED
from salesops.demo.finance import closed_month
from salesops.demo.plan import Agent, Plan, make_plan, part_amount
from salesops.demo.reconciling import sent_at
from salesops.demo.tables.cases import CASES, REGIONAL, SALES, SUPERVISOR

DAYS = [0, 1, 37, 74, 98, 130, 200, 251, 333, 460]
"""Days after the first, over the ends of months and years."""


def plan_of(moment: datetime, zone: ZoneInfo, seed: int = 1) -> Plan:
    return make_plan(seed, moment, zone)


def in_short(plan: Plan) -> list[object]:
    """What makes two plans the same."""
    deliveries = [(one.agent.code, one.submitted, one.fate, one.amount) for one in plan.deliveries]
    return [deliveries, [(one.agent.code, one.at, one.amount) for one in plan.payments], [a.limit for a in plan.agents]]


def oldest_overdue(agent: Agent, moment: datetime) -> int:
    """Days since the oldest unpaid item was due."""
    late = [due for due, _paid, _owed in agent.debits if due < moment.date()]
    return (moment.date() - min(late)).days if late else 0


def test_the_same_seed_and_day_make_the_same_company(moment: datetime, zone: ZoneInfo) -> None:
    assert in_short(plan_of(moment, zone)) == in_short(plan_of(moment, zone))


def test_another_seed_makes_another_company(moment: datetime, zone: ZoneInfo) -> None:
    assert in_short(plan_of(moment, zone)) != in_short(plan_of(moment, zone, seed=2))


def test_nothing_happens_after_now(moment: datetime, zone: ZoneInfo) -> None:
    plan = plan_of(moment, zone)
    assert max(one.decided for one in plan.deliveries) <= moment
    assert max(one.at for one in plan.payments) <= moment
    assert min(one.submitted.date() for one in plan.deliveries) >= plan.first_day


def test_what_leaves_of_a_delivery_adds_up_to_it(moment: datetime, zone: ZoneInfo) -> None:
    for one in plan_of(moment, zone).deliveries:
        if one.fate == State.SHIPPED:
            assert sum(part_amount(one, number) for number in range(len(one.parts))) == one.amount


def test_an_account_owes_what_was_shipped_and_not_paid(moment: datetime, zone: ZoneInfo) -> None:
    plan = plan_of(moment, zone)
    for agent in plan.agents:
        own = [one for one in plan.deliveries if one.agent is agent and one.fate == State.SHIPPED]
        paid = sum(one.amount for one in plan.payments if one.agent is agent)
        assert agent.exposure == sum(one.amount for one in own) - paid


@pytest.mark.parametrize("days", DAYS)
def test_cases_reach_their_desks_on_any_day(moment: datetime, zone: ZoneInfo, days: int) -> None:
    """A case without an excess of its own is sent on by what is overdue."""
    later = moment + timedelta(days=days)
    agents = {agent.code: agent for agent in plan_of(later, zone).agents}
    for case in CASES:
        overdue = oldest_overdue(agents[case.customer], later)
        limit, exposure = agents[case.customer].limit, agents[case.customer].exposure
        if case.over is not None:
            assert limit is not None and limit * (100 + Decimal(str(case.over))) / 100 > exposure, case
        elif case.desk == REGIONAL:
            assert case.discount or overdue > 15, (case, overdue)
        elif case.desk == SALES:
            assert overdue > 30, (case, overdue)


@pytest.mark.parametrize("days", [*DAYS, *range(3, 12)])
def test_what_finance_does_lies_in_open_months_on_any_day(moment: datetime, zone: ZoneInfo, days: int) -> None:
    """Also on the first of a month: 23 November and 8 days are 1 December."""
    now = moment + timedelta(days=days)
    lived = (now - timedelta(days=DAYS_LIVED)).date()
    assert closed_month(now).last_day < lived.replace(day=1)
    last_day = now.date().replace(day=1) - timedelta(days=1)
    assert last_day <= sent_at(now).date() and sent_at(now) < now - timedelta(hours=20)


def test_the_supervisor_has_about_twelve_cases() -> None:
    own = [case for case in CASES if case.desk == SUPERVISOR and case.customer <= "A-0016"]
    assert len(own) == 10
