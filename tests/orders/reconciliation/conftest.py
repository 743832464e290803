"""A round over one account that owes 600.00, sent to its agent."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from customers.files.models import Customer
from orders.models import Reconciliation, Round
from orders.reconciliation.rounds import open_round
from salesops.kernel.errors import RuleBroken
from salesops.users.models import User
from salesops.users.roles import Role
from tests.support.build import Sales, make_sales, make_user
from tests.support.tasks import RunTasks


@dataclass
class Sent:
    """One reconciliation and the people around it."""

    sales: Sales
    customer: Customer
    agent: User
    round: Round

    @property
    def one(self) -> Reconciliation:
        return Reconciliation.objects.get(customer=self.customer)


def open_for(sales: Sales, *customers: Customer, **more: Any) -> Round:
    """A round over the last thirty days."""
    today = timezone.localdate()
    days = {"first_day": today - timedelta(days=30), "last_day": today, "answer_by": today + timedelta(days=10)}
    wanted = Customer.objects.filter(pk__in=[one.pk for one in customers])
    made, _job = open_round(by=sales.finance, customers=wanted, **{**days, **more})
    return made


def these(*figures: Any) -> tuple[Any, ...]:
    """Figures to compare, amounts with whole numbers too."""
    return figures


def refused(rule: str, action: Callable[..., Any], *given: Any, **named: Any) -> None:
    """The rule says no."""
    with pytest.raises(RuleBroken) as caught:
        action(*given, **named)
    assert caught.value.rule == rule, caught.value.message


@pytest.fixture
def sent(run_tasks: RunTasks) -> Sent:
    sales = make_sales()
    customer = sales.customer()
    agent = make_user(Role.AGENT, customer=customer)
    sales.overdue(customer, 600, 12)
    with run_tasks():
        made = open_for(sales, customer)
    return Sent(sales, customer, agent, made)
