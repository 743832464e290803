"""A company for the API: a thing for every address, and for every operation what succeeds and what a rule refuses."""

from base64 import b64encode
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils import timezone

from customers.models import CreditAccount, Customer
from customers.portal.services import invite_person, revoke_invitation
from orders.bills.services import return_bill
from orders.collections.reminding import remind
from orders.collections.services import close_dispute, open_dispute, record_promise, withdraw_promise
from orders.matching.services import match_by_hand, undo_match
from orders.matching.splitting import split_line, undo_split
from orders.models import (
    Allocation,
    Delivery,
    LedgerLine,
    LedgerUpload,
    OpenItem,
    ReceivableEntry,
    ReminderLevel,
)
from orders.payments.services import reverse_payment
from orders.receivables.models import Source
from orders.receivables.services import post_entry
from orders.receivables.settlement import take_back
from orders.reconciliation.models import Reconciliation
from orders.reconciliation.rounds import open_round, send_all
from orders.reconciliation.services import explain_difference, sign, state_difference
from reports.statistics.issuing.services import issue_statistic
from salesops.api.services import create_token
from salesops.approvals.models import Request
from salesops.approvals.services import approve, reject, send_back
from salesops.jobs.models import Job
from salesops.kernel.periods import Period
from salesops.users.models import User
from salesops.users.roles import Role
from tests.orders.bankfiles.files import NUMBERED
from tests.orders.bankfiles.files import line as bank_line
from tests.orders.bankfiles.files import read as read_bank
from tests.support.adjusting import adjusted, submitted
from tests.support.bills import registered
from tests.support.build import PASSWORD, Sales, make_product, make_sales, make_user
from tests.support.closing import closed, ended_month
from tests.support.world import ROLES


@dataclass(frozen=True)
class Sent:
    """A request: by whom, on what (a name of `things`), with what."""

    by: str
    on: str = ""
    body: Any = None


LINES = [{"sku": "SKU-1", "quantity": 2}]
WRITTEN = {"customer": "C-1", "warehouse": "W-1", "lines": LINES}
CHANGED = {"warehouse": "W-1", "lines": LINES, "version": 1}
SPAN = {"customer": "C-1", "first_day": "2026-02-01", "last_day": "2026-02-28"}
LEDGER = {**SPAN, "lines": [{"day": "2026-02-03", "reference": "RK-1", "amount": "12.00"}]}
LEDGER_FILE = {
    **SPAN,
    "file_name": "theirs.csv",
    "content": b64encode(b"date,no,amount\n2026-02-03,RK-1,-12.00\n").decode(),
    "columns": {"day": "date", "reference": "no", "amount": "amount"},
}
EARLIER, LATER = 900_001, 900_002
"""Keys of two lines of the ledger that are nothing together."""
JANUARY = {"first_day": "2026-01-01", "last_day": "2026-01-31"}
ROUND = {**JANUARY, "answer_by": f"{timezone.localdate() + timedelta(days=9)}", "customers": ["C-1"]}
STATED = {"kind": "payment", "amount": "-1.00", "text": "We paid"}
SMALL = {"amount": "5.00", "reason": "other", "text": "Agreed"}
ASKED = {**SMALL, "customer": "C-1", "kind": "debit"}
NO, WHY = {"reason": "Wrong"}, {"note": "see the limit"}

BILL = {
    "customer": "C-1",
    "kind": "bank",
    "instrument": "AB-2",
    "bank": "ICBC",
    "amount": "12.30",
    "matures_on": f"{timezone.localdate() + timedelta(days=9)}",
}
BANK_HEAD = "交易日期,收入,支出,对方账号,对方户名,附言,流水号"
BANK_FILE = {
    "account": "ICBC 6222",
    "file_name": "bank.csv",
    "content": b64encode(f"{BANK_HEAD}\n2026-02-03,12.00,,62220001,Nobody,rent,T-9\n".encode()).decode(),
    "columns": NUMBERED.columns(),
}
INVITED = {"full_name": "Wang Fang", "email": "fang@example.com", "is_responsible": True}
LATE = 900_003
"""The key of an item of C-2, of which 50.00 is open."""
DISPUTE = {"item": LATE, "amount": "5.00", "kind": "price", "text": "Dearer than agreed"}
PROMISE = {"customer": "C-1", "amount": "5.00", "promised_for": f"{timezone.localdate() + timedelta(days=3)}"}
PASSED_ON = {"endorsed_as": "discount", "endorsed_to": "CMB"}

