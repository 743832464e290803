"""Matching by rule: what each pass finds and leaves, and what holds of any two ledgers whatever."""

from collections import Counter
from itertools import count
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from orders.matching.engine import match_by_rule
from orders.matching.parts import MOST_CANDIDATES, MOST_PARTS, MOST_STEPS, Line, Steps, find_parts
from orders.models import LedgerMatch, LedgerUpload, MatchOurs, MatchTheirs, ReceivableEntry
from salesops.users.models import User
from salesops.users.roles import Role
from tests.orders.matching.ledgers import Given, make_entries, make_ledger, matches_of, on
from tests.support.build import make_customer, make_sales, make_user

pytestmark = pytest.mark.django_db

WINDOW = 5


@pytest.fixture
def finance() -> User:
    return make_user(Role.FINANCE)


def matched(finance: User, ours: list[Given], theirs: list[Given], **more: Any) -> list[Any]:
    """What matching by rule makes of two ledgers."""
    customer = make_customer()
    make_entries(customer, ours)
    upload = make_ledger(customer, finance, theirs, **more)
    match_by_rule(upload, window=WINDOW)
    return matches_of(upload)


# ---- pass by pass ----
def test_the_same_reference_and_amount_are_matched_however_far_apart_and_however_they_are_written(
    finance: User,
) -> None:
    found = matched(finance, [(1, "SH-2026-0001", 100)], [(30, "ｓｈ 2026/0001", 100)])

    assert found == [("reference", ["SH-2026-0001"], ["ｓｈ 2026/0001"])]


def test_the_same_reference_with_another_amount_is_not_matched(finance: User) -> None:
    assert matched(finance, [(1, "SH-1", 100)], [(1, "SH-1", "100.01")]) == []


def test_the_same_amount_with_another_sign_is_not_matched(finance: User) -> None:
    assert matched(finance, [(1, "SH-1", 100)], [(1, "SH-1", -100)]) == []


def test_an_empty_reference_is_no_reference(finance: User) -> None:
    assert matched(finance, [(1, "-", 100)], [(30, " / ", 100)]) == []


def test_a_reference_counts_before_a_nearer_day(finance: User) -> None:
    found = matched(finance, [(1, "SH-1", 100), (9, "SH-2", 100)], [(9, "SH-1", 100), (1, "SH-2", 100)])

    assert found == [("reference", ["SH-1"], ["SH-1"]), ("reference", ["SH-2"], ["SH-2"])]


def test_the_reference_of_our_payment_and_a_number_in_their_text_count(finance: User) -> None:
    sales = make_sales()
    customer = sales.customer()
    payment = sales.pay(customer, 300, on=on(2), reference="ICBC 88-1")
    shipment = sales.ship(sales.approved(customer), 4)
    today = timezone.localdate()
    upload = make_ledger(customer, finance, [(28, "icbc881", -300), (29, "RK-7", 400)], last_day=today)
    upload.lines.filter(reference="RK-7").update(text=f"入库 {shipment.number}，无锡")

    match_by_rule(upload, window=0)

    assert matches_of(upload) == [
        ("reference", [payment.number], ["icbc881"]),
        ("reference", [shipment.number], ["RK-7"]),
    ]


def test_the_same_amount_within_the_window_is_matched_and_beyond_it_is_not(finance: User) -> None:
    found = matched(finance, [(10, "A", 100), (10, "B", 200)], [(10 + WINDOW, "x", 100), (11 + WINDOW, "y", 200)])

    assert found == [("amount", ["A"], ["x"])]


def test_of_equal_amounts_the_nearest_days_go_together(finance: User) -> None:
    found = matched(finance, [(10, "A", 100), (12, "B", 100)], [(12, "x", 100), (14, "y", 100)])

    assert found == [("amount", ["A"], ["y"]), ("amount", ["B"], ["x"])]


