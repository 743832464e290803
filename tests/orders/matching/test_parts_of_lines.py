"""A line of theirs is split by hand into parts that add up to it, and put together again."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from orders.matching.queries import formula_of, ledgers_for
from orders.matching.services import match_by_hand, match_ledger, undo_match
from orders.matching.splitting import split_line, undo_split
from orders.models import LedgerLine, LedgerSplit, LedgerUpload, MatchTheirs
from salesops.kernel.errors import RuleBroken
from salesops.users.models import User
from salesops.users.roles import Role
from salesops.web.once import new_key
from tests.orders.matching.ledgers import matches_of
from tests.orders.matching.test_by_hand import Desk, adds_up
from tests.support.at_once import at_once, refusals
from tests.support.build import make_sales, make_user
from tests.support.signed_in import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def finance() -> User:
    return make_user(Role.FINANCE)


@pytest.fixture
def desk(finance: User) -> Desk:
    return Desk(finance, [(1, "A", 600), (20, "B", 400)], [(3, "x", 1000), (4, "y", 7)])


def split(desk: Desk, *amounts: Any, by: User | None = None, name: str = "x") -> LedgerSplit:
    given = [Decimal(str(amount)) for amount in amounts]
    return split_line(desk.theirs[name], by=by or desk.finance, amounts=given)


def standing(desk: Desk) -> list[Decimal]:
    return list(desk.upload.lines.standing().order_by("pk").values_list("amount", flat=True))


def refused(rule: str, action: Callable[[], Any]) -> RuleBroken:
    """What it is refused with; nothing is written."""
    before = list(LedgerLine.objects.order_by("pk").values_list("pk", "stands")), LedgerSplit.objects.count()
    with pytest.raises(RuleBroken) as caught:
        action()
    assert caught.value.rule == rule, caught.value.message
    assert before == (list(LedgerLine.objects.order_by("pk").values_list("pk", "stands")), LedgerSplit.objects.count())
    return caught.value


def test_parts_are_matched_each_for_itself_and_the_formula_holds(desk: Desk) -> None:
    before = formula_of(desk.upload)
    made = split(desk, 600, 400)
    first, second = made.parts.order_by("part")
    assert adds_up(formula_of(desk.upload)) and formula_of(desk.upload).theirs.amount == before.theirs.amount

    match_by_hand(desk.upload.pk, by=desk.finance, ours=[desk.ours["A"]], theirs=[first.pk])

    found = formula_of(desk.upload)
    assert adds_up(found) and found.their_closing == before.their_closing
    assert (found.ours.amount, found.theirs.amount, found.theirs.count) == (Decimal(400), Decimal(407), 2)
    ledger: Any = ledgers_for(desk.finance).get()
    assert ledger.left_count == 2
    assert (second.reference, second.day) == (made.line.reference, made.line.day)


def test_the_rules_match_parts_too(desk: Desk) -> None:
    split(desk, 600, 400)

    assert match_ledger(desk.upload.pk, by=desk.finance) == 1
    assert matches_of(desk.upload) == [("amount", ["A"], ["x"])]


def test_parts_may_have_another_sign_than_their_line(desk: Desk) -> None:
    split(desk, 1050, -50)

    assert standing(desk) == [7, 1050, -50]


def test_parts_that_do_not_add_up_to_the_cent_are_refused_with_both_sums(desk: Desk) -> None:
    refusal = refused("sum", lambda: split(desk, 600, "400.01"))

    assert "1,000.01" in str(refusal) and "1,000.00" in str(refusal)


@pytest.mark.parametrize(
    ("amounts", "rule"),
    [((1000,), "parts"), ([50] * 21, "parts"), ((1000, 0), "amount"), (("999.995", "0.005"), "amount")],
)
def test_one_part_too_many_and_parts_of_nothing_are_refused(desk: Desk, amounts: Any, rule: str) -> None:
    refused(rule, lambda: split(desk, *amounts))


def test_a_line_that_is_matched_or_split_is_not_split(desk: Desk) -> None:
    match = desk.match("A B", "x")
    refused("matched", lambda: split(desk, 600, 400))
    undo_match(match.pk, by=desk.finance)
    part = split(desk, 600, 400).parts.first()
    assert part is not None

    refused("split", lambda: split(desk, 600, 400))
    refused("split", lambda: split_line(part.pk, by=desk.finance, amounts=[Decimal(1), part.amount - 1]))


def test_a_line_that_is_split_is_not_matched(desk: Desk) -> None:
    split(desk, 600, 400)

    desk.refused("A B", "x", "scope")


def test_nobody_splits_outside_of_the_scope_or_in_a_ledger_that_was_replaced(desk: Desk) -> None:
    foreign = make_user(Role.AGENT, customer=make_sales().customer())
    made = split(desk, 3, 4, name="y")

    refused("scope", lambda: split(desk, 600, 400, by=foreign))
    refused("scope", lambda: undo_split(made.pk, by=foreign))
    LedgerUpload.objects.update(state="replaced")
    refused("state", lambda: split(desk, 600, 400))
    refused("state", lambda: undo_split(made.pk, by=desk.finance))


def test_a_split_is_undone_once_and_may_be_made_again(desk: Desk) -> None:
    made = undo_split(split(desk, 600, 400).pk, by=desk.finance)

    assert made.undone_by == desk.finance and standing(desk) == [1000, 7]
    refused("undone", lambda: undo_split(made.pk, by=desk.finance))
    split(desk, 300, 700)
    assert sorted(standing(desk)) == [7, 300, 700]


def test_a_line_is_not_put_together_while_a_part_is_matched(desk: Desk) -> None:
    made = split(desk, 600, 400)
    first = made.parts.order_by("part")[0]
    match = match_by_hand(desk.upload.pk, by=desk.finance, ours=[desk.ours["A"]], theirs=[first.pk])

    refused("matched", lambda: undo_split(made.pk, by=desk.finance))
    undo_match(match.pk, by=desk.finance)
    undo_split(made.pk, by=desk.finance)
    assert standing(desk) == [1000, 7]


# ---- the database ----
def database_refuses(words: str, action: Callable[[], Any]) -> None:
    with pytest.raises(DatabaseError, match=words), transaction.atomic():
        action()
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_the_database_holds_that_parts_add_up_and_either_stands(desk: Desk) -> None:
    made = split(desk, 600, 400)
    whole, part = LedgerLine.objects.get(pk=desk.theirs["x"]), made.parts.first()
    assert part is not None
    further = {"upload": desk.upload, "row": whole.row, "part": 9, "split": made, "day": whole.day, "amount": 1}

    database_refuses("add up", lambda: LedgerLine.objects.create(**further))
    database_refuses("Cannot update", lambda: LedgerLine.objects.filter(pk=part.pk).update(amount=601))
    database_refuses("Cannot delete", lambda: LedgerLine.objects.filter(pk=part.pk).delete())
    database_refuses("either of them stands", lambda: LedgerLine.objects.filter(pk=whole.pk).update(stands=True))
    database_refuses("either of them stands", lambda: LedgerLine.objects.filter(pk=part.pk).update(stands=False))
    other = LedgerLine.objects.filter(pk=desk.theirs["y"])
    database_refuses("while it is not split", lambda: other.update(stands=False))


def test_the_database_refuses_to_match_what_does_not_stand(desk: Desk) -> None:
    match = desk.match("A B", "x")
    split(desk, 3, 4, name="y")

    database_refuses("in no match", lambda: MatchTheirs.objects.create(match=match, line_id=desk.theirs["y"]))


# ---- two at once ----
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("other", ["split", "match"])
def test_of_two_people_who_split_or_match_one_line_at_once_one_is_told(other: str) -> None:
    finance, colleague = make_user(Role.FINANCE), make_user(Role.FINANCE)
    desk = Desk(finance, [(1, "A", 600), (20, "B", 400)], [(3, "x", 1000)])
    work = {"split": lambda: split(desk, 1, 999, by=colleague), "match": lambda: desk.match("A B", "x", by=colleague)}

    results = at_once(lambda: split(desk, 600, 400), work[other])

    assert len(refusals(results)) == 1
    assert sum(standing(desk)) == 1000


# ---- the pages ----
def test_a_line_is_split_on_its_page_and_put_together_in_a_click(desk: Desk) -> None:
    client = signed_in(desk.finance)
    url = reverse("orders:line_parts", args=[desk.upload.pk, desk.theirs["x"]])
    assert url in client.get(desk.upload.get_absolute_url()).content.decode()

    assert client.post(url, {"amounts": "600 ham"}).status_code == 422
    assert client.post(url, {"amounts": "600 399"}).status_code == 422
    assert client.post(url, {"amounts": "600; 400.00"}).status_code == 302
    undo = reverse("orders:split_undoing", args=[desk.upload.pk, LedgerSplit.objects.get().pk])
    assert undo in client.get(desk.upload.get_absolute_url()).content.decode()
    client.post(undo)

    assert standing(desk) == [1000, 7]


def test_over_the_ledger_the_form_is_a_part_that_draws_it_anew_once_the_line_is_split(desk: Desk) -> None:
    client = signed_in(desk.finance)
    url = reverse("orders:line_parts", args=[desk.upload.pk, desk.theirs["x"]])
    below = f"{desk.upload.get_absolute_url()}?q=x"
    over: Any = {"headers": {"HX-Request": "true", "HX-Target": "over", "HX-Current-URL": f"http://testserver{below}"}}

    part = client.get(url, **over).content.decode()
    assert f'hx-post="{url}"' in part and "<html" not in part
    assert "<html" in client.get(url).content.decode()
    wrong = client.post(url, {"amounts": "600 399"}, **over)
    assert wrong.status_code == 422 and "<html" not in wrong.content.decode()
    assert not LedgerSplit.objects.exists()
    key = new_key()
    done = [client.post(url, {"amounts": "600 400", "once_key": key}, **over) for _time in range(2)]

    for response in done:
        told = json.loads(response["HX-Location"])
        assert told == {"path": below, "target": "#ledger", "select": "#ledger", "swap": "outerHTML"}
        assert "so:done" in json.loads(response["HX-Trigger"])
    assert LedgerSplit.objects.count() == 1


def test_an_agent_opens_no_form_over_the_ledger(desk: Desk) -> None:
    client = signed_in(make_user(Role.AGENT, customer=desk.customer))
    url = reverse("orders:line_parts", args=[desk.upload.pk, desk.theirs["x"]])
    assert client.get(url, headers={"HX-Request": "true", "HX-Target": "over"}).status_code == 403
    assert 'hx-target="#over"' not in client.get(desk.upload.get_absolute_url()).content.decode()
