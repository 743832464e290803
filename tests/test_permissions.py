"""Who gets in where: every address × every role, a visitor, people from elsewhere. A missing address fails."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.support.database import taken_back
from tests.support.signed_in import signed_in
from tests.support.world import ROLES, World, addresses, make_world

pytestmark = pytest.mark.django_db

ACTORS = ["visitor", *ROLES, "foreign_agent", "foreign_representative"]
"""The order of the letters in the table. The last two are of another team and region than what the address names."""

SAID = {200: "+", 302: "+", 405: "+", 409: "+", 422: "+", 403: "-", 404: "0", 400: "+"}
"""+ gets in (a page, or an action that only takes a POST), - is refused, 0 is not there, s is sent to sign in."""

TABLE: dict[str, str] = {
    "api:docs": "+++++++++++++",
    "api:schema": "+++++++++++++",
    "api:token_new": "s++++++++++++",
    "api:token_revocation": "s++++++++++++",
    "api:tokens": "s++++++++++++",
    "approvals:approval": "s++++++++-+-+",
    "approvals:case": "s+++++000-+-0",
    "approvals:inbox": "s++++++++-+-+",
    "approvals:parking": "s++++++++-+-+",
    "approvals:policies": "s---------+--",
    "approvals:policy": "s---------+--",
    "approvals:policy_change": "s---------+--",
    "approvals:rejection": "s++++++++-+-+",
    "approvals:return": "s++++++++-+-+",
    "approvals:together": "s++++++++-+-+",
    "approvals:withdrawal": "s++++++++-+-+",
    "customers:address": "s++++-----+-0",
    "customers:address_deletion": "s++++-----+-+",
    "customers:address_new": "s++++-----+-0",
    "customers:attachment": "s++++-----+-0",
    "customers:attachment_deletion": "s++++-----+-+",
    "customers:attachment_file": "s++++++-+++00",
    "customers:attachment_new": "s++++-----+-0",
    "customers:change": "s++++-----+-0",
    "customers:contact": "s++++-----+-0",
    "customers:contact_deletion": "s++++-----+-+",
    "customers:contact_new": "s++++-----+-0",
    "customers:credit_terms": "s---++----+--",
    "customers:duplicates": "s++++-----+-+",
    "customers:hold": "s---++----+--",
    "customers:list": "s++++++-+++++",
    "customers:new": "s++++-----+-+",
    "customers:note_new": "s++++-----+-0",
    "customers:pick": "s++++++-+++++",
    "customers:pick_representative": "s++++++-+-+-+",
    "customers:record": "s++++++-+++00",
    "customers:release": "s---++----+--",
    "imports:assistant": "s----+----+--",
    "imports:assistant_part": "s----+----+--",
    "imports:check": "s----+----+--",
    "imports:discard": "s----+----+--",
    "imports:list": "s----+----+--",
    "imports:load": "s----+----+--",
    "imports:load_good": "s----+----+--",
    "imports:mapping": "s----+----+--",
    "imports:new": "s----+----+--",
    "imports:record": "s----+----+--",
    "imports:report": "s----0----0--",
    "jobs:cancel": "s++++++++++++",
    "jobs:current": "s++++++++++++",
    "jobs:hide": "s++++++++++++",
    "jobs:list": "s++++++++++++",
    "jobs:progress": "s0000+0000+00",
    "jobs:record": "s0000+0000+00",
    "jobs:result": "s000000000000",
    "jobs:retry": "s++++++++++++",
    "live": "+++++++++++++",
    "ready": "+++++++++++++",
    "metrics": "0000000000000",
    "notify:list": "s++++++++++++",
    "notify:mail": "s---------+--",
    "notify:open": "s0+0000000000",
    "notify:outbox": "s---------+--",
    "notify:read_all": "s++++++++++++",
    "notify:settings": "s++++++++++++",
    "orders:account": "s+++++---++00",
    "orders:accounts": "s+++++---++++",
    "orders:borrower_account": "s++++-------+",
    "orders:ageing": "s+++++----+-+",
    "orders:ageing_items": "s+++++---++++",
    "orders:allocation_reversal": "s----+-------",
    "orders:categories": "s---+---+-+--",
    "orders:category_change": "s---+---+-+--",
    "orders:category_new": "s---+---+-+--",
    "orders:deliveries": "s++++++-+++++",
    "orders:delivery_lines": "s++++++-+++++",
    "orders:delivery": "s++++++-+++00",
    "orders:delivery_cancellation": "s-+++--------",
    "orders:delivery_change": "s++++----+-00",
    "orders:delivery_copy": "s++++----+-++",
    "orders:delivery_new": "s++++----+-++",
    "orders:delivery_preview": "s++++----+-++",
    "orders:delivery_products": "s++++----+-++",
    "orders:delivery_reopening": "s-+++--------",
    "orders:delivery_submission": "s++++----+-++",
    "orders:delivery_withdrawal": "s++++----+-++",
    "orders:credit_settlement": "s----+-------",
    "orders:discount_rights": "s---+-----+--",
    "orders:expected": "s++++++---+-+",
    "orders:expected_call_off": "s-----+---+--",
    "orders:expected_change": "s-----+---+--",
    "orders:expected_new": "s-----+---+--",
    "orders:expected_receipt": "s-----+---+--",
    "orders:ledger_file": "s+++++---++00",
    "orders:match_new": "s----+-------",
    "orders:match_undoing": "s----+-------",
    "orders:matching_run": "s----+-------",
    "orders:movements": "s++++++---+-+",
    "orders:open_credits": "s----+-------",
    "orders:payer_account": "s----+-------",
    "orders:payment": "s+++++---++00",
    "orders:payment_new": "s----+-------",
    "orders:payment_reversal": "s----+-------",
    "orders:payments": "s+++++---++++",
    "orders:pick_product": "s++++++-+++++",
    "orders:price_list": "s++++++-+-+-+",
    "orders:price_list_change": "s---+---+-+--",
    "orders:price_list_new": "s---+---+-+--",
    "orders:price_lists": "s++++++-+-+-+",
    "orders:prices": "s++++++-+-+-+",
    "orders:prices_change": "s---+---+-+--",
    "orders:product": "s++++++-+++++",
    "orders:product_change": "s---+---+-+--",
    "orders:product_new": "s---+---+-+--",
    "orders:products": "s++++++-+++++",
    "orders:proof": "s----+----+--",
    "orders:proof_new": "s----+----+--",
    "orders:proofs": "s----+----+--",
    "orders:settlement_new": "s----+-------",
    "orders:shipment": "s++++++-+++00",
    "orders:shipment_new": "s-----+------",
    "orders:shipment_note": "s++++++-+++00",
    "orders:shipments": "s++++++-+++++",
    "orders:stock": "s++++++---+-+",
    "orders:stock_count": "s-----+---+--",
    "orders:stock_receipt": "s-----+---+--",
    "orders:temporary_limit": "s+++++----+-0",
    "orders:temporary_limit_new": "s++++-------+",
    "orders:temporary_limit_revocation": "s---++----+--",
    "orders:temporary_limit_withdrawal": "s++++-------+",
    "orders:temporary_limits": "s+++++----+-+",
    "orders:their_ledger": "s+++++---++00",
    "orders:their_ledger_columns": "s----+---+-0-",
    "orders:their_ledger_deletion": "s----+---+-+-",
    "orders:their_ledger_file": "s+++++---++00",
    "orders:their_ledger_new": "s----+---+-0-",
    "orders:their_ledger_preview": "s----+---+-0-",
    "orders:their_ledgers": "s+++++---++++",
    "orders:to_ship": "s-----+------",
    "orders:warehouse_change": "s-----+---+--",
    "orders:warehouse_new": "s-----+---+--",
    "orders:warehouses": "s++++++---+-+",
    "reports:home": "s++++++++++++",
    "staff:team": "s-+++--+--+--",
    "users:delegation": "s++++++++-+-+",
    "users:delegation_new": "s++++++++-+-+",
    "users:delegation_revocation": "s++++++++-+-+",
    "users:own_sign_ins": "s++++++++++++",
    "users:password": "s++++++++++++",
    "users:people": "s------+--+--",
    "users:person": "s------+--+--",
    "users:person_access": "s---------+--",
    "users:person_access_end": "s---------+--",
    "users:person_change": "s---------+--",
    "users:person_new": "s---------+--",
    "users:person_password": "s---------+--",
    "users:person_second_factor": "s---------+--",
    "users:pick_anybody": "s---------+--",
    "users:pick_people": "s++++++++-+-+",
    "users:pick_region": "s++++++++-+-+",
    "users:region_change": "s---------+--",
    "users:region_children": "s---------+--",
    "users:region_deletion": "s---------+--",
    "users:region_new": "s---------+--",
    "users:regions": "s---------+--",
    "users:roles": "s---------+--",
    "users:second_factor": "s++++++++++++",
    "users:second_factor_codes": "s++++++++++++",
    "users:second_factor_end": "s++++++++++++",
    "users:second_factor_new": "s++++++++++++",
    "users:sign_in": "+++++++++++++",
    "users:sign_in_code": "s++++++++++++",
    "users:sign_ins": "s---------+--",
    "users:sign_out": "+++++++++++++",
    "users:team_change": "s---------+--",
    "users:team_deletion": "s---------+--",
    "users:team_new": "s---------+--",
    "users:teams": "s---------+--",
    "web:bell": "s++++++++++++",
    "web:card": "s0+++0000-0-0",
    "web:change_view": "s++++++++++++",
    "web:components": "s---------+--",
    "web:delete_view": "s++++++++++++",
    "web:find": "s++++++++++++",
    "web:language": "+++++++++++++",
    "web:panel": "s++++++-+++00",
    "web:save_view": "s++++++++++++",
}


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """One of everything, and people from there and from elsewhere; nobody changes it, since all is asked by GET."""
    with taken_back(django_db_blocker):
        yield make_world()


def what_is_got(name: str, client: Client, args: list[Any]) -> str:
    """One letter for what somebody gets at an address."""
    response = client.get(reverse(name, args=args))
    to_sign_in = response.status_code == 302 and "/sign-in/" in response["Location"]
    return "s" if to_sign_in else SAID.get(response.status_code, "!")


def test_every_address_stands_in_the_table() -> None:
    pages = {name for name in addresses() if not name.startswith("v1:")}  # those have tests/api/test_permissions.py
    assert sorted(pages) == sorted(TABLE)


@pytest.mark.parametrize("actor", ACTORS)
def test_each_role_gets_in_where_the_table_says(actor: str, world: World) -> None:
    client = Client() if actor == "visitor" else signed_in(world.people[actor])
    said = {name: letters[ACTORS.index(actor)] for name, letters in TABLE.items()}
    asked = [name for name in TABLE if name != "users:sign_out" or actor == "visitor"]  # it would end the session
    found = {name: what_is_got(name, client, world.args.get(name, [])) for name in asked}
    assert {name: letter for name, letter in found.items() if letter != said[name]} == {}
