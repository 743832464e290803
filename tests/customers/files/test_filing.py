"""Filing customers and changing their files."""

from dataclasses import replace
from typing import Any

import pytest

from customers.files.forms import CustomerForm
from customers.files.models import Customer
from customers.files.services import CustomerInput, change_customer, create_customer, file_version
from customers.models import CreditAccount
from salesops.kernel.errors import RuleBroken
from salesops.kernel.money import ZERO
from salesops.users.models import User
from salesops.users.roles import Role
from tests.support.build import make_customer, make_region, make_team, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def rep() -> User:
    return make_user(Role.REPRESENTATIVE, team=make_team())


def given(rep: User, **changes: Any) -> CustomerInput:
    fields: dict[str, Any] = {"name": "Nantong Jianghai", "region_id": make_region().pk, "representative_id": rep.pk}
    return CustomerInput(**{**fields, **changes})


def test_a_new_customer_has_an_account_that_takes_prepayments_only(rep: User):
    customer = create_customer(given(rep), by=rep)
    account = CreditAccount.objects.get(customer=customer)
    assert (account.limit, account.balance, account.committed) == (ZERO, ZERO, ZERO)
    assert customer.created_by == rep


def test_codes_are_numbered_unless_they_are_given(rep: User):
    make_customer(code="C-000002")
    first = create_customer(given(rep, name="One"), by=rep)
    second = create_customer(given(rep, name="Two"), by=rep)
    third = create_customer(given(rep, name="Three", code="A-1031"), by=rep)
    assert [c.code for c in (first, second, third)] == ["C-000001", "C-000003", "A-1031"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"code": "A 1"}, "code"),
        ({"code": "a/b"}, "code"),
        ({"code": "new"}, "code"),
        ({"code": "taken"}, "code"),
        ({"kind": "friend"}, "kind"),
        ({"grade": "Z"}, "grade"),
        ({"parent_id": 0}, None),
    ],
)
def test_nothing_is_filed_with_data_that_cannot_be(rep: User, changes: dict[str, Any], field: str | None):
    elsewhere = make_customer(code="TAKEN")
    if changes.get("parent_id") == 0:
        changes, field = {"parent_id": elsewhere.pk}, "parent"
    with pytest.raises(RuleBroken) as refused:
        create_customer(given(rep, **changes), by=rep)
    assert refused.value.field == field
    assert Customer.objects.count() == CreditAccount.objects.count() == 1


def test_nobody_files_a_customer_out_of_their_own_sight(rep: User):
    other = make_user(Role.REPRESENTATIVE)
    for representative_id in (None, other.pk):
        with pytest.raises(RuleBroken) as refused:
            create_customer(given(rep, representative_id=representative_id), by=rep)
        assert refused.value.rule == "scope"
    assert not Customer.objects.exists()
    assert not CreditAccount.objects.exists()


def test_a_supervisor_files_for_the_team(rep: User):
    leader = make_user(Role.SUPERVISOR, team=rep.team)
    assert create_customer(given(rep), by=leader).representative == rep


@pytest.mark.parametrize(("role", "active"), [(Role.FINANCE, True), (Role.REPRESENTATIVE, False)])
def test_only_active_sales_people_look_after_customers(role: Role, active: bool):
    manager = make_user(Role.SALES_MANAGER)
    with pytest.raises(RuleBroken) as refused:
        create_customer(given(make_user(role, is_active=active)), by=manager)
    assert refused.value.field == "representative"
    assert not Customer.objects.exists()


def test_what_is_changed_is_what_was_given(rep: User):
    manager = make_user(Role.SALES_MANAGER)
    customer = create_customer(given(rep), by=manager)
    territory = [make_region(), make_region()]
    wanted = given(rep, name="Other", grade="A", territory_ids=[one.pk for one in territory], is_active=False)
    change_customer(customer.pk, wanted, by=manager)
    customer.refresh_from_db()
    assert (customer.name, customer.grade, customer.is_active) == ("Other", "A", False)
    assert set(customer.territory.all()) == set(territory)


@pytest.mark.parametrize("role", [Role.SALES_MANAGER, Role.ADMINISTRATOR])
def test_who_sets_terms_or_prices_grades_customers(rep: User, role: Role):
    manager = make_user(role)
    customer = create_customer(given(rep, grade="A"), by=manager)
    change_customer(customer.pk, given(rep, grade="C"), by=manager)
    customer.refresh_from_db()
    assert customer.grade == "C"


@pytest.mark.parametrize("grade", ["B", "C"])
def test_a_representative_files_a_new_customer_below_the_best_grade(rep: User, grade: str):
    assert create_customer(given(rep, grade=grade), by=rep).grade == grade


def test_a_representative_gives_no_new_customer_the_best_prices(rep: User):
    with pytest.raises(RuleBroken) as refused:
        create_customer(given(rep, grade="A"), by=rep)
    assert (refused.value.field, refused.value.rule) == ("grade", "grade")
    assert not Customer.objects.exists()


@pytest.mark.parametrize("grade", ["A", "C"])
def test_a_representative_changes_no_grade(rep: User, grade: str):
    customer = create_customer(given(rep), by=rep)
    with pytest.raises(RuleBroken) as refused:
        change_customer(customer.pk, given(rep, name="Other", grade=grade), by=rep)
    assert refused.value.field == "grade"
    customer.refresh_from_db()
    assert (customer.name, customer.grade) == ("Nantong Jianghai", "B")


def test_the_form_offers_the_grades_that_the_person_may_give(rep: User):
    best = make_customer(grade="A", representative=rep)

    def offered(by: User, customer: Customer | None = None) -> list[str]:
        grade: Any = CustomerForm(by=by, customer=customer).fields["grade"]
        return [value for value, _label in grade.choices]

    assert (offered(rep), offered(rep, best)) == (["B", "C"], ["A"])
    assert offered(make_user(Role.SALES_MANAGER), best) == ["A", "B", "C"]


def test_an_empty_code_keeps_the_code(rep: User):
    customer = create_customer(given(rep, code="A-1031"), by=rep)
    change_customer(customer.pk, given(rep), by=rep)
    customer.refresh_from_db()
    assert customer.code == "A-1031"


def test_no_customer_belongs_to_itself_or_to_its_own_children():
    manager = make_user(Role.SALES_MANAGER)
    top = make_customer(representative=manager)
    middle = make_customer(parent=top)
    bottom = make_customer(parent=middle)
    for parent in (top, middle, bottom):
        wanted = CustomerInput(name=top.name, region_id=top.region_id, parent_id=parent.pk)
        with pytest.raises(RuleBroken) as refused:
            change_customer(top.pk, wanted, by=manager)
        assert refused.value.rule == "circle"
    assert Customer.objects.get(pk=top.pk).parent is None


def test_a_change_on_top_of_somebody_elses_is_refused(rep: User):
    customer = create_customer(given(rep), by=rep)
    seen = file_version(customer)
    wanted = CustomerInput(name="First", region_id=customer.region_id, representative_id=rep.pk)
    change_customer(customer.pk, wanted, by=rep, seen=seen)
    with pytest.raises(RuleBroken) as refused:
        change_customer(customer.pk, replace(wanted, name="Second"), by=rep, seen=seen)
    assert refused.value.rule == "changed meanwhile"
    assert Customer.objects.get(pk=customer.pk).name == "First"