def test_goods_arrive_later_and_money_is_paid_earlier(finance: User) -> None:
    ours: list[Given] = [(10, "SH", 100), (10, "PM", -70)]
    theirs: list[Given] = [(9, "early", 100), (11, "late", 100), (9, "paid", -70), (11, "unpaid", -70)]

    assert matched(finance, ours, theirs) == [("amount", ["PM"], ["paid"]), ("amount", ["SH"], ["late"])]


def test_several_lines_of_one_reference_are_matched_where_their_sums_are_equal(finance: User) -> None:
    ours: list[Given] = [(1, "SH-1", 60), (1, "SH-1", 40), (2, "SH-2", 50), (2, "SH-2", 50)]
    theirs: list[Given] = [(20, "SH1", 30), (21, "SH1", 70), (22, "SH2", 99)]

    assert matched(finance, ours, theirs) == [("reference_parts", ["SH-1", "SH-1"], ["SH1", "SH1"])]


def test_one_delivery_that_came_in_two_parts_is_matched_and_two_that_came_as_one_too(finance: User) -> None:
    ours: list[Given] = [(14, "SH-1", 72_600), (20, "SH-2", 10), (21, "SH-3", 25)]
    theirs: list[Given] = [(15, "RK-1", 40_000), (16, "RK-2", 32_600), (21, "RK-3", 35)]

    assert matched(finance, ours, theirs) == [
        ("parts", ["SH-1"], ["RK-1", "RK-2"]),
        ("parts", ["SH-2", "SH-3"], ["RK-3"]),
    ]


def test_parts_beyond_the_window_or_of_another_sign_are_left_to_a_person(finance: User) -> None:
    ours: list[Given] = [(1, "SH-1", 100), (20, "SH-2", 50)]
    theirs: list[Given] = [(1, "a", 60), (1 + WINDOW + 1, "b", 40), (20, "c", 70), (20, "d", -20)]

    assert matched(finance, ours, theirs) == []


def test_sums_of_different_amounts_are_left_to_a_person_and_equal_amounts_are_not(finance: User) -> None:
    doubtful = matched(finance, [(1, "SH-1", 100)], [(1, "a", 60), (1, "b", 40), (1, "c", 70), (1, "d", 30)])
    plain = matched(finance, [(1, "SH-1", 100)], [(1, "a", 50), (2, "b", 50), (3, "c", 50)])

    assert doubtful == []
    assert plain == [("parts", ["SH-1"], ["a", "b"])]


def test_only_entries_of_the_customer_and_of_the_days_are_matched(finance: User) -> None:
    other = make_customer()
    make_entries(other, [(5, "SH-1", 100)])

    assert matched(finance, [(40, "SH-2", 200)], [(5, "SH-1", 100), (9, "SH-2", 200)]) == []


def test_what_a_person_took_apart_is_not_matched_by_rule_again(finance: User) -> None:
    customer = make_customer()
    make_entries(customer, [(1, "SH-1", 100)])
    upload = make_ledger(customer, finance, [(1, "SH-1", 100)])
    match_by_rule(upload, window=WINDOW)
    match = LedgerMatch.objects.get()
    MatchOurs.objects.update(stands=False)
    MatchTheirs.objects.update(stands=False)
    LedgerMatch.objects.filter(pk=match.pk).update(undone_by=finance, undone_at=match.made_at)

    assert match_by_rule(upload, window=WINDOW) == 0


def test_a_search_for_parts_that_would_take_too_long_ends_without_an_answer() -> None:
    ours = [Line(1, on(1), 999_999)]
    theirs = [Line(number, on(1), 100_000 + 2 * number) for number in range(200)]
    looked = count()

    assert list(find_parts(ours, theirs, WINDOW, Steps(10**9), lambda: next(looked))) == []
    assert next(looked) <= (MOST_PARTS - 1) * 201


