"""Every operation of the schema does what it is for, and refuses what it refuses: each answer is as the schema says.

test_schema_holds.py sends anything; here each operation gets what succeeds, and what a rule of it refuses. A new
operation fails until it stands in the table.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from orders.models import Delivery
from orders.payments.services import reverse_payment
from salesops.api.services import create_token
from salesops.approvals.services import approve, reject
from salesops.jobs.models import Job
from salesops.users.models import User
from salesops.users.roles import Role
from tests.support.build import PASSWORD, make_product, make_sales, make_user
from tests.support.database import one_connection, taken_back
from tests.support.program import Program

from .test_schema_holds import CHECKS, operations

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Sent:
    """A request: by whom, on what (a name of `things`), with what."""

    by: str
    on: str = ""
    body: Any = None


LINES = [{"sku": "SKU-1", "quantity": 2}]
WRITTEN = {"customer": "C-1", "warehouse": "W-1", "lines": LINES}
CHANGED = {"warehouse": "W-1", "lines": LINES, "version": 1}
NO, WHY = {"reason": "Wrong"}, {"note": "see the limit"}

DONE: dict[str, tuple[int, Sent]] = {
    "GET /approvals/": (200, Sent("supervisor")),
    "GET /approvals/{id}/": (200, Sent("supervisor", "request")),
    "POST /approvals/{id}/approval/": (200, Sent("supervisor", "request", WHY)),
    "POST /approvals/{id}/putting-aside/": (200, Sent("regional_manager", "over", WHY)),
    "POST /approvals/{id}/rejection/": (200, Sent("supervisor", "request", NO)),
    "POST /approvals/{id}/return/": (200, Sent("supervisor", "request", NO)),
    "POST /approvals/{id}/withdrawal/": (200, Sent("representative", "request", {})),
    "GET /customers/": (200, Sent("representative")),
    "GET /customers/{code}/": (200, Sent("representative", "customer")),
    "GET /customers/{code}/credit/": (200, Sent("finance", "customer")),
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
    "GET /jobs/": (200, Sent("finance")),
    "POST /jobs/": (201, Sent("finance", "", {"list": "/payments/"})),
    "GET /jobs/{id}/": (200, Sent("finance", "done")),
    "POST /jobs/{id}/cancellation/": (200, Sent("finance", "queued", {})),
    "POST /jobs/{id}/repetition/": (200, Sent("finance", "failed", {})),
    "GET /jobs/{id}/result/": (200, Sent("finance", "done")),
    "GET /payments/": (200, Sent("finance")),
    "POST /payments/": (201, Sent("finance", "", {"customer": "C-1", "amount": "12.30", "reference": "TT-9"})),
    "GET /payments/{number}/": (200, Sent("agent", "payment")),
    "POST /payments/{number}/reversal/": (200, Sent("finance", "payment", NO)),
    "GET /products/": (200, Sent("agent")),
    "GET /products/{sku}/": (200, Sent("supply", "product")),
    "GET /shipments/": (200, Sent("supply")),
    "GET /shipments/{number}/": (200, Sent("agent", "shipment")),
    "GET /tokens/": (200, Sent("agent")),
    "POST /tokens/": (201, Sent("", "", {"username": "who-signs-in", "password": PASSWORD, "name": "BI"})),
    "DELETE /tokens/{prefix}/": (204, Sent("agent", "token")),
}
"""What succeeds, with the status of its answer."""

REFUSED: dict[str, Sent] = {
    "POST /approvals/{id}/approval/": Sent("representative", "request", {}),
    "POST /approvals/{id}/putting-aside/": Sent("supervisor", "request", {}),
    "POST /approvals/{id}/rejection/": Sent("representative", "request", NO),
    "POST /approvals/{id}/return/": Sent("supervisor", "decided", NO),
    "POST /approvals/{id}/withdrawal/": Sent("supervisor", "request", {}),
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
    "POST /jobs/{id}/cancellation/": Sent("finance", "done", {}),
    "POST /jobs/{id}/repetition/": Sent("finance", "done", {}),
    "POST /payments/": Sent("finance", "", {"customer": "C-1", "amount": "5.00", "reference": "TT-1"}),
    "POST /payments/{number}/reversal/": Sent("finance", "reversed", NO),
}
"""What a rule refuses (409)."""
WITHOUT_FACTS = {"own document", "withdraw", "parked"}
"""Rules about who one is, or that there is nothing to do: no figure says more than the words."""
CANNOT_REFUSE = {
    "POST /tokens/": "who is not let in is 401 or 429",
    "POST /jobs/": "what cannot be exported is malformed or forbidden",
    "DELETE /tokens/{prefix}/": "a token that is revoked is not there",
}


@dataclass
class Company:
    """People by role, and things by name: what stands in an address for each."""

    people: dict[str, User]
    things: dict[str, dict[str, str]]


@pytest.fixture(scope="module")
def company(django_db_setup: None, django_db_blocker: Any) -> Iterator[Company]:
    """A delivery in every state, jobs of every end."""
    with taken_back(django_db_blocker):
        yield make_company()


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
    agent = make_user(Role.AGENT, customer=customer)
    make_user(Role.FINANCE, username="who-signs-in")
    jobs = {}
    for state in ("queued", "failed", "done"):
        jobs[state] = Job.objects.create(
            kind="export",
            title=state,
            owner=sales.finance,
            params={"path": "/payments/", "query": "", "title": "Payments", "filename": "payments.xlsx"},
            state=state,
            finished_at=None if state == "queued" else timezone.now(),
        )
    jobs["done"].result.save("payments.xlsx", ContentFile(b"PK"))
    numbers = {
        "draft": sales.draft(customer).number,
        "submitted": Delivery.objects.get(pk=request.object_id).number,
        "approved": approved.number,
        "shipped": shipped.number,
        "payment": payment.number,
        "reversed": wrong.number,
        "shipment": shipment.number,
    }
    people = {
        role: getattr(sales, role) for role in ("representative", "supervisor", "regional_manager", "finance", "supply")
    }
    return Company(
        people={**people, "agent": agent},
        things={
            **{name: {"number": number} for name, number in numbers.items()},
            **{state: {"id": str(job.pk)} for state, job in jobs.items()},
            "request": {"id": str(request.pk)},
            "over": {"id": str(over.pk)},
            "decided": {"id": str(decided.pk)},
            "customer": {"code": customer.code},
            "product": {"sku": sales.product.sku},
            "token": {"prefix": create_token(by=agent, name="old").token.prefix},
        },
    )


def label_of(operation: Any) -> str:
    return f"{operation.method.upper()} {operation.path.removeprefix('/api/v1')}"


def answer_to(label: str, sent: Sent, company: Company) -> Any:
    """What the operation answers, which is as the schema says; afterwards everything is as before."""
    operation = next(one for one in operations() if label_of(one) == label)
    body = {} if sent.body is None else {"body": sent.body, "media_type": "application/json"}
    case = operation.Case(path_parameters=company.things.get(sent.on, {}), **body)
    headers = {"Authorization": Program(company.people[sent.by]).headers["Authorization"]} if sent.by else {}
    with one_connection(), transaction.atomic():
        response = case.call(headers=headers)
        transaction.set_rollback(True)
    case.validate_response(response, checks=CHECKS)
    return response


def test_every_operation_stands_in_the_tables() -> None:
    labels = {label_of(operation) for operation in operations()}
    assert labels == set(DONE)
    assert {label for label in labels if not label.startswith("GET")} == set(REFUSED) | set(CANNOT_REFUSE)


@pytest.mark.parametrize("label", DONE)
def test_it_does_what_it_is_for(label: str, company: Company) -> None:
    status, sent = DONE[label]
    response = answer_to(label, sent, company)
    assert response.status_code == status, response.content


@pytest.mark.parametrize("label", REFUSED)
def test_it_refuses_by_its_rule(label: str, company: Company) -> None:
    response = answer_to(label, REFUSED[label], company)
    assert response.status_code == 409, response.content
    said = response.json()
    assert said["rule"]
    assert said["facts"] or said["rule"] in WITHOUT_FACTS, said
