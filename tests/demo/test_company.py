"""The demo company: what was promised is there, its books add up, and everybody can sign in."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Min
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from customers.models import Attachment, CreditAccount, Customer, Note
from orders.credit.models import LimitState, TemporaryLimit
from orders.credit.queries import credit_picture
from orders.deliveries.models import SHIPPABLE, State
from orders.matching.differences import reconciliation_of
from orders.matching.queries import formula_of
from orders.models import (
    Category,
    Delivery,
    DeliveryLine,
    ExpectedGoods,
    LedgerUpload,
    Payment,
    PriceList,
    Product,
    Shipment,
    Stock,
    StockMovement,
    Warehouse,
)
from orders.proof.verification import differences
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
    assert set(waiting.values_list("role", flat=True)) == {"supervisor", "regional_manager", "sales_manager"}
    assert set(waiting.values_list("document_type", flat=True)) == {"delivery", "temporary_limit"}
    assert Request.objects.waiting().filter(parked_at__isnull=False).count() == 2
    assert waiting_for(person("regional-manager")).count() >= 5
    assert waiting_for(person("sales-manager")).count() >= 4


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
    assert formula.matched > 2
    assert formula.theirs.count >= 1
    assert upload.uploaded_by.customer_id == upload.customer_id
    assert reconciliation_of(upload, upload.uploaded_by) is not None
