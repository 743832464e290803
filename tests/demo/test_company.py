"""The demo company: what was promised is there, its books add up, and everybody can sign in."""

from collections import Counter
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Min, Sum
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from customers.models import Attachment, CreditAccount, Customer, Invitation, Note
from customers.portal.queries import is_responsible
from orders.closing.days import month_of
from orders.closing.queries import next_to_close
from orders.credit.models import LimitState, TemporaryLimit
from orders.credit.queries import credit_picture
from orders.deliveries.models import SHIPPABLE, State
from orders.facts.services import bring_facts_along
from orders.matching.differences import reconciliation_of
from orders.matching.queries import formula_of
from orders.models import (
    AccountFact,
    Adjustment,
    BankFile,
    Bill,
    Category,
    ClosingStep,
    Delivery,
    DeliveryLine,
    ExpectedGoods,
    GoodsFact,
    LedgerUpload,
    Payment,
    PriceList,
    Product,
    ReceivableEntry,
    Shipment,
    ShipmentLine,
    Stock,
    StockMovement,
    Warehouse,
)
from orders.payments.models import PaymentReversal
from orders.proof.verification import differences
from reports.models import IssuedStatistic
from salesops.approvals.inbox import inbox_of
from salesops.approvals.models import Decision, Request, Verdict
from salesops.approvals.queries import waiting_for
from salesops.demo.company import Made, make_company
from salesops.kernel.errors import RuleBroken
from salesops.notify.models import MailState, Notice, OutgoingMail
from salesops.users.models import Delegation, Region, User
from salesops.users.roles import Role
from salesops.users.signin.demo import NAMES, PASSWORD
from tests.support.build import make_user
from tests.support.signed_in import signed_in

pytestmark = pytest.mark.slow


def person(username: str) -> User:
    return User.objects.get(username=username)


def test_the_books_add_up(made: Made) -> None:
    assert differences() == []


def test_it_has_what_was_promised(made: Made) -> None:
    assert Region.objects.filter(level=2).count() == 6
    assert all(area.children.exists() for area in Region.objects.filter(level=2))
    assert 30 <= made.people <= 40
    assert set(User.objects.values_list("groups__name", flat=True)) == set(Role.values)
    assert Customer.objects.filter(kind="agent").count() == 60
    assert made.products == 120 and Category.objects.count() == 8
    assert Warehouse.objects.count() == 2
    assert {"", "A"} == set(PriceList.objects.values_list("grade", flat=True))
    assert 35 <= made.waiting <= 45
    assert Product.objects.exclude(name_zh="").count() == 120
    assert not Customer.objects.filter(name_zh="").exists()
    assert not Customer.objects.filter(contacts=None).exists()
    assert not Customer.objects.filter(addresses=None).exists()


def test_two_years_lie_behind_it(made: Made) -> None:
    today = timezone.localdate()
    for rows, name in ((Delivery, "ordered_on"), (Shipment, "shipped_on"), (Payment, "received_on")):
        first = rows.objects.aggregate(first=Min(name))["first"]
        assert today - timedelta(days=735) <= first <= today - timedelta(days=650)
        assert rows.objects.filter(**{f"{name}__gte": today - timedelta(days=4)}).exists()
        assert not rows.objects.filter(**{f"{name}__gt": today}).exists()


def test_documents_are_numbered_by_their_day(made: Made) -> None:
    shipped = list(Shipment.objects.filter(shipped_on__lt=timezone.localdate() - timedelta(days=10)).order_by("number"))
    assert [one.shipped_on for one in shipped] == sorted(one.shipped_on for one in shipped)


def test_customers_have_different_fortunes(made: Made) -> None:
    accounts = CreditAccount.objects
    assert accounts.filter(limit=None).exists()
    assert accounts.filter(limit=0, balance__lt=0).exists()
    assert accounts.filter(is_on_hold=True).count() == 1
    pictures = [credit_picture(pk) for pk in accounts.values_list("pk", flat=True)]
    assert any(picture.over_amount for picture in pictures if picture.limit)
    assert any(picture.overdue_days > 30 for picture in pictures)
    assert sum(not picture.overdue_amount for picture in pictures) > 30
    assert TemporaryLimit.objects.filter(state=LimitState.APPROVED, last_day__gte=timezone.localdate()).exists()


def test_goods_run_short_and_more_is_expected(made: Made) -> None:
    assert Delivery.objects.filter(state=State.PARTLY_SHIPPED).exists()
    assert ExpectedGoods.objects.filter(received_at=None, expected_on__lt=timezone.localdate()).exists()
    assert ExpectedGoods.objects.filter(received_at=None, expected_on__gt=timezone.localdate()).count() >= 5
    assert StockMovement.objects.filter(kind="receipt").exists()


def test_nothing_waits_for_goods_that_lie_free(made: Made) -> None:
    free = {(one.warehouse_id, one.product_id): one.free for one in Stock.objects.all()}
    lines = DeliveryLine.objects.filter(delivery__state__in=SHIPPABLE).select_related("delivery")
    waiting = [line for line in lines if line.back_order]
    assert waiting
    assert [line for line in waiting if free[line.delivery.warehouse_id, line.product_id]] == []


