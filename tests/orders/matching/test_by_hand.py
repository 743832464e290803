"""Matching by hand and undoing: equal sums, a few cents with a reason, each line once, also for two people at once."""

from decimal import Decimal
from functools import partial

import pytest
from django.db import IntegrityError, transaction

from customers.models import Customer
from orders.matching.queries import Formula, formula_of
from orders.matching.services import MOST_DIFFERENCE, match_by_hand, match_ledger, undo_match
from orders.models import LedgerMatch, LedgerUpload, MatchOurs, MatchTheirs, ReceivableEntry
from salesops.kernel.errors import RuleBroken
from salesops.kernel.money import ZERO
from salesops.users.models import User
from salesops.users.roles import Role
from tests.orders.matching.ledgers import Given, make_entries, make_ledger, matches_of, on
from tests.support.at_once import at_once, refusals
from tests.support.build import make_customer, make_sales, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def finance() -> User:
    return make_user(Role.FINANCE)


class Desk:
    """Two ledgers side by side."""

    def __init__(self, finance: User, ours: list[Given], theirs: list[Given], customer: Customer | None = None) -> None:
        self.finance = finance
        self.customer = customer or make_customer()
        self.ours = {entry.document: entry.pk for entry in make_entries(self.customer, ours)}
        self.upload = make_ledger(self.customer, finance, theirs)
        self.theirs = {line.reference: line.pk for line in self.upload.lines.all()}

    def match(self, ours: str, theirs: str, reason: str = "", by: User | None = None) -> LedgerMatch:
        """Match by hand what is named: "A B" with "x"."""
        return match_by_hand(
            self.upload.pk,
            by=by or self.finance,
            ours=[self.ours[name] for name in ours.split()],
            theirs=[self.theirs[name] for name in theirs.split()],
            reason=reason,
        )

    def refused(self, ours: str, theirs: str, rule: str, reason: str = "") -> RuleBroken:
        """What a match by hand is refused with; nothing is written."""
        before = LedgerMatch.objects.count(), MatchOurs.objects.count(), MatchTheirs.objects.count()
        with pytest.raises(RuleBroken) as refused:
            self.match(ours, theirs, reason)
        assert refused.value.rule == rule
        assert before == (LedgerMatch.objects.count(), MatchOurs.objects.count(), MatchTheirs.objects.count())
        return refused.value


@pytest.fixture
def desk(finance: User) -> Desk:
    ours: list[Given] = [(1, "A", 100), (2, "B", 60), (3, "C", "40.30"), (9, "PM", -100)]
    return Desk(finance, ours, [(20, "x", 100), (21, "y", "100.30"), (22, "z", -5)])


def test_several_of_ours_and_of_theirs_are_matched_where_their_sums_are_equal(desk: Desk) -> None:
    match = desk.match("B C", "y")

    assert matches_of(desk.upload) == [("hand", ["B", "C"], ["y"])]
    assert (match.made_by, match.amount, match.difference, match.days) == (
        desk.finance,
        Decimal("100.30"),
        ZERO,
        (on(21) - on(2)).days,
    )


def test_a_few_cents_are_let_pass_with_a_reason_and_not_without(desk: Desk) -> None:
    refusal = desk.refused("A", "y", "reason")
    assert refusal.field == "reason"

    match = desk.match("A", "y", reason="Rounded by them")

    assert (match.difference, match.their_amount, match.reason) == (
        Decimal("0.30"),
        Decimal("100.30"),
        "Rounded by them",
    )


def test_more_than_a_few_cents_are_never_let_pass(desk: Desk) -> None:
    refusal = desk.refused("A", "x z", "difference", reason="Whatever")

    assert (refusal.facts["difference"], refusal.facts["most"]) == (Decimal(-5), MOST_DIFFERENCE)
    assert "100.00" in str(refusal) and "95.00" in str(refusal)


def test_lines_of_one_side_are_matched_where_they_add_up_to_nothing(desk: Desk) -> None:
    assert desk.refused("A B", "", "difference", reason="Whatever").facts["most"] == ZERO

    desk.match("A PM", "")

    assert matches_of(desk.upload) == [("hand", ["A", "PM"], [])]


def test_one_line_alone_is_no_match(desk: Desk) -> None:
    desk.refused("A", "", "lines")
    desk.refused("", "", "lines")


def test_what_is_matched_is_not_matched_again_on_either_side(desk: Desk) -> None:
    desk.match("A", "x")

    assert "A is matched already" in str(desk.refused("A", "y", "matched", reason="Rounded"))
    assert "x is matched already" in str(desk.refused("B C", "x", "matched", reason="Rounded"))


def test_the_database_refuses_a_second_match_of_a_line_too(desk: Desk) -> None:
    match = desk.match("A", "x")
    for side in (MatchOurs(match=match, entry_id=desk.ours["A"]), MatchTheirs(match=match, line_id=desk.theirs["x"])):
        other = LedgerMatch.objects.create(
            upload=desk.upload, way="amount", ours_count=1, theirs_count=1, amount=100, difference=0
        )
        side.match = other
        with pytest.raises(IntegrityError, match="is_matched_once"), transaction.atomic():
            side.save()


def test_lines_of_another_ledger_or_of_other_days_are_refused(desk: Desk, finance: User) -> None:
    other = Desk(finance, [(1, "A", 100)], [(1, "x", 100)])
    late = make_entries(desk.customer, [(32, "NOV", 100)])[0]

    for ours, theirs in (
        ([other.ours["A"]], [desk.theirs["x"]]),
        ([desk.ours["A"]], [other.theirs["x"]]),
        ([late.pk], [desk.theirs["x"]]),
    ):
        with pytest.raises(RuleBroken, match="not in the ledgers"):
            match_by_hand(desk.upload.pk, by=finance, ours=ours, theirs=theirs)
    assert not LedgerMatch.objects.exists()


