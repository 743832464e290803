"""Who gets what over the API: every resource × every role. A missing resource fails. See tests/test_permissions.py."""

import pytest
from django.db import transaction
from django.urls import reverse

from tests.support.program import Program
from tests.support.world import World, addresses, make_world
from tests.test_permissions import ACTORS

pytestmark = pytest.mark.django_db

SAID = {200: "+", 405: "+", 401: "s", 403: "-", 404: "0"}
"""+ gets it, or only takes a POST; s has no token, - is not in the role, 0 is not there."""
SAID_TO_WRITES = {200: "+", 201: "+", 204: "+", 400: "+", 409: "+", 401: "s", 403: "-", 404: "0", 405: " "}
"""+ may do it, were something right sent and the state such; the others as above; a space takes no such request."""

TABLE = {
    "v1:adjustment": "s+++++---++00",
    "v1:adjustment_reversal": "s++++++++++++",
    "v1:adjustment_withdrawal": "s++++++++++++",
    "v1:adjustments": "s+++++---++++",
    "v1:ageing": "s+++++----+-+",
    "v1:allocation_reversal": "s++++++++++++",
    "v1:approval": "s+++++000-+-0",
    "v1:approval_approval": "s++++++++++++",
    "v1:approval_putting_aside": "s++++++++++++",
    "v1:approval_rejection": "s++++++++++++",
    "v1:approval_return": "s++++++++++++",
    "v1:approval_withdrawal": "s++++++++++++",
    "v1:approvals": "s++++++++-+-+",
    "v1:bank_file": "s----+-------",
    "v1:bank_file_lines": "s----+-------",
    "v1:bank_file_recording": "s++++++++++++",
    "v1:bank_files": "s----+-------",
    "v1:bill": "s+++++---++00",
    "v1:bill_dishonour": "s++++++++++++",
    "v1:bill_endorsement": "s++++++++++++",
    "v1:bill_return": "s++++++++++++",
    "v1:bill_settlement": "s++++++++++++",
    "v1:bills": "s+++++---++++",
    "v1:collections": "s+++++------+",
    "v1:credit": "s+++++---++00",
    "v1:credit_settlement": "s++++++++++++",
    "v1:customer": "s++++++-+++00",
    "v1:customer_reminder": "s----+-------",
    "v1:customer_statements": "s++++++++++++",
    "v1:customers": "s++++++-+++++",
    "v1:deliveries": "s++++++-+++++",
    "v1:delivery": "s++++++-+++00",
    "v1:delivery_approval": "s++++++++++++",
    "v1:delivery_cancellation": "s++++++++++++",
    "v1:delivery_rejection": "s++++++++++++",
    "v1:delivery_reopening": "s++++++++++++",
    "v1:delivery_return": "s++++++++++++",
    "v1:delivery_shipments": "s++++++++++++",
    "v1:delivery_submission": "s++++++++++++",
    "v1:delivery_withdrawal": "s++++++++++++",
    "v1:difference_evidence": "s+++++---++00",
    "v1:difference_adjustment": "s++++++++++++",
    "v1:difference_explanation": "s++++++++++++",
    "v1:difference_reopening": "s++++++++++++",
    "v1:difference_withdrawal": "s++++++++++++",
    "v1:differences": "s++++++++++++",
    "v1:invitation_revocation": "s++++++++++++",
    "v1:invitation_sending": "s++++++++++++",
    "v1:invitations": "s++++----++00",
    "v1:dispute": "s+++++------0",
    "v1:dispute_closing": "s++++++++++++",
    "v1:disputes": "s+++++------+",
    "v1:hold_release": "s++++++++++++",
    "v1:issued_statistic": "s0++++--0-+-0",
    "v1:issued_statistics": "s+++++--+-+-+",
    "v1:job": "s0000+0000+00",
    "v1:job_cancellation": "s++++++++++++",
    "v1:job_repetition": "s++++++++++++",
    "v1:job_result": "s000000000000",
    "v1:jobs": "s++++++++++++",
    "v1:line_parts": "s++++++++++++",
    "v1:match_undoing": "s++++++++++++",
    "v1:matching_run": "s++++++++++++",
    "v1:open_items": "s+++++---++++",
    "v1:payment": "s+++++---++00",
    "v1:payment_reversal": "s++++++++++++",
    "v1:payments": "s+++++---++++",
    "v1:people": "s++++----++00",
    "v1:period": "s---++----+--",
    "v1:period_closing": "s++++++++++++",
    "v1:period_reopening": "s++++++++++++",
    "v1:periods": "s---++----+--",
    "v1:person_access": "s++++++++++++",
    "v1:person_access_end": "s++++++++++++",
    "v1:product": "s++++++-+++++",
    "v1:products": "s++++++-+++++",
    "v1:promise": "s+++++------0",
    "v1:promise_withdrawal": "s++++++++++++",
    "v1:promises": "s+++++------+",
    "v1:reconciliation": "s+++++---++00",
    "v1:reconciliation_closing": "s++++++++++++",
    "v1:reconciliation_letter": "s+++++---++00",
    "v1:reconciliation_signature": "s++++++++++++",
    "v1:reconciliations": "s+++++---++++",
    "v1:reminder": "s+++++------0",
    "v1:reminder_letter": "s+++++------0",
    "v1:reminders": "s+++++------+",
    "v1:reminders_due": "s----+-------",
    "v1:round": "s+++++---++00",
    "v1:round_reminder": "s++++++++++++",
    "v1:round_sending": "s++++++++++++",
    "v1:rounds": "s+++++---++++",
    "v1:shipment": "s++++++-+++00",
    "v1:shipments": "s++++++-+++++",
    "v1:split_undoing": "s++++++++++++",
    "v1:statement": "s+++++---++00",
    "v1:statement_pdf": "s+++++---++00",
    "v1:statement_sheet": "s+++++---++00",
    "v1:statements": "s+++++---++++",
    "v1:statistics": "s+++++--+-+-+",
    "v1:their_ledger": "s+++++---++00",
    "v1:their_ledger_carried": "s+++++---++00",
    "v1:their_ledger_entries": "s+++++---++00",
    "v1:their_ledger_files": "s++++++++++++",
    "v1:their_ledger_lines": "s+++++---++00",
    "v1:their_ledger_matches": "s+++++---++00",
    "v1:their_ledgers": "s+++++---++++",
    "v1:token": "s++++++++++++",
    "v1:tokens": "s++++++++++++",
    "v1:unexplained_acceptance": "s++++++++++++",
}


