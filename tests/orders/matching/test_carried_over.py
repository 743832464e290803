"""What one ledger leaves in transit or to another period is looked for in the next one, and cleared there."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from orders.matching.differences import hand_over, proposals, reconciliation_of
from orders.matching.intake import keep_lines
from orders.matching.queries import carried_on, carried_over, formula_of, ledgers_for, ours_left, theirs_left
from orders.matching.reading import LineRead
from orders.matching.services import match_by_hand, match_ledger, undo_match
from orders.models import LedgerLine, LedgerMatch, LedgerUpload
from orders.reconciliation.services import withdraw_difference
from salesops.kernel.errors import RuleBroken
from tests.orders.matching.ledgers import make_entries, make_ledger, matches_of
from tests.orders.matching.test_by_hand import adds_up
from tests.orders.matching.test_differences import Desk
from tests.orders.reconciliation.conftest import open_for
from tests.support.signed_in import signed_in
from tests.support.tasks import RunTasks

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(run_tasks: RunTasks) -> Desk:
    """October: SH-3 of the 29th is on its way, FK-9 is paid by them and comes in later; both are stated."""
    desk = Desk(run_tasks)
    make_entries(desk.customer, [(33, "PM-2", -20), (35, "SH-5", 11)])
    desk.state("SH-3", "FK-9", "SH-2")
    return desk


def november(desk: Desk, *lines: tuple[int, str, int]) -> LedgerUpload:
    days = {"first_day": date(2026, 11, 1), "last_day": date(2026, 11, 30)}
    return make_ledger(desk.customer, desk.finance, lines, **days)


def test_what_was_in_transit_is_matched_by_rule_in_the_next_ledger(desk: Desk) -> None:
    upload = november(desk, (34, "RK-77", 40), (36, "RK-78", 11))
    assert [one.difference.at for one in carried_over(upload)] == ["FK-9", "SH-3"]
    before = formula_of(upload)

    match_ledger(upload.pk, by=desk.finance)

    found = formula_of(upload)
    assert matches_of(upload) == [
        ("amount", ["PM-2"], ["FK-9"]),
        ("amount", ["SH-3"], ["RK-77"]),
        ("amount", ["SH-5"], ["RK-78"]),
    ]
    assert (before.carried_ours.amount, before.carried_theirs.amount) == (Decimal(40), Decimal(-20))
    assert (found.carried_ours.count, found.carried_theirs.count, found.ours.count, found.theirs.count) == (0, 0, 0, 0)
    assert found.is_agreed and before.their_closing == found.their_closing
    ledger: Any = ledgers_for(desk.finance).get(pk=upload.pk)
    assert ledger.left_count == 0
    assert all(one.match_id for one in carried_over(upload))


def by_hand(desk: Desk, upload: LedgerUpload, ours: str, theirs: str, reason: str = "") -> LedgerMatch:
    """Match what is named by document and reference, of whichever ledger of the customer it is."""
    entries = desk.customer.entries.filter(document__in=ours.split())
    lines = LedgerLine.objects.filter(upload__customer=desk.customer, reference__in=theirs.split())
    given: Any = [list(rows.values_list("pk", flat=True)) for rows in (entries, lines)]
    assert [len(keys) for keys in given] == [len(ours.split()), len(theirs.split())]
    return match_by_hand(upload.pk, by=desk.finance, ours=given[0], theirs=given[1], reason=reason)


def test_by_hand_an_entry_and_a_line_of_the_ledger_before_are_matched_in_the_next(desk: Desk) -> None:
    upload = november(desk, (34, "RK-77", 40), (36, "RK-78", 11))

    ours = by_hand(desk, upload, "SH-3", "RK-77")
    theirs = by_hand(desk, upload, "PM-2", "FK-9")

    assert (ours.way, ours.days, ours.carried_count) == ("hand", 5, 0)
    assert (theirs.upload, theirs.days, theirs.carried_count) == (upload, 5, 1)
    found = formula_of(upload)
    assert (found.carried_ours.count, found.carried_theirs.count, found.ours.count, found.theirs.count) == (0, 0, 1, 1)
    ledger: Any = ledgers_for(desk.finance).get(pk=upload.pk)
    assert ledger.left_count == 1
    assert {one.side.document: one.match_id for one in carried_over(upload)} == {"SH-3": ours.pk, "FK-9": theirs.pk}


def test_by_hand_a_few_cents_against_what_was_carried_ask_for_a_reason(desk: Desk) -> None:
    upload = november(desk)
    upload.lines.create(row=9, day=date(2026, 11, 3), reference="RK-79", amount=Decimal("40.20"))

    with pytest.raises(RuleBroken) as refused:
        by_hand(desk, upload, "SH-3", "RK-79")
    assert refused.value.rule == "reason" and not upload.matches.exists()

    assert by_hand(desk, upload, "SH-3", "RK-79", reason="Freight").difference == Decimal("0.20")
    assert formula_of(upload).matched_apart == Decimal("0.20")


def test_what_was_carried_is_cleared_once_and_only_in_a_ledger_that_it_was_carried_to(desk: Desk) -> None:
    upload = november(desk, (34, "RK-77", 40), (35, "RK-80", 40))
    by_hand(desk, upload, "SH-3", "RK-77")

    for ledger, ours, theirs, rule in (
        (upload, "SH-3", "RK-80", "matched"),
        (desk.upload, "SH-3", "RK-80", "scope"),
        (upload, "SH-5", "FY-8", "scope"),
    ):
        with pytest.raises(RuleBroken) as refused:
            by_hand(desk, ledger, ours, theirs)
        assert refused.value.rule == rule
    assert LedgerMatch.objects.filter(way="hand").count() == 1


@pytest.mark.parametrize(("document", "ours", "theirs"), [("SH-3", "SH-3", "RK-77"), ("FK-9", "PM-2", "FK-9")])
def test_a_ledger_of_which_a_later_one_cleared_something_is_replaced_once_that_is_undone(
    desk: Desk, document: str, ours: str, theirs: str
) -> None:
    upload = november(desk, (34, "RK-77", 40))
    match = by_hand(desk, upload, ours, theirs)
    for one in desk.one.differences.all():
        withdraw_difference(desk.one.pk, one.position, by=desk.finance)
    assert [one.side.document for one in carried_on(desk.upload)] == [document]
    again: Any = {"first_day": desk.upload.first_day, "last_day": desk.upload.last_day, "replaces": True}
    lines = [LineRead(row=2, day=date(2026, 10, 4), reference="SH1", text="", amount=Decimal(100))]

    with pytest.raises(RuleBroken, match="2026-11-01 – 2026-11-30 clears something of it") as refused:
        keep_lines(desk.customer.pk, lines, by=desk.finance, **again)
    assert refused.value.rule == "carried"
    desk.upload.refresh_from_db()
    assert (desk.upload.state, LedgerUpload.objects.count()) == ("read", 2)

    undo_match(match.pk, by=desk.finance)
    keep_lines(desk.customer.pk, lines, by=desk.finance, **again)
    desk.upload.refresh_from_db()
    assert desk.upload.state == "replaced"


def test_the_former_ledger_keeps_what_it_left_and_its_formula(desk: Desk) -> None:
    before = formula_of(desk.upload)
    upload = november(desk, (34, "RK-77", 40))
    match_ledger(upload.pk, by=desk.finance)

    assert formula_of(desk.upload) == before
    assert "SH-3" in [one.document for one in ours_left(desk.upload)]
    assert "FK-9" in [one.reference for one in theirs_left(desk.upload)]


def test_the_formula_says_what_of_the_openings_is_carried_and_what_is_not(desk: Desk) -> None:
    upload = november(desk, (34, "RK-77", 40))
    upload.opening = Decimal(75)
    match_ledger(upload.pk, by=desk.finance)

    found = formula_of(upload)

    assert (found.carried_opening, found.opening_apart) == (Decimal(60), found.our_opening - 75 - 60)
    assert found.their_closing == (
        found.our_closing
        - found.opening_apart
        - found.carried_ours.amount
        + found.carried_theirs.amount
        - found.ours.amount
        + found.theirs.amount
        + found.matched_apart
        + found.unexplained
    )
    assert adds_up(formula_of(desk.upload))


def test_what_is_left_to_somebody_to_post_and_what_was_withdrawn_is_not_carried(desk: Desk) -> None:
    upload = november(desk)
    entry = desk.customer.entries.get(document="SH-2")
    line = upload.lines.create(row=9, day=date(2026, 11, 3), amount=60)

    with pytest.raises(RuleBroken, match="not in the ledgers"):
        match_by_hand(upload.pk, by=desk.finance, ours=[entry.pk], theirs=[line.pk])
    position = next(one.position for one in desk.one.differences.all() if one.at == "SH-3")
    withdraw_difference(desk.one.pk, position, by=desk.finance)

    assert [one.difference.at for one in carried_over(upload)] == ["FK-9"]


def test_nothing_is_carried_over_a_gap(desk: Desk) -> None:
    upload = november(desk)
    LedgerUpload.objects.filter(pk=upload.pk).update(first_day=date(2026, 11, 2))
    upload.refresh_from_db()

    assert carried_over(upload) == []


def test_undone_by_a_person_it_waits_again(desk: Desk) -> None:
    upload = november(desk, (34, "RK-77", 40))
    match_ledger(upload.pk, by=desk.finance)
    match = next(one for one in upload.matches.all() if one.amount == 40)

    undo_match(match.pk, by=desk.finance)

    assert formula_of(upload).carried_ours.amount == Decimal(40)
    assert match_ledger(upload.pk, by=desk.finance) == 0


def test_what_is_not_cleared_is_proposed_with_the_reason_that_it_had(desk: Desk, run_tasks: RunTasks) -> None:
    days = {"first_day": date(2026, 11, 1), "last_day": timezone.localdate()}
    with run_tasks():
        open_for(desk.sales, desk.customer, answer_by=timezone.localdate() + timedelta(days=9), **days)
    upload = make_ledger(desk.customer, desk.finance, [(34, "RK-70", 41)], **days)
    match_ledger(upload.pk, by=desk.finance)
    one = reconciliation_of(upload, desk.finance)
    assert one is not None

    found = {each.document: each for each in proposals(upload, one, by=desk.finance)}

    assert (found["SH-3"].amount, found["SH-3"].reason) == (Decimal(-40), "timing")
    hand_over(upload.pk, by=desk.finance, chosen={found["SH-3"].key: found["SH-3"].reason})
    assert "SH-3" not in [each.document for each in proposals(upload, one, by=desk.finance)]
    assert match_ledger(upload.pk, by=desk.finance) == 0


def test_the_page_shows_what_was_carried_over(desk: Desk) -> None:
    upload = november(desk, (34, "RK-77", 40))
    shown = signed_in(desk.finance).get(upload.get_absolute_url()).content.decode()
    assert 'id="carried"' in shown and "SH-3" in shown and "Carried over, ours" in shown

    match_ledger(upload.pk, by=desk.finance)

    later = signed_in(desk.finance).get(upload.get_absolute_url())
    assert "Cleared by RK-77 of 2026-11-03" in later.content.decode()


def test_the_earlier_ledger_says_which_line_of_which_ledger_cleared_it_and_leads_there(desk: Desk) -> None:
    upload = november(desk, (34, "RK-77", 40), (36, "RK-78", 11))
    client = signed_in(desk.finance)
    assert "Cleared by" not in client.get(desk.upload.get_absolute_url()).content.decode()
    match_ledger(upload.pk, by=desk.finance)
    match = upload.matches.get(ours__entry__document="SH-3")

    shown = client.get(desk.upload.get_absolute_url()).content.decode()

    assert "Cleared by RK-77 of 2026-11-03" in shown and "ledger 2026-11-01 – 2026-11-30" in shown
    assert "Cleared by PM-2 of 2026-11-02" in shown
    address = f"{upload.get_absolute_url()}?show=matched&match={match.pk}"
    assert address.replace("&", "&amp;") in shown
    assert [one for one, _ours, _theirs in client.get(address).context["pairs"]] == [match]
    undo_match(match.pk, by=desk.finance)
    assert "Cleared by RK-77" not in client.get(desk.upload.get_absolute_url()).content.decode()


def test_it_is_said_in_every_ledger_that_left_it_until_one_cleared_it(desk: Desk, run_tasks: RunTasks) -> None:
    """SH-3 is left by October, by November too, and cleared by December."""
    between = {"first_day": date(2026, 11, 1), "last_day": timezone.localdate()}
    with run_tasks():
        open_for(desk.sales, desk.customer, answer_by=timezone.localdate() + timedelta(days=9), **between)
    second = make_ledger(desk.customer, desk.finance, [], **between)
    one = reconciliation_of(second, desk.finance)
    assert one is not None
    found = {each.document: each for each in proposals(second, one, by=desk.finance)}
    hand_over(second.pk, by=desk.finance, chosen={found["SH-3"].key: found["SH-3"].reason})
    after = between["last_day"] + timedelta(days=1)
    third = make_ledger(desk.customer, desk.finance, [], first_day=after, last_day=after + timedelta(days=30))
    line = third.lines.create(row=2, day=after, reference="SH-3", amount=40)
    entry = desk.customer.entries.get(document="SH-3")

    match = match_by_hand(third.pk, by=desk.finance, ours=[entry.pk], theirs=[line.pk])

    undo_match(match.pk, by=desk.finance)
    assert match_ledger(third.pk, by=desk.finance) == 0  # a person took it apart
    LedgerMatch.objects.all().delete()
    assert match_ledger(third.pk, by=desk.finance) == 1
    match = third.matches.get()
    for left in (desk.upload, second):
        assert {each.side.document: each.match_id for each in carried_on(left)}["SH-3"] == match.pk
    assert carried_on(third) == []
