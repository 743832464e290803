"""Applications that an agent files: the representative sees them first where the policy says so."""

import pytest

from salesops.approvals.models import Request
from salesops.approvals.policies import StageInput, publish_policy
from salesops.approvals.services import approve
from salesops.kernel.errors import RuleBroken
from salesops.users.roles import Role
from tests.support.build import Sales, make_sales, make_user

pytestmark = pytest.mark.django_db


def let_representatives_see_first() -> None:
    """Publish the policy whose first stage is the representative's, for what an agent filed."""
    first = StageInput(Role.REPRESENTATIVE, hours=24, conditions=[{"fact": "filed_by_agent", "op": "is"}])
    publish_policy("delivery", stages=[first, StageInput(Role.SUPERVISOR)], by=None)


def filed_by_agent(sales: Sales) -> Request:
    customer = sales.customer()
    return sales.submitted(customer, 1, by=make_user(Role.AGENT, customer=customer))


def test_the_representative_is_asked_first_and_then_the_supervisor() -> None:
    let_representatives_see_first()
    sales = make_sales()
    request = filed_by_agent(sales)
    assert request.role == Role.REPRESENTATIVE
    with pytest.raises(RuleBroken):
        approve(request.pk, by=make_sales().representative)
    approve(request.pk, by=sales.representative)
    request.refresh_from_db()
    assert (request.role, request.is_waiting) == (Role.SUPERVISOR, True)


def test_what_the_company_files_passes_the_representative_by() -> None:
    let_representatives_see_first()
    sales = make_sales()
    assert sales.submitted(sales.customer(), 1).role == Role.SUPERVISOR


def test_without_a_representative_the_next_stage_is_asked() -> None:
    let_representatives_see_first()
    sales = make_sales()
    sales.representative.is_active = False
    sales.representative.save(update_fields=["is_active"])
    assert filed_by_agent(sales).role == Role.SUPERVISOR


def test_a_policy_without_that_stage_asks_the_supervisor_at_once() -> None:
    publish_policy("delivery", stages=[StageInput(Role.SUPERVISOR)], by=None)
    assert filed_by_agent(make_sales()).role == Role.SUPERVISOR