DONE: dict[str, tuple[int, Sent]] = {
    "GET /adjustments/": (200, Sent("agent")),
    "POST /adjustments/": (201, Sent("finance", "", ASKED)),
    "GET /adjustments/{number}/": (200, Sent("agent", "adjusted")),
    "PUT /adjustments/{number}/": (200, Sent("finance", "adjustment_returned", SMALL)),
    "POST /adjustments/{number}/reversal/": (201, Sent("finance", "adjusted", {"text": "Twice"})),
    "POST /adjustments/{number}/withdrawal/": (200, Sent("finance", "adjustment_asked", {})),
    "GET /ageing/": (200, Sent("finance")),
    "POST /allocations/{id}/reversal/": (201, Sent("finance", "allocation", {})),
    "GET /approvals/": (200, Sent("supervisor")),
    "GET /approvals/{id}/": (200, Sent("supervisor", "request")),
    "POST /approvals/{id}/approval/": (200, Sent("supervisor", "request", WHY)),
    "POST /approvals/{id}/putting-aside/": (200, Sent("regional_manager", "over", WHY)),
    "POST /approvals/{id}/rejection/": (200, Sent("supervisor", "request", NO)),
    "POST /approvals/{id}/return/": (200, Sent("supervisor", "request", NO)),
    "POST /approvals/{id}/withdrawal/": (200, Sent("representative", "request", {})),
    "GET /bank-files/": (200, Sent("finance")),
    "POST /bank-files/": (201, Sent("finance", "", BANK_FILE)),
    "GET /bank-files/{id}/": (200, Sent("finance", "bank_file")),
    "GET /bank-files/{id}/lines/": (200, Sent("finance", "bank_file")),
    "POST /bank-files/{id}/recording/": (200, Sent("finance", "bank_file", {})),
    "GET /bills/": (200, Sent("finance")),
    "POST /bills/": (201, Sent("finance", "", BILL)),
    "GET /bills/{number}/": (200, Sent("agent", "bill")),
    "POST /bills/{number}/dishonour/": (200, Sent("finance", "bill", {**NO, "seen": "held"})),
    "POST /bills/{number}/endorsement/": (200, Sent("finance", "bill", PASSED_ON)),
    "POST /bills/{number}/return/": (200, Sent("finance", "bill", NO)),
    "POST /bills/{number}/settlement/": (200, Sent("finance", "bill", {})),
    "GET /collections/": (200, Sent("representative")),
    "GET /customers/": (200, Sent("representative")),
    "GET /customers/{code}/": (200, Sent("representative", "customer")),
    "GET /customers/{code}/credit/": (200, Sent("finance", "customer")),
    "GET /customers/{code}/invitations/": (200, Sent("agent", "customer")),
    "POST /customers/{code}/invitations/": (201, Sent("representative", "customer", INVITED)),
    "GET /customers/{code}/people/": (200, Sent("agent", "customer")),
    "POST /customers/{code}/people/{id}/access/": (200, Sent("supervisor", "ended_person", {})),
    "POST /customers/{code}/people/{id}/access-end/": (200, Sent("representative", "person", {})),
    "POST /customers/{code}/release/": (200, Sent("sales_manager", "late_customer", WHY)),
    "GET /customers/{code}/reminder/": (200, Sent("finance", "late_customer")),
    "POST /customers/{code}/statements/": (201, Sent("finance", "customer", JANUARY)),
    "GET /deliveries/": (200, Sent("supply")),
    "POST /deliveries/": (201, Sent("representative", "", WRITTEN)),
    "GET /deliveries/{number}/": (200, Sent("agent", "draft")),
    "PUT /deliveries/{number}/": (
        200,
        Sent("representative", "draft", {"warehouse": "W-1", "lines": LINES, "version": 1}),
    ),
    "POST /deliveries/{number}/approval/": (200, Sent("supervisor", "submitted", {})),
    "POST /deliveries/{number}/cancellation/": (200, Sent("supervisor", "approved", NO)),
    "POST /deliveries/{number}/rejection/": (200, Sent("supervisor", "submitted", NO)),
    "POST /deliveries/{number}/reopening/": (200, Sent("supervisor", "approved", NO)),
    "POST /deliveries/{number}/return/": (200, Sent("supervisor", "submitted", NO)),
    "POST /deliveries/{number}/shipments/": (
        201,
        Sent("supply", "approved", {"lines": [{"position": 1, "quantity": 3}], "carrier": "SF"}),
    ),
    "POST /deliveries/{number}/submission/": (200, Sent("representative", "draft", {})),
    "POST /deliveries/{number}/withdrawal/": (200, Sent("representative", "submitted", {})),
    "POST /invitations/{id}/revocation/": (200, Sent("representative", "invitation", {})),
    "POST /invitations/{id}/sending/": (200, Sent("supervisor", "invitation", {})),
    "GET /disputes/": (200, Sent("supervisor")),
    "POST /disputes/": (201, Sent("representative", "", DISPUTE)),
    "GET /disputes/{id}/": (200, Sent("representative", "dispute")),
    "POST /disputes/{id}/closing/": (200, Sent("finance", "dispute", {"outcome": "Replaced"})),
    "GET /issued-statistics/": (200, Sent("supervisor")),
    "GET /issued-statistics/{number}/": (200, Sent("supervisor", "issued")),
    "GET /jobs/": (200, Sent("finance")),
    "POST /jobs/": (201, Sent("finance", "", {"list": "/payments/"})),
    "GET /jobs/{id}/": (200, Sent("finance", "done")),
    "POST /jobs/{id}/cancellation/": (200, Sent("finance", "queued", {})),
    "POST /jobs/{id}/repetition/": (200, Sent("finance", "failed", {})),
    "GET /jobs/{id}/result/": (200, Sent("finance", "done")),
    "GET /open-items/": (200, Sent("agent")),
    "POST /open-items/{item}/settlement/": (
        201,
        Sent("finance", "credit", {"debits": [{"document": "D-1", "amount": "2.00"}]}),
    ),
    "GET /payments/": (200, Sent("finance")),
    "POST /payments/": (201, Sent("finance", "", {"customer": "C-1", "amount": "12.30", "reference": "TT-9"})),
    "GET /payments/{number}/": (200, Sent("agent", "payment")),
    "POST /payments/{number}/reversal/": (200, Sent("finance", "payment", NO)),
    "GET /periods/": (200, Sent("finance")),
    "GET /periods/{month}/": (200, Sent("sales_manager", "open_month")),
    "POST /periods/{month}/closing/": (200, Sent("finance", "open_month", {"accepts_warnings": True})),
    "POST /periods/{month}/reopening/": (201, Sent("finance", "closed_month", NO)),
    "GET /products/": (200, Sent("agent")),
    "GET /products/{sku}/": (200, Sent("supply", "product")),
    "GET /promises/": (200, Sent("regional_manager")),
    "POST /promises/": (201, Sent("representative", "", PROMISE)),
    "GET /promises/{id}/": (200, Sent("finance", "promise")),
    "POST /promises/{id}/withdrawal/": (200, Sent("representative", "promise", {})),
    "GET /reconciliations/": (200, Sent("agent")),
    "GET /reconciliations/{number}/": (200, Sent("agent", "sent")),
    "POST /reconciliations/{number}/acceptance/": (200, Sent("sales_manager", "differing", NO)),
    "PUT /reconciliations/{number}/closing/": (200, Sent("agent", "sent", {"amount": "5.00"})),
    "POST /reconciliations/{number}/differences/": (201, Sent("agent", "sent", STATED)),
    "POST /reconciliations/{number}/differences/{position}/adjustment/": (201, Sent("finance", "differing", {})),
    "GET /reconciliations/{number}/differences/{position}/evidence/": (200, Sent("finance", "differing")),
    "POST /reconciliations/{number}/differences/{position}/explanation/": (
        200,
        Sent("finance", "differing", {"reason": "timing"}),
    ),
    "POST /reconciliations/{number}/differences/{position}/reopening/": (200, Sent("finance", "explained", {})),
    "POST /reconciliations/{number}/differences/{position}/withdrawal/": (200, Sent("agent", "differing", {})),
    "GET /reconciliations/{number}/letter/": (200, Sent("agent", "frozen")),
    "POST /reconciliations/{number}/signature/": (200, Sent("agent", "sent", {})),
    "DELETE /reconciliations/{number}/signature/": (200, Sent("agent", "agreed")),
    "GET /reminders/": (200, Sent("representative")),
    "POST /reminders/": (201, Sent("finance", "", {"customers": ["C-2"]})),
    "GET /reminders/due/": (200, Sent("finance")),
    "GET /reminders/{number}/": (200, Sent("sales_manager", "reminder")),
    "GET /reminders/{number}/letter/": (200, Sent("finance", "reminder")),
    "GET /rounds/": (200, Sent("supervisor")),
    "POST /rounds/": (201, Sent("finance", "", ROUND)),
    "GET /rounds/{number}/": (200, Sent("supervisor", "round")),
    "POST /rounds/{number}/reminder/": (200, Sent("finance", "round", {})),
    "POST /rounds/{number}/sending/": (200, Sent("finance", "unsent", {})),
    "GET /shipments/": (200, Sent("supply")),
    "GET /shipments/{number}/": (200, Sent("agent", "shipment")),
    "GET /statistics/": (200, Sent("representative")),
    "GET /their-ledgers/": (200, Sent("agent")),
    "POST /their-ledgers/": (201, Sent("agent", "", LEDGER)),
    "POST /their-ledgers/files/": (201, Sent("finance", "", LEDGER_FILE)),
    "GET /their-ledgers/{id}/": (200, Sent("agent", "ledger")),
    "GET /their-ledgers/{id}/entries/": (200, Sent("finance", "ledger")),
    "GET /their-ledgers/{id}/lines/": (200, Sent("agent", "ledger")),
    "POST /their-ledgers/{id}/lines/{line}/parts/": (201, Sent("finance", "line", {"amounts": ["5.00", "-3.00"]})),
    "POST /their-ledgers/{id}/splits/{split}/undoing/": (200, Sent("finance", "split", {})),
    "GET /their-ledgers/{id}/carried/": (200, Sent("agent", "ledger")),
    "GET /their-ledgers/{id}/matches/": (200, Sent("representative", "ledger")),
    "POST /their-ledgers/{id}/matches/": (201, Sent("finance", "ledger", {"theirs": [EARLIER, LATER]})),
    "POST /their-ledgers/{id}/matches/{match}/undoing/": (200, Sent("finance", "match", {})),
    "POST /their-ledgers/{id}/matching/": (200, Sent("finance", "ledger", {})),
    "GET /statements/": (200, Sent("agent")),
    "GET /statements/{number}/": (200, Sent("agent", "statement")),
    "GET /statements/{number}/pdf/": (200, Sent("agent", "statement")),
    "GET /statements/{number}/sheet/": (200, Sent("finance", "statement")),
    "GET /tokens/": (200, Sent("agent")),
    "POST /tokens/": (201, Sent("", "", {"username": "who-signs-in", "password": PASSWORD, "name": "BI"})),
    "DELETE /tokens/{prefix}/": (204, Sent("agent", "token")),
}
"""What succeeds, with the status of its answer."""

