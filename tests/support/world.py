"""A world in which every address of the product leads somewhere: for tests that go through all pages."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import get_resolver, resolve, reverse
from django.urls.resolvers import URLPattern, URLResolver
from django.utils import timezone

from customers.models import Address, Attachment, Contact, Customer, Invitation
from customers.portal.services import invite_person
from orders.bankfiles.reading import BankMapping
from orders.bankfiles.services import keep_bank_file, read_bank_file
from orders.collections.reminding import remind
from orders.collections.services import open_dispute, record_promise
from orders.credit.services import ask_temporary_limit
from orders.facts.models import FactBuild
from orders.facts.services import bring_facts_along
from orders.matching.intake import keep_ledger, read_ledger
from orders.matching.reading import LedgerMapping
from orders.matching.splitting import split_line
from orders.models import (
    Allocation,
    BankFile,
    BankLine,
    Dispute,
    ExpectedGoods,
    LedgerMatch,
    LedgerUpload,
    OpenItem,
    Price,
    Promise,
    Reminder,
    Reopening,
)
from orders.proof.services import record_proof
from orders.proof.verification import Difference, Document
from orders.reconciliation.models import Difference as StatedDifference
from orders.reconciliation.rounds import open_round
from orders.reconciliation.services import explain_difference, sign, state_difference
from reports.statistics.issuing.services import issue_statistic
from salesops.imports.services import open_run
from salesops.jobs.models import Job
from salesops.jobs.running import run_job
from salesops.notify.models import Notice, OutgoingMail
from salesops.users.models import Delegation, User
from salesops.users.roles import Role
from salesops.web.models import SavedView
from salesops.web.pages import ListPage
from tests.support.adjusting import adjusted
from tests.support.bills import registered
from tests.support.build import Sales, make_sales, make_user
from tests.support.closing import ended_month

ROLES = (
    "representative",
    "supervisor",
    "regional_manager",
    "sales_manager",
    "finance",
    "supply",
    "personnel",
    "marketing",
    "agent",
    "administrator",
)
"""Everybody whose rights a table of roles says, in the order of its letters."""


def addresses(patterns: Any = None, namespace: str = "") -> Iterator[str]:
    """The names of all addresses of the product."""
    for entry in patterns if patterns is not None else get_resolver().url_patterns:
        if isinstance(entry, URLResolver):
            yield from addresses(entry.url_patterns, entry.namespace or namespace)
        elif isinstance(entry, URLPattern):
            yield f"{namespace}:{entry.name}" if namespace else str(entry.name)


@dataclass
class World:
    """One of everything, all in one corner of the company, and people from there and from elsewhere.

    `args` has what each address needs, by the name of the address.
    """

    people: dict[str, User]
    args: dict[str, list[Any]]


def make_world() -> World:
    """Make it."""
    sales: Sales = make_sales()
    customer = sales.customer("Suzhou Ruifeng", code="A-1042", email="a@example.com")
    agent = make_user(Role.AGENT, customer=customer)
    elsewhere = make_sales()
    draft = sales.draft(customer)
    request = sales.submitted(customer)
    approved = sales.approved(customer)
    shipment = sales.ship(approved, 4)
    payment = sales.pay(customer, 100)
    sales.pay(customer, 1_000)  # more than is owed
    ahead = OpenItem.objects.get(customer=customer, is_debit=False, open_amount__gt=0)
    limit = ask_temporary_limit(
        by=sales.representative,
        customer_id=customer.pk,
        amount=Price.objects.all()[0].amount,
        first_day=timezone.localdate(),
        last_day=timezone.localdate(),
        reason="Season",
    )
    reopening = Reopening.objects.create(
        number="RO-2026-000001", month=date(2026, 1, 1), reason="Late", created_by=sales.finance
    )
    adjustment = adjusted(sales, customer, "credit", 1)
    bill = registered(sales, customer, 1, matures=9, file=SimpleUploadedFile("bill.pdf", b"%PDF-1.4"))
    job = Job.objects.create(kind="export", title="Export", owner=sales.finance, params={})
    notice = Notice.objects.create(user=sales.supervisor, kind="approval.waiting", title="x", url="/")
    mail = OutgoingMail.objects.create(to="a@example.com", subject="x", body="x", user=sales.supervisor)
    attachment = Attachment.objects.create(
        customer=customer, title="Licence", file_name="a.pdf", file_type="application/pdf"
    )
    attachment.file.save("a.pdf", ContentFile(b"%PDF-1.4"))
    delegation = Delegation.objects.create(
        giver=sales.supervisor, taker=sales.representative, first_day=date(2030, 1, 1), last_day=date(2030, 1, 2)
    )
    view = SavedView.objects.create(user=sales.supervisor, page_key="orders:deliveries", name="Mine", query="q=a")
    expected = ExpectedGoods.objects.create(
        warehouse=sales.warehouse, product=sales.product, quantity=5, expected_on=date(2030, 1, 1)
    )
    run = open_run(
        by=sales.finance,
        title="Old books",
        files=[SimpleUploadedFile("customers.csv", b"code,name\nA-1,Lakeside\n", content_type="text/csv")],
    )
    fact_build = FactBuild.objects.create(
        definition="of the world",
        differences=1,
        found=[{"what": "goods", "customer": customer.code, "month": "2026-01", "kept": "1.00", "counted": "2.00"}],
    )
    proof = record_proof(
        [Difference("balance", customer.code, "1.00", "2.00", (Document("account", customer.code),))],
        started_at=timezone.now(),
    )
    statistic = issue_statistic("month", ended_month().start, team_id=sales.team.pk)
    invitation, word = make_invitation(customer, sales.representative)
    ledger, new_ledger, match = make_ledgers(customer, sales.finance)
    bank_line, new_bank_file = make_bank_files(customer, sales.finance)
    reminded, disputed_item, promise = _collected(sales)
    price_list = Price.objects.filter(product=sales.product)[0].price_list
    signed, disputed = _reconciled(sales, customer, agent, first=1), _reconciled(sales, customer, agent, first=2)
    people = {
        "representative": sales.representative,
        "supervisor": sales.supervisor,
        "regional_manager": sales.regional_manager,
        "sales_manager": sales.sales_manager,
        "finance": sales.finance,
        "supply": sales.supply,
        "personnel": make_user(Role.PERSONNEL),
        "marketing": make_user(Role.MARKETING),
        "agent": agent,
        "administrator": make_user(Role.ADMINISTRATOR),
        "foreign_agent": make_user(Role.AGENT, customer=elsewhere.customer()),
        "foreign_representative": elsewhere.representative,
    }
    code, number, sku = [customer.code], [approved.number], [sales.product.sku]
    args: dict[str, list[Any]] = {
        "api:token_revocation": ["so_00000000"],
        "web:panel": ["delivery", "lines", approved.number],
        "web:card": ["waiting"],
        "reports:statistics_pick": ["customer"],
        "web:change_view": [view.pk],
        "web:delete_view": [view.pk],
        "users:person": [sales.representative.username],
        "users:person_change": [sales.representative.username],
        "users:person_password": [sales.representative.username],
        "users:person_second_factor": [sales.representative.username],
        "users:person_access": [sales.representative.username],
        "users:person_access_end": [sales.representative.username],
        "users:region_children": [sales.region.code],
        "users:region_change": [sales.region.code],
        "users:region_deletion": [sales.region.code],
        "users:team_change": [sales.team.pk],
        "users:team_deletion": [sales.team.pk],
        "users:delegation_revocation": [delegation.pk],
        "approvals:policy": ["delivery"],
        "approvals:policy_change": ["delivery"],
        "notify:open": [notice.pk],
        "notify:mail": [mail.pk],
        **{f"reports:issued_{name}": [statistic.number] for name in ("statistic", "subscription", "subscription_end")},
        "customers:contact": [Contact.objects.create(customer=customer, name="Wang").pk],
        "customers:address": [Address.objects.create(customer=customer, label="Main", text="Street 1").pk],
        "customers:attachment": [attachment.pk],
        "customers:attachment_file": [attachment.pk],
        "customers:attachment_deletion": [attachment.pk],
        "orders:delivery_change": [draft.number],
        "orders:period": ["2026-01"],
        "orders:period_closing": ["2026-01"],
        "orders:period_reopening": ["2026-01"],
        "orders:reopening": [reopening.number],
        "orders:reopening_withdrawal": [reopening.number],
        "orders:delivery_submission": [draft.number],
        "orders:shipment": [shipment.number],
        "orders:shipment_note": [shipment.number],
        "orders:category_change": [sales.product.category_id],
        "orders:proof": [proof.pk],
        "orders:fact_build": [fact_build.pk],
        "orders:price_list": [price_list.pk],
        "orders:price_list_change": [price_list.pk],
        "orders:prices": [price_list.pk],
        "orders:prices_change": [price_list.pk],
        "orders:warehouse_change": [sales.warehouse.pk],
        "orders:payment": [payment.number],
        "orders:payment_reversal": [payment.number],
        "orders:credit_settlement": [customer.code, ahead.pk],
        "orders:allocation_reversal": [customer.code, Allocation.objects.filter(credit__customer=customer)[0].pk],
    }
    for name in ("their_ledger", "their_ledger_file", "matching_run", "matching_differences", "match_new"):
        args[f"orders:{name}"] = [ledger.pk]
    for name in ("columns", "preview", "deletion"):
        args[f"orders:their_ledger_{name}"] = [new_ledger.pk]
    for name in ("bank_file", "bank_file_file", "bank_file_matching", "bank_file_recording"):
        args[f"orders:{name}"] = [bank_line.file_id]
    for name in ("columns", "preview", "deletion"):
        args[f"orders:bank_file_{name}"] = [new_bank_file.pk]
    args["orders:bank_line"] = args["orders:bank_line_freeing"] = [bank_line.file_id, bank_line.pk]
    args["orders:match_undoing"] = [ledger.pk, match.pk]
    line, halved = (ledger.lines.create(row=row, day=ledger.last_day, amount=2) for row in (900, 901))
    split = split_line(halved.pk, by=sales.finance, amounts=[Decimal(1), Decimal(1)])
    args["orders:line_parts"], args["orders:split_undoing"] = [ledger.pk, line.pk], [ledger.pk, split.pk]
    args["orders:their_ledger_new"] = code
    args["orders:reminder"] = args["orders:reminder_letter"] = [reminded.number]
    args["orders:reminder_level"], args["orders:reminder_preview"] = [1], [reminded.customer.code]
    args["orders:dispute_closing"], args["orders:dispute_new"] = [disputed_item.pk], [disputed_item.item_id]
    args["orders:promise_new"], args["orders:promise_withdrawal"] = code, [promise.pk]
    args["orders:reconciliation_letter"] = [signed.reconciliation.number]
    one, statement = disputed.reconciliation, disputed.reconciliation.statement
    assert statement is not None
    for name in ("reconciliation", "reconciliation_signature", "reconciliation_unsigning", "unexplained_acceptance"):
        args[f"orders:{name}"] = [one.number]
    args["orders:their_closing"] = args["orders:difference_new"] = [one.number]
    for name in ("explanation", "withdrawal", "reopening", "evidence", "adjustment"):
        args[f"orders:difference_{name}"] = [one.number, disputed.position]
    for name in ("", "_reminder", "_sending"):
        args[f"orders:round{name}"] = [one.round.number]
    for name in ("", "_paper", "_file"):
        args[f"orders:statement{name}"] = [statement.number]
    args["orders:statement_new"] = code
    for name in ("", "_withdrawal", "_reversal"):
        args[f"orders:adjustment{name}"] = [adjustment.number]
    for name in ("", "_settlement", "_dishonour", "_return", "_endorsement", "_endorsement_withdrawal", "_scan"):
        args[f"orders:bill{name}"] = [bill.number]
    args["customers:contact_deletion"] = args["customers:contact"]
    args["customers:address_deletion"] = args["customers:address"]
    for name in ("record", "change", "credit_terms", "hold", "release", "contact_new", "address_new", "note_new"):
        args[f"customers:{name}"] = code
    args["customers:person_invitation"] = code
    for name in ("person_access", "person_access_end"):
        args[f"customers:{name}"] = [customer.code, agent.pk]
    for name in ("invitation_sending", "invitation_revocation"):
        args[f"customers:{name}"] = [invitation.pk]
    args["customers:join"] = [word]
    args["customers:attachment_new"] = args["orders:account"] = args["orders:ledger_file"] = code
    for name in ("case", "approval", "rejection", "return", "parking", "withdrawal"):
        args[f"approvals:{name}"] = [request.pk]
    for name in ("record", "mapping", "assistant", "check", "load", "load_good", "discard", "report"):
        args[f"imports:{name}"] = [run.pk]
    args["imports:assistant_part"] = [run.pk, 0]
    for name in ("record", "progress", "cancel", "retry", "result"):
        args[f"jobs:{name}"] = [job.pk]
    for name in ("", "_withdrawal", "_reopening", "_cancellation", "_copy"):
        args[f"orders:delivery{name}"] = number
    args["orders:shipment_new"] = number
    for name in ("product", "product_change"):
        args[f"orders:{name}"] = sku
    for name in ("change", "receipt", "call_off"):
        args[f"orders:expected_{name}"] = [expected.pk]
    for name in ("", "_withdrawal", "_revocation"):
        args[f"orders:temporary_limit{name}"] = [limit.number]
    bring_facts_along()
    return World(people, args)


def make_invitation(customer: Customer, by: User) -> tuple[Invitation, str]:
    """Somebody who is invited to sign in for a customer, and the word of the link."""
    invitation = invite_person(customer.pk, by=by, email="new@example.com", full_name="Wang Fang")
    return invitation, OutgoingMail.objects.latest("pk").secret


def make_ledgers(customer: Customer, by: User) -> tuple[LedgerUpload, LedgerUpload, LedgerMatch]:
    """A ledger of theirs that is read, with a match by hand; and a file that nobody has explained."""
    today = timezone.localdate()
    new, ledger = (
        keep_ledger(
            customer.pk,
            by=by,
            file=SimpleUploadedFile("theirs.csv", f"date,debit,credit\n{today},,400.00\n".encode()),
            first_day=today,
            last_day=today,
        )
        for _turn in range(2)
    )
    ledger = read_ledger(ledger.pk, LedgerMapping(day="date", debit="debit", credit="credit"), by=by)
    return ledger, new, LedgerMatch.objects.filter(upload=ledger)[0]


def make_bank_files(customer: Customer, by: User) -> tuple[BankLine, BankFile]:
    """A proposed line of a bank file that is read; and a file that nobody has explained."""
    content = f"date,payer,amount\n{timezone.localdate()},{customer.name},40.00\n".encode()
    new, one = (
        keep_bank_file(by=by, file=SimpleUploadedFile("bank.csv", content), account="ICBC 6222") for _turn in range(2)
    )
    one = read_bank_file(one.pk, BankMapping(day="date", payer_name="payer", amount="amount"), by=by)
    return one.lines.get(), new


def _collected(sales: Sales) -> tuple[Reminder, Dispute, Promise]:
    """A letter that was sent, an open dispute and a promise."""
    customer = sales.customer("Kunshan Hechang")
    sales.overdue(customer, 10, 3)
    letter = remind(customer.pk, by=sales.finance)
    assert letter is not None
    item = OpenItem.objects.get(entry=sales.overdue(customer, 7, 3))
    dispute = open_dispute(by=sales.finance, item_id=item.pk, kind="other", amount=Decimal(5), text="x")
    promise = record_promise(
        by=sales.finance, customer_id=customer.pk, amount=Decimal(1), promised_for=timezone.localdate()
    )
    return letter, dispute, promise


def _reconciled(sales: Sales, customer: Customer, agent: User, *, first: int) -> StatedDifference:
    """A difference with evidence on a statement that was sent: both sides have signed the first, not the second."""
    today = timezone.localdate()
    made, job = open_round(
        by=sales.finance,
        customers=Customer.objects.filter(pk=customer.pk),
        first_day=today - timedelta(days=first),
        last_day=today,
        answer_by=today,
    )
    run_job(job.pk)
    job.delete()
    one = made.reconciliations.get()
    file = SimpleUploadedFile("receipt.pdf", b"%PDF-1.4")
    difference = state_difference(one.pk, by=agent, kind="other", amount=Decimal(1), text="x", file=file)
    if first == 1:
        explain_difference(one.pk, 1, by=sales.finance, reason="timing")
        for by in (agent, sales.finance):
            sign(one.pk, by=by)
    return difference


def lists_of(world: World) -> list[str]:
    """The paths of all lists, out of the table of addresses."""
    names = [name for name in sorted(set(addresses())) if not name.startswith("v1:")]
    paths = [reverse(name, args=world.args.get(name, [])) for name in names]
    views = {path: getattr(resolve(path).func, "view_class", object) for path in paths}
    return [path for path, view in views.items() if issubclass(view, ListPage)]
