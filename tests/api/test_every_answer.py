"""Every operation of the schema does what it is for, and refuses what it refuses: each answer is as the schema says.

test_schema_holds.py sends anything; here each operation gets what succeeds, and what a rule of it refuses. A new
operation fails until it stands in the table.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from tests.support.api_company import DONE, REFUSED, Company, Sent, label_of, make_company
from tests.support.database import one_connection, taken_back
from tests.support.program import Program

from .test_schema_holds import CHECKS, operations

pytestmark = pytest.mark.django_db


WITHOUT_FACTS = {"own document", "withdraw", "parked", "sent"}
"""Rules about who one is, or that there is nothing to do: no figure says more than the words."""
CANNOT_REFUSE = {
    "POST /tokens/": "who is not let in is 401 or 429",
    "POST /jobs/": "what cannot be exported is malformed or forbidden",
    "DELETE /tokens/{prefix}/": "a token that is revoked is not there",
}


@pytest.fixture(scope="module")
def company(django_db_setup: None, django_db_blocker: Any) -> Iterator[Company]:
    """A delivery in every state, jobs of every end."""
    with taken_back(django_db_blocker):
        yield make_company()


def answer_to(label: str, sent: Sent, company: Company) -> Any:
    """What the operation answers, which is as the schema says; afterwards everything is as before."""
    operation = next(one for one in operations() if label_of(one) == label)
    body = {} if sent.body is None else {"body": sent.body, "media_type": "application/json"}
    case = operation.Case(path_parameters=company.named(sent.by, sent.on), **body)
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