def test_papers_end_soon_and_notes_are_written(made: Made) -> None:
    soon = timezone.localdate() + timedelta(days=30)
    assert Attachment.objects.filter(valid_until__lte=soon).count() >= 5
    assert Attachment.objects.filter(valid_until__lt=timezone.localdate()).exists()
    assert Attachment.objects.first().file.read(5) == b"%PDF-"  # type: ignore[union-attr]
    assert Note.objects.count() > 50


def test_about_twelve_cases_lie_on_the_supervisors_desk(made: Made) -> None:
    inbox = inbox_of(person("supervisor"), whose="mine", kind="")
    dues = [request.due_at for request in inbox.requests]
    assert len(dues) == 12 and dues == sorted(dues, key=lambda due: due or timezone.now())
    assert sum(due < timezone.now() for due in dues if due) == 1
    flags = {str(flag.text) for found in inbox.flags.values() for flag in found}
    assert flags >= {"Limit", "Overdue", "Stock"}
    teams = {request.team_id for request in inbox.requests}
    assert len(teams) == 2, "some of them in a colleague's place"


def test_cases_wait_on_every_kind_of_desk(made: Made) -> None:
    waiting = Request.objects.on_desk()
    roles = {"representative", "supervisor", "regional_manager", "sales_manager"}
    assert set(waiting.values_list("role", flat=True)) == roles
    assert set(waiting.values_list("document_type", flat=True)) == {"delivery", "temporary_limit", "adjustment"}
    assert Request.objects.waiting().filter(parked_at__isnull=False).count() == 2
    assert waiting_for(person("regional-manager")).count() >= 5
    assert waiting_for(person("sales-manager")).count() >= 4


def test_the_representative_sees_first_what_agents_wrote(made: Made) -> None:
    representative = person("representative")
    (first,) = waiting_for(representative)
    assert first.submitted_by == person("taihu") and first.document_type == "delivery"
    client = signed_in(representative)
    assert "Waits for me" in client.get("/").content.decode()
    assert first.number in client.get(reverse("approvals:inbox")).content.decode()
    (passed,) = Request.objects.on_desk().filter(submitted_by=person("agent"))
    assert passed.role == Role.SUPERVISOR
    assert passed.decisions.filter(verdict=Verdict.APPROVED).values_list("by", flat=True).get() == representative.pk


def test_decisions_of_the_past_have_reasons(made: Made) -> None:
    by = Decision.objects.filter(by=person("supervisor"))
    assert by.filter(verdict=Verdict.APPROVED).exclude(note="").exists()
    assert not Decision.objects.filter(verdict=Verdict.REJECTED, note="").exists()
    assert Decision.objects.filter(verdict=Verdict.ESCALATED).count() == 1
    assert Decision.objects.exclude(accepted={}).exists()
    own = [one for one in Decision.objects.select_related("request") if one.by_id == one.request.submitted_by_id]
    assert {one.verdict for one in own} <= {Verdict.SUBMITTED, Verdict.WITHDRAWN}


def test_the_history_tells_when_and_by_whom(made: Made) -> None:
    delivery = Delivery.objects.filter(state=State.SHIPPED).order_by("pk")[0]
    events = list(delivery.events.order_by("pgh_id"))
    assert [event.state for event in events] == ["draft", "submitted", "approved", "shipped"]
    assert events[0].pgh_created_at == delivery.created_at
    actors = [event.pgh_context.metadata["user"] for event in events]
    assert actors[:2] == [delivery.created_by_id] * 2
    assert actors[2] != delivery.created_by_id and User.objects.get(pk=actors[3]).has_role(Role.SUPPLY)
    latest = Delivery.objects.filter(state=State.SUBMITTED).order_by("-pk")[0]
    assert latest.events.order_by("pgh_id")[0].pgh_created_at <= timezone.now()


def test_the_agent_sees_an_interesting_account(made: Made) -> None:
    agent = person("agent")
    assert agent.customer is not None
    assert agent.customer.representative == person("representative")
    assert person("representative").team == person("supervisor").team
    picture = credit_picture(agent.customer.pk)
    assert picture.overdue_amount and picture.committed and picture.balance > 0
    assert Delivery.objects.filter(customer=agent.customer, state=State.SUBMITTED, submitted_by=agent).exists()


def test_notices_wait_in_bells_and_no_mail_leaves(made: Made) -> None:
    unread = Notice.objects.of(person("supervisor")).unread()
    assert unread.count() >= 8
    assert Notice.objects.of(person("supervisor")).exclude(read_at=None).exists()
    assert set(OutgoingMail.objects.values_list("state", flat=True)) == {MailState.KEPT}
    assert Delegation.objects.active_on(timezone.localdate()).filter(taker=person("supervisor")).exists()


