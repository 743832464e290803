"""The schema holds: whatever is sent to whichever operation, by each role, is answered as the schema says.

Requests are generated from the schema itself, others in each run, so that a new operation is tried from its first day.
Codes and numbers come from the lists of the API half of the time. `SALESOPS_API_EXAMPLES` says how many requests each
role sends to each operation; every one is rolled back. That each operation does what it is for, and refuses what it
refuses, as the schema says, is what test_every_answer.py is for.
"""

import os
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode, openapi
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from salesops.wsgi import application
from tests.support.database import one_connection, taken_back
from tests.support.program import Program, made
from tests.support.world import World, make_world

EXAMPLES = int(os.environ.get("SALESOPS_API_EXAMPLES", "4"))
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


def known_in(world: World) -> dict[str, list[Any]]:
    """What the lists of the API show to anybody, by the name of the field: customers' codes, deliveries' numbers ..."""
    known: dict[str, set[Any]] = {}
    lists = {operation.path for operation in operations() if operation.method == "get" and "{" not in operation.path}
    for person in ("supervisor", "finance", "supply", "foreign_representative"):
        program = Program(world.people[person])
        for path in sorted(lists):
            response = program.get(path)
            for row in made(response)["results"] if response.status_code == 200 else []:
                for name, value in row.items():
                    if name == "id":
                        known.setdefault(f"{path} id", set()).add(str(value))
                    elif isinstance(value, str):
                        known.setdefault(f"{path} {name}", set()).add(value)
                        known.setdefault(name, set()).add(value)
                for name in ("customer", "warehouse"):
                    if isinstance(row.get(name), dict) and "code" in row[name]:
                        known.setdefault(name, set()).add(row[name]["code"])
    return {name: sorted(values) for name, values in known.items()}


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


def send_some(operation: Any, program: Program, known: dict[str, list[Any]]) -> list[int]:
    """Send requests that the schema allows, and some that it does not; returns the statuses of the answers."""
    statuses: list[int] = []
    place = operation.path.split("{")[0]

    @settings(
        max_examples=EXAMPLES,
        database=None,
        print_blob=True,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def send(data: Any) -> None:
        mode = data.draw(st.sampled_from(MODES))
        case = data.draw(operation.as_strategy(generation_mode=mode))
        for name in case.path_parameters or {}:
            there = known.get(f"{place} {name}")
            if there and data.draw(st.booleans()):
                case.path_parameters[name] = data.draw(st.sampled_from(there))
        if isinstance(case.body, dict | list):
            case.body = with_known(data.draw, case.body, known)
        with one_connection(), transaction.atomic():
            response = case.call(headers={"Authorization": program.headers["Authorization"]})
            transaction.set_rollback(True)
        statuses.append(response.status_code)
        case.validate_response(response, checks=CHECKS)

    send()
    return statuses


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """One of everything, for all roles."""
    with taken_back(django_db_blocker):
        yield make_world()


@pytest.fixture(scope="module")
def known(world: World) -> dict[str, list[Any]]:
    """What stands in the lists, for all roles."""
    return known_in(world)


@pytest.mark.django_db
@pytest.mark.parametrize("role", ROLES)
def test_whatever_a_role_sends_is_answered_as_the_schema_says(
    role: str, world: World, known: dict[str, list[Any]], settings: Any
) -> None:
    settings.API_REQUESTS_A_MINUTE = {"person": 10**9, "address": 10**9}
    program = Program(world.people[role])
    statuses, wrong = [], []
    for operation in operations():
        try:
            statuses += send_some(operation, program, known)
        except Exception as error:  # noqa: BLE001  every operation is tried, then all that is wrong is said
            wrong.append(f"{operation.label}: {error}")
    assert not wrong, "\n\n".join(wrong)
    assert 200 in statuses
