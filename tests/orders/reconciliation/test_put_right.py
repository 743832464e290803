"""What puts a difference right: an adjustment that is asked for it, or what is posted to the account already."""

from decimal import Decimal

import pytest
from django.urls import reverse

from orders.adjustments.services import reverse_adjustment, withdraw_adjustment
from orders.matching.adjusting import post_difference
from orders.models import Adjustment, Difference
from orders.reconciliation.postings import put_right
from orders.reconciliation.services import (
    explain_difference,
    formula_now,
    reopen_difference,
    sign,
    state_difference,
    withdraw_difference,
)
from salesops.approvals.models import Request
from salesops.approvals.services import reject, send_back
from salesops.notify.models import Notice
from tests.support.adjusting import adjusted, decide
from tests.support.queries import queries_of
from tests.support.signed_in import signed_in

from .conftest import Sent, refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def differing(sent: Sent) -> Sent:
    """The agent says that it owes 100.00 less."""
    state_difference(sent.one.pk, by=sent.agent, kind="price", amount=Decimal(-100), text="As agreed")
    return sent


def the(sent: Sent, position: int = 1) -> Difference:
    return sent.one.differences.select_related("adjustment", "posted").get(position=position)


def shown(sent: Sent) -> tuple[str, str, bool]:
    """Number, state and whether it is a link, as finance sees it."""
    one = put_right([the(sent)], sent.sales.finance)[the(sent).pk]
    return one.number, one.state.value, bool(one.url)


def ask(sent: Sent) -> Adjustment:
    return post_difference(sent.one.pk, 1, by=sent.sales.finance)


def refuse(sent: Sent, adjustment: Adjustment) -> None:
    request = Request.objects.waiting().get(document_type="adjustment", object_id=adjustment.pk)
    reject(request.pk, by=sent.sales.sales_manager, note="No")


def explain(sent: Sent, resolution: str = "", reason: str = "ours_to_post") -> None:
    explain_difference(sent.one.pk, 1, by=sent.sales.finance, reason=reason, resolution=resolution)


# ---- asking for the adjustment ----
def test_from_an_open_difference_one_click_asks_for_the_adjustment(differing: Sent) -> None:
    client = signed_in(differing.sales.finance)
    url = reverse("orders:difference_adjustment", args=[differing.one.number, 1])
    assert url in client.get(differing.one.get_absolute_url()).content.decode()
    assert url not in signed_in(differing.agent).get(differing.one.get_absolute_url()).content.decode()
    client.post(url)
    adjustment = Adjustment.objects.get()
    assert (adjustment.kind, adjustment.amount, the(differing).adjustment) == ("credit", Decimal(100), adjustment)
    assert (the(differing).reason, formula_now(differing.one).is_settled) == ("ours_to_post", True)
    assert shown(differing) == (adjustment.number, "waits", True)
    page = client.get(differing.one.get_absolute_url()).content.decode()
    assert adjustment.get_absolute_url() in page and "Waits for approval" in page and url not in page
    decide(differing.sales, adjustment)
    assert shown(differing) == (adjustment.number, "posted", True)


def test_the_customers_people_see_what_is_posted_only(differing: Sent) -> None:
    adjustment = ask(differing)
    page = signed_in(differing.agent).get(differing.one.get_absolute_url()).content.decode()
    assert adjustment.get_absolute_url() not in page and "Waits for approval" not in page
    decide(differing.sales, adjustment)
    assert (
        adjustment.get_absolute_url()
        in signed_in(differing.agent).get(differing.one.get_absolute_url()).content.decode()
    )


@pytest.mark.parametrize("way", ["rejected", "withdrawn", "returned and withdrawn", "reversed"])
def test_an_adjustment_that_is_not_posted_opens_the_difference_again(differing: Sent, way: str) -> None:
    adjustment = ask(differing)
    if way == "rejected":
        refuse(differing, adjustment)
    elif way.endswith("withdrawn"):
        if way.startswith("returned"):
            request = Request.objects.waiting().get(document_type="adjustment", object_id=adjustment.pk)
            send_back(request.pk, by=differing.sales.sales_manager, note="Which month?")
        withdraw_adjustment(adjustment.pk, by=differing.sales.finance)
    else:
        decide(differing.sales, adjustment)
        decide(differing.sales, reverse_adjustment(adjustment.pk, by=differing.sales.finance, text="Wrong"))
    one = the(differing)
    assert (one.state, one.reason, one.adjustment, one.resolution) == ("open", "", None, "")
    assert not formula_now(differing.one).is_settled
    told = Notice.objects.get(user=differing.sales.finance, kind="reconciliation.adjustment_refused")
    assert (told.url, told.text) == (differing.one.get_absolute_url(), "The difference is open again.")
    assert ask(differing).pk != adjustment.pk


