"""The schema holds: whatever is sent to whichever operation, by each role, is answered as the schema says.

First every address that leads somewhere, with every body that is right for somebody, so that rights, scope and rules
are met; then requests generated from the schema itself, others in each run, so that a new operation is tried from its
first day. `SALESOPS_API_EXAMPLES` says how many of these each role sends to each operation, `SALESOPS_API_SEED` repeats
those of a run that failed; every one is rolled back. That each operation does what it is for, and refuses what it
refuses, is what test_every_answer.py is for.
"""

import os
import random
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from rest_framework.serializers import BaseSerializer
from schemathesis import GenerationMode, openapi
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from salesops.wsgi import application
from tests.support.api_company import DONE, REFUSED, Company, label_of, make_company
from tests.support.database import PACKAGES, one_connection, taken_back
from tests.support.program import Program
from tests.support.world import ROLES

EXAMPLES = int(os.environ.get("SALESOPS_API_EXAMPLES", "2"))
SEED = int(os.environ.get("SALESOPS_API_SEED") or random.SystemRandom().randrange(2**32))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
MODES = (GenerationMode.POSITIVE, GenerationMode.POSITIVE, GenerationMode.NEGATIVE)


@cache
def operations() -> list[Any]:
    """Every operation of the schema."""
    with one_connection():
        schema = openapi.from_wsgi("/api/schema/", application)
    found: list[Any] = list(schema.get_all_operations())
    return [operation.ok() for operation in found]


def serializers_of(base: type[Any]) -> Iterator[type[Any]]:
    """All serializers of the product that are loaded; the schema's own are made anew in each language."""
    subclasses: list[type[Any]] = base.__subclasses__()
    for one in subclasses:
        if one.__module__.split(".")[0] in PACKAGES:
            yield one
        yield from serializers_of(one)


def called_alike(classes: Iterable[type]) -> dict[str, set[str]]:
    """The names by which the schema would know more than one class, and where these are."""
    found: dict[str, set[str]] = {}
    for one in classes:
        found.setdefault(one.__name__.removesuffix("Serializer"), set()).add(one.__module__)
    return {name: modules for name, modules in found.items() if len(modules) > 1}


def test_no_two_serializers_are_called_alike() -> None:
    """The schema has one component of a name: it would say of one resource what holds for another."""
    assert operations()
    assert len(set(serializers_of(BaseSerializer))) > 50
    assert called_alike(serializers_of(BaseSerializer)) == {}


def test_two_serializers_that_are_called_alike_are_found() -> None:
    here, there = (type(name, (), {"__module__": place}) for name, place in (("Row", "a"), ("RowSerializer", "b")))
    assert called_alike([here, there, there]) == {"Row": {"a", "b"}}


def with_known(draw: Any, value: Any, known: dict[str, list[Any]]) -> Any:
    """Return a body in which a code that is known stands, half of the time, where any text would do."""
    if isinstance(value, list):
        return [with_known(draw, inner, known) for inner in value]
    if not isinstance(value, dict):
        return value
    return {
        name: draw(st.sampled_from(known[name]))
        if isinstance(inner, str) and name in ("customer", "warehouse", "sku") and name in known and draw(st.booleans())
        else with_known(draw, inner, known)
        for name, inner in value.items()
    }


def send(case: Any, program: Program) -> int:
    """Send a request, take back what it did, return the status of its answer, which is as the schema says."""
    with one_connection(), transaction.atomic():
        response = case.call(headers={"Authorization": program.headers["Authorization"]})
        transaction.set_rollback(True)
    case.validate_response(response, checks=CHECKS)
    return int(response.status_code)


def real_cases(operation: Any, role: str, company: Company) -> list[Any]:
    """Every address that leads somewhere, with every body that is right for somebody."""
    label = label_of(operation)
    sent = [one.body for one in (DONE[label][1], REFUSED.get(label)) if one]
    bodies = [{} if body is None else {"body": body, "media_type": "application/json"} for body in sent]
    return [
        operation.Case(path_parameters=dict(named), **body)
        for named in company.addressed(role, operation.path.removeprefix("/api/v1/"))
        for body in bodies
    ]


def send_generated(operation: Any, program: Program, real: list[Any]) -> None:
    """Send requests that the schema allows, and some that it does not, beside addresses and bodies that are real."""
    known = {"customer": ["C-1"], "warehouse": ["W-1"], "sku": ["SKU-1", "SKU-2"]}

    @seed(SEED)
    @settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def send_one(data: Any) -> None:
        mode = data.draw(st.sampled_from(MODES))
        case = data.draw(operation.as_strategy(generation_mode=mode))
        one = data.draw(st.sampled_from(real))
        if data.draw(st.booleans()):
            case.path_parameters = dict(one.path_parameters)
        if isinstance(case.body, dict | list):
            case.body = one.body if data.draw(st.booleans()) else with_known(data.draw, case.body, known)
        send(case, program)

    send_one()


@pytest.fixture(scope="module")
def company(django_db_setup: None, django_db_blocker: Any) -> Iterator[Company]:
    """A thing for every address, for all roles."""
    with taken_back(django_db_blocker):
        yield make_company()


@pytest.mark.django_db
@pytest.mark.parametrize("role", ROLES)
def test_whatever_a_role_sends_is_answered_as_the_schema_says(role: str, company: Company, settings: Any) -> None:
    settings.API_REQUESTS_A_MINUTE = {"person": 10**9, "address": 10**9}
    program = Program(company.people[role])
    statuses, wrong = set(), []
    for operation in operations():
        real = real_cases(operation, role, company)
        try:
            statuses |= {send(case, program) for case in real}
            send_generated(operation, program, real)
        except Exception as error:  # noqa: BLE001  every operation is tried, then all that is wrong is said
            wrong.append(f"{operation.label}: {error!r}")
    repeat = f"SALESOPS_API_SEED={SEED} SALESOPS_API_EXAMPLES={EXAMPLES} repeats it"
    assert not wrong, "\n\n".join([repeat, *wrong])
    assert {200, 201, 204, 404} <= statuses
