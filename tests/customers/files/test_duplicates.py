"""Duplicates are found among all customers, and told without giving away what the reader may not see."""

from typing import Any

import pytest

from customers.files.duplicates import find_duplicates
from customers.files.models import Contact, Customer
from customers.files.services import CustomerInput, change_customer, create_customer
from salesops.kernel.errors import RuleBroken
from salesops.users.models import User
from salesops.users.roles import Role
from tests.support.build import make_customer, make_region, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def rep() -> User:
    return make_user(Role.REPRESENTATIVE)


@pytest.mark.parametrize(
    ("filed", "asked"),
    [
        ({"name": "ABC Trading Co., Ltd."}, {"name": "abc trading"}),
        ({"name": "ＡＢＣ　Trading"}, {"name": "ABC Trading"}),
        ({"name": "Jianghai", "name_zh": "南通江海家居有限公司"}, {"name": "Other", "name_zh": "南通江海家居"}),
        ({"name": "南通江海家居"}, {"name": "Other", "name_zh": "南通江海家居有限责任公司"}),
        ({"tax_number": "91320600ma1"}, {"tax_number": "91320600MA1 "}),
        ({"phone": "+86 138 1234 5678"}, {"phone": "13812345678"}),
        ({"phone": "0513-8888 1234"}, {"phone": "+86 (513) 88881234"}),
    ],
)
def test_the_same_name_tax_number_or_telephone_is_found(rep: User, filed: dict[str, Any], asked: dict[str, Any]):
    customer = make_customer(representative=rep, **filed)
    found = find_duplicates(by=rep, **asked)
    assert [one.customer for one in found] == [customer]
    assert len(found[0].reasons) == 1


def test_the_telephone_of_a_contact_counts_too(rep: User):
    customer = make_customer(representative=rep)
    Contact.objects.create(customer=customer, name="Cao", phone="139 1111 2222")
    assert [one.customer for one in find_duplicates(by=rep, phone="13911112222")] == [customer]


@pytest.mark.parametrize(
    "asked", [{"name": ""}, {"name": "Ltd."}, {"phone": "110"}, {"tax_number": " "}, {"name": "Quite another"}]
)
def test_what_says_nothing_finds_nothing(rep: User, asked: dict[str, Any]):
    make_customer(representative=rep, name="Jianghai Ltd.", phone="110")
    assert find_duplicates(by=rep, **asked) == []


def test_a_duplicate_out_of_scope_names_whom_to_ask_and_nothing_else(rep: User):
    owner = make_user(Role.REPRESENTATIVE, full_name="Gao Lei")
    make_customer("Secret Trading", representative=owner, tax_number="91320600MA1")
    found = find_duplicates(by=rep, tax_number="91320600MA1")
    assert [(one.customer, one.owner, one.reasons) for one in found] == [(None, "Gao Lei", ("same tax number",))]
    assert "Secret" not in repr(found)


def test_a_duplicate_without_representative_names_its_region(rep: User):
    make_customer("Secret Trading", tax_number="91320600MA1", region=make_region("Jiangsu"))
    assert find_duplicates(by=rep, tax_number="91320600MA1")[0].owner == "Jiangsu"


def test_nothing_is_filed_twice_unless_it_was_confirmed(rep: User):
    make_customer("Jianghai", tax_number="91320600MA1")
    given = CustomerInput(name="Other", region_id=make_region().pk, tax_number="91320600MA1", representative_id=rep.pk)
    with pytest.raises(RuleBroken) as refused:
        create_customer(given, by=rep)
    assert refused.value.rule == "duplicate"
    assert Customer.objects.count() == 1
    create_customer(given, by=rep, despite_duplicates=True)
    assert Customer.objects.count() == 2


def test_a_file_is_no_duplicate_of_itself_nor_asked_about_again(rep: User):
    customer = make_customer("Jianghai", tax_number="91320600MA1", representative=rep)
    make_customer("Jianghai", tax_number="91320600MA1")
    same = CustomerInput(
        name=customer.name,
        email="office@jianghai.example",
        tax_number=customer.tax_number,
        region_id=customer.region_id,
        representative_id=rep.pk,
    )
    change_customer(customer.pk, same, by=rep)
    assert Customer.objects.get(pk=customer.pk).email == "office@jianghai.example"
    assert len(find_duplicates(by=rep, name="jianghai", besides=customer.pk)) == 1
