"""What waits today: forty cases on the right desks, drafts, goods to come, a hold, temporary limits."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random

from django.utils import timezone

from customers.accounts.services import put_on_hold
from customers.attachments.services import warn_of_expiring
from orders.credit.queries import credit_picture
from orders.credit.services import ask_temporary_limit
from orders.deliveries.services import submit_delivery
from orders.payments.services import record_payment
from orders.stock.services import expect_goods
from salesops.approvals.models import Request
from salesops.approvals.services import escalate_overdue, put_aside, send_back
from salesops.kernel.money import ZERO, Money
from salesops.users.models import User

from .cast import Cast
from .clock import acting
from .plan import CHEAPEST, Agent, Plan, PlannedLine, line_of, lines_worth
from .recent import approve_once, approve_through, next_decider, ship_what_is_there, write_planned
from .tables.cases import (
    BACK_ORDERS,
    CASES,
    DRAFTS,
    GRANTED_LIMIT,
    LATE,
    ON_HOLD,
    OWN_ORDERS,
    PREPAYS,
    PUT_ASIDE,
    REGIONAL,
    REPRESENTATIVE,
    RETURNED,
    SALES,
    SUPERVISOR,
    TEMPORARY_LIMITS,
    TODAY,
    BackOrder,
    CaseRow,
    TemporaryRow,
)
from .tables.products import LATE_GOODS, SHORT

STAGE_HOURS = {REPRESENTATIVE: 24, SUPERVISOR: 24, REGIONAL: 24, SALES: 48}


@dataclass
class Hours:
    """When things are due, spread over the rest of today and over tomorrow until this hour."""

    now: datetime
    given: dict[str, int]

    @classmethod
    def of(cls, now: datetime) -> "Hours":
        """The hours as seen now."""
        return cls(timezone.localtime(now), {})

    def due(self, when: str) -> datetime:
        """The next moment for something that is late, due today, or due tomorrow; each a little later than the last."""
        number = self.given[when] = self.given.get(when, 0) + 1
        if when == LATE:
            return self.now - timedelta(minutes=50 + 10 * number)
        midnight = datetime.combine(self.now.date() + timedelta(days=1), time(), self.now.tzinfo)
        if when == TODAY:
            until = min(midnight - timedelta(minutes=5), max(self._at(17), self.now + timedelta(hours=3)))
            until = max(until, self.now + timedelta(minutes=10))
            return until - (until - self.now) * min(number - 1, 9) / 12
        latest = self.now + timedelta(hours=23, minutes=50)
        earliest = max(midnight, midnight + timedelta(hours=9) if self.now.hour >= 11 else midnight)
        return latest - (latest - earliest) * (number % 19) / 20

    def _at(self, hour: int) -> datetime:
        return self.now.replace(hour=hour, minute=0, second=0, microsecond=0)


class Waiting:
    """Brings the company to what it looks like today."""

    def __init__(self, cast: Cast, plan: Plan, rng: Random) -> None:
        self.cast, self.plan, self.rng = cast, plan, rng
        self.agents = {agent.code: agent for agent in plan.agents}
        self.hours = Hours.of(plan.now)

    # ---- before: what has happened besides the usual ----
    def prepare(self) -> None:
        """Goods to come, a hold, a granted temporary limit, approved deliveries that wait for goods."""
        self._expect()
        with self._acting("finance", days=12):
            put_on_hold(
                self.cast.customers[ON_HOLD].pk,
                by=self.cast.people["finance"],
                reason="No payment since September; lawyer asked",
            )
        self._prepay()
        self._grant_limit(GRANTED_LIMIT)
        for row in BACK_ORDERS:
            self._back_order(row)
        for code, username, ordered, left in OWN_ORDERS:
            self._own_order(self.agents[code], self.cast.people[username], ordered, left)

    def _expect(self) -> None:
        supply = self.cast.people["supply"]
        today = timezone.localdate(self.plan.now)
        with self._acting("supply", days=9):
            for (warehouse, sku), (left, days) in SHORT.items():
                expect_goods(
                    by=supply,
                    warehouse_id=self.cast.warehouses[warehouse].pk,
                    product_id=self.cast.products[sku].pk,
                    quantity=max(left * 8, 120),
                    expected_on=today + timedelta(days=days),
                    note="Factory order",
                )
            warehouse, sku, pieces, late = LATE_GOODS
            expect_goods(
                by=supply,
                warehouse_id=self.cast.warehouses[warehouse].pk,
                product_id=self.cast.products[sku].pk,
                quantity=pieces,
                expected_on=today - timedelta(days=late),
                note="Held up at the port",
            )

    def _prepay(self) -> None:
        """Money ahead of the order that waits."""
        with self._acting("finance", days=1):
            record_payment(
                by=self.cast.people["finance"],
                customer_id=self.cast.customers[PREPAYS].pk,
                received_on=timezone.localdate(self.plan.now) - timedelta(days=1),
                amount=Decimal(18_000),
                reference="TT-PREPAID-1",
            )

    def _grant_limit(self, row: TemporaryRow) -> None:
        asked = self.plan.now - timedelta(days=10)
        approve_through(self._ask_limit(row, asked), asked + timedelta(hours=3), self.rng)

    def _back_order(self, row: BackOrder) -> None:
        """An approved delivery of which one product waits: the rest has left."""
        agent = self.agents[row.customer]
        ordered = self.plan.now - timedelta(days=row.days)
        lines = self._lines(agent, Decimal(agent.row.monthly * 180), without=row.sku)
        lines.append(line_of(row.sku, row.pieces + SHORT[agent.warehouse, row.sku][0], self._prices(agent)))
        wanted = timezone.localdate(self.plan.now) + timedelta(days=row.wanted)
        request = self._submit(agent, self._representative(agent), lines, ordered, wanted=wanted)
        approve_through(request, ordered + timedelta(hours=2), self.rng)
        ship_what_is_there(self.cast, request.object_id, ordered + timedelta(days=2), self.rng)

    def _own_order(self, agent: Agent, by: User, ordered: int, left: int) -> None:
        """A small order that the agent itself wrote: approved, and shipped so many days ago if at all."""
        moment = self.plan.now - timedelta(days=ordered, hours=1)
        request = self._submit(agent, by, self._lines(agent, Decimal(agent.row.monthly * 90)), moment)
        approve_through(request, moment + timedelta(minutes=50), self.rng)
        if left:
            shipped = self.plan.now - timedelta(days=left, hours=2)
            ship_what_is_there(self.cast, request.object_id, shipped, self.rng)

    # ---- now: what waits ----
    def write_cases(self) -> None:
        """Submit what waits, and bring it to the desk where it lies."""
        for row in CASES:
            self._case(row)
            if row is CASES[0]:
                self._let_pass(row)
        for limit in TEMPORARY_LIMITS:
            self._temporary_limit(limit)
        self._on_hold()
        self._put_aside()
        self._drafts()
        with acting(self.cast.people["admin"], self.plan.now - timedelta(hours=6)):
            warn_of_expiring(timezone.localdate(self.plan.now))

    def _case(self, row: CaseRow) -> None:
        agent = self.agents[row.customer]
        due = self.hours.due(row.due)
        arrives = due - timedelta(hours=STAGE_HOURS[row.desk])
        desks = [SUPERVISOR, REGIONAL, SALES]
        behind = ([REPRESENTATIVE, *desks] if row.by else desks).index(row.desk)
        submitted = arrives - timedelta(hours=5) * behind
        by = self.cast.people[row.by] if row.by else self._representative(agent)
        request = self._submit(agent, by, self._case_lines(agent, row), submitted, note=row.note)
        for step in range(behind):
            request = approve_once(request, arrives - timedelta(hours=5) * (behind - step - 1), self.rng)
        assert request.is_waiting and request.role == row.desk, (row, request.role, request.facts)

    def _let_pass(self, row: CaseRow) -> None:
        """Nobody decided this one in time."""
        request = Request.objects.waiting().get(customer=self.cast.customers[row.customer])
        assert request.due_at is not None
        moment = request.due_at + timedelta(minutes=1)
        with acting(self.cast.people["admin"], moment):
            escalate_overdue(moment)

    def _case_lines(self, agent: Agent, row: CaseRow) -> list[PlannedLine]:
        prices = self._prices(agent)
        discount = Decimal(row.discount)
        lines = []
        if row.short:
            pieces = SHORT[agent.warehouse, row.short][0]
            lines.append(line_of(row.short, pieces + max(pieces // 4, 4), prices, discount))
        wanted = self._amount(agent, row) - sum((line.amount for line in lines), ZERO)
        lines += self._lines(agent, wanted, without=CHEAPEST, discount=discount)
        if row.over is not None:
            left = wanted - sum((line.amount for line in lines if line.sku != row.short), ZERO)
            lines.append(line_of(CHEAPEST, max(int(left / prices[CHEAPEST]), 1), prices))
        return lines

    def _amount(self, agent: Agent, row: CaseRow) -> Money:
        """What the order shall cost: a usual one, or one that passes the limit by so much."""
        picture = credit_picture(self.cast.customers[agent.code].pk)
        if row.customer == PREPAYS:
            return picture.exposure * Decimal("-0.85")
        if row.over is None:
            return Decimal(agent.row.monthly * 10 * row.size)
        assert picture.limit is not None
        return picture.limit * (100 + Decimal(str(row.over))) / 100 - picture.exposure

    def _temporary_limit(self, row: TemporaryRow) -> None:
        arrives = self.hours.due(row.due) - timedelta(hours=STAGE_HOURS[row.desk])
        asked = arrives if row.desk == REGIONAL else arrives - timedelta(hours=4)
        request = self._ask_limit(row, asked)
        if row.desk != REGIONAL:
            request = approve_once(request, arrives, self.rng, note="Agreed from my side.")
        assert request.role == row.desk, (row, request.role, request.facts)

    def _ask_limit(self, row: TemporaryRow, moment: datetime) -> Request:
        by = self._representative(self.agents[row.customer])
        day = timezone.localdate(moment)
        with acting(by, moment):
            limit = ask_temporary_limit(
                by=by,
                customer_id=self.cast.customers[row.customer].pk,
                amount=Decimal(row.thousands * 1000),
                first_day=day,
                last_day=day + timedelta(days=row.days - 1),
                reason=row.reason,
            )
        return (
            Request.objects.waiting().select_related("stage").get(document_type="temporary_limit", object_id=limit.pk)
        )

    def _on_hold(self) -> None:
        """What is asked for on a held account is put aside at once."""
        agent = self.agents[ON_HOLD]
        moment = self.plan.now - timedelta(days=3)
        self._submit(agent, self._representative(agent), self._lines(agent, Decimal(24_000)), moment)

    def _put_aside(self) -> None:
        agent = self.agents[PUT_ASIDE]
        moment = self.plan.now - timedelta(hours=30)
        row = CaseRow(PUT_ASIDE, TODAY, over=12.0)
        request = self._submit(agent, self._representative(agent), self._case_lines(agent, row), moment)
        by = next_decider(request)
        with acting(by, moment + timedelta(hours=2)):
            put_aside(request.pk, by=by, note="Waits for the payment of the 25th.")

    def _drafts(self) -> None:
        """What the representative has begun, and what came back with a question."""
        for number, code in enumerate(DRAFTS):
            agent = self.agents[code]
            by = self._representative(agent)
            with acting(by, self.plan.now - timedelta(hours=2 + number * 5)):
                write_planned(self.cast, by, code, self._lines(agent, Decimal(agent.row.monthly * 200)))
        agent = self.agents[RETURNED]
        moment = self.plan.now - timedelta(hours=27)
        request = self._submit(
            agent, self._representative(agent), self._lines(agent, Decimal(agent.row.monthly * 250)), moment
        )
        by = next_decider(request)
        with acting(by, moment + timedelta(hours=1)):
            send_back(request.pk, by=by, note="Which of the two stores gets these? Please add the address.")

    # ---- parts ----
    def _submit(
        self,
        agent: Agent,
        by: User,
        lines: list[PlannedLine],
        moment: datetime,
        *,
        note: str = "",
        wanted: date | None = None,
    ) -> Request:
        wanted_on = wanted or timezone.localdate(moment) + timedelta(days=self.rng.randint(3, 8))
        with acting(by, moment - timedelta(minutes=7)):
            delivery = write_planned(self.cast, by, agent.code, lines, wanted_on=wanted_on, note=note)
        with acting(by, moment):
            submit_delivery(delivery.pk, by=by)
        requests = Request.objects.select_related("stage")
        return requests.get(document_type="delivery", object_id=delivery.pk)

    def _lines(
        self, agent: Agent, amount: Money, *, without: str = "", discount: Decimal = Decimal(0)
    ) -> list[PlannedLine]:
        possible = [sku for sku in agent.favourites if (agent.warehouse, sku) not in SHORT and sku != without]
        chosen = self.rng.sample(possible, self.rng.choice([2, 3, 3, 4]))
        return lines_worth(amount, chosen, self._prices(agent), self.rng, discount)

    def _prices(self, agent: Agent) -> dict[str, Money]:
        return self.plan.prices[timezone.localdate(self.plan.now).year, agent.row.grade == "A"]

    def _representative(self, agent: Agent) -> User:
        return self.cast.people[agent.row.representative]

    def _acting(self, username: str, *, days: int) -> AbstractContextManager[None]:
        return acting(self.cast.people[username], self.plan.now - timedelta(days=days))
