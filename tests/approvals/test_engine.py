"""The engine, shown on deliveries and temporary limits: who decides, by which facts, once."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from customers.accounts.services import lift_hold, put_on_hold
from orders.deliveries.services import LineInput, cancel_rest, change_delivery, submit_delivery
from orders.models import Delivery
from salesops.approvals.models import Decision, Request, RequestState, Verdict
from salesops.approvals.policies import StageInput, publish_policy
from salesops.approvals.queries import decides_as, right_of, waiting_for
from salesops.approvals.services import (
    approve,
    approve_many,
    escalate_overdue,
    put_aside,
    reject,
    send_back,
    withdraw,
)
from salesops.kernel.errors import RuleBroken
from salesops.users.models import Delegation, User
from salesops.users.roles import Role
from tests.support.build import make_region, make_sales, make_team, make_user

pytestmark = pytest.mark.django_db


def on_desk_of(person: object) -> list[int]:
    return list(waiting_for(person).values_list("pk", flat=True))  # type: ignore[arg-type]


def refused(rule: str, action: object, *args: object, **kwargs: object) -> RuleBroken:
    decisions = Decision.objects.count()
    with pytest.raises(RuleBroken) as caught:
        action(*args, **kwargs)  # type: ignore[operator]
    assert caught.value.rule == rule
    assert Decision.objects.count() == decisions
    return caught.value


def test_a_delivery_within_the_limit_is_the_supervisors_alone() -> None:
    sales = make_sales()
    request = sales.submitted(sales.customer(limit=10_000), 100)
    assert on_desk_of(sales.supervisor) == [request.pk]
    assert on_desk_of(sales.regional_manager) == []
    decided = approve(request.pk, by=sales.supervisor)
    assert decided.state == RequestState.APPROVED
    assert Delivery.objects.get(pk=request.object_id).state == "approved"


@pytest.mark.parametrize(
    ("pieces", "roles"),
    [
        (105, ["supervisor"]),
        (106, ["supervisor", "regional_manager"]),
        (110, ["supervisor", "regional_manager"]),
        (111, ["supervisor", "regional_manager", "sales_manager"]),
    ],
)
def test_the_more_it_passes_the_limit_the_higher_it_goes(pieces: int, roles: list[str]) -> None:
    sales = make_sales()
    request = sales.submitted(sales.customer(limit=10_000), pieces)
    deciders = {
        "supervisor": sales.supervisor,
        "regional_manager": sales.regional_manager,
        "sales_manager": sales.sales_manager,
    }
    passed = []
    while request.is_waiting:
        passed.append(request.role)
        request = approve(request.pk, by=deciders[request.role])
    assert passed == roles


@pytest.mark.parametrize(
    ("days", "roles"),
    [
        (15, ["supervisor"]),
        (16, ["supervisor", "regional_manager"]),
        (31, ["supervisor", "regional_manager", "sales_manager"]),
    ],
)
def test_the_longer_it_is_overdue_the_higher_it_goes(days: int, roles: list[str]) -> None:
    sales = make_sales()
    customer = sales.customer(limit=100_000)
    sales.overdue(customer, 10, days)
    request = sales.submitted(customer, 1)
    people = {p.groups.get().name: p for p in (sales.supervisor, sales.regional_manager, sales.sales_manager)}
    passed = []
    while request.is_waiting:
        passed.append(request.role)
        request = approve(request.pk, by=people[request.role])
    assert passed == roles


def test_nobody_approves_their_own_delivery() -> None:
    sales = make_sales()
    other = make_user(Role.SUPERVISOR, team=sales.team)
    request = sales.submitted(sales.customer(), by=sales.supervisor)
    assert on_desk_of(sales.supervisor) == []
    assert on_desk_of(other) == [request.pk]
    refused("own document", approve, request.pk, by=sales.supervisor)
    assert Delivery.objects.get(pk=request.object_id).state == "submitted"


def test_the_only_supervisors_own_delivery_goes_to_the_regional_manager() -> None:
    sales = make_sales()
    request = sales.submitted(sales.customer(), by=sales.supervisor)
    assert request.role == Role.REGIONAL_MANAGER
    assert on_desk_of(sales.regional_manager) == [request.pk]


def test_a_document_that_nobody_may_decide_is_refused_at_submission() -> None:
    sales = make_sales()
    customer = sales.customer()
    for person in (sales.supervisor, sales.regional_manager, sales.sales_manager):
        person.is_active = False
        person.save()
    draft = sales.draft(customer)
    with pytest.raises(RuleBroken) as caught:
        sales.submitted(customer)
    assert caught.value.rule == "deciders"
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_who_has_not_the_role_or_the_place_does_not_decide() -> None:
    sales = make_sales()
    request = sales.submitted(sales.customer())
    elsewhere = make_user(Role.SUPERVISOR, team=make_team(region=make_region()))
    for person in (elsewhere, sales.regional_manager, sales.finance, make_user(Role.ADMINISTRATOR)):
        refused("right", approve, request.pk, by=person)
        refused("right", reject, request.pk, by=person, note="no")


def test_a_desk_holds_exactly_what_its_reader_may_decide() -> None:
    one, other = make_sales(), make_sales()
    requests = [
        one.submitted(one.customer(), 10),
        one.submitted(one.customer(), 106),
        one.submitted(one.customer(), 300, by=one.supervisor),
        other.submitted(other.customer(), 10),
    ]
    approve(one.submitted(one.customer(), 300).pk, by=one.supervisor)
    readers = [p for s in (one, other) for p in (s.representative, s.supervisor, s.regional_manager, s.sales_manager)]
    readers += [one.finance, make_user([Role.SUPERVISOR, Role.REGIONAL_MANAGER], team=one.team, region=other.region)]
    Delegation.objects.create(
        giver=one.regional_manager, taker=other.finance, first_day=timezone.localdate(), last_day=timezone.localdate()
    )
    waiting = list(Request.objects.waiting())
    assert len(waiting) == len(requests) + 1
    for reader in [*readers, other.finance]:
        decidable = {request.pk for request in waiting if decides_as(request, reader)}
        assert decidable == set(on_desk_of(reader)), reader
    assert on_desk_of(other.finance)


def test_the_second_decision_is_told_of_the_first() -> None:
    sales = make_sales()
    second = make_user(Role.SUPERVISOR, team=sales.team)
    request = sales.submitted(sales.customer())
    approve(request.pk, by=sales.supervisor)
    told = refused("decided", reject, request.pk, by=second, note="too late")
    assert str(sales.supervisor) in str(told)


def test_who_was_asked_is_told_once_and_no_more_after_the_decision() -> None:
    sales = make_sales()
    second = make_user(Role.SUPERVISOR, team=sales.team)
    request = sales.submitted(sales.customer())
    assert second.notices.filter(kind="approval.waiting", read_at=None).count() == 1
    approve(request.pk, by=sales.supervisor)
    assert not second.notices.filter(kind="approval.waiting", read_at=None).exists()
    assert sales.representative.notices.filter(kind="approval.decided").count() == 1


def test_a_no_has_a_reason() -> None:
    sales = make_sales()
    request = sales.submitted(sales.customer())
    refused("reason", reject, request.pk, by=sales.supervisor, note="  ")
    refused("reason", send_back, request.pk, by=sales.supervisor, note="")
    reject(request.pk, by=sales.supervisor, note="Order is too large")
    delivery = Delivery.objects.get(pk=request.object_id)
    assert delivery.state == "rejected"
    assert request.decisions.get(verdict=Verdict.REJECTED).note == "Order is too large"


def test_returned_for_change_can_be_submitted_again() -> None:
    sales = make_sales()
    request = sales.submitted(sales.customer())
    send_back(request.pk, by=sales.supervisor, note="Half of it")
    submit_delivery(request.object_id, by=sales.representative)
    again = Request.objects.waiting().get(object_id=request.object_id)
    assert again.pk != request.pk


def test_only_who_submitted_it_withdraws_it() -> None:
    sales = make_sales()
    request = sales.submitted(sales.customer())
    refused("withdraw", withdraw, request.pk, by=sales.supervisor)
    withdraw(request.pk, by=sales.representative)
    assert Delivery.objects.get(pk=request.object_id).state == "withdrawn"


def test_facts_are_kept_as_they_were_and_computed_again_at_the_decision() -> None:
    sales = make_sales()
    customer = sales.customer(limit=10_000)
    request = sales.submitted(customer, 60)
    other = sales.submitted(customer, 60)
    approve(other.pk, by=sales.supervisor)
    on_its_way = approve(request.pk, by=sales.supervisor)
    assert on_its_way.is_waiting
    assert on_its_way.role == Role.REGIONAL_MANAGER
    request.refresh_from_db()
    assert request.facts["over_amount"] == "0.00"
    decision = request.decisions.get(verdict=Verdict.APPROVED)
    assert decision.facts["over_amount"] == "2000.00"
    assert decision.accepted == {}  # more than the supervisor's to accept


def test_the_stage_that_accepts_an_excess_records_that_it_did() -> None:
    sales = make_sales()
    request = sales.submitted(sales.customer(limit=10_000), 104)
    approve(request.pk, by=sales.supervisor)
    decision = request.decisions.get(verdict=Verdict.APPROVED)
    assert decision.accepted == {"over_amount": "400.00", "over_percent": "4.0000"}


def test_a_running_request_keeps_the_version_it_started_with() -> None:
    sales = make_sales()
    request = sales.submitted(sales.customer())
    publish_policy("delivery", stages=[StageInput(Role.SALES_MANAGER)], by=None)
    approve(request.pk, by=sales.supervisor)
    assert Delivery.objects.get(pk=request.object_id).state == "approved"
    assert sales.submitted(sales.customer()).role == Role.SALES_MANAGER


def test_a_delegate_decides_for_a_span_of_days_and_the_decision_says_for_whom() -> None:
    sales = make_sales()
    delegate = make_user(Role.REPRESENTATIVE, team=sales.team)
    request = sales.submitted(sales.customer())
    refused("right", approve, request.pk, by=delegate)
    today = timezone.localdate()
    Delegation.objects.create(giver=sales.supervisor, taker=delegate, first_day=today, last_day=today)
    delegate = User.objects.get(pk=delegate.pk)
    assert on_desk_of(delegate) == [request.pk]
    approve(request.pk, by=delegate)
    decision = request.decisions.get(verdict=Verdict.APPROVED)
    assert (decision.by, decision.in_place_of) == (delegate, sales.supervisor)


def test_a_delegate_does_not_decide_before_or_after_the_span_nor_on_their_own() -> None:
    sales = make_sales()
    today = timezone.localdate()
    delegate = make_user(Role.REPRESENTATIVE, team=sales.team)
    for first, last in [(today - timedelta(9), today - timedelta(1)), (today + timedelta(1), today + timedelta(3))]:
        Delegation.objects.create(giver=sales.supervisor, taker=delegate, first_day=first, last_day=last)
    request = sales.submitted(sales.customer())
    refused("right", approve, request.pk, by=delegate)
    Delegation.objects.create(giver=sales.supervisor, taker=sales.representative, first_day=today, last_day=today)
    assert on_desk_of(sales.representative) == []
    refused("own document", approve, request.pk, by=sales.representative)


def test_what_is_not_decided_in_time_goes_to_the_next_stage() -> None:
    sales = make_sales()
    request = sales.submitted(sales.customer())
    assert request.due_at is not None
    assert escalate_overdue(request.due_at - timedelta(minutes=1)) == 0
    assert escalate_overdue(request.due_at + timedelta(minutes=1)) == 1
    request.refresh_from_db()
    assert request.role == Role.REGIONAL_MANAGER
    assert request.decisions.filter(verdict=Verdict.ESCALATED).exists()
    refused("right", approve, request.pk, by=sales.supervisor)
    approve(request.pk, by=sales.regional_manager)
    assert Delivery.objects.get(pk=request.object_id).state == "approved"


def test_after_the_last_stage_the_administrators_are_told_and_the_time_starts_again() -> None:
    sales = make_sales()
    administrator = make_user(Role.ADMINISTRATOR)
    request = sales.submitted(sales.customer())
    moment = timezone.now()
    for _stage in range(3):
        moment += timedelta(days=10)
        escalate_overdue(moment)
    request.refresh_from_db()
    assert request.role == Role.SALES_MANAGER
    assert request.due_at and request.due_at > moment
    assert administrator.notices.filter(kind="approval.waiting").exists()


def test_an_account_on_hold_stops_it_until_the_hold_is_lifted() -> None:
    sales = make_sales()
    customer = sales.customer()
    request = sales.submitted(customer)
    put_on_hold(customer.pk, by=sales.finance, reason="Cheque bounced")
    told = refused("stop", approve, request.pk, by=sales.supervisor)
    assert "Cheque bounced" in str(told)
    assert on_desk_of(sales.supervisor) == []
    lift_hold(customer.pk, by=sales.finance, note="Paid")
    assert on_desk_of(sales.supervisor) == [request.pk]
    approve(request.pk, by=sales.supervisor)


def test_what_is_submitted_on_hold_waits_aside_and_comes_back() -> None:
    sales = make_sales()
    customer = sales.customer(is_on_hold=True, hold_reason="Dispute")
    request = sales.submitted(customer)
    assert on_desk_of(sales.supervisor) == []
    lift_hold(customer.pk, by=sales.finance, note="Paid")
    assert on_desk_of(sales.supervisor) == [request.pk]


def test_what_waits_for_room_comes_back_when_a_payment_makes_it() -> None:
    sales = make_sales()
    customer = sales.customer(limit=10_000)
    sales.ship(sales.approved(customer, 100))
    request = sales.submitted(customer, 50)
    put_aside(request.pk, by=sales.supervisor, note="Pay first")
    sales.pay(customer, 4_400)
    assert on_desk_of(sales.supervisor) == []
    sales.pay(customer, 600)
    assert on_desk_of(sales.supervisor) == [request.pk]
    request.refresh_from_db()
    assert request.decisions.filter(verdict=Verdict.CAME_BACK).exists()


def test_what_has_room_is_not_put_aside() -> None:
    sales = make_sales()
    request = sales.submitted(sales.customer())
    refused("parked", put_aside, request.pk, by=sales.supervisor)


def test_many_are_approved_at_once_each_checked_again() -> None:
    sales = make_sales()
    customer = sales.customer(limit=10_000)
    fits, over = sales.submitted(customer, 90), sales.submitted(customer, 90)
    elsewhere = make_sales()
    foreign = elsewhere.submitted(elsewhere.customer())
    many = dict.fromkeys([fits.pk, over.pk, foreign.pk])
    outcomes = {o.request.pk: o for o in approve_many(many, by=sales.supervisor)}
    assert outcomes[fits.pk].refusal is None and not outcomes[fits.pk].goes_on
    assert outcomes[over.pk].refusal is None and outcomes[over.pk].goes_on
    assert outcomes[foreign.pk].refusal is not None
    assert Delivery.objects.filter(state="approved").count() == 1


def test_the_page_says_before_the_click_what_is_within_the_readers_right() -> None:
    sales = make_sales()
    request = sales.submitted(sales.customer(limit=10_000), 103)
    delivery = Delivery.objects.get(pk=request.object_id)
    facts = request.document.facts_of(delivery)
    right = right_of(request, sales.supervisor, facts, delivery)
    assert right.may and right.final and right.needs == []
    assert right.figures == ["3.0% of 5.0% over the limit"]
    facts["over_percent"] = Decimal("7")
    right = right_of(request, sales.supervisor, facts, delivery)
    assert right.may and not right.final
    assert [stage.role for stage in right.needs] == [Role.REGIONAL_MANAGER]
    assert right.because == ["Over the limit, percent above 5.0%"]
    assert not right_of(request, sales.representative, facts, delivery).may


def test_a_decision_is_never_changed_or_deleted() -> None:
    from django.db import transaction
    from django.db.utils import DatabaseError

    sales = make_sales()
    sales.submitted(sales.customer())
    for change in (lambda: Decision.objects.update(note="x"), lambda: Decision.objects.all().delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_an_ended_request_is_not_opened_again_even_by_sql() -> None:
    from django.db import transaction
    from django.db.utils import DatabaseError

    sales = make_sales()
    request = sales.submitted(sales.customer())
    reject(request.pk, by=sales.supervisor, note="no")
    with pytest.raises(DatabaseError), transaction.atomic():
        Request.objects.filter(pk=request.pk).update(state="waiting")


def test_a_policy_that_asks_nobody_still_stops_on_a_hold() -> None:
    sales = make_sales()
    condition = {"fact": "amount", "op": "above", "value": "999999"}
    publish_policy(
        "delivery",
        stages=[StageInput(Role.SUPERVISOR, conditions=[condition])],
        stops=[{"fact": "on_hold", "op": "is"}],
        by=None,
    )
    held = sales.customer(is_on_hold=True, hold_reason="Dispute")
    draft = sales.draft(held)
    with pytest.raises(RuleBroken) as caught:
        submit_delivery(draft.pk, by=sales.representative)
    assert caught.value.rule == "stop"
    draft.refresh_from_db()
    assert draft.state == "draft"
    assert sales.submitted(sales.customer()).state == RequestState.APPROVED


def test_what_is_approved_out_of_the_aside_lies_on_the_next_desk() -> None:
    sales = make_sales()
    request = sales.submitted(sales.customer(limit=10_000), 108)
    put_aside(request.pk, by=sales.supervisor)
    approve(request.pk, by=sales.supervisor)
    assert on_desk_of(sales.regional_manager) == [request.pk]


def test_after_a_hold_what_is_within_the_right_comes_back_though_it_is_over() -> None:
    sales = make_sales()
    customer = sales.customer(limit=10_000, is_on_hold=True, hold_reason="Dispute")
    request = sales.submitted(customer, 103)
    lift_hold(customer.pk, by=sales.finance, note="Settled")
    assert on_desk_of(sales.supervisor) == [request.pk]


def test_what_was_put_aside_comes_back_once_it_is_within_the_right() -> None:
    sales = make_sales()
    customer = sales.customer(limit=10_000)
    sales.overdue(customer, 600, 2)
    request = sales.submitted(customer, 103)
    put_aside(request.pk, by=sales.supervisor)
    sales.pay(customer, 100)
    assert on_desk_of(sales.supervisor) == []
    sales.pay(customer, 300)
    assert on_desk_of(sales.supervisor) == [request.pk]


def test_a_click_on_a_page_that_is_stale_decides_nothing() -> None:
    sales = make_sales()
    today = timezone.localdate()
    Delegation.objects.create(giver=sales.regional_manager, taker=sales.supervisor, first_day=today, last_day=today)
    request = sales.submitted(sales.customer(limit=10_000), 108)
    seen = request.stage_id
    approve(request.pk, by=sales.supervisor, seen_stage=seen)
    refused("moved on", approve, request.pk, by=sales.supervisor, seen_stage=seen)


def test_nobody_approves_two_stages_of_one_document() -> None:
    sales = make_sales()
    today = timezone.localdate()
    Delegation.objects.create(giver=sales.regional_manager, taker=sales.supervisor, first_day=today, last_day=today)
    request = sales.submitted(sales.customer(limit=10_000), 108)
    approve(request.pk, by=sales.supervisor)
    assert on_desk_of(sales.supervisor) == []
    refused("right", approve, request.pk, by=sales.supervisor)
    approve(request.pk, by=sales.regional_manager)
    assert Delivery.objects.get(pk=request.object_id).state == "approved"


def test_who_rewrote_a_delivery_does_not_approve_it() -> None:
    sales = make_sales()
    draft = sales.draft(sales.customer(), 1)
    change_delivery(
        draft.pk,
        by=sales.supervisor,
        version=1,
        warehouse_id=sales.warehouse.pk,
        lines=[LineInput(sales.product.pk, 90)],
    )
    submit_delivery(draft.pk, by=sales.representative)
    request = Request.objects.get(object_id=draft.pk)
    assert request.role == Role.REGIONAL_MANAGER
    assert on_desk_of(sales.supervisor) == []
    refused("own document", approve, request.pk, by=sales.supervisor)


def test_a_later_stage_does_not_raise_what_an_earlier_one_trimmed() -> None:
    sales = make_sales()
    request = sales.submitted(sales.customer(limit=10_000), 130)
    line = Delivery.objects.get(pk=request.object_id).lines.get()
    approve(request.pk, by=sales.supervisor, changes={str(line.pk): 107})
    refused("trim", approve, request.pk, by=sales.regional_manager, changes={str(line.pk): 108})


def test_a_customer_that_is_no_longer_active_gets_no_approval() -> None:
    sales = make_sales()
    customer = sales.customer()
    request = sales.submitted(customer)
    customer.is_active = False
    customer.save()
    refused("inactive customer", approve, request.pk, by=sales.supervisor)


def test_cases_follow_the_customer_to_another_representative() -> None:
    sales, other = make_sales(), make_sales()
    customer = sales.customer()
    request = sales.submitted(customer)
    customer.representative, customer.region = other.representative, other.region
    customer.save()
    assert request in Request.objects.visible_to(other.representative)
    assert request not in Request.objects.visible_to(sales.representative)


def test_why_it_was_cancelled_stands_in_the_timeline_and_not_in_the_note() -> None:
    sales = make_sales()
    delivery = sales.approved(sales.customer())
    cancel_rest(delivery.pk, by=sales.supervisor, reason="Agent asks")
    delivery.refresh_from_db()
    assert delivery.note == ""
    decision = Decision.objects.get(verdict=Verdict.CANCELLED)
    assert (decision.note, decision.by) == ("Agent asks", sales.supervisor)
