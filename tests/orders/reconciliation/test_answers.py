"""What both sides say: seen, different, explained, accepted, signed; then nothing changes any more."""

from decimal import Decimal
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from orders.models import Difference, ReceivableEntry, Reconciliation
from orders.reconciliation.models import ReconciliationState
from orders.reconciliation.papers import letter_pdf
from orders.reconciliation.services import (
    accept_unexplained,
    explain_difference,
    formula_now,
    mark_seen,
    reopen_difference,
    sign,
    state_closing,
    state_difference,
    take_signature_back,
    withdraw_difference,
)
from salesops.notify.models import Notice
from salesops.users.models import User
from salesops.users.roles import Role
from tests.support.at_once import at_once
from tests.support.build import make_sales, make_user
from tests.support.signed_in import signed_in

from .conftest import Sent, refused, these

pytestmark = pytest.mark.django_db


def state(sent: Sent, amount: str = "-100", *, by: User | None = None, **more: object) -> Difference:
    given: dict[str, object] = {"kind": "payment", "text": "We paid", **more}
    return state_difference(sent.one.pk, by=by or sent.agent, amount=Decimal(amount), **given)  # type: ignore[arg-type]


def explain(sent: Sent, position: int = 1, reason: str = "transit") -> None:
    explain_difference(sent.one.pk, position, by=sent.sales.finance, reason=reason)


def test_the_first_look_of_the_customer_is_noted(sent: Sent) -> None:
    mark_seen(sent.one.pk, by=sent.sales.finance)
    assert sent.one.state == ReconciliationState.SENT
    mark_seen(sent.one.pk, by=sent.agent)
    seen = sent.one.seen_at
    mark_seen(sent.one.pk, by=sent.agent)
    assert (sent.one.state, sent.one.seen_at) == (ReconciliationState.SEEN, seen)


def test_both_sides_sign_what_nobody_contradicts(sent: Sent) -> None:
    sign(sent.one.pk, by=sent.agent, address="203.0.113.9")
    assert (sent.one.state, sent.one.their_signer) == (ReconciliationState.AGREED, sent.agent)
    sign(sent.one.pk, by=sent.sales.finance, address="198.51.100.7")
    one = sent.one
    assert (one.state, one.is_frozen, one.our_signed_from) == (ReconciliationState.SIGNED, True, "198.51.100.7")
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(letter_pdf(one))).pages)
    for words in (one.number, "600.00", "203.0.113.9", str(sent.agent)):
        assert words in text


def test_differences_lead_from_our_closing_to_theirs(sent: Sent) -> None:
    entry = ReceivableEntry.objects.get()
    state(sent, "-450", entry_id=entry.pk, kind="price", text="")
    state(sent, "20", kind="other", document="RK-7")
    formula = formula_now(sent.one)
    assert these(formula.ours, formula.theirs, formula.unexplained, formula.open_count) == (600, 170, -430, 2)
    explain(sent, 1, "ours_to_post")
    explain(sent, 2, "theirs_to_post")
    formula = formula_now(sent.one)
    assert [these(term.reason, term.amount) for term in formula.terms] == [
        ("ours_to_post", -450),
        ("theirs_to_post", 20),
    ]
    assert these(formula.unexplained, formula.is_settled) == (0, True)
    assert sent.one.state == ReconciliationState.DIFFERING
    assert Notice.objects.filter(user=sent.sales.finance, kind="reconciliation.answered").count() == 1


def test_a_closing_of_their_own_leaves_unexplained_what_differences_do_not_say(sent: Sent) -> None:
    state_closing(sent.one.pk, by=sent.agent, amount=Decimal(480))
    state(sent, "-100")
    explain(sent)
    formula = formula_now(sent.one)
    assert these(formula.theirs, formula.explained, formula.unexplained) == (480, -100, -20)
    refused("unexplained", sign, sent.one.pk, by=sent.agent)
    state_closing(sent.one.pk, by=sent.sales.finance, amount=None)
    assert formula_now(sent.one).is_settled