REFUSED: dict[str, Sent] = {
    "POST /adjustments/": Sent("finance", "", {**ASKED, "amount": "1000000000.00"}),
    "PUT /adjustments/{number}/": Sent("finance", "adjusted", SMALL),
    "POST /adjustments/{number}/reversal/": Sent("finance", "adjustment_asked", {"text": "Twice"}),
    "POST /adjustments/{number}/withdrawal/": Sent("finance", "adjusted", {}),
    "POST /allocations/{id}/reversal/": Sent("finance", "taken_back", {}),
    "POST /approvals/{id}/approval/": Sent("representative", "request", {}),
    "POST /approvals/{id}/putting-aside/": Sent("supervisor", "request", {}),
    "POST /approvals/{id}/rejection/": Sent("representative", "request", NO),
    "POST /approvals/{id}/return/": Sent("supervisor", "decided", NO),
    "POST /approvals/{id}/withdrawal/": Sent("supervisor", "request", {}),
    "POST /bank-files/": Sent(
        "finance", "", {**BANK_FILE, "content": b64encode(f"{BANK_HEAD}\n2026-02-03,x,,,,,\n".encode()).decode()}
    ),
    "POST /bank-files/{id}/recording/": Sent("finance", "unclear_file", {}),
    "POST /bills/": Sent("finance", "", {**BILL, "instrument": "AB-1", "drawer": "D"}),
    "POST /bills/{number}/dishonour/": Sent("finance", "ended_bill", NO),
    "POST /bills/{number}/endorsement/": Sent("finance", "ended_bill", PASSED_ON),
    "POST /bills/{number}/return/": Sent("finance", "ended_bill", NO),
    "POST /bills/{number}/settlement/": Sent("finance", "ended_bill", {}),
    "POST /customers/{code}/release/": Sent("sales_manager", "customer", WHY),
    "POST /customers/{code}/statements/": Sent("finance", "customer", {**JANUARY, "last_day": "2999-12-31"}),
    "POST /deliveries/": Sent("representative", "", {**WRITTEN, "lines": [{"sku": "SKU-2", "quantity": 1}]}),
    "PUT /deliveries/{number}/": Sent("representative", "draft", {"warehouse": "W-1", "lines": LINES, "version": 7}),
    "POST /deliveries/{number}/approval/": Sent("supervisor", "approved", {}),
    "POST /deliveries/{number}/cancellation/": Sent("supervisor", "shipped", NO),
    "POST /deliveries/{number}/rejection/": Sent("supervisor", "approved", NO),
    "POST /deliveries/{number}/reopening/": Sent("supervisor", "shipped", NO),
    "POST /deliveries/{number}/return/": Sent("supervisor", "approved", NO),
    "POST /deliveries/{number}/shipments/": Sent("supply", "approved", {"lines": [{"position": 1, "quantity": 11}]}),
    "POST /deliveries/{number}/submission/": Sent("representative", "submitted", {}),
    "POST /deliveries/{number}/withdrawal/": Sent("representative", "approved", {}),
    "POST /disputes/": Sent("finance", "", {**DISPUTE, "amount": "90.00"}),
    "POST /disputes/{id}/closing/": Sent("finance", "closed_dispute", {"outcome": "Again"}),
    "POST /jobs/{id}/cancellation/": Sent("finance", "done", {}),
    "POST /jobs/{id}/repetition/": Sent("finance", "done", {}),
    "POST /open-items/{item}/settlement/": Sent(
        "finance", "credit", {"debits": [{"document": "D-1", "amount": "90.00"}]}
    ),
    "POST /payments/": Sent("finance", "", {"customer": "C-1", "amount": "5.00", "reference": "TT-1"}),
    "POST /payments/{number}/reversal/": Sent("finance", "reversed", NO),
    "POST /customers/{code}/invitations/": Sent("representative", "customer", {**INVITED, "email": "li@example.com"}),
    "POST /customers/{code}/people/{id}/access/": Sent("representative", "person", {}),
    "POST /customers/{code}/people/{id}/access-end/": Sent("representative", "ended_person", {}),
    "POST /invitations/{id}/revocation/": Sent("representative", "revoked_invitation", {}),
    "POST /invitations/{id}/sending/": Sent("representative", "revoked_invitation", {}),
    "POST /periods/{month}/closing/": Sent("finance", "closed_month", {}),
    "POST /periods/{month}/reopening/": Sent("finance", "open_month", NO),
    "POST /promises/": Sent("finance", "", {**PROMISE, "customer": "C-2"}),
    "POST /promises/{id}/withdrawal/": Sent("finance", "withdrawn_promise", {}),
    "POST /reminders/": Sent("finance", "", {}),
    "POST /their-ledgers/": Sent("agent", "", {**LEDGER, "last_day": "2026-01-31"}),
    "POST /their-ledgers/files/": Sent("finance", "", {**LEDGER_FILE, "first_day": "2026-02-04"}),
    "POST /their-ledgers/{id}/lines/{line}/parts/": Sent("finance", "line", {"amounts": ["5.00", "5.00"]}),
    "POST /their-ledgers/{id}/splits/{split}/undoing/": Sent("finance", "undone_split", {}),
    "POST /their-ledgers/{id}/matches/": Sent("finance", "ledger", {"theirs": [EARLIER]}),
    "POST /their-ledgers/{id}/matches/{match}/undoing/": Sent("finance", "undone_match", {}),
    "POST /their-ledgers/{id}/matching/": Sent("finance", "replaced_ledger", {}),
    "POST /reconciliations/{number}/acceptance/": Sent("sales_manager", "sent", NO),
    "PUT /reconciliations/{number}/closing/": Sent("agent", "frozen", {"amount": None}),
    "POST /reconciliations/{number}/differences/": Sent("agent", "agreed", STATED),
    "POST /reconciliations/{number}/differences/{position}/adjustment/": Sent("finance", "frozen", {}),
    "POST /reconciliations/{number}/differences/{position}/explanation/": Sent(
        "finance", "frozen", {"reason": "timing"}
    ),
    "POST /reconciliations/{number}/differences/{position}/reopening/": Sent("finance", "differing", {}),
    "POST /reconciliations/{number}/differences/{position}/withdrawal/": Sent("agent", "frozen", {}),
    "POST /reconciliations/{number}/signature/": Sent("agent", "differing", {}),
    "DELETE /reconciliations/{number}/signature/": Sent("agent", "sent"),
    "POST /rounds/": Sent("finance", "", {**ROUND, "last_day": "2999-12-31"}),
    "POST /rounds/{number}/reminder/": Sent("finance", "finished", {}),
    "POST /rounds/{number}/sending/": Sent("finance", "round", {}),
}
"""What a rule refuses (409)."""


