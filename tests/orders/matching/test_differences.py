"""What is left becomes differences: kind, amount, reason and owner by rule; what is stated stays until withdrawn."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from customers.models import Customer
from orders.matching.adjusting import post_difference, to_post
from orders.matching.differences import Proposal, hand_over, proposals, reconciliation_of
from orders.matching.intake import keep_lines
from orders.matching.reading import LineRead
from orders.matching.services import match_by_hand, match_ledger, undo_match
from orders.models import Adjustment, Difference, LedgerUpload, ReceivableEntry, Reconciliation
from orders.receivables.models import Source
from orders.reconciliation.formula import formula_of
from orders.reconciliation.services import sign, withdraw_difference
from salesops.kernel.errors import RuleBroken
from salesops.users.models import User
from salesops.users.roles import Role
from tests.orders.matching.ledgers import FIRST, LAST, Given, make_entries, make_ledger, on
from tests.orders.reconciliation.conftest import open_for
from tests.support.build import Sales, make_sales, make_user
from tests.support.queries import queries_of
from tests.support.signed_in import signed_in
from tests.support.tasks import RunTasks

pytestmark = pytest.mark.django_db

OURS: list[Given] = [(3, "SH-1", 100), (10, "SH-2", 60), (29, "SH-3", 40), (12, "PM-1", -30)]
THEIRS: list[Given] = [(4, "SH1", 100), (15, "FY-8", -5), (28, "FK-9", -20)]


class Desk:
    """October of one agent: its ledger beside ours, and the reconciliation that was sent."""

    def __init__(self, run_tasks: RunTasks) -> None:
        self.sales: Sales = make_sales()
        self.finance = self.sales.finance
        self.customer: Customer = self.sales.customer()
        self.agent: User = make_user(Role.AGENT, customer=self.customer)
        make_entries(self.customer, OURS)
        with run_tasks():
            open_for(
                self.sales,
                self.customer,
                first_day=FIRST,
                last_day=LAST,
                answer_by=timezone.localdate() + timedelta(days=9),
            )
        self.upload: LedgerUpload = make_ledger(self.customer, self.finance, THEIRS)
        match_ledger(self.upload.pk, by=self.finance)

    @property
    def one(self) -> Reconciliation:
        return Reconciliation.objects.get(customer=self.customer)

    def proposed(self) -> dict[str, Proposal]:
        """What is proposed, by document."""
        return {one.document: one for one in proposals(self.upload, self.one, by=self.finance)}

    def state(self, *documents: str, **more: Any) -> list[Difference]:
        """Hand over what is named, everything where nothing is, with the reasons that are proposed."""
        found = self.proposed()
        wanted = [found[name] for name in documents] if documents else list(found.values())
        return hand_over(self.upload.pk, by=self.finance, chosen={one.key: one.reason for one in wanted}, **more)


@pytest.fixture
def desk(run_tasks: RunTasks) -> Desk:
    return Desk(run_tasks)


def refused(rule: str, action: Callable[[], Any]) -> RuleBroken:
    """What it is refused with; nothing is stated by it."""
    before = Difference.objects.count()
    with pytest.raises(RuleBroken) as caught:
        action()
    assert caught.value.rule == rule, caught.value.message
    assert Difference.objects.count() == before
    return caught.value


# ---- the rules ----
def test_each_line_that_is_left_has_a_kind_an_amount_a_reason_and_an_owner(desk: Desk) -> None:
    found = {name: (str(one.amount), one.kind, one.reason, one.owner) for name, one in desk.proposed().items()}

    assert found == {
        "SH-2": ("-60.00", "other", "theirs_to_post", desk.sales.representative),
        "SH-3": ("-40.00", "other", "timing", desk.finance),
        "PM-1": ("30.00", "other", "theirs_to_post", desk.sales.representative),
        "FY-8": ("-5.00", "payment", "ours_to_post", desk.finance),
        "FK-9": ("-20.00", "payment", "ours_to_post", desk.finance),
    }


def test_goods_of_the_last_days_are_in_transit_and_what_else_of_another_period(desk: Desk) -> None:
    make_entries(desk.customer, [(30, "SH-9", 70), (9, "SH-8", 71)], source=Source.SHIPMENT)
    make_entries(desk.customer, [(30, "PM-9", -72)], source=Source.PAYMENT)

    found = {name: (one.kind, one.reason) for name, one in desk.proposed().items()}

    assert found["SH-9"] == ("not_received", "transit")
    assert found["SH-8"] == ("not_received", "theirs_to_post")
    assert found["PM-9"] == ("payment", "timing")


def test_a_payment_of_theirs_that_came_in_after_the_days_is_in_transit(desk: Desk) -> None:
    make_entries(desk.customer, [(33, "PM-2", -20)])

    found = desk.proposed()["FK-9"]

    assert (found.reason, found.note) == ("transit", "PM-2 of 2026-11-02 in our ledger.")
    assert desk.proposed()["FY-8"].reason == "ours_to_post"


def test_a_text_that_speaks_of_a_return_makes_one(desk: Desk) -> None:
    desk.upload.lines.filter(reference="FY-8").update(text="退货 10 箱")

    assert desk.proposed()["FY-8"].kind == "return"


def test_opening_balances_that_are_apart_and_what_was_let_pass_are_proposed_too(desk: Desk) -> None:
    desk.upload.opening = Decimal(7)
    desk.upload.save()
    line = desk.upload.lines.create(row=99, day=on(11), reference="RK-2", amount=Decimal("60.40"))
    entry = ReceivableEntry.objects.get(document="SH-2", customer=desk.customer)
    match_by_hand(desk.upload.pk, by=desk.finance, ours=[entry.pk], theirs=[line.pk], reason="Rounded")

    found = {one.key[0]: (str(one.amount), one.reason) for one in proposals(desk.upload, desk.one, by=desk.finance)}

    assert found["o"] == ("7.00", "")
    assert found["m"] == ("0.40", "theirs_to_post")


# ---- handing over ----
def test_what_is_handed_over_explains_the_way_to_their_closing_balance(desk: Desk) -> None:
    desk.upload.closing = Decimal(75)
    desk.upload.save()

    made = desk.state()

    formula = formula_of(desk.one, desk.one.differences.all())
    assert len(made) == 5
    assert (formula.ours, formula.theirs, formula.unexplained, formula.open_count) == (
        Decimal(170),
        Decimal(75),
        Decimal(0),
        0,
    )
    assert formula.is_settled
    by_document = {one.at: one for one in desk.one.differences.select_related("entry", "owner")}
    assert (by_document["SH-2"].entry_id, by_document["FY-8"].note) == (
        ReceivableEntry.objects.get(document="SH-2", customer=desk.customer).pk,
        "It is not in our ledger.",
    )


def test_what_is_stated_is_not_proposed_again_and_what_is_withdrawn_is(desk: Desk) -> None:
    made = desk.state("SH-2", "FY-8")
    assert sorted(desk.proposed()) == ["FK-9", "PM-1", "SH-3"]

    for one in made:
        withdraw_difference(desk.one.pk, one.position, by=desk.finance)

    assert sorted(desk.proposed()) == ["FK-9", "FY-8", "PM-1", "SH-2", "SH-3"]
    desk.state("SH-2", "FY-8")


def test_another_reason_and_owner_or_none_may_be_given(desk: Desk) -> None:
    found = desk.proposed()
    chosen = {found["SH-2"].key: "transit", found["FY-8"].key: ""}

    hand_over(desk.upload.pk, by=desk.finance, chosen=chosen, owners={found["SH-2"].key: desk.sales.supervisor.pk})

    rows = {one.at: one for one in desk.one.differences.all()}
    assert (rows["SH-2"].reason, rows["SH-2"].owner, rows["SH-2"].note) == ("transit", desk.sales.supervisor, "")
    assert (rows["FY-8"].state, rows["FY-8"].reason) == ("open", "")


def test_nothing_and_what_is_not_left_is_refused(desk: Desk) -> None:
    key = desk.proposed()["SH-2"].key
    desk.state("SH-2")

    refused("lines", lambda: hand_over(desk.upload.pk, by=desk.finance, chosen={}))
    refused("changed", lambda: hand_over(desk.upload.pk, by=desk.finance, chosen={key: ""}))
    refused("changed", lambda: hand_over(desk.upload.pk, by=desk.finance, chosen={"l0": ""}))


def test_a_statement_that_closes_with_another_figure_is_refused_with_both(desk: Desk) -> None:
    make_entries(desk.customer, [(20, "LATE", 1)])

    refusal = refused("statement", lambda: desk.state("SH-2"))

    assert "170.00" in str(refusal) and "171.00" in str(refusal)


def test_without_a_reconciliation_of_the_same_days_it_is_refused(desk: Desk) -> None:
    other = make_ledger(desk.customer, desk.finance, [], first_day=date(2026, 9, 1), last_day=date(2026, 9, 30))

    assert reconciliation_of(other, desk.finance) is None
    refused("reconciliation", lambda: hand_over(other.pk, by=desk.finance, chosen={"l1": ""}))


def test_nobody_hands_over_outside_of_the_scope(desk: Desk) -> None:
    foreign = make_user(Role.AGENT, customer=make_sales().customer())
    key = desk.proposed()["SH-2"].key

    refused("scope", lambda: hand_over(desk.upload.pk, by=foreign, chosen={key: ""}))


# ---- what is stated stays ----
def test_what_is_stated_is_neither_matched_by_hand_nor_by_rule(desk: Desk) -> None:
    desk.state("SH-2", "FY-8")
    entry = ReceivableEntry.objects.get(document="SH-2", customer=desk.customer).pk
    line = desk.upload.lines.get(reference="FY-8").pk
    added = desk.upload.lines.create(row=99, day=on(10), reference="SH-2", amount=60)

    for ours, theirs in (([entry], [added.pk]), ([], [line, added.pk])):
        refusal = refused(
            "stated",
            partial(match_by_hand, desk.upload.pk, by=desk.finance, ours=ours, theirs=theirs),
        )
        assert "of RC-" in str(refusal)
    assert match_ledger(desk.upload.pk, by=desk.finance) == 0

    withdraw_difference(desk.one.pk, 1, by=desk.finance)
    assert match_ledger(desk.upload.pk, by=desk.finance) == 1


def test_a_match_that_was_let_pass_and_stated_is_not_undone(desk: Desk) -> None:
    line = desk.upload.lines.create(row=99, day=on(11), reference="RK-2", amount=Decimal("60.40"))
    entry = ReceivableEntry.objects.get(document="SH-2", customer=desk.customer)
    match = match_by_hand(desk.upload.pk, by=desk.finance, ours=[entry.pk], theirs=[line.pk], reason="Rounded")
    desk.state("SH-2")

    refused("stated", lambda: undo_match(match.pk, by=desk.finance))


def test_a_ledger_with_stated_lines_is_not_replaced(desk: Desk) -> None:
    desk.state("FY-8")
    lines = [LineRead(1, on(1), "x", "", Decimal(1))]

    refused(
        "stated",
        lambda: keep_lines(desk.customer.pk, lines, by=desk.agent, first_day=FIRST, last_day=LAST, replaces=True),
    )
    desk.upload.refresh_from_db()
    assert desk.upload.state == "read"


def test_what_both_sides_have_signed_keeps_its_matches(desk: Desk) -> None:
    desk.state()
    sign(desk.one.pk, by=desk.agent)
    sign(desk.one.pk, by=desk.finance)
    match = desk.upload.matches.get()

    refused("signed", lambda: undo_match(match.pk, by=desk.finance))
    refused("signed", lambda: match_ledger(desk.upload.pk, by=desk.finance))
    assert desk.upload.matches.filter(undone_at=None).count() == 1


# ---- the pages ----
def test_finance_hands_over_on_the_page_and_the_reconciliation_says_how_far_it_is(desk: Desk) -> None:
    client = signed_in(desk.finance)
    url = reverse("orders:matching_differences", args=[desk.upload.pk])
    assert url in client.get(desk.upload.get_absolute_url()).content.decode()
    form = client.get(url).context["form"]
    found = desk.proposed()
    data = {f"reason_{one.key}": one.reason for one in form.proposed} | {f"reason_{found['FK-9'].key}": "-"}

    response = client.post(url, data)

    assert response["Location"] == desk.one.get_absolute_url()
    assert sorted(one.at for one in desk.one.differences.select_related("entry")) == ["FY-8", "PM-1", "SH-2", "SH-3"]
    shown = client.get(desk.one.get_absolute_url()).content.decode()
    assert f"{desk.upload.get_absolute_url()}#left-theirs" in shown
    page = client.get(desk.upload.get_absolute_url()).content.decode()
    assert page.count("Difference ") == 4
    assert sorted(one.document for one in client.get(url).context["form"].proposed) == ["FK-9"]


def test_the_reconciliation_asks_for_a_ledger_that_is_not_there(desk: Desk) -> None:
    LedgerUpload.objects.update(first_day=date(2026, 9, 1), last_day=date(2026, 9, 30))

    shown = signed_in(desk.agent).get(desk.one.get_absolute_url()).content.decode()

    address = reverse("orders:their_ledger_new", args=[desk.customer.code])
    assert f"{address}?first_day=2026-10-01&amp;last_day=2026-10-31" in shown
    form = signed_in(desk.agent).get(f"{address}?first_day=2026-10-01&last_day=2026-10-31").context["form"]
    assert (form["first_day"].value(), form["last_day"].value()) == (FIRST, LAST)


def test_more_that_is_left_asks_no_more_queries(desk: Desk) -> None:
    client = signed_in(desk.finance)
    url = reverse("orders:matching_differences", args=[desk.upload.pk])
    few = queries_of(client, url)
    for at in range(20):
        desk.upload.lines.create(row=200 + at, day=on(15), reference=f"L{at}", amount=900 + at)

    assert queries_of(client, url) <= few + 1


def test_an_agent_hands_nothing_over(desk: Desk) -> None:
    client = signed_in(desk.agent)
    url = reverse("orders:matching_differences", args=[desk.upload.pk])

    assert client.get(url).status_code == client.post(url).status_code == 403
    assert url not in client.get(desk.upload.get_absolute_url()).content.decode()


def test_an_owner_who_is_not_there_is_said_at_the_field(desk: Desk) -> None:
    one = desk.proposed()["SH-2"]
    url = reverse("orders:matching_differences", args=[desk.upload.pk])

    response = signed_in(desk.finance).post(url, {f"reason_{one.key}": "timing", f"owner_{one.key}": "999999"})

    assert response.status_code == 422
    assert list(response.context["form"].errors) == [f"owner_{one.key}"]
    assert not Difference.objects.exists()


# ---- what is ours to post ----
def ask(desk: Desk, position: int) -> Any:
    address = reverse("orders:difference_adjustment", args=[desk.one.number, position])
    return signed_in(desk.finance).post(address)


def test_what_is_ours_to_post_becomes_an_adjustment_that_waits_for_approval(desk: Desk) -> None:
    (made,) = desk.state("FY-8")
    page = signed_in(desk.finance).get(desk.one.get_absolute_url()).content.decode()
    assert reverse("orders:difference_adjustment", args=[desk.one.number, made.position]) in page

    ask(desk, made.position)

    adjustment = Adjustment.objects.get()
    made.refresh_from_db()
    assert (adjustment.kind, adjustment.amount, adjustment.state) == ("credit", Decimal(5), "submitted")
    assert (adjustment.concerns, adjustment.reason) == (LAST, "reconciliation")
    assert made.resolution == adjustment.number
    assert not to_post(desk.one).exists()


def test_a_difference_is_posted_once_and_only_where_it_is_ours(desk: Desk) -> None:
    ours, theirs = desk.state("FY-8", "SH-2")
    post_difference(desk.one.pk, ours.position, by=desk.finance)

    refused("posted", lambda: post_difference(desk.one.pk, ours.position, by=desk.finance))
    refused("reason", lambda: post_difference(desk.one.pk, theirs.position, by=desk.finance))
    foreign = make_user(Role.AGENT, customer=make_sales().customer())
    refused("scope", lambda: post_difference(desk.one.pk, ours.position, by=foreign))
    assert Adjustment.objects.count() == 1
    assert ask(desk, ours.position).status_code == 409