POSTS = {
    "v1:adjustment_reversal": "s----+-------",
    "v1:adjustment_withdrawal": "s----+-------",
    "v1:adjustments": "s----+-------",
    "v1:allocation_reversal": "s----+-------",
    "v1:approval_approval": "s+++++000-+-0",
    "v1:approval_putting_aside": "s+++++000-+-0",
    "v1:approval_rejection": "s+++++000-+-0",
    "v1:approval_return": "s+++++000-+-0",
    "v1:approval_withdrawal": "s+++++000-+-0",
    "v1:bill_dishonour": "s----+-------",
    "v1:bill_endorsement": "s----+-------",
    "v1:bill_return": "s----+-------",
    "v1:bill_settlement": "s----+-------",
    "v1:bills": "s----+-------",
    "v1:credit_settlement": "s----+-------",
    "v1:bank_file_recording": "s----+-------",
    "v1:bank_files": "s----+-------",
    "v1:customer_statements": "s----+-------",
    "v1:deliveries": "s++++----+-++",
    "v1:delivery_approval": "s+++++000-+-0",
    "v1:delivery_cancellation": "s-+++--------",
    "v1:delivery_rejection": "s+++++000-+-0",
    "v1:delivery_reopening": "s-+++--------",
    "v1:delivery_return": "s+++++000-+-0",
    "v1:delivery_shipments": "s-----+------",
    "v1:delivery_submission": "s++++----+-00",
    "v1:delivery_withdrawal": "s++++----+-00",
    "v1:difference_adjustment": "s----+-------",
    "v1:difference_explanation": "s----+-------",
    "v1:difference_reopening": "s----+-------",
    "v1:difference_withdrawal": "s----+---+-0-",
    "v1:differences": "s----+---+-0-",
    "v1:invitation_revocation": "s++++-----+00",
    "v1:invitation_sending": "s++++-----+00",
    "v1:invitations": "s++++-----+00",
    "v1:dispute_closing": "s+++++------0",
    "v1:disputes": "s+++++------+",
    "v1:hold_release": "s---++----+--",
    "v1:job_cancellation": "s0000+0000+00",
    "v1:job_repetition": "s0000+0000+00",
    "v1:jobs": "s++++++++++++",
    "v1:line_parts": "s----+-------",
    "v1:match_undoing": "s----+-------",
    "v1:matching_run": "s----+-------",
    "v1:payment_reversal": "s----+-------",
    "v1:payments": "s----+-------",
    "v1:period_closing": "s----+-------",
    "v1:period_reopening": "s----+-------",
    "v1:person_access": "s++++-----+00",
    "v1:person_access_end": "s++++-----+00",
    "v1:promise_withdrawal": "s+++++------0",
    "v1:promises": "s+++++------+",
    "v1:reconciliation_signature": "s----+---+-0-",
    "v1:reminders": "s----+-------",
    "v1:round_reminder": "s----+-------",
    "v1:round_sending": "s----+-------",
    "v1:rounds": "s----+-------",
    "v1:split_undoing": "s----+-------",
    "v1:their_ledger_files": "s----+---+-+-",
    "v1:their_ledger_matches": "s----+-------",
    "v1:their_ledgers": "s----+---+-+-",
    "v1:tokens": "+++++++++++++",
    "v1:unexplained_acceptance": "s---+--------",
}