@dataclass
class Company:
    """People by role, and things by name: what stands in an address for each. `own` are those of each role."""

    people: dict[str, User]
    things: dict[str, dict[str, str]]
    own: dict[str, dict[str, dict[str, str]]]

    def named(self, role: str, thing: str) -> dict[str, str]:
        """What stands in an address for a thing, the person's own first; nothing for no thing."""
        return {**self.things, **self.own.get(role, {})}[thing] if thing else {}

    def addressed(self, role: str, path: str) -> list[dict[str, str]]:
        """All that may stand in a path such as `deliveries/{number}/approval/`."""
        if "{match}" in path:
            return [self.named(role, thing) for thing in ("match", "undone_match")]
        if "people/{id}" in path:
            return [self.named(role, thing) for thing in ("person", "ended_person")]
        if "{line}" in path:
            return [self.named(role, thing) for thing in ("line", "split_line")]
        if "{split}" in path:
            return [self.named(role, thing) for thing in ("split", "undone_split")]
        return [self.named(role, thing) for thing in (PLACES[path.split("/")[0]] if "{" in path else [""])]


PLACES = {
    "adjustments": ("adjusted", "adjustment_asked", "adjustment_returned"),
    "allocations": ("allocation", "taken_back"),
    "approvals": ("request", "over", "decided"),
    "bank-files": ("bank_file", "unclear_file"),
    "bills": ("bill", "ended_bill"),
    "customers": ("customer", "late_customer"),
    "deliveries": ("draft", "submitted", "approved", "shipped"),
    "invitations": ("invitation", "revoked_invitation"),
    "disputes": ("dispute", "closed_dispute"),
    "issued-statistics": ("issued",),
    "jobs": ("queued", "failed", "done"),
    "open-items": ("credit",),
    "payments": ("payment", "reversed"),
    "periods": ("open_month", "closed_month"),
    "products": ("product",),
    "promises": ("promise", "withdrawn_promise"),
    "reconciliations": ("sent", "differing", "explained", "agreed", "frozen"),
    "reminders": ("reminder",),
    "rounds": ("round", "unsent", "finished"),
    "shipments": ("shipment",),
    "their-ledgers": ("ledger", "replaced_ledger"),
    "statements": ("statement",),
    "tokens": ("token",),
}