def test_a_search_for_parts_ends_with_its_steps() -> None:
    ours = [Line(number, on(1), 1_000_000 + number) for number in range(500)]
    theirs = [Line(number, on(1), 100_000 + 7 * number) for number in range(500)]
    steps, looked = Steps(5_000), count()

    list(find_parts(ours, theirs, WINDOW, steps, lambda: next(looked)))

    assert -MOST_STEPS < steps.left <= 0
    assert next(looked) < 500


def test_of_many_candidates_the_nearest_days_are_tried() -> None:
    ours = [Line(1, on(10), 100)]
    far = [Line(number, on(12), 40 + number % 3) for number in range(10, 10 + MOST_CANDIDATES)]
    near = [Line(2, on(10), 70), Line(3, on(11), 30)]

    ((left, right),) = find_parts(ours, [*far, *near], WINDOW, Steps(10**6))

    assert ([line.id for line in left], [line.id for line in right]) == ([1], [2, 3])


# ---- whatever the two sides hold ----
LINES = st.lists(
    st.tuples(
        st.integers(1, 12),
        st.sampled_from(["", "A", "B", "C", "D-1"]),
        st.sampled_from([10, 20, 30, 50, 60, 100, -10, -20, -30, "12.34"]),
    ),
    max_size=14,
)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(ours=[(1, "A", 10)] * 3, theirs=[(1, "A", 10), (2, "", 20)])
@given(ours=LINES, theirs=LINES)
def test_of_any_two_ledgers(finance: User, ours: list[Given], theirs: list[Given]) -> None:
    customer = make_customer()
    make_entries(customer, ours)
    upload = make_ledger(customer, finance, theirs)

    match_by_rule(upload, window=3)

    made = sides_of(upload)
    assert_no_line_twice(made)
    for our_side, their_side in made.values():
        assert sum(one[2] for one in our_side) == sum(one[2] for one in their_side)
    assert_references_are_used_up(upload)
    before = matches_of(upload)
    assert match_by_rule(upload, window=3) == 0
    assert matches_of(upload) == before
    assert matches_of(again(upload)) == before


def sides_of(upload: LedgerUpload) -> dict[int, tuple[list[Any], list[Any]]]:
    """Both sides of each match as (key, reference, cents)."""
    found: dict[int, tuple[list[Any], list[Any]]] = {}
    for match in LedgerMatch.objects.filter(upload=upload).prefetch_related("ours__entry", "theirs__line"):
        our_side = [(one.entry_id, one.entry.document, one.entry.amount) for one in match.ours.all()]
        their_side = [(one.line_id, one.line.reference, one.line.amount) for one in match.theirs.all()]
        assert (match.ours_count, match.theirs_count) == (len(our_side), len(their_side))
        assert our_side and their_side
        assert match.amount == sum(one[2] for one in our_side)
        found[match.pk] = (our_side, their_side)
    return found


def assert_no_line_twice(made: dict[int, tuple[list[Any], list[Any]]]) -> None:
    for side in (0, 1):
        used = Counter(one[0] for both in made.values() for one in both[side])
        assert not [key for key, times in used.items() if times > 1]


def assert_references_are_used_up(upload: LedgerUpload) -> None:
    """Of each reference and amount one side at most has lines that are not matched one to one by it."""
    by_reference = {match.pk for match in LedgerMatch.objects.filter(upload=upload, way="reference")}
    ours = ReceivableEntry.objects.filter(customer=upload.customer_id).exclude(matched__match__in=by_reference)
    theirs = upload.lines.exclude(matched__match__in=by_reference)
    left = {(entry.document, entry.amount) for entry in ours} & {(line.reference, line.amount) for line in theirs}
    assert {key for key in left if key[0]} == set()


def again(upload: LedgerUpload) -> LedgerUpload:
    """The same two ledgers, matched from the start."""
    MatchOurs.objects.filter(match__upload=upload).delete()
    MatchTheirs.objects.filter(match__upload=upload).delete()
    LedgerMatch.objects.filter(upload=upload).delete()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_hashjoin = off")  # another plan reads rows in another order
    match_by_rule(upload, window=3)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_hashjoin = on")
    return upload
