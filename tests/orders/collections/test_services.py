"""Promises, disputes, levels: each rule with its no; letters with what they do to an account."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from customers.accounts.services import lift_hold, put_on_hold
from customers.models import Contact, CreditAccount
from orders.collections.models import ReminderLevel
from orders.collections.queries import promises_for, worklist_for
from orders.collections.reminding import remind, start_reminders
from orders.collections.services import (
    close_dispute,
    open_dispute,
    record_promise,
    set_level,
    withdraw_promise,
)
from orders.models import Dispute, OpenItem, Promise, Reminder
from orders.payments.services import reverse_payment
from salesops.approvals.models import Request
from salesops.jobs.models import Job, JobState
from salesops.jobs.running import run_job
from salesops.kernel.errors import RuleBroken
from salesops.notify.models import OutgoingMail
from salesops.notify.sending import message_for
from tests.support.at_once import at_once
from tests.support.build import Sales, make_sales
from tests.support.signed_in import signed_in
from tests.support.tasks import RunTasks

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def sales() -> Sales:
    return make_sales()


def refused(rule: str, action: Callable[..., Any], *given: Any, **named: Any) -> None:
    with pytest.raises(RuleBroken) as caught:
        action(*given, **named)
    assert caught.value.rule == rule, caught.value.message


# ---- promises ----
def promise(sales: Sales, customer: Any, amount: int = 100, days: int = 3, **more: Any) -> Promise:
    given = {"by": sales.finance, "promised_for": timezone.localdate() + days * DAY, **more}
    return record_promise(customer_id=customer.pk, amount=Decimal(amount), **given)


def outcome(sales: Sales, after: int = 0) -> str:
    return str(promises_for(sales.finance, timezone.localdate() + after * DAY).get().outcome)


def test_a_promise_is_kept_by_payments_up_to_its_day(sales: Sales) -> None:
    customer = sales.customer()
    sales.pay(customer, 500, on=timezone.localdate() - DAY)  # before it was given
    promise(sales, customer)
    assert [outcome(sales, after) for after in (0, 3, 4)] == ["open", "open", "broken"]
    sales.pay(customer, 60)
    assert outcome(sales, 3) == "open"
    last = sales.pay(customer, 40)
    assert [outcome(sales, after) for after in (0, 4)] == ["kept", "kept"]
    reverse_payment(last.pk, by=sales.finance, reason="Bounced")
    assert outcome(sales, 4) == "broken"


def test_what_is_no_promise_is_refused(sales: Sales) -> None:
    customer = sales.customer()
    refused("amount", promise, sales, customer, 0)
    refused("date", promise, sales, customer, days=-1)
    refused("year", promise, sales, customer, days=90_000)
    refused("permission", promise, sales, customer, by=sales.supply)
    refused("scope", promise, sales, customer, by=make_sales().representative)
    made = promise(sales, customer)
    refused("promise", promise, sales, customer)
    withdraw_promise(made.pk, by=sales.finance)
    refused("state", withdraw_promise, made.pk, by=sales.finance)
    promise(sales, customer)


# ---- disputes ----
def dispute(sales: Sales, item: OpenItem, amount: int = 10, **more: Any) -> Dispute:
    given = {"by": sales.representative, "kind": "price", "text": "Too dear", **more}
    return open_dispute(item_id=item.pk, amount=Decimal(amount), **given)


def test_no_more_is_disputed_than_is_open(sales: Sales) -> None:
    customer = sales.customer()
    item = OpenItem.objects.get(entry=sales.overdue(customer, 100, 5))
    refused("amount", dispute, sales, item, 0)
    refused("kind", dispute, sales, item, kind="weather")
    refused("text", dispute, sales, item, text=" ")
    refused("permission", dispute, sales, item, by=sales.supply)
    refused("scope", dispute, sales, item, by=make_sales().representative)
    refused("owner", dispute, sales, item, owner_id=0 + 999_999)
    dispute(sales, item, 60)
    refused("more than open", dispute, sales, item, 41)
    dispute(sales, item, 40)
    assert worklist_for(sales.finance).get().disputed == 100


def test_a_dispute_is_closed_once_with_what_came_of_it(sales: Sales) -> None:
    item = OpenItem.objects.get(entry=sales.overdue(sales.customer(), 100, 5))
    made = dispute(sales, item)
    refused("outcome", close_dispute, made.pk, by=sales.representative, outcome=" ")
    refused("scope", close_dispute, made.pk, by=make_sales().representative, outcome="x")
    close_dispute(made.pk, by=sales.representative, outcome="Credited")
    refused("state", close_dispute, made.pk, by=sales.representative, outcome="Again")


# ---- the worklist ----
def test_the_most_urgent_is_first(sales: Sales) -> None:
    large, late, unkept = sales.customer(), sales.customer(), sales.customer()
    sales.overdue(large, 1_000, 2)
    sales.overdue(late, 100, 30)
    sales.overdue(unkept, 100, 20)
    sales.overdue(sales.customer(), 100, 0)
    promise(sales, unkept, days=0)
    rows = worklist_for(sales.finance, timezone.localdate() + DAY).order_by("-urgency")
    assert [(row.customer, row.urgency) for row in rows if row.customer != sales] == [
        (unkept, Decimal(100 * 21 * 2)),
        (late, Decimal(100 * 31)),
        (large, Decimal(1_000 * 3)),
        *[(row.customer, Decimal(100)) for row in rows[3:]],
    ]


# ---- levels ----
def test_levels_come_one_after_the_other(sales: Sales) -> None:
    refused("permission", set_level, 2, by=sales.representative, days=9)
    refused("scope", set_level, 9, by=sales.finance, days=9)
    refused("days", set_level, 2, by=sales.finance, days=21)
    refused("days", set_level, 2, by=sales.finance, days=0)
    set_level(2, by=sales.finance, days=20, holds=True)
    assert ReminderLevel.objects.get(number=2).holds


# ---- letters ----
def test_a_letter_goes_with_its_statement_and_says_what_the_page_says(sales: Sales) -> None:
    customer = sales.customer("Lakeside", name_zh="湖滨家居", email="pay@example.com")
    entry = sales.overdue(customer, 1_234, 8)
    made = remind(customer.pk, by=sales.finance)
    assert made is not None and made.mail is not None
    message = message_for(made.mail)
    assert message.to == ["pay@example.com"]
    (letter, statement) = message.attachments
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(letter[1])).pages)
    page = signed_in(sales.finance).get(made.get_absolute_url()).content.decode()
    for words in (entry.document, "湖滨家居", made.number):
        assert words in text and words in page
    assert "1,234.00" in text and "1,234" in page
    account = "".join(page.extract_text() for page in PdfReader(BytesIO(statement[1])).pages)
    assert made.statement.number in account and "1,234.00" in account


def test_a_contact_is_written_to_where_the_customer_has_no_address_or_the_letter_is_printed(sales: Sales) -> None:
    first, second = sales.customer(), sales.customer()
    Contact.objects.create(customer=first, name="Wang", email="wang@example.com")
    for customer in (first, second):
        sales.overdue(customer, 10, 3)
    reached, printed = (remind(one.pk, by=sales.finance) for one in (first, second))
    assert reached is not None and reached.sent_to == "wang@example.com"
    assert printed is not None and printed.mail is None and printed.was_printed
    letter = signed_in(sales.finance).get(reverse("orders:reminder_letter", args=[printed.number]))
    assert letter.content.startswith(b"%PDF")


def test_letters_are_never_changed(sales: Sales) -> None:
    customer = sales.customer()
    sales.overdue(customer, 10, 3)
    remind(customer.pk, by=sales.finance)
    for change in (
        lambda: Reminder.objects.update(amount=Decimal(1)),
        lambda: Reminder.objects.all()._raw_delete(using="default"),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_a_level_that_holds_stops_the_account_until_it_is_paid(sales: Sales) -> None:
    ReminderLevel.objects.filter(number=1).update(holds=True)
    customer = sales.customer()
    sales.overdue(customer, 100, 3)
    waiting = sales.submitted(customer, 1)
    remind(customer.pk, by=sales.finance)
    account = CreditAccount.objects.get(pk=customer.pk)
    assert account.is_on_hold and "Payment reminder" in account.hold_reason
    assert Request.objects.get(pk=waiting.pk).parked_at
    sales.pay(customer, 60)
    assert CreditAccount.objects.get(pk=customer.pk).is_on_hold
    sales.pay(customer, 40)
    assert not CreditAccount.objects.get(pk=customer.pk).is_on_hold
    assert Request.objects.get(pk=waiting.pk).parked_at is None


def test_a_hold_that_a_person_set_stays(sales: Sales) -> None:
    ReminderLevel.objects.filter(number=1).update(holds=True)
    customer = sales.customer()
    sales.overdue(customer, 100, 3)
    remind(customer.pk, by=sales.finance)
    lift_hold(customer.pk, by=sales.finance, note="By mistake")
    put_on_hold(customer.pk, by=sales.finance, reason="Bankrupt")
    sales.pay(customer, 100)
    assert CreditAccount.objects.get(pk=customer.pk).is_on_hold


def test_the_job_sends_each_letter_once_also_at_a_second_attempt(sales: Sales) -> None:
    customers = [sales.customer(email=f"c{at}@example.com") for at in range(4)]
    for customer in customers:
        sales.overdue(customer, 10, 3)
    ids = [one.pk for one in customers]
    refused("permission", start_reminders, by=sales.representative, customer_ids=ids)
    refused("customers", start_reminders, by=sales.finance, customer_ids=[])
    remind(ids[0], by=sales.finance)  # what a first attempt did before its worker was lost
    job = start_reminders(by=sales.finance, customer_ids=ids)
    run_job(job.pk)
    done = Job.objects.get(pk=job.pk)
    assert (done.state, done.summary["Letters"], done.summary["Nothing due"]) == (JobState.DONE, 4, 0)
    assert Reminder.objects.count() == OutgoingMail.objects.count() == 4
    run_job(start_reminders(by=sales.finance, customer_ids=ids).pk)
    assert Reminder.objects.count() == 4


@pytest.mark.django_db(transaction=True)
def test_two_clerks_who_remind_at_once_send_one_letter(sales: Sales) -> None:
    customer = sales.customer()
    sales.overdue(customer, 10, 3)
    made = at_once(lambda: remind(customer.pk, by=sales.finance), lambda: remind(customer.pk, by=sales.finance))
    assert Reminder.objects.count() == 1 and made.count(None) == 1


# ---- pages ----
def test_finance_looks_at_the_letters_and_sends_those_that_are_ticked(sales: Sales, run_tasks: RunTasks) -> None:
    near, far = sales.customer(email="a@example.com"), sales.customer(email="b@example.com")
    for customer in (near, far):
        sales.overdue(customer, 10, 3)
    client = signed_in(sales.finance)
    url = reverse("orders:reminder_new")
    page = client.get(url).content.decode()
    assert near.name in page and "2 letters are due" in page
    preview = client.get(reverse("orders:reminder_preview", args=[near.code]))
    assert preview.content.startswith(b"%PDF") and not Reminder.objects.exists()
    with run_tasks():
        client.post(url, {"customers": [near.pk]})
    assert [one.customer for one in Reminder.objects.all()] == [near]
    empty = client.post(url, {})
    assert empty.status_code == 422 and "Choose whom to remind" in empty.content.decode()


def test_promises_and_disputes_are_recorded_on_forms(sales: Sales) -> None:
    customer = sales.customer()
    entry = sales.overdue(customer, 100, 3)
    item = OpenItem.objects.get(entry=entry)
    client = signed_in(sales.representative)
    day = timezone.localdate() + DAY
    client.post(reverse("orders:promise_new", args=[customer.code]), {"amount": "50", "promised_for": day})
    assert Promise.objects.get().amount == 50
    client.post(
        reverse("orders:dispute_new", args=[item.pk]), {"kind": "quality", "amount": "20", "text": "Two are broken"}
    )
    assert Dispute.objects.get().owner == sales.representative
    client.post(reverse("orders:dispute_closing", args=[Dispute.objects.get().pk]), {"outcome": "Replaced"})
    assert Dispute.objects.get().outcome == "Replaced"
    client.post(reverse("orders:promise_withdrawal", args=[Promise.objects.get().pk]))
    assert Promise.objects.get().withdrawn_at
