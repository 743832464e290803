"""Finance's month in a real browser: bank file, ageing, letter, round, the agent's answer, signatures, closing."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from customers.models import Customer
from orders.closing.days import closed_through
from orders.models import BankLine, Delivery, Payment, Reconciliation, Reminder, Round
from orders.proof.services import record_proof
from orders.proof.verification import differences
from salesops.jobs.models import Job
from salesops.jobs.running import run_job
from salesops.kernel.periods import Period
from salesops.users.roles import Role
from tests.support.axe import serious_faults
from tests.support.browser import SignIn
from tests.support.build import Sales, make_sales, make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 800}


@pytest.fixture
def sales() -> Sales:
    return make_sales(stock=500)


@pytest.fixture
def customer(sales: Sales) -> Customer:
    """An agent who owes 1,200.00 since the month before last, by a shipment."""
    agent = sales.customer("Suzhou Ruifeng Trading", code="A-1042", limit=9_000, email="pay@ruifeng.example")
    delivery = sales.approved(agent, 12)
    shipped = last_month().start - timedelta(days=40)
    long_ago = timezone.now() - timedelta(days=200)
    Delivery.objects.filter(pk=delivery.pk).update(ordered_on=long_ago.date(), approved_at=long_ago)
    sales.ship(delivery, on=shipped)
    return agent


def last_month() -> Period:
    return Period.last_months(1, timezone.localdate()).previous


def seat(page: Page, live_server: Any, sign_in: SignIn, who: Any, size: dict[str, int] = DESK) -> None:
    """The next person takes the seat."""
    page.context.clear_cookies()
    page.set_viewport_size(size)  # type: ignore[arg-type]
    sign_in(page, who.username)


def do_the_work() -> None:
    """What a worker would do with the job that was just started."""
    run_job(Job.objects.latest("queued_at").pk)


def test_finances_month(sales: Sales, customer: Customer, page: Page, live_server: Any, sign_in: SignIn) -> None:
    agent = make_user(Role.AGENT, customer=customer)
    at = live_server.url

    # The bank's file of last month: its columns are named, one receipt is certain, another one is a person's to decide
    seat(page, live_server, sign_in, sales.finance)
    day = last_month().start + timedelta(days=9)
    page.goto(at + reverse("orders:bank_file_new"))
    lines = f"Day,Money,From,Words\n{day},300.00,SUZHOU RUIFENG TRADING LTD,goods\n{day},150.00,Wang Fang,goods\n"
    bank = {"name": "bank.csv", "mimeType": "text/csv", "buffer": f"{lines}{day},-12.00,The bank,fee\n".encode()}
    page.locator("input[name=file]").set_input_files(bank)  # type: ignore[arg-type]
    page.locator("input[name=account]").fill("ICBC 6222")
    page.get_by_role("button", name="Upload").last.click()
    page.wait_for_url("**/columns/")
    for name, column in (("day", "Day"), ("amount", "Money"), ("payer_name", "From"), ("reference", "Words")):
        page.locator(f"select[name={name}]").select_option(column)
    page.get_by_role("button", name="Read and match").click()
    page.wait_for_url(re.compile(r"/bank-files/\d+/$"))
    expect(page.get_by_text("3 lines of the file")).to_be_visible()
    assert serious_faults(page) == []
    one_line = BankLine.objects.get(payer_name="Wang Fang")
    expect(page.locator("input[name=selected]:checked")).to_have_count(1)
    for key in ("j", "j", "Enter"):  # to the row of the other one, which is opened
        page.keyboard.press(key)
    page.wait_for_url(f"**/lines/{one_line.pk}/")
    page.locator("#id_customer + .ts-wrapper .ts-control").click()
    page.keyboard.type("Ruifeng")
    page.get_by_role("option", name="Suzhou Ruifeng Trading").click()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("is proposed for")).to_be_visible()
    page.goto(at + one_line.file.get_absolute_url())

    # Both are ticked; a key takes one out, and puts it in again
    expect(page.get_by_role("button", name="Record 2 receipts")).to_be_visible()
    expect(page.locator("[data-bulk-n]")).to_contain_text("2")
    for key, count in (("j", 2), ("x", 1), ("x", 2)):
        page.keyboard.press(key)
        expect(page.locator("input[name=selected]:checked")).to_have_count(count)
    page.get_by_role("button", name="Record those ticked").click()
    page.locator("#confirm-dialog button.btn-primary").click()
    expect(page.get_by_text("2 payments are recorded.")).to_be_visible()
    assert [each.amount for each in Payment.objects.order_by("-amount")] == [Decimal(300), Decimal(150)]
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.goto(at + one_line.file.get_absolute_url())
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.set_viewport_size(DESK)  # type: ignore[arg-type]

    # Both settle the oldest debt, and the ageing of today adds up to the ledger
    page.goto(at + reverse("orders:ageing"))
    expect(page.get_by_text("Adds up to the ledger")).to_be_visible()
    expect(page.locator("main")).to_contain_text("750")
    assert serious_faults(page) == []

    # The agent is reminded once, with letter and statement
    page.goto(at + reverse("orders:reminder_new"))
    expect(page.locator("main")).to_contain_text("pay@ruifeng.example")
    page.get_by_role("button", name="Send the letters").click()
    page.wait_for_url("**/jobs/**")
    do_the_work()
    page.goto(at + reverse("orders:reminders"))
    expect(page.get_by_text(Reminder.objects.get().number).first).to_be_visible()

    # A round over last month: its statement is made and sent
    page.goto(at + reverse("orders:round_new"))
    page.get_by_role("button", name="Make and send statements").click()
    page.wait_for_url("**/reconciliation/RR-*/")
    do_the_work()
    one = Reconciliation.objects.get(round=Round.objects.get())
    assert one.statement is not None and one.statement.closing == Decimal(750)

    # On a phone the agent opens it and says that it paid more
    seat(page, live_server, sign_in, agent, PHONE)
    page.goto(at + one.get_absolute_url())
    expect(page.locator("main")).to_contain_text("750")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert serious_faults(page) == []
    page.get_by_role("link", name="State a difference").first.click()
    page.locator("select[name=kind]").select_option("payment")
    page.locator("input[name=their_amount]").fill("50")
    page.locator("input[name=document]").fill("FK-0331")
    page.get_by_role("button", name="State it").click()
    expect(page.locator("#differences")).to_contain_text("FK-0331")

    # Finance sees what is unexplained, and explains it
    seat(page, live_server, sign_in, sales.finance)
    page.goto(at + one.get_absolute_url())
    expect(page.locator(".so-formula")).to_contain_text("Unexplained")
    page.get_by_role("link", name="Explain difference 1").click()
    page.locator("select[name=reason]").select_option("transit")
    page.get_by_role("button", name="Explain").click()
    expect(page.locator(".so-formula")).not_to_contain_text("Unexplained")

    # Both sign, and it is frozen
    for who, button in ((agent, "Confirm 700.00"), (sales.finance, "Sign")):
        seat(page, live_server, sign_in, who)
        page.goto(at + one.get_absolute_url())
        page.get_by_role("button", name=button).click()
        page.locator("dialog button.btn-primary, dialog button[type=submit]").last.click()
        expect(page.locator("main")).to_contain_text("Take the signature back" if who == agent else "Letter")
    one.refresh_from_db()
    assert one.is_frozen

    # The month is closed once the books are proved
    assert record_proof(differences(), started_at=timezone.now(), by=sales.finance).count == 0
    page.goto(at + reverse("orders:period", args=[str(last_month())]))
    page.get_by_role("link", name="Close", exact=True).click()
    page.get_by_role("button", name=f"Close {last_month()}").click()
    expect(page.get_by_text(f"{last_month()} is closed.")).to_be_visible()
    assert closed_through() == last_month().last_day