def make_company() -> Company:
    """Make it."""
    sales = make_sales()
    sales.product.sku, sales.warehouse.code = "SKU-1", "W-1"
    sales.product.save()
    sales.warehouse.save()
    make_product("SKU-2")  # without a price
    customer = sales.customer(code="C-1")
    request, over = sales.submitted(customer), sales.submitted(customer, 101)
    decided = sales.submitted(customer)
    approved, shipped = sales.approved(customer), sales.approved(customer)
    shipment = sales.ship(shipped)
    payment, wrong = sales.pay(customer, 10, reference="TT-1"), sales.pay(customer, 20)
    reverse_payment(wrong.pk, by=sales.finance, reason="twice")
    reject(decided.pk, by=sales.supervisor, note="no")
    approve(over.pk, by=sales.supervisor)
    allocation, taken_back, credit = left_open(sales, customer)
    agent = make_user(Role.AGENT, customer=customer)
    bill, ended_bill = (
        registered(sales, customer, 5, instrument=name, drawer="D", bank="ICBC") for name in ("AB-1", "AB-3")
    )
    return_bill(ended_bill.pk, by=sales.finance, reason="x")
    bank_file, unclear_file = (
        read_bank(sales.finance, bank_line(7, name, number=name)) for name in (customer.name, "Nobody at all")
    )
    make_user(Role.FINANCE, username="who-signs-in")
    numbers = {
        "draft": sales.draft(customer).number,
        "submitted": Delivery.objects.get(pk=request.object_id).number,
        "approved": approved.number,
        "shipped": shipped.number,
        "bill": bill.number,
        "ended_bill": ended_bill.number,
        "payment": payment.number,
        "reversed": wrong.number,
        "shipment": shipment.number,
        "issued": issue_statistic("month", ended_month().start, team_id=sales.team.pk).number,
        **adjustments_of(sales, customer),
    }
    reconciled = reconciliations_of(sales, customer, agent)
    numbers |= {
        "statement": str(reconciled["sent"].statement),
        "round": reconciled["sent"].round.number,
        "finished": reconciled["frozen"].round.number,
        "unsent": reconciled.pop("unsent").round.number,
    }
    people = {role: getattr(sales, role) for role in ROLES if hasattr(sales, role)}
    people |= {"agent": agent, **{role: make_user(Role(role)) for role in ("personnel", "marketing", "administrator")}}
    return Company(
        people=people,
        things={
            **{name: {"number": number} for name, number in numbers.items()},
            **{name: {"number": one.number, "position": "1"} for name, one in reconciled.items()},
            "request": {"id": str(request.pk)},
            "over": {"id": str(over.pk)},
            "decided": {"id": str(decided.pk)},
            "allocation": {"id": str(allocation.pk)},
            "taken_back": {"id": str(taken_back.pk)},
            "credit": {"item": str(credit.pk)},
            "bank_file": {"id": str(bank_file.pk)},
            "unclear_file": {"id": str(unclear_file.pk)},
            "customer": {"code": customer.code},
            "product": {"sku": sales.product.sku},
            **collected(sales),
            **months_of(sales.finance),
            **ledgers_of(customer, sales.finance),
            **people_of(customer, sales.representative),
        },
        own={role: things_of(person) for role, person in people.items()},
    )