PUTS = {
    "v1:adjustment": "s----+-------",
    "v1:delivery": "s++++----+-00",
    "v1:reconciliation_closing": "s----+---+-0-",
}


DELETES = {
    "v1:reconciliation_signature": "s----+---+-0-",
    "v1:token": "s000000000000",
}


OF_PEOPLE = ("person_access", "person_access_end", "invitation_sending", "invitation_revocation")
OF_LEDGERS = ("carried", "entries", "lines", "matches")
DECIDED = ("approval", "rejection", "return", "putting_aside", "withdrawal")


def args_of(name: str, world: World) -> list[object]:
    """What an address needs: as its page does."""
    delivery = dict.fromkeys(
        (f"v1:delivery_{name}" for name in ("approval", "rejection", "return", "shipments")), "orders:delivery"
    )
    pages = {
        **delivery,
        "v1:bank_file_lines": "orders:bank_file",
        "v1:customer": "customers:record",
        "v1:customer_reminder": "orders:reminder_preview",
        "v1:dispute": "orders:dispute_closing",
        "v1:hold_release": "customers:release",
        "v1:promise": "orders:promise_withdrawal",
        "v1:credit": "orders:account",
        **dict.fromkeys(("v1:people", "v1:invitations"), "customers:person_invitation"),
        **{f"v1:{each}": f"customers:{each}" for each in OF_PEOPLE},
        "v1:issued_statistic": "reports:issued_statistic",
        "v1:token": "api:token_revocation",
        **dict.fromkeys((f"v1:their_ledger_{each}" for each in OF_LEDGERS), "orders:their_ledger"),
        "v1:customer_statements": "orders:statement_new",
        "v1:differences": "orders:difference_new",
        "v1:reconciliation_closing": "orders:their_closing",
        "v1:statement_pdf": "orders:statement_paper",
        "v1:statement_sheet": "orders:statement_file",
        **dict.fromkeys(("v1:approval", *(f"v1:approval_{each}" for each in DECIDED)), "approvals:case"),
        **dict.fromkeys(("v1:job", "v1:job_cancellation", "v1:job_repetition", "v1:job_result"), "jobs:record"),
    }
    if name in ("v1:credit_settlement", "v1:allocation_reversal"):  # the page names the account before
        return world.args[name.replace("v1:", "orders:")][1:]
    return world.args.get(pages.get(name, name.replace("v1:", "orders:")), [])


def test_each_role_gets_what_the_table_says() -> None:
    assert {name for name in addresses() if name.startswith("v1:")} == set(TABLE)
    world = make_world()
    programs = [Program() if actor == "visitor" else Program(world.people[actor]) for actor in ACTORS]
    found = {}
    for name in TABLE:
        url = reverse(name, args=args_of(name, world))
        found[name] = "".join(SAID.get(program.get(url).status_code, "!") for program in programs)
    assert {name: said for name, said in found.items() if said != TABLE[name]} == {}


def status_of(program: Program, method: str, name: str, url: str) -> int:
    """The status of a request, empty but for what stands before all else; after it everything is as before."""
    body = {"reason": "No"} if name.endswith(("_rejection", "_return")) else {}
    with transaction.atomic():
        status = program.send(method, url, body).status_code
        transaction.set_rollback(True)
    return int(status)


@pytest.mark.parametrize(("method", "table"), [("POST", POSTS), ("PUT", PUTS), ("DELETE", DELETES)])
def test_each_role_does_what_the_table_says(method: str, table: dict[str, str]) -> None:
    world = make_world()
    programs = [Program() if actor == "visitor" else Program(world.people[actor]) for actor in ACTORS]
    found = {}
    for name in TABLE:
        url = reverse(name, args=args_of(name, world))
        said = "".join(SAID_TO_WRITES.get(status_of(program, method, name, url), "!") for program in programs)
        if said.strip("s "):
            found[name] = said
    assert found == table