@pytest.mark.parametrize("username", NAMES)
def test_each_demo_person_signs_in_and_comes_home(made: Made, username: str) -> None:
    client = Client()
    response = client.post(reverse("users:sign_in"), {"username": username, "password": PASSWORD}, follow=True)
    assert response.redirect_chain[-1][0] == "/"
    assert response.status_code == 200
    assert str(person(username)) in response.content.decode()
    assert person(username).has_role(NAMES[username])


def test_it_is_not_made_twice(made: Made) -> None:
    with pytest.raises(RuleBroken, match="empty database"):
        make_company()


@pytest.mark.django_db
def test_it_is_refused_where_people_are() -> None:
    make_user()
    with pytest.raises(CommandError, match="People are here already"):
        call_command("make_demo")
    assert not Customer.objects.exists() and not Region.objects.exists()


def test_an_agents_ledger_is_matched_in_part(made: Made) -> None:
    upload = LedgerUpload.objects.get()
    formula = formula_of(upload)

    ways = set(upload.matches.values_list("way", flat=True))
    assert {"reference", "amount", "parts"} & ways
    assert formula.matched >= 2
    assert formula.theirs.count >= 1
    assert upload.uploaded_by.customer_id == upload.customer_id
    assert reconciliation_of(upload, upload.uploaded_by) is not None


# ---- statistics ----
def test_statistics_of_the_last_month_and_quarter_are_issued_and_facts_are_what_documents_say(made: Made) -> None:
    assert sorted(IssuedStatistic.objects.values_list("span", flat=True)) == ["month", "quarter"]
    bring_facts_along()
    shipped = ShipmentLine.objects.aggregate(all=Sum("amount"))["all"]
    assert GoodsFact.objects.current().aggregate(all=Sum("amount"))["all"] == shipped
    owed = CreditAccount.objects.aggregate(all=Sum("balance"))["all"]
    month = timezone.localdate().replace(day=1)
    assert AccountFact.objects.current().filter(month=month).aggregate(all=Sum("closing"))["all"] == owed


# ---- what finance has done and left ----
def test_a_bank_file_is_worked_on_halfway(made: Made) -> None:
    one = BankFile.objects.get()
    states = Counter(one.lines.values_list("state", flat=True))
    assert states == {"recorded": 3, "proposed": 3, "open": 1, "aside": 1}
    assert set(one.lines.filter(state="proposed").values_list("way", flat=True)) == {"name", "reference", "account"}
    recorded = one.lines.filter(state="recorded").values_list("amount", "customer")
    payments = Payment.objects.filter(bank_receipt__line__file=one).values_list("amount", "customer")
    assert sorted(recorded) == sorted(payments)
    text = signed_in(person("finance")).get(one.get_absolute_url()).content.decode()
    assert "Record 3 receipts" in text


def test_bills_are_expected_passed_on_settled_and_dishonoured(made: Made) -> None:
    bills = {bill.state: bill for bill in Bill.objects.filter(endorsed_to="")}
    assert set(bills) == {"held", "settled", "dishonoured"}
    assert Bill.objects.exclude(endorsed_to="").get().state == "held"
    assert bills["held"].customer == person("agent").customer and bills["held"].matures_on > timezone.localdate()
    settled, unpaid = bills["settled"].payment, bills["dishonoured"].payment
    reversed_ones = PaymentReversal.objects.filter(payment__in=[settled, unpaid])
    assert reversed_ones.get().payment == unpaid


def test_an_adjustment_is_posted_and_one_waits_for_the_sales_manager(made: Made) -> None:
    posted, waiting = Adjustment.objects.get(state="approved"), Adjustment.objects.get(state="submitted")
    assert posted.customer == person("agent").customer
    request = Request.objects.on_desk().get(document_type="adjustment")
    assert (request.object_id, request.role) == (waiting.pk, Role.SALES_MANAGER)
    assert request in waiting_for(person("sales-manager"))


def test_a_month_is_closed_and_nothing_was_posted_into_it_since(made: Made) -> None:
    step = ClosingStep.objects.get()
    assert step.period == month_of(timezone.localdate()).shifted(-2)
    assert timezone.localtime(step.at).day == 8 and step.at.date() > step.closed_through
    later = ReceivableEntry.objects.filter(pk__gt=step.entries_through)
    assert not later.filter(posted_on__lte=step.closed_through).exists()
    assert next_to_close() == month_of(timezone.localdate()).previous


def test_the_demos_agent_has_a_colleague_and_looks_after_them(made: Made) -> None:
    agent, colleague = person("agent"), person("ruifeng")
    assert colleague.customer == agent.customer
    assert is_responsible(agent) and not is_responsible(colleague)
    invited = Invitation.objects.filter(customer=agent.customer).unanswered().get()
    assert (invited.made_by, invited.state) == (agent, "open")
    client = Client()
    sent = {"username": colleague.username, "password": PASSWORD}
    assert client.post(reverse("users:sign_in"), sent, follow=True).redirect_chain[-1][0] == "/"
