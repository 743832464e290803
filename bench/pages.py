"""Pages and lists of the API with ten thousand and with a million deliveries: through Django's whole stack, here.

The client of Django's tests sends the request through every middleware to the rendered page; what gunicorn and the
network add is the same at any size. Records and searches change from turn to turn, so that no answer is just repeated.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import cycle
from typing import Any

from .results import Result
from .room import FEW, MANY, Room
from .timing import alternate, median, p95

MOST_QUERIES = 12
TURNS, APART, ROUNDS = 10, 5, 3
"""Turns in a round: of a page, of each address that is judged apart; and rounds."""
GOAL = "at most 12 queries, 1.5 times, p95 under 3 medians"


@dataclass(frozen=True)
class Measured:
    """A page: its name, who opens it, and its addresses, which take turns.

    Where the addresses ask for different things, the goal must hold for each of them (`apart`); where they are
    records or pages of one kind, for all together. Filters and searches of pages fill a page at both sizes, since
    writing rows out takes most of the time.
    """

    name: str
    username: str
    urls: Callable[[], Sequence[str]]
    apart: bool = False


def _fixed(*urls: str) -> Callable[[], Sequence[str]]:
    return lambda: urls


def _spread(model: str, field: str, prefix: str) -> Callable[[], Sequence[str]]:
    """The records of 12 rows that lie evenly spread over a table."""

    def urls() -> Sequence[str]:
        from django.apps import apps

        rows: Any = apps.get_model(model)._default_manager
        last = rows.order_by("-pk").values_list("pk", flat=True)[0]
        wanted = [max(last * at // 12, 1) for at in range(1, 13)]
        return [f"{prefix}{key}/" for key in rows.filter(pk__in=wanted).values_list(field, flat=True)]

    return urls


def _far_down(model: str, day: str, address: str) -> Callable[[], Sequence[str]]:
    """Pages of the API's list that begin at 12 days, evenly spread over all, each by the cursor that leads there."""

    def urls() -> Sequence[str]:
        from django.apps import apps
        from django.db.models import Max, Min

        from salesops.api.paging import page_of

        rows: Any = apps.get_model(model)._default_manager
        first, last = rows.aggregate(first=Min(day), last=Max(day)).values()
        found = []
        for at in range(1, 13):
            until = rows.filter(**{f"{day}__lte": first + (last - first) * at / 13})
            found.append(page_of(until, (f"-{day}", "-pk"), name=address, size=1).next_cursor)
        return [f"{address}?cursor={cursor}" for cursor in found]

    return urls


LIST = "/deliveries/"
API = "/api/v1/"
SINCE = "ordered_after=2026-01-01"
NARROWED = ("state=open", "q=Ruifeng", f"{SINCE}&amount_min=10000", "only=short")
PAGES = (
    Measured("page: inbox", "supervisor-0", _fixed("/approvals/")),
    Measured("page: deliveries, first", "sales-manager", _fixed(LIST)),
    Measured("page: deliveries, page 200", "sales-manager", _fixed(f"{LIST}?page=200", f"{LIST}?page=190")),
    Measured(
        "page: deliveries, filtered",
        "sales-manager",
        _fixed(f"{LIST}?state=open", f"{LIST}?state=rejected", f"{LIST}?{SINCE}", f"{LIST}?amount_min=10000"),
        apart=True,
    ),
    Measured(
        "page: deliveries, by amount",
        "sales-manager",
        _fixed(f"{LIST}?sort=-amount", f"{LIST}?sort=amount"),
        apart=True,
    ),
    Measured(
        "page: deliveries, search",
        "sales-manager",
        _fixed(*(f"{LIST}?q={word}" for word in ("Ruifeng", "wuhan+hengtai", "000123", "星河", "nobody+at+all"))),
        apart=True,
    ),
    Measured("page: deliveries of a region", "manager-A0", _fixed(LIST, f"{LIST}?state=shipped"), apart=True),
    Measured("page: customers", "sales-manager", _fixed("/customers/")),
    Measured(
        "page: customers, search",
        "sales-manager",
        _fixed("/customers/?q=trading", "/customers/?q=home+3"),
        apart=True,
    ),
    Measured("page: customer", "sales-manager", _spread("customers.Customer", "code", "/customers/")),
    Measured("page: delivery", "sales-manager", _spread("orders.Delivery", "number", LIST)),
    Measured(
        "api: deliveries, filtered",
        "sales-manager",
        _fixed(*(f"{API}deliveries/?{q}" for q in NARROWED)),
        apart=True,
    ),
    Measured(
        "api: deliveries, far down", "sales-manager", _far_down("orders.Delivery", "ordered_on", f"{API}deliveries/")
    ),
    Measured(
        "api: shipments, far down", "sales-manager", _far_down("orders.Shipment", "shipped_on", f"{API}shipments/")
    ),
    Measured("api: payments, far down", "sales-manager", _far_down("orders.Payment", "received_on", f"{API}payments/")),
)
NAMES = tuple(page.name for page in PAGES)