def adjustments_of(sales: Sales, customer: Customer) -> dict[str, str]:
    """An adjustment that is posted, one that waits, one that was returned: by name, their numbers."""
    waiting, returned = (submitted(sales, customer, "credit", 1) for _turn in range(2))
    request = Request.objects.waiting().get(document_type="adjustment", object_id=returned.pk)
    send_back(request.pk, by=sales.sales_manager, note="less")
    posted = adjusted(sales, customer, "debit", 1)
    return {
        "adjusted": posted.number,
        "adjustment_asked": waiting.number,
        "adjustment_returned": returned.number,
    }


def people_of(customer: Customer, by: User) -> dict[str, dict[str, str]]:
    """One of the customer's people who signs in, one who does no more; an invitation, one that was taken back."""
    person, ended = (make_user(Role.AGENT, customer=customer, is_active=active) for active in (True, False))
    open_one, revoked = (
        invite_person(customer.pk, by=by, email=f"{name}@example.com", full_name=name) for name in ("li", "wu")
    )
    revoke_invitation(revoked.pk, by=by)
    return {
        "person": {"code": customer.code, "id": str(person.pk)},
        "ended_person": {"code": customer.code, "id": str(ended.pk)},
        "invitation": {"id": str(open_one.pk)},
        "revoked_invitation": {"id": str(revoked.pk)},
    }


