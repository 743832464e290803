"""The way of a document through its approvals, as its page tells it."""

import pytest
from django.utils import timezone

from orders.deliveries.services import submit_delivery, withdraw_delivery
from salesops.approvals.services import approve, reject, send_back
from salesops.approvals.timeline import policy_of, timeline_of
from salesops.users.models import Delegation
from tests.support.build import Sales, make_sales

pytestmark = pytest.mark.django_db


@pytest.fixture
def sales() -> Sales:
    return make_sales()


def looks(document_id: int, **kwargs: bool) -> list[str]:
    return [step.look for step in timeline_of("delivery", document_id, **kwargs)]


def test_what_was_never_submitted_has_no_way_yet(sales: Sales) -> None:
    draft = sales.draft(sales.customer())
    assert timeline_of("delivery", draft.pk) == []
    assert policy_of("delivery", draft.pk) == ""


def test_it_tells_who_decides_now_and_who_would_be_needed(sales: Sales) -> None:
    request = sales.submitted(sales.customer(limit=1_000), 20)
    submitted, now, regional, manager = timeline_of("delivery", request.object_id)
    assert (submitted.look, submitted.who, submitted.what) == ("done", sales.representative.full_name, "submitted")
    assert "Over the limit, percent 100.0%" in submitted.figures
    assert (now.look, now.who) == ("now", f"Sales supervisor, {sales.supervisor}")
    assert [(step.look, step.when) for step in (regional, manager)] == [("next", ""), ("next", "")]
    assert "Over the limit, percent above 5.0%" in regional.figures


def test_a_stage_that_is_not_needed_stays_visible_with_its_condition(sales: Sales) -> None:
    request = sales.submitted(sales.customer(), 1)
    regional = timeline_of("delivery", request.object_id)[2]
    assert regional.when == "not needed"
    assert regional.figures


def test_an_approval_keeps_what_it_accepted(sales: Sales) -> None:
    request = sales.submitted(sales.customer(limit=10_000), 104)
    approve(request.pk, by=sales.supervisor, note="Season")
    step = timeline_of("delivery", request.object_id)[1]
    assert (step.what, step.note) == ("approved", "Season")
    assert any(figure.startswith("accepted: Over the limit 400.00") for figure in step.figures)


def test_a_figure_is_told_again_only_where_it_changed(sales: Sales) -> None:
    customer = sales.customer()
    request = sales.submitted(customer, 10)
    sales.overdue(customer, 50, 3)
    approve(request.pk, by=sales.supervisor)
    submitted, approved = timeline_of("delivery", request.object_id)
    assert submitted.figures == ("Amount 1,000.00",)
    assert "Amount 1,000.00" not in approved.figures
    assert "Overdue amount 50.00" in approved.figures


def test_a_no_tells_its_reason_and_the_next_run_follows_it(sales: Sales) -> None:
    request = sales.submitted(sales.customer())
    send_back(request.pk, by=sales.supervisor, note="Full packs")
    submit_delivery(request.object_id, by=sales.representative)
    steps = timeline_of("delivery", request.object_id)
    assert [step.what for step in steps[:3]] == ["submitted", "returned for change", "submitted"]
    assert steps[1].note == "Full packs"
    withdraw_delivery(request.object_id, by=sales.representative)
    assert timeline_of("delivery", request.object_id)[-1].what == "withdrew"


def test_a_rejection_looks_bad_and_nothing_follows(sales: Sales) -> None:
    request = sales.submitted(sales.customer())
    reject(request.pk, by=sales.supervisor, note="No")
    assert looks(request.object_id) == ["done", "bad"]


def test_what_is_put_aside_says_that_it_comes_back(sales: Sales) -> None:
    customer = sales.customer(is_on_hold=True, hold_reason="Cheque")
    request = sales.submitted(customer)
    now = next(step for step in timeline_of("delivery", request.object_id) if step.look == "now")
    assert now.when.startswith("put aside since")
    assert now.notes == ("It comes back by itself when there is room.",)


def test_a_delegate_decides_in_anothers_place(sales: Sales) -> None:
    today = timezone.localdate()
    taker = sales.finance
    Delegation.objects.create(giver=sales.supervisor, taker=taker, first_day=today, last_day=today)
    request = sales.submitted(sales.customer())
    approve(request.pk, by=taker)
    step = timeline_of("delivery", request.object_id)[1]
    assert (step.who, step.notes) == (taker.full_name, (f"in place of {sales.supervisor}",))


def test_outside_there_are_no_figures_no_thresholds_and_no_notes_between_deciders(sales: Sales) -> None:
    request = sales.submitted(sales.customer(limit=1_000), 10)
    approve_or_wait = timeline_of("delivery", request.object_id, inside=False)
    assert [step.figures for step in approve_or_wait] == [()] * len(approve_or_wait)
    assert "not needed" not in [step.when for step in approve_or_wait]
    approve(request.pk, by=sales.supervisor, note="He is slow")
    assert "He is slow" not in [step.note for step in timeline_of("delivery", request.object_id, inside=False)]
