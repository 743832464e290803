"""The demo company: made in one transaction, on an empty database only."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from time import perf_counter
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from customers.models import Customer
from orders.models import Delivery, Payment, Product, Shipment
from orders.proof.verification import differences
from reports.statistics.issuing.services import issue_statistic
from reports.statistics.models import Span
from reports.statistics.spans import period_around
from salesops.approvals.models import Request
from salesops.kernel.errors import RuleBroken, require
from salesops.kernel.periods import Period
from salesops.notify.models import MailState, Notice, OutgoingMail
from salesops.users.models import User

from .cast import Cast
from .clock import acting, backdate_history
from .collecting import collect
from .files import make_customers, write_notes
from .finance import keep_the_books
from .goods import make_goods
from .past import write_past
from .people import invite_a_colleague, make_agent_people, make_delegation, make_first_person, make_people, make_places
from .plan import make_plan
from .recent import Recent
from .reconciling import reconcile_last_month
from .their_ledger import send_their_ledger
from .waiting import Waiting

SEED = 20_260_601
DAYS_LIVED = 3
"""So many last days pass through the product's services; what was before is written as sets."""


@dataclass(frozen=True)
class Made:
    """What the demo company has, and how long it took, in seconds."""

    people: int
    customers: int
    products: int
    deliveries: int
    shipments: int
    payments: int
    waiting: int
    seconds: float


def make_company(*, seed: int = SEED, now: datetime | None = None) -> Made:
    """Make the demo company as it looks at a moment; the same seed and moment make the same company.

    Raises RuleBroken, with nothing written, where people are there already or the books do not add up in the end.
    """
    started = perf_counter()
    now = (now or timezone.now()).replace(microsecond=0)
    with transaction.atomic():
        require(
            not User.objects.exists(),
            _("People are here already: the demo company is made in an empty database only."),
            rule="empty",
        )
        _make(seed, now)
        found = differences()
        if found:
            raise RuleBroken("\n".join(map(str, found)), rule="books")
    return _count(perf_counter() - started)


def _make(seed: int, now: datetime) -> None:
    rng = Random(seed)  # noqa: S311  a believable company, no secret
    plan = make_plan(seed, now, ZoneInfo(settings.TIME_ZONE))
    cast = Cast()
    admin = make_first_person()
    with acting(admin, now - timedelta(days=790)):
        make_places(cast)
        make_people(cast, admin)
        make_goods(cast, plan.prices)
    make_customers(cast, plan, rng)
    with acting(admin, now - timedelta(days=200)):
        make_agent_people(cast)
    since = timezone.localtime(now).replace(hour=0, minute=0, second=0) - timedelta(days=DAYS_LIVED)
    known = write_past(cast, plan, since, rng)
    waiting = Waiting(cast, plan, rng)
    Recent(cast, plan, since, known, rng).live()
    waiting.prepare()
    with acting(cast.people["he.ming"], now - timedelta(days=2)):
        make_delegation(cast, timezone.localdate(now))
    waiting.write_cases()
    write_notes(cast, plan, rng)
    reconcile_last_month(cast, now)
    send_their_ledger(cast, now)
    collect(cast, now)
    keep_the_books(cast, now)
    with acting(cast.people["agent"], now - timedelta(days=1)):
        invite_a_colleague(cast)
    _issue_statistics(timezone.localdate(now))
    _read_old_notices(now)
    backdate_history()


def _issue_statistics(today: date) -> None:
    """The company's statistics of the month and of the quarter that ended last, as the schedule issues them."""
    for span, length in ((Span.MONTH, 1), (Span.QUARTER, 3)):
        issue_statistic(span, period_around(Period.month(today.year, today.month), length).previous.start)


def _read_old_notices(now: datetime) -> None:
    """What was decided has been read; mails of the past stay in the outbox, none of them leaves."""
    waiting = [request.get_absolute_url() for request in Request.objects.on_desk()]
    old = Notice.objects.exclude(url__in=waiting).filter(created_at__lt=now - timedelta(hours=30))
    for notice in old:
        notice.read_at = notice.created_at + timedelta(minutes=40)
    Notice.objects.bulk_update(old, ["read_at"])
    OutgoingMail.objects.filter(state=MailState.WAITING).update(state=MailState.KEPT)


def _count(seconds: float) -> Made:
    return Made(
        people=User.objects.count(),
        customers=Customer.objects.count(),
        products=Product.objects.count(),
        deliveries=Delivery.objects.count(),
        shipments=Shipment.objects.count(),
        payments=Payment.objects.count(),
        waiting=Request.objects.waiting().count(),
        seconds=seconds,
    )