def test_what_is_unexplained_blocks_signing_unless_it_is_accepted(sent: Sent) -> None:
    state(sent, "-100")
    refused("unexplained", sign, sent.one.pk, by=sent.sales.finance)
    refused("permission", accept_unexplained, sent.one.pk, by=sent.sales.finance, reason="Small")
    refused("reason", accept_unexplained, sent.one.pk, by=sent.sales.sales_manager, reason=" ")
    accept_unexplained(sent.one.pk, by=sent.sales.sales_manager, reason="Small")
    state(sent, "-1")  # other figures than those that were accepted
    refused("unexplained", sign, sent.one.pk, by=sent.agent)
    accept_unexplained(sent.one.pk, by=sent.sales.sales_manager, reason="Still small")
    sign(sent.one.pk, by=sent.agent)
    sign(sent.one.pk, by=sent.sales.finance)
    assert sent.one.is_frozen


def test_nothing_is_accepted_where_nothing_is_unexplained(sent: Sent) -> None:
    refused("unexplained", accept_unexplained, sent.one.pk, by=sent.sales.sales_manager, reason="x")


def test_after_a_signature_figures_stay_until_it_is_taken_back(sent: Sent) -> None:
    sign(sent.one.pk, by=sent.agent)
    refused("signed", state, sent, by=sent.sales.finance)
    refused("signed", state_closing, sent.one.pk, by=sent.agent, amount=Decimal(1))
    refused("signed", sign, sent.one.pk, by=sent.agent)
    take_signature_back(sent.one.pk, by=sent.agent)
    refused("signed", take_signature_back, sent.one.pk, by=sent.agent)
    state(sent)
    assert sent.one.state == ReconciliationState.DIFFERING