def collected(sales: Sales) -> dict[str, dict[str, str]]:
    """C-2, which is late and was put on hold by today's letter, with disputes and promises that are open and ended."""
    ReminderLevel.objects.filter(number=1).update(holds=True)
    customer = sales.customer(code="C-2")
    with transaction.atomic():
        entry = ReceivableEntry.objects.create(
            pk=LATE,
            customer=customer,
            source=Source.OPENING,
            source_id=LATE,
            document="D-2",
            posted_on=timezone.localdate() - timedelta(days=9),
            due_on=timezone.localdate() - timedelta(days=9),
            debit=Decimal(50),
        )
        OpenItem.objects.create(
            entry=entry,
            customer=customer,
            is_debit=True,
            posted_on=entry.posted_on,
            due_on=entry.due_on,
            amount=entry.debit,
            open_amount=entry.debit,
        )
        CreditAccount.objects.filter(pk=customer.pk).update(balance=entry.debit)
    letter = remind(customer.pk, by=sales.finance)
    assert letter is not None and letter.hold_at
    given: dict[str, Any] = {"by": sales.finance, "item_id": LATE, "kind": "price", "amount": Decimal(1), "text": "x"}
    dispute, closed_one = open_dispute(**given), open_dispute(**given)
    close_dispute(closed_one.pk, by=sales.finance, outcome="Credited")
    promise, withdrawn = (
        record_promise(by=sales.finance, customer_id=one.pk, amount=Decimal(1), promised_for=timezone.localdate())
        for one in (customer, sales.customer())
    )
    withdraw_promise(withdrawn.pk, by=sales.finance)
    ids = {"dispute": dispute, "closed_dispute": closed_one, "promise": promise, "withdrawn_promise": withdrawn}
    return {
        "late_customer": {"code": customer.code},
        "reminder": {"number": letter.number},
        **{name: {"id": str(one.pk)} for name, one in ids.items()},
    }


def months_of(by: User) -> dict[str, dict[str, str]]:
    """A month of long ago that is closed, and the one after it, which is next."""
    closed(Period.month(2020, 1), by=by)
    return {"closed_month": {"month": "2020-01"}, "open_month": {"month": "2020-02"}}