def measure(room: Room, wanted: Sequence[str]) -> Iterator[Result]:
    """Measure pages at both sizes, which take turns: what disturbs one disturbs the other.

    The process is settled as gunicorn's are: what it has loaded is no work for the garbage collector.
    """
    from salesops.wsgi import settle

    for deliveries in (FEW, MANY):
        room.use_books(deliveries)
    settle()
    for page in PAGES:
        if page.name not in wanted:
            continue
        times: dict[int, list[list[float]]] = {}
        queries = 0
        for _round in range(ROUNDS):
            for deliveries in (FEW, MANY):
                room.use_books(deliveries)
                found, count = visit(page)
                queries = max(queries, count)
                taken = times.setdefault(deliveries, [[] for _one in found])
                for all_rounds, this_round in zip(taken, found, strict=True):
                    all_rounds.extend(this_round)
        yield judge(page.name, times[FEW], times[MANY], queries)


def visit(page: Measured) -> tuple[list[list[float]], int]:
    """Return the times of a page, by address where those are judged apart, and the most queries that one address asked.

    What is read once in a process and never changes, such as a published policy, is read before.
    """
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from salesops.users.models import User

    person = User.objects.get(username=page.username)
    client = Client(headers={"host": "localhost"})
    client.force_login(person)
    urls = page.urls()
    if urls[0].startswith(API):
        client.defaults["HTTP_AUTHORIZATION"] = (
            f"Token {token_of(page.username, str(connection.settings_dict['NAME']))}"
        )
    _open(client, urls[0])
    most = 0
    for url in urls:
        with CaptureQueriesContext(connection) as captured:
            _open(client, url)
        most = max(most, len(captured))
    if page.apart:
        return alternate([partial(_open, client, url) for url in urls], turns=APART, warm_up=0), most
    following = cycle(urls)
    return alternate([lambda: _open(client, next(following))], turns=TURNS, warm_up=0), most


@cache
def token_of(username: str, database: str) -> str:
    """Return the secret of a token of somebody in one of the databases, made when it is first asked for."""
    from salesops.api.services import create_token
    from salesops.users.models import User

    return create_token(by=User.objects.get(username=username), name=f"measured in {database}").secret


def _open(client: Any, url: str) -> None:
    response = client.get(url)
    if response.status_code != 200:
        raise RuntimeError(f"{url} answered {response.status_code}")


def judge(name: str, few: list[list[float]], many: list[list[float]], queries: int) -> Result:
    """The row of a page: of addresses that are judged apart, the one that grows most, and the least steady."""
    grown = [median(large) / median(small) for small, large in zip(few, many, strict=True)]
    worst = grown.index(max(grown))
    steady = max(p95(times) / median(times) for times in (*few, *many))
    of_several = f"the worst of {len(grown)} addresses; " if len(grown) > 1 else ""
    return Result(
        name=name,
        ours=median(many[worst]) * 1000,
        floor=median(few[worst]) * 1000,
        unit="ms",
        ratio=grown[worst],
        goal=GOAL,
        holds=queries <= MOST_QUERIES and grown[worst] <= 1.5 and steady < 3,
        detail=f"{of_several}{queries} queries; p95 {steady:.1f} medians",
    )
