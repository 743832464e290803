"""Three hosts do the company's work; one is cut off in the middle and comes back: everything ends exactly once."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.setup.product import wait_until

from .installation import PAGES, WORK, ThreeHosts

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

MAILS = 120_000
"""Rows of the long file: writing them takes seconds, of which a fraction is enough to pull a cable."""


class Company:
    """The people of the main job, each with a token, in the company's network."""

    def __init__(self, hosts: ThreeHosts) -> None:
        self.hosts, self.world = hosts, hosts.ask("company")

    def post(self, who: str, path: str, body: dict[str, Any], key: str) -> dict[str, Any]:
        """One step; sent twice, as a program does that lost the answer."""
        headers = {"Authorization": f"Token {self.world['tokens'][who]}", "Idempotency-Key": key.replace(" ", "-")}
        with self.hosts.person() as person:
            first, again = (
                person.post(f"{self.hosts.url}/api/v1/{path}", json=body, headers=headers, timeout=30)
                for _time in range(2)
            )
        assert first.status_code < 300, first.text
        assert again.json() == first.json()
        return dict(first.json())

    def apply_and_approve(self, name: str) -> str:
        """Number of an approved delivery of ten pieces."""
        lines = [{"sku": self.world["sku"], "quantity": 10}]
        written = self.post(
            "agent", "deliveries/", {"warehouse": self.world["warehouse"], "lines": lines}, f"write {name}"
        )
        self.post("agent", f"deliveries/{written['number']}/submission/", {}, f"submit {name}")
        for who in ("representative", "supervisor"):
            decided = self.post(who, f"deliveries/{written['number']}/approval/", {}, f"{who} approves {name}")
        assert decided["state"] == "approved"
        return str(written["number"])

    def ship_and_pay(self, number: str, name: str) -> None:
        """All ten pieces leave, and some of the money comes."""
        lines = {"lines": [{"position": 1, "quantity": 10}]}
        assert self.post("supply", f"deliveries/{number}/shipments/", lines, f"ship {name}")["amount"] == "1000.00"
        self.post("finance", "payments/", {"customer": self.world["customer"], "amount": "400.00"}, f"pay {name}")

    def balance(self) -> str:
        """What the customer owes."""
        headers = {"Authorization": f"Token {self.world['tokens']['finance']}"}
        with self.hosts.person() as person:
            address = f"{self.hosts.url}/api/v1/customers/{self.world['customer']}/credit/"
            return str(person.get(address, headers=headers, timeout=30).json()["balance"])


def wait_for_the_end_of_all(hosts: ThreeHosts) -> dict[str, Any]:
    """Return where the jobs stand once all have ended."""
    work: dict[str, Any] = {}

    def all_are_done() -> bool:
        work.update(hosts.ask("work_in_the_end"))
        return all(state == "done" for state, *_more in work["jobs"].values())

    wait_until(all_are_done, lambda: (work, hosts.log("worker", PAGES), hosts.log("worker", WORK)), seconds=150)
    return work


def counted_once(work: dict[str, Any], jobs: int) -> bool:
    """Whether each counting job had its effect, and none had it twice."""
    return work["effects"] == len(work["numbers"]) == len(set(work["numbers"])) == jobs


def test_all_work_ends_once_though_a_host_is_cut_off_in_its_midst(hosts: ThreeHosts) -> None:
    company = Company(hosts)
    sign = hosts.folder / "go"
    hosts.start(WORK, "worker")
    (held,) = hosts.ask("count_at", str(sign))
    wait_until(lambda: hosts.ask("work")["jobs"][held] == ["running", 1, 200], lambda: hosts.log("worker", WORK))
    for unit in ("web", "worker", "beat"):
        hosts.start(PAGES, unit)
    wait_until(hosts.answers, lambda: hosts.log("web", PAGES))
    number = company.apply_and_approve("before")
    (file,) = hosts.ask("export")
    hosts.ask("count", "20")  # they wait for the row that the first one has locked, on both hosts

    hosts.network.cut_off(WORK)
    sign.touch()  # it would end now, were it not cut off
    company.ship_and_pay(number, "while cut off")
    number = company.apply_and_approve("while cut off")
    hosts.ask("six_minutes_pass")
    work = wait_for_the_end_of_all(hosts)
    assert work["jobs"][held][1] == 2  # by the other host
    assert counted_once(work, 21)
    assert work["notices"] == 22
    assert hosts.ask("rows_written", file) > 30
    assert hosts.ask("books") == []

    hosts.network.reconnect(WORK)
    hosts.end(PAGES, "worker")
    hosts.ask("count", "10")
    work = wait_for_the_end_of_all(hosts)  # the host that was away has found back by itself
    assert counted_once(work, 31)
    assert work["notices"] == 32
    company.ship_and_pay(number, "after")
    assert company.balance() == "1200.00"
    assert hosts.ask("books") == []
    assert Path(hosts.folder / "files" / "jobs").is_dir()


def where(outcome: dict[str, Any]) -> tuple[str, int, int]:
    """State, attempts and rows of a job by its outcome."""
    row = outcome["row"]
    return row["state"], row["attempts"], row["done"]


def has_let_go(hosts: ThreeHosts, job: str) -> bool:
    """Whether the host that was cut off has ended its attempt in vain: its session was lost, or it came too late."""
    said = rf"job {job} (lost its database in attempt 1|was taken over)"
    return re.search(said, hosts.log("worker", WORK)) is not None


def test_a_long_file_is_written_once_though_its_host_is_cut_off_in_its_midst(hosts: ThreeHosts) -> None:
    hosts.ask("company")
    assert hosts.ask("mails", str(MAILS)) == MAILS
    hosts.start(WORK, "worker")
    (file,) = hosts.ask("export_half_written", "/outbox/")

    hosts.network.cut_off(WORK)
    begun = hosts.ask("outcome", file)
    state, attempts, done = where(begun)
    assert (state, attempts) == ("running", 1)
    assert 0 < done < begun["row"]["total"] == MAILS
    assert begun["folder"] == {begun["row"]["token"]: "folder"}
    for unit in ("worker", "beat"):
        hosts.start(PAGES, unit)
    wait_for_the_end_of_all(hosts)
    written = hosts.ask("outcome", file)
    assert where(written) == ("done", 2, MAILS)  # by the other host

    hosts.network.reconnect(WORK)
    wait_until(lambda: has_let_go(hosts, file), lambda: hosts.log("worker", WORK), seconds=60)
    hosts.end(PAGES, "worker")
    hosts.ask("count", "2")
    assert counted_once(wait_for_the_end_of_all(hosts), 2)  # by the host that was away
    assert hosts.ask("outcome", file) == written  # to which its half of the file has done nothing
    token = written["row"]["token"]
    assert token != begun["row"]["token"]
    assert set(written["folder"]) == {token, f"{token}/list.xlsx"}  # nothing is left of the first attempt
    assert written["row"]["result"] == f"jobs/{file}/{token}/list.xlsx"
    assert written["row"]["summary"] == {"Rows": MAILS}
    assert written["told"] == 1
    assert hosts.ask("lost_or_doubled", file) == []
    assert hosts.ask("books") == []
