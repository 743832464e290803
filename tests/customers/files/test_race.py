"""Two people who file at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.test import Client

from customers.models import Customer
from salesops.users.models import User
from salesops.users.roles import Role
from tests.support.build import make_region, make_user

pytestmark = pytest.mark.django_db(transaction=True)


def filed_at_once(people: list[User], code: str) -> list[int]:
    """Post the form of each person at the same moment; return the statuses."""
    region = make_region().pk
    start = Barrier(len(people))

    def file(person: User) -> int:
        client = Client()
        client.force_login(person)
        data = {"name": f"Customer of {person.username}", "code": code, "kind": "agent", "grade": "B", "region": region}
        start.wait()
        try:
            return client.post("/customers/new/", {**data, "is_active": "on"}).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(people)) as pool:
        return sorted(pool.map(file, people))


def test_a_code_goes_to_one_of_them_and_the_other_is_told():
    people = [make_user(Role.SALES_MANAGER) for _ in range(2)]
    assert filed_at_once(people, "A-1") == [302, 422]
    assert Customer.objects.get().account.limit == 0


def test_numbers_are_not_given_twice():
    people = [make_user(Role.SALES_MANAGER) for _ in range(4)]
    assert filed_at_once(people, "") == [302, 302, 302, 302]
    assert Customer.objects.values("code").distinct().count() == 4