def left_open(sales: Sales, customer: Customer) -> tuple[Allocation, Allocation, OpenItem]:
    """An allocation that stands, one that was taken back, and an open credit beside the open debit D-1."""
    with transaction.atomic():
        post_entry(
            CreditAccount.objects.locked(customer.pk),
            source=Source.OPENING,
            source_id=1,
            document="D-1",
            posted_on=timezone.localdate(),
            due=timezone.localdate(),
            debit=Decimal(50),
            by=None,
        )
    standing = Allocation.objects.standing().filter(credit__customer=customer)
    sales.pay(customer, 60, reference="D-1")
    wrong = standing.get(debit__entry__document="D-1")
    take_back(wrong.pk, by=sales.finance)
    return standing.exclude(pk=wrong.pk)[0], wrong, wrong.credit


def ledgers_of(customer: Customer, by: User) -> dict[str, dict[str, str]]:
    """A ledger that is read and one that is replaced; a match and a split that stand, and such that are undone."""
    days = {"first_day": date(2026, 1, 1), "last_day": date(2026, 1, 31)}
    replaced, ledger = (
        LedgerUpload.objects.create(customer=customer, uploaded_by=by, state=state, **days)
        for state in ("replaced", "read")
    )
    matches = []
    for at, keys in enumerate([(EARLIER, LATER), (None, None), (None, None)]):
        lines = [
            LedgerLine.objects.create(
                pk=key, upload=ledger, row=at * 2 + sign, day=days["first_day"], amount=sign * 2 - 3
            )
            for sign, key in enumerate(keys, start=1)
        ]
        if at:
            matches.append(match_by_hand(ledger.pk, by=by, ours=[], theirs=[line.pk for line in lines]))
    undo_match(matches[1].pk, by=by)
    line, halved, whole = (ledger.lines.create(row=row, day=days["first_day"], amount=2) for row in (7, 8, 9))
    split, undone = (split_line(one.pk, by=by, amounts=[Decimal(1), Decimal(1)]) for one in (halved, whole))
    undo_split(undone.pk, by=by)
    names = ("match", "undone_match")
    return {
        "ledger": {"id": str(ledger.pk)},
        "replaced_ledger": {"id": str(replaced.pk)},
        "line": {"id": str(ledger.pk), "line": str(line.pk)},
        "split_line": {"id": str(ledger.pk), "line": str(halved.pk)},
        "split": {"id": str(ledger.pk), "split": str(split.pk)},
        "undone_split": {"id": str(ledger.pk), "split": str(undone.pk)},
        **{name: {"id": str(ledger.pk), "match": str(made.pk)} for name, made in zip(names, matches, strict=True)},
    }


def reconciliations_of(sales: Sales, customer: Customer, agent: User) -> dict[str, Reconciliation]:
    """A reconciliation in each state, of rounds that begin a day apart; all but the first two have a difference."""
    made: dict[str, Reconciliation] = {}
    today = timezone.localdate()
    for ago, state in enumerate(("unsent", "sent", "differing", "explained", "agreed", "frozen"), start=1):
        days: dict[str, Any] = {"first_day": today - timedelta(days=ago), "last_day": today, "answer_by": today}
        opened, job = open_round(by=sales.finance, customers=Customer.objects.filter(pk=customer.pk), **days)
        job.delete()
        one = made[state] = opened.reconciliations.get()
        if state == "unsent":
            continue
        send_all(opened, by=sales.finance)
        if state != "sent":
            file = SimpleUploadedFile("receipt.pdf", b"%PDF-1.4")
            state_difference(one.pk, by=agent, kind="other", amount=Decimal(-1), text="x", file=file)
        if state in ("explained", "agreed", "frozen"):
            explain_difference(one.pk, 1, by=sales.finance, reason="timing")
        if state in ("agreed", "frozen"):
            sign(one.pk, by=agent)
        if state == "frozen":
            sign(one.pk, by=sales.finance)
        one.refresh_from_db()
    return made


def things_of(person: User) -> dict[str, dict[str, str]]:
    """Jobs of the person, without a file and with one, and a token beside that with which they ask."""
    things = {"token": {"prefix": create_token(by=person, name="old").token.prefix}}
    for state in ("queued", "failed", "done"):
        job = Job.objects.create(
            kind="export",
            title=state,
            owner=person,
            params={"path": "/payments/", "query": "", "title": "Payments", "filename": "payments.xlsx"},
            state=state,
            finished_at=None if state == "queued" else timezone.now(),
        )
        if state == "done":
            job.result.save("payments.xlsx", ContentFile(b"PK"))
        things[state] = {"id": str(job.pk)}
    return things


def label_of(operation: Any) -> str:
    return f"{operation.method.upper()} {operation.path.removeprefix('/api/v1')}"