def test_what_both_signed_is_refused_by_the_database_too(sent: Sent) -> None:
    state(sent)
    explain(sent)
    sign(sent.one.pk, by=sent.agent)
    sign(sent.one.pk, by=sent.sales.finance)
    refused("signed", take_signature_back, sent.one.pk, by=sent.agent)
    refused("signed", withdraw_difference, sent.one.pk, 1, by=sent.agent)
    for change in (
        lambda: Reconciliation.objects.update(their_closing=Decimal(1)),
        lambda: Reconciliation.objects.all()._raw_delete(using="default"),
        lambda: Difference.objects.update(amount=Decimal(1)),
        lambda: Difference.objects.all()._raw_delete(using="default"),
        lambda: Difference.objects.create(
            reconciliation=sent.one, position=2, kind="other", amount=Decimal(1), stated_by=sent.agent
        ),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_a_difference_says_what_it_is_about(sent: Sent) -> None:
    entry = ReceivableEntry.objects.get()
    foreign = sent.sales.overdue(sent.sales.customer(), 5, 3)
    later = sent.sales.overdue(sent.customer, 5, 3)
    refused("amount", state, sent, "0")
    refused("kind", state, sent, kind="weather")
    refused("text", state, sent, text=" ")
    refused("scope", state, sent, entry_id=foreign.pk)
    refused("scope", state, sent, entry_id=later.pk)
    state(sent, entry_id=entry.pk)
    refused("entry", state, sent, entry_id=entry.pk)
    withdraw_difference(sent.one.pk, 1, by=sent.agent)
    state(sent, entry_id=entry.pk)


def test_evidence_is_known_by_its_content(sent: Sent) -> None:
    refused("file type", state, sent, file=SimpleUploadedFile("receipt.pdf", b"MZ not a pdf"))
    made = state(sent, file=SimpleUploadedFile("receipt.exe", b"%PDF-1.4\n%%EOF"))
    assert (made.file_name, made.file_type) == ("receipt.exe.pdf", "application/pdf")


def test_each_side_withdraws_what_it_stated(sent: Sent) -> None:
    state(sent)
    refused("side", withdraw_difference, sent.one.pk, 1, by=sent.sales.finance)
    withdraw_difference(sent.one.pk, 1, by=sent.agent)
    refused("state", withdraw_difference, sent.one.pk, 1, by=sent.agent)
    refused("state", explain_difference, sent.one.pk, 1, by=sent.sales.finance, reason="transit")
    assert sent.one.state == ReconciliationState.SENT


def test_finance_explains_with_a_reason(sent: Sent) -> None:
    state(sent)
    refused("permission", explain_difference, sent.one.pk, 1, by=sent.sales.supervisor, reason="transit")
    refused("reason", explain_difference, sent.one.pk, 1, by=sent.sales.finance, reason="because")
    refused("scope", explain_difference, sent.one.pk, 7, by=sent.sales.finance, reason="transit")
    refused(
        "owner", explain_difference, sent.one.pk, 1, by=sent.sales.finance, reason="transit", owner_id=sent.agent.pk
    )
    refused("state", reopen_difference, sent.one.pk, 1, by=sent.sales.finance)
    explain(sent)
    reopen_difference(sent.one.pk, 1, by=sent.sales.finance)
    assert formula_now(sent.one).open_count == 1


def test_people_from_elsewhere_find_nothing(sent: Sent) -> None:
    foreign = make_user(Role.AGENT, customer=sent.sales.customer())
    for by in (foreign, make_sales().representative):
        refused("scope", state, sent, by=by)
        refused("scope", sign, sent.one.pk, by=by)
    refused("permission", sign, sent.one.pk, by=sent.sales.supervisor)


def test_only_those_who_answer_for_a_side_speak_for_it(sent: Sent) -> None:
    state(sent, by=sent.sales.finance)
    refused("permission", state, sent, by=sent.sales.supervisor)
    refused("permission", withdraw_difference, sent.one.pk, 1, by=sent.sales.supervisor)
    refused("permission", state_closing, sent.one.pk, by=sent.sales.supervisor, amount=Decimal(1))
    assert [one.state for one in sent.one.differences.all()] == ["open"] and sent.one.their_closing is None


def test_a_customer_may_contradict_what_only_the_company_has_signed(sent: Sent) -> None:
    sign(sent.one.pk, by=sent.sales.finance)
    refused("signed", state, sent, by=sent.sales.finance)
    refused("amount", state, sent, "0")
    assert sent.one.our_signer == sent.sales.finance
    state(sent)
    one = sent.one
    assert (one.our_signer, one.our_signed_at, one.our_signed_from) == (None, None, "")
    assert (one.state, one.differences.count()) == (ReconciliationState.DIFFERING, 1)


def test_one_signs_the_figure_that_one_has_read(sent: Sent) -> None:
    state(sent, "-50", by=sent.sales.finance)
    explain(sent)
    refused("changed", sign, sent.one.pk, by=sent.agent, closing=Decimal(600))
    assert sent.one.their_signed_at is None
    sign(sent.one.pk, by=sent.agent, closing=Decimal(550))
    assert sent.one.state == ReconciliationState.AGREED


def test_a_look_counts_also_where_finance_stated_something_first(sent: Sent) -> None:
    state(sent, by=sent.sales.finance)
    signed_in(sent.agent).get(sent.one.get_absolute_url())
    assert sent.one.seen_at and sent.one.state == ReconciliationState.DIFFERING


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from(["state", "explain", "reopen", "withdraw", "closing"]),
            st.integers(1, 4),
            st.integers(-9_999, 9_999),
        ),
        max_size=10,
    )
)
def test_the_formula_always_holds(sent: Sent, steps: list[tuple[str, int, int]]) -> None:
    from salesops.kernel.errors import RuleBroken

    Difference.objects.update(state="withdrawn")
    Reconciliation.objects.update(their_closing=None)
    for what, position, cents in steps:
        amount = Decimal(cents) / 100
        try:
            if what == "state":
                state(sent, str(amount))
            elif what == "explain":
                explain(sent, position)
            elif what == "reopen":
                reopen_difference(sent.one.pk, position, by=sent.sales.finance)
            elif what == "withdraw":
                withdraw_difference(sent.one.pk, position, by=sent.agent)
            else:
                state_closing(sent.one.pk, by=sent.agent, amount=amount)
        except RuleBroken:
            continue
        formula = formula_now(sent.one)
        assert formula.ours + formula.explained + formula.unexplained == formula.theirs
        standing = sum(one.amount for one in sent.one.differences.standing())
        if sent.one.their_closing is None:
            assert formula.theirs == formula.ours + standing


@pytest.mark.django_db(transaction=True)
def test_both_sign_at_once_and_it_is_frozen_once(sent: Sent) -> None:
    key = sent.one.pk
    at_once(lambda: sign(key, by=sent.agent), lambda: sign(key, by=sent.sales.finance))
    assert sent.one.state == ReconciliationState.SIGNED


@pytest.mark.django_db(transaction=True)
def test_a_signature_and_a_new_difference_at_once_leave_one_of_them(sent: Sent) -> None:
    key = sent.one.pk
    at_once(lambda: sign(key, by=sent.sales.finance), lambda: state(sent))
    one = sent.one
    assert bool(one.our_signed_at) != one.differences.exists()
