"""People who approve over HTTP, several at once: gunicorn as `make run` starts it, signed in through the real form.

All among a million deliveries. Each opens the page of a case, takes from it what its button would post, and posts that.
One row lets everybody work on deliveries of different agents, one lets all of them meet on the account of one agent.
"""

import re
import signal
import socket
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.cookiejar import CookieJar
from time import perf_counter
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener

from salesops.embedded.processes import start_process, stop_process, wait_until_ready
from salesops.run import ROOT, answers, web_command

from .results import Result
from .room import MANY, Room

DIFFERENT = "clients: {} on different agents"
SAME = "clients: 8 on one agent"
NAMES = (DIFFERENT.format(1), DIFFERENT.format(2), DIFFERENT.format(8), SAME)
EACH = 12
DATABASE = "clients"
GOAL = "no error, none lost, none twice"


def measure(room: Room, wanted: Sequence[str]) -> Iterator[Result]:
    """Approve by one, two and eight clients."""
    room.use_books(MANY)
    room.copy(f"books_{MANY}", DATABASE)
    room.use(DATABASE)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        environment = room.environment(DATABASE)
        web = start_process(
            web_command(listener.fileno()),
            when_parent_dies=signal.SIGTERM,
            cwd=ROOT,
            env=environment,
            pass_fds=[listener.fileno()],
            log=room.folder / "web.log",
        )
        try:
            wait_until_ready(lambda: answers("127.0.0.1", port), web, name="gunicorn", seconds=60)
            yield from _rows(port, wanted)
        finally:
            stop_process(web, signal.SIGTERM, seconds=20)


def _rows(port: int, wanted: Sequence[str]) -> Iterator[Result]:
    alone = 0.0
    for count in (1, 2, 8):
        if DIFFERENT.format(count) in wanted:
            work = [make_desk(f"{count}-{at}", EACH) for at in range(count)]
            result = _row(DIFFERENT.format(count), port, work, alone)
            alone = alone or result.ours
            yield result
    if SAME in wanted:
        shared = make_desk("same", EACH * 8, deciders=8)
        work = [Work(name, shared.requests[at::8]) for at, name in enumerate(shared.names)]
        yield _row(SAME, port, work, alone)


def _row(name: str, port: int, work: "list[Work]", alone: float) -> Result:
    from salesops.approvals.models import Decision, Verdict

    clients = [Client(port, one) for one in work]
    started = perf_counter()
    with ThreadPoolExecutor(len(clients)) as pool:
        errors = [error for found in pool.map(Client.approve_all, clients) for error in found]
    seconds = perf_counter() - started
    asked = [request for one in work for request in one.requests]
    decided = Decision.objects.filter(request__in=asked, verdict=Verdict.APPROVED).count()
    return Result(
        name=name,
        ours=len(asked) / seconds,
        floor=alone or None,
        unit="a second",
        ratio=len(asked) / seconds / alone if alone else None,
        goal=GOAL,
        holds=not errors and decided == len(asked),
        detail=f"{len(asked)} cases opened and approved in {seconds:.1f} s, {len(errors)} errors"
        + (f": {errors[0]}" if errors else ""),
    )


@dataclass(frozen=True)
class Work:
    """Who approves what."""

    name: str
    requests: list[int]


@dataclass(frozen=True)
class SharedDesk(Work):
    """Several people of one team, with the requests that any of them may approve."""

    names: tuple[str, ...] = ()


def make_desk(key: str, count: int, *, deciders: int = 1) -> Any:
    """Make a team with its deciders, one representative and one agent, and let it submit deliveries."""
    from django.contrib.auth.models import Group

    from customers.models import CreditAccount, Customer
    from orders.deliveries.services import LineInput, submit_delivery, write_delivery
    from orders.models import Product, Warehouse
    from salesops.approvals.models import Request as ApprovalRequest
    from salesops.users.models import Region, Team, User

    hashed = User.objects.get(username="supervisor-0").password
    region = Region.objects.filter(level=3)[0]
    team = Team.objects.create(name=f"Team of clients {key}", region=region)
    names = tuple(f"client-{key}-{at}" for at in range(deciders))
    people = User.objects.bulk_create(User(username=n, full_name=n, password=hashed, team=team) for n in names)
    writer = User.objects.create(username=f"writer-{key}", full_name="Writer", password=hashed, team=team)
    Group.objects.get(name="supervisor").user_set.add(*people)
    Group.objects.get(name="representative").user_set.add(writer)
    customer = Customer.objects.create(code=f"X-{key}", name=f"Agent {key}", region=region, representative=writer)
    CreditAccount.objects.create(customer=customer, limit=10**10)
    products, warehouse = list(Product.objects.order_by("pk")[:40]), Warehouse.objects.order_by("pk")[0]
    requests = []
    for number in range(count):
        lines = [LineInput(products[(number + step) % 40].pk, 1) for step in (0, 7, 11)]
        delivery = write_delivery(by=writer, customer_id=customer.pk, warehouse_id=warehouse.pk, lines=lines)
        submit_delivery(delivery.pk, by=writer)
        requests.append(ApprovalRequest.objects.get(document_type="delivery", object_id=delivery.pk).pk)
    return SharedDesk(names[0], requests, names)


class Client:
    """A person at a browser, as far as the server can see."""

    def __init__(self, port: int, work: Work) -> None:
        self.address = f"http://127.0.0.1:{port}"
        self.work = work
        self.opener: OpenerDirector = build_opener(HTTPCookieProcessor(CookieJar()))
        from .books.company import PASSWORD

        page = self._get("/sign-in/")
        form = {"username": work.name, "password": PASSWORD, "csrfmiddlewaretoken": _token(page), "next": "/"}
        if "/sign-in/" in self._post("/sign-in/", form)[0]:
            raise RuntimeError(f"{work.name} could not sign in")

    def approve_all(self) -> list[str]:
        """Approve each request; returns what went wrong."""
        return [error for error in map(self._approve, self.work.requests) if error]

    def _approve(self, request: int) -> str:
        try:
            page = self._get(f"/approvals/{request}/")
            form = {"csrfmiddlewaretoken": _token(page), "stage": _field(page, "stage"), "note": ""}
            url, answer = self._post(f"/approvals/{request}/approval/", form)
        except HTTPError as error:
            return f"{request} answered {error.code}"
        return "" if " approved: " in answer else f"{request} led to {url} without the words that it is approved"

    def _get(self, path: str) -> str:
        with self.opener.open(self.address + path, timeout=60) as response:
            return str(response.read().decode())

    def _post(self, path: str, form: dict[str, str]) -> tuple[str, str]:
        headers = {"Origin": self.address, "Referer": self.address + path}
        request = Request(self.address + path, urlencode(form).encode(), headers)  # noqa: S310  our own server
        with self.opener.open(request, timeout=60) as response:
            return response.url, response.read().decode()


def _token(page: str) -> str:
    return _field(page, "csrfmiddlewaretoken")


def _field(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    return found.group(1) if found else ""