def test_nobody_matches_or_undoes_outside_of_the_scope(desk: Desk) -> None:
    foreign = make_user(Role.AGENT, customer=make_sales().customer())
    match = desk.match("A", "x")

    with pytest.raises(RuleBroken, match="scope"):
        desk.match("B", "y", by=foreign)
    with pytest.raises(RuleBroken, match="scope"):
        undo_match(match.pk, by=foreign)
    with pytest.raises(RuleBroken, match="scope"):
        match_ledger(desk.upload.pk, by=foreign)
    assert LedgerMatch.objects.standing().count() == 1


def test_only_a_ledger_that_stands_is_matched(desk: Desk) -> None:
    match = desk.match("A", "x")
    LedgerUpload.objects.update(state="replaced")

    desk.refused("B C", "y", "state")
    for change in (partial(match_ledger, desk.upload.pk), partial(undo_match, match.pk)):
        with pytest.raises(RuleBroken, match="was not replaced"):
            change(by=desk.finance)


# ---- undoing ----
def test_an_undone_match_stays_as_history_and_its_lines_are_free(desk: Desk) -> None:
    match = undo_match(desk.match("A", "x").pk, by=desk.finance)

    assert (match.undone_by, match.undone_at is not None) == (desk.finance, True)
    assert matches_of(desk.upload) == []
    desk.match("A", "x")
    assert LedgerMatch.objects.count() == 2


def test_a_match_is_undone_once(desk: Desk) -> None:
    match = desk.match("A", "x")
    undo_match(match.pk, by=desk.finance)

    with pytest.raises(RuleBroken, match="undone already"):
        undo_match(match.pk, by=desk.finance)


def test_the_rules_leave_what_a_person_took_apart(desk: Desk, finance: User) -> None:
    desk = Desk(finance, [(1, "A", 100), (2, "B", 50)], [(1, "A", 100)])
    assert match_ledger(desk.upload.pk, by=finance) == 1
    undo_match(LedgerMatch.objects.get().pk, by=finance)

    assert match_ledger(desk.upload.pk, by=finance) == 0
    desk.match("A", "A")


# ---- the way from one closing balance to the other ----
def adds_up(found: Formula) -> bool:
    return (
        found.our_closing
        - found.opening_apart
        - found.ours.amount
        + found.theirs.amount
        + found.matched_apart
        + found.unexplained
        == found.their_closing
    )


def test_the_formula_leads_from_our_closing_to_theirs_whatever_was_matched(desk: Desk) -> None:
    make_entries(desk.customer, [(-40, "OLD", 500)])
    before = formula_of(desk.upload)
    desk.match("A", "y", reason="Rounded")
    found = formula_of(desk.upload)

    assert adds_up(before) and adds_up(found)
    assert (before.our_opening, before.our_closing, before.their_closing) == (
        Decimal(500),
        Decimal("600.30"),
        Decimal("695.30"),
    )
    assert (found.matched, found.matched_apart) == (1, Decimal("0.30"))
    assert (found.ours.count, found.theirs.count) == (3, 2)
    assert not found.is_agreed


@pytest.mark.parametrize(
    ("opening", "closing", "apart", "unexplained"),
    [(None, None, 0, 0), (10, None, -10, 0), (None, 205, -10, 0), (0, 200, 0, 5), (7, 202, -7, 0)],
)
def test_what_they_say_of_their_balances_counts(
    desk: Desk, opening: int | None, closing: int | None, apart: int, unexplained: int
) -> None:
    desk.upload.opening = None if opening is None else Decimal(opening)
    desk.upload.closing = None if closing is None else Decimal(closing) + Decimal("0.30")
    found = formula_of(desk.upload)

    assert adds_up(found)
    assert (found.opening_apart, found.unexplained) == (Decimal(apart), Decimal(unexplained))
    assert found.their_closing == (
        desk.upload.closing if closing is not None else found.their_opening + Decimal("195.30")
    )


def test_equal_ledgers_are_agreed(finance: User) -> None:
    desk = Desk(finance, [(1, "A", 100)], [(1, "A", 100)])
    assert not formula_of(desk.upload).is_agreed

    match_ledger(desk.upload.pk, by=finance)

    assert formula_of(desk.upload).is_agreed


# ---- two at once ----
@pytest.mark.django_db(transaction=True)
def test_of_two_people_who_match_one_line_at_once_one_is_told() -> None:
    finance, colleague = make_user(Role.FINANCE), make_user(Role.FINANCE)
    desk = Desk(finance, [(1, "A", 100), (1, "B", 100)], [(1, "x", 100)])

    results = at_once(
        lambda: desk.match("A", "x", by=finance),
        lambda: desk.match("B", "x", by=colleague),
    )

    assert [refusal.rule for refusal in refusals(results)] == ["matched"]
    assert LedgerMatch.objects.count() == MatchTheirs.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_rules_and_a_person_at_once_match_each_line_once() -> None:
    finance = make_user(Role.FINANCE)
    desk = Desk(finance, [(1, "A", 100), (1, "B", 100)], [(1, "A", 100), (2, "x", 100)])

    at_once(lambda: match_ledger(desk.upload.pk, by=finance), lambda: desk.match("B", "A"))

    assert MatchTheirs.objects.filter(stands=True).count() == MatchOurs.objects.filter(stands=True).count() == 2
    assert ReceivableEntry.objects.filter(matched__stands=True).distinct().count() == 2