def test_what_is_only_returned_for_change_still_puts_it_right(differing: Sent) -> None:
    adjustment = ask(differing)
    request = Request.objects.waiting().get(document_type="adjustment", object_id=adjustment.pk)
    send_back(request.pk, by=differing.sales.sales_manager, note="Which month?")
    assert shown(differing) == (adjustment.number, "waits", True)


@pytest.mark.parametrize("side", ["agent", "finance"])
def test_one_sides_signature_falls_with_the_adjustment(differing: Sent, side: str) -> None:
    adjustment = ask(differing)
    sign(differing.one.pk, by=differing.agent if side == "agent" else differing.sales.finance)
    refuse(differing, adjustment)
    one = differing.one
    assert (one.state, one.is_signed_by_somebody, the(differing).state) == ("differing", False, "open")


def test_what_both_have_signed_stays_and_says_that_it_is_not_posted(differing: Sent) -> None:
    adjustment = ask(differing)
    for person in (differing.agent, differing.sales.finance):
        sign(differing.one.pk, by=person)
    refuse(differing, adjustment)
    assert (differing.one.state, the(differing).state) == ("signed", "explained")
    assert shown(differing) == (adjustment.number, "refused", True)
    told = Notice.objects.get(kind="reconciliation.adjustment_refused")
    assert told.text == "Both sides have signed it."


def test_while_its_adjustment_waits_or_is_posted_a_difference_is_not_explained_otherwise(differing: Sent) -> None:
    finance, agent, key = differing.sales.finance, differing.agent, differing.one.pk
    other = differing.sales.pay(differing.customer, 100).number
    adjustment = ask(differing)
    for _posted in range(2):
        refused("posted", reopen_difference, key, 1, by=finance)
        refused("posted", withdraw_difference, key, 1, by=agent)
        refused("posted", explain, differing, other)
        refused("posted", explain, differing, adjustment.number, "timing")
        refused("posted", ask, differing)
        explain(differing, adjustment.number)
        assert (the(differing).adjustment, the(differing).state) == (adjustment, "explained")
        if adjustment.state == "submitted":
            adjustment = decide(differing.sales, adjustment)
    assert Adjustment.objects.count() == 1


# ---- what is posted already ----
def test_a_document_of_the_account_is_named_by_its_number(differing: Sent) -> None:
    payment = differing.sales.pay(differing.customer, 100)
    url = reverse("orders:difference_explanation", args=[differing.one.number, 1])
    client = signed_in(differing.sales.finance)
    client.post(url, {"reason": "ours_to_post", "resolution": f" {payment.number.lower()} "})
    assert the(differing).posted and shown(differing) == (payment.number, "posted", True)
    page = client.get(differing.one.get_absolute_url()).content.decode()
    assert payment.get_absolute_url() in page
    credit = adjusted(differing.sales, differing.customer, "credit", 100)
    explain(differing, credit.number)
    assert shown(differing) == (credit.number, "posted", True)
    decide(differing.sales, reverse_adjustment(credit.pk, by=differing.sales.finance, text="Wrong"))
    assert shown(differing) == (credit.number, "reversed", True)
    reopen_difference(differing.one.pk, 1, by=differing.sales.finance)
    assert (the(differing).posted, the(differing).resolution) == (None, "")


def test_a_number_that_is_not_posted_to_this_account_is_refused(differing: Sent) -> None:
    other = differing.sales.customer()
    foreign = differing.sales.pay(other, 100).number
    for number in ("PM-0", foreign):
        refused("document", explain, differing, number)
    url = reverse("orders:difference_explanation", args=[differing.one.number, 1])
    response = signed_in(differing.sales.finance).post(url, {"reason": "timing", "resolution": foreign})
    assert (response.status_code, list(response.context["form"].errors)) == (422, ["resolution"])
    assert the(differing).state == "open"
    explain(differing, "THEIRS-7", "theirs_to_post")
    assert (the(differing).posted, the(differing).resolution) == (None, "THEIRS-7")


def test_what_stands_on_the_statement_puts_nothing_of_ours_right(differing: Sent) -> None:
    debt = differing.customer.entries.get()
    refused("document", explain, differing, debt.document)
    explain(differing, debt.document, "timing")
    assert the(differing).posted == debt


def test_more_documents_ask_no_more_queries(differing: Sent) -> None:
    explain(differing, differing.sales.pay(differing.customer, 100).number)
    client, url = signed_in(differing.sales.finance), differing.one.get_absolute_url()
    few = queries_of(client, url)
    for position in range(2, 8):
        state_difference(
            differing.one.pk, by=differing.sales.finance, kind="price", amount=Decimal(-1), text=f"{position}"
        )
        number = differing.sales.pay(differing.customer, 1).number
        explain_difference(
            differing.one.pk, position, by=differing.sales.finance, reason="ours_to_post", resolution=number
        )
    assert queries_of(client, url) <= few
