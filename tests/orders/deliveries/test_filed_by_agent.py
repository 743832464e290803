"""Applications that an agent files: the representative sees them first, unless the policy says otherwise."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from customers.models import CreditAccount
from orders.deliveries.models import State
from orders.deliveries.services import LineInput, change_delivery, submit_delivery
from orders.models import Delivery
from salesops.approvals.models import Decision, Request, Verdict
from salesops.approvals.policies import StageInput, publish_first_policies, publish_policy
from salesops.approvals.queries import current_version, waiting_for
from salesops.approvals.services import approve, escalate_overdue, reject, send_back
from salesops.kernel.errors import RuleBroken
from salesops.notify.models import Notice
from salesops.users.delegation.services import give_delegation
from salesops.users.models import User
from salesops.users.roles import Role
from tests.support.build import Sales, make_sales, make_user
from tests.support.signed_in import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def sales() -> Sales:
    return make_sales()


def filed_by_agent(sales: Sales, pieces: int = 1) -> Request:
    customer = sales.customer()
    return sales.submitted(customer, pieces, by=make_user(Role.AGENT, customer=customer))


def role_now(request: Request) -> str:
    return Request.objects.get(pk=request.pk).role


# ---- who is asked ----
def test_the_representative_is_asked_first_and_then_the_supervisor(sales: Sales) -> None:
    request = filed_by_agent(sales)
    assert list(waiting_for(sales.representative)) == [request]
    assert not waiting_for(sales.supervisor).exists()
    approve(request.pk, by=sales.representative)
    assert not waiting_for(sales.representative).exists()
    assert list(waiting_for(sales.supervisor)) == [request]
    assert Delivery.objects.get(pk=request.object_id).state == State.SUBMITTED
    approve(request.pk, by=sales.supervisor)
    delivery = Delivery.objects.get(pk=request.object_id)
    assert delivery.state == State.APPROVED
    assert CreditAccount.objects.get(pk=delivery.customer_id).committed == delivery.amount


@pytest.mark.parametrize("who", ["supervisor", "foreign representative", "the agent", "a colleague"])
def test_nobody_else_decides_before_the_representative(sales: Sales, who: str) -> None:
    request = filed_by_agent(sales)
    people = {
        "supervisor": sales.supervisor,
        "foreign representative": make_sales().representative,
        "the agent": request.submitted_by,
        "a colleague": make_user(Role.AGENT, customer=request.customer),
    }
    with pytest.raises(RuleBroken) as caught:
        approve(request.pk, by=people[who])
    assert caught.value.rule == ("own document" if who == "the agent" else "right")
    assert role_now(request) == Role.REPRESENTATIVE
    assert not Decision.objects.filter(request=request).exclude(verdict=Verdict.SUBMITTED).exists()


def test_what_the_company_files_passes_the_representative_by(sales: Sales) -> None:
    assert sales.submitted(sales.customer(), 1).role == Role.SUPERVISOR
    assert sales.submitted(sales.customer(), 1, by=sales.supervisor).role == Role.REGIONAL_MANAGER


def test_a_representative_who_has_changed_it_is_not_asked_about_it(sales: Sales) -> None:
    customer = sales.customer()
    agent = make_user(Role.AGENT, customer=customer)
    draft = sales.draft(customer, 2, by=agent)
    change_delivery(
        draft.pk,
        by=sales.representative,
        version=draft.version,
        warehouse_id=sales.warehouse.pk,
        lines=[LineInput(sales.product.pk, 3)],
    )
    submit_delivery(draft.pk, by=agent)
    request = Request.objects.get(object_id=draft.pk)
    assert request.role == Role.SUPERVISOR
    with pytest.raises(RuleBroken) as caught:
        approve(request.pk, by=sales.representative)
    assert caught.value.rule == "own document"
    assert request.decisions.count() == 1


def test_without_a_representative_the_next_stage_is_asked(sales: Sales) -> None:
    sales.representative.is_active = False
    sales.representative.save(update_fields=["is_active"])
    assert filed_by_agent(sales).role == Role.SUPERVISOR


def test_whoever_stands_in_for_the_representative_decides(sales: Sales) -> None:
    today, other = timezone.localdate(), make_user(Role.REPRESENTATIVE)
    giver = sales.representative
    give_delegation(by=giver, giver_id=giver.pk, taker_id=other.pk, first_day=today, last_day=today)
    request = filed_by_agent(sales)
    approve(request.pk, by=User.objects.get(pk=other.pk))
    assert request.decisions.get(verdict=Verdict.APPROVED).in_place_of == giver
    assert role_now(request) == Role.SUPERVISOR


def test_what_the_representative_does_not_decide_in_time_goes_to_the_supervisor(sales: Sales) -> None:
    request = filed_by_agent(sales)
    assert escalate_overdue(timezone.now() + timedelta(hours=25)) == 1
    assert role_now(request) == Role.SUPERVISOR


# ---- the representative says no ----
@pytest.mark.parametrize(("no", "state"), [(reject, State.REJECTED), (send_back, State.RETURNED)])
def test_the_agent_is_told_of_the_representatives_no(sales: Sales, no: object, state: str) -> None:
    request = filed_by_agent(sales)
    no(request.pk, by=sales.representative, note="Order the new model")  # type: ignore[operator]
    assert Delivery.objects.get(pk=request.object_id).state == state
    told = Notice.objects.of(request.submitted_by).get(kind="approval.decided")
    assert "Order the new model" in told.text
    page = signed_in(request.submitted_by).get(told.url)
    assert page.status_code == 200 and "Order the new model" in page.content.decode()
    assert not waiting_for(sales.supervisor).exists()


def test_a_no_of_the_representative_wants_a_reason(sales: Sales) -> None:
    request = filed_by_agent(sales)
    with pytest.raises(RuleBroken) as caught:
        reject(request.pk, by=sales.representative, note=" ")
    assert caught.value.rule == "reason"
    assert role_now(request) == Role.REPRESENTATIVE


# ---- where it is seen ----
def test_the_representative_finds_it_in_the_bell_at_home_and_in_the_inbox(sales: Sales) -> None:
    home = signed_in(sales.representative)
    assert "Waits for me" not in home.get("/").content.decode()
    request = filed_by_agent(sales)
    assert Notice.objects.of(sales.representative).unread().filter(kind="approval.waiting").count() == 1
    text = home.get("/").content.decode()
    assert "Waits for me" in text and request.get_absolute_url() in text and "1 decision waits" in text
    assert request.number in home.get(reverse("approvals:inbox")).content.decode()
    case = home.get(request.get_absolute_url()).content.decode()
    assert "Filed by the agent" in case and "Approve and pass on" in case and "After you: Sales supervisor" in case
    assert "More than you decide alone" not in case, "nothing is exceeded: it just goes on"
    assert home.post(reverse("approvals:approval", args=[request.pk])).status_code == 302
    assert role_now(request) == Role.SUPERVISOR
    assert "Waits for me" not in home.get("/").content.decode()


def test_another_representative_sees_none_of_it(sales: Sales) -> None:
    request = filed_by_agent(sales)
    client = signed_in(make_user(Role.REPRESENTATIVE, team=sales.team, region=sales.region))
    assert "Waits for me" not in client.get("/").content.decode()
    assert request.number not in client.get(reverse("approvals:inbox")).content.decode()
    assert client.post(reverse("approvals:approval", args=[request.pk])).status_code == 404
    assert role_now(request) == Role.REPRESENTATIVE


# ---- by policy ----
def test_a_policy_without_that_stage_asks_the_supervisor_at_once(sales: Sales) -> None:
    publish_policy("delivery", stages=[StageInput(Role.SUPERVISOR)], by=None)
    assert filed_by_agent(sales).role == Role.SUPERVISOR


def test_what_a_company_has_published_is_not_touched_by_an_update(sales: Sales) -> None:
    version = publish_policy("delivery", stages=[StageInput(Role.SUPERVISOR)], by=None)
    publish_first_policies()
    assert current_version("delivery") == version
    assert filed_by_agent(sales).role == Role.SUPERVISOR
