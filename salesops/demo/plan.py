"""Two years of one company, thought out in memory: who orders what, what is decided, shipped and paid when.

Pure: no database. The same seed and day give the same company.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

from customers.accounts.models import DueRule
from orders.catalogue.amounts import line_amounts
from orders.deliveries.models import State
from salesops.kernel.money import ZERO, Money, percent_of, to_money
from salesops.kernel.periods import Period

from .fortunes import FAVOURITES, FORTUNES, SEASON, Fortune
from .tables.agents import AGENTS, AgentRow
from .tables.cases import LIMITS_WANTED
from .tables.places import SHIPS_FROM
from .tables.products import PRODUCTS, SHORT

TAX_RATE = Decimal(13)
REPRESENTATIVE_RIGHT = Decimal(3)
"""Percent of discount that a representative may give."""

MOST_OVER = Decimal(12)
"""Percent over the limit beyond which a customer is asked to pay before it orders again."""


@dataclass(frozen=True)
class PlannedLine:
    """One product of a delivery; amounts are those of orders.catalogue.amounts."""

    sku: str
    quantity: int
    price: Money
    discount: Decimal
    net: Money
    tax: Money
    amount: Money


@dataclass
class PlannedDelivery:
    """One application with everything that becomes of it. `parts` are the shipments: moment, pieces of each line."""

    agent: "Agent"
    submitted: datetime
    decided: datetime
    fate: str
    lines: list[PlannedLine]
    wanted: date
    parts: list[tuple[datetime, list[int]]] = field(default_factory=list)
    facts_then: dict[str, object] = field(default_factory=dict)
    facts_decided: dict[str, object] = field(default_factory=dict)

    @property
    def amount(self) -> Money:
        """What it costs, tax included."""
        return sum((line.amount for line in self.lines), ZERO)


@dataclass
class PlannedPayment:
    """Money from a customer."""

    agent: "Agent"
    at: datetime
    amount: Money


@dataclass
class Agent:
    """One customer with what it owes while the plan is made."""

    code: str
    row: AgentRow
    fortune: Fortune
    growth: float
    favourites: list[str]
    limit: Money | None
    balance: Money = ZERO
    committed: Money = ZERO
    debits: list[tuple[date, date, Money]] = field(default_factory=list)
    """What is unpaid: due day, day on which it will be paid, amount; the oldest due first."""

    @property
    def warehouse(self) -> str:
        """Where its goods come from."""
        return SHIPS_FROM[self.row.city[:2]]

    @property
    def exposure(self) -> Money:
        """What it owes or will owe for what is approved."""
        return self.balance + self.committed

    def due(self, shipped: date) -> date:
        """The due day of goods that leave on a day, by the agent's terms."""
        start = shipped
        if self.fortune.due_rule == DueRule.MONTH_END:
            start = Period.month(shipped.year, shipped.month).last_day
        return start + timedelta(days=self.fortune.due_days)

    def facts(self, amount: Money, day: date, discount: Decimal) -> dict[str, object]:
        """The facts of a delivery on a day, as the approval engine keeps them."""
        late = [(due, owed) for due, _paid, owed in self.debits if due < day]
        exposure = self.exposure + amount
        over = max(exposure - self.limit, ZERO) if self.limit is not None else ZERO
        percent = percent_of(over, self.limit) if self.limit else Decimal(100 if over else 0)
        return {
            "amount": amount,
            "over_amount": over,
            "over_percent": percent,
            "overdue_amount": sum((owed for _due, owed in late), ZERO),
            "overdue_days": (day - min(due for due, _owed in late)).days if late else 0,
            "discount_over_right": max(discount - REPRESENTATIVE_RIGHT, Decimal(0)),
            "on_hold": False,
            "limit": self.limit,
            "balance": self.balance,
            "committed": self.committed,
            "exposure": exposure,
        }


@dataclass
class Plan:
    """Everything that happens, each list by time."""

    first_day: date
    now: datetime
    agents: list[Agent]
    prices: dict[tuple[int, bool], dict[str, Money]]
    deliveries: list[PlannedDelivery]
    payments: list[PlannedPayment]


def make_plan(seed: int, now: datetime, zone: ZoneInfo) -> Plan:
    """Return the company's two years up to `now`."""
    rng = Random(seed)  # noqa: S311  a believable company, no secret
    today = now.astimezone(zone).date()
    first_day = today - timedelta(days=730)
    prices = price_tables(range(first_day.year, today.year + 1))
    agents = [_agent(f"A-{at:04d}", row, rng) for at, row in enumerate(AGENTS, start=1)]
    deliveries: list[PlannedDelivery] = []
    payments: list[PlannedPayment] = []
    for agent in agents:
        own = Random(f"{seed} {agent.code}")  # noqa: S311
        life = _Life(agent, own, first_day, now, zone, prices)
        for happened in life.run():
            if isinstance(happened, PlannedPayment):
                payments.append(happened)
            else:
                deliveries.append(happened)
        agent.limit = _final_limit(agent)
    deliveries.sort(key=lambda delivery: (delivery.submitted, delivery.agent.code))
    payments.sort(key=lambda payment: (payment.at, payment.agent.code))
    return Plan(first_day, now, agents, prices, deliveries, payments)


def skus() -> Iterator[tuple[str, str, str, int, int]]:
    """Every product: SKU, English name, Chinese name, today's price, pack size."""
    for category, rows in PRODUCTS.items():
        for at, (name, name_zh, price, pack) in enumerate(rows, start=1):
            yield f"{category}-{at:02d}", name, name_zh, price, pack


def price_tables(years: Sequence[int] | range) -> dict[tuple[int, bool], dict[str, Money]]:
    """Return the prices of each year, general and for grade A (True): 3 % more each year, grade A 5 % less."""
    last = max(years)
    tables: dict[tuple[int, bool], dict[str, Money]] = {}
    for year in years:
        general = {sku: to_money(round(price / 1.03 ** (last - year))) for sku, _name, _zh, price, _pack in skus()}
        tables[year, False] = general
        tables[year, True] = {sku: to_money(round(price * Decimal("0.95"))) for sku, price in general.items()}
    return tables


PACKS = {sku: pack for sku, _name, _zh, _price, pack in skus()}
CHEAPEST = "FC-07"


def lines_worth(
    amount: Money, chosen: Sequence[str], prices: dict[str, Money], rng: Random, discount: Decimal = Decimal(0)
) -> list[PlannedLine]:
    """Return lines of the chosen products that cost about `amount` together."""
    weights = [rng.uniform(0.5, 1.5) * float(prices[sku]) ** 0.6 for sku in chosen]
    lines = []
    for sku, weight in zip(chosen, weights, strict=True):
        pieces = int(amount * Decimal(weight / sum(weights)) / prices[sku])
        pack = PACKS[sku] if pieces > PACKS[sku] else 1
        lines.append(line_of(sku, max(pieces // pack * pack, 1), prices, discount))
    return lines


def line_of(sku: str, quantity: int, prices: dict[str, Money], discount: Decimal = Decimal(0)) -> PlannedLine:
    """Return one line with its amounts."""
    net, tax, gross = line_amounts(quantity, prices[sku], True, discount, TAX_RATE)
    return PlannedLine(sku, quantity, prices[sku], discount, net, tax, gross)


def _agent(code: str, row: AgentRow, rng: Random) -> Agent:
    fortune = FORTUNES[row.fortune]
    lines = next((lines for word, lines in FAVOURITES.items() if word in row.name), list(PRODUCTS))
    own = [sku for sku in PACKS if sku[:2] in lines]
    others = [sku for sku in PACKS if sku[:2] not in lines]
    favourites = rng.sample(own, min(len(own), 18)) + rng.sample(others, min(len(others), 6))
    cycle = (fortune.due_days + (15 if fortune.due_rule == DueRule.MONTH_END else 0) + max(fortune.delay) + 14) / 30
    limits: dict[str, Money | None] = {"none": None, "zero": ZERO}
    usual = _rounded_up(Decimal(row.monthly * 1000 * cycle * 1.6), 10_000)
    return Agent(code, row, fortune, rng.uniform(-0.06, 0.26), favourites, limits.get(fortune.limit, usual))


def _rounded_up(amount: Decimal, step: int) -> Money:
    return to_money(-(-amount // step) * step)


def _final_limit(agent: Agent) -> Money | None:
    """The limit that makes today's cases what they shall be: see tables.cases."""
    if not agent.limit:
        return agent.limit
    if agent.fortune.limit == "tight":
        return _rounded_up(agent.exposure * Decimal("0.9"), 1_000)
    wanted = Decimal(str(LIMITS_WANTED.get(agent.code, -1)))
    if wanted < 0:
        return max(agent.limit, _rounded_up(agent.exposure * Decimal("1.1"), 10_000))
    if not wanted:
        order = Decimal(agent.row.monthly * 500)
        return max(agent.limit, _rounded_up((agent.exposure + order) * Decimal("1.06"), 10_000))
    order = Decimal(agent.row.monthly * 450)
    return _rounded_up((agent.exposure + order) * 100 / (100 + wanted), 5_000)


class _Life:
    """One customer's two years, day by day."""

    def __init__(
        self,
        agent: Agent,
        rng: Random,
        first_day: date,
        now: datetime,
        zone: ZoneInfo,
        prices: dict[tuple[int, bool], dict[str, Money]],
    ) -> None:
        self.agent, self.rng, self.zone, self.prices, self.now = agent, rng, zone, prices, now
        self.today = now.astimezone(zone).date()
        self.first = max(first_day, self.today - timedelta(days=round(agent.fortune.months * 30.4)))
        self.next_order = self.first + timedelta(days=rng.randint(0, 12))
        self.unpaid_order = self._day_of_unpaid_order()
        self.decisions: list[PlannedDelivery] = []
        self.shipping: list[tuple[datetime, PlannedDelivery, int]] = []

    def run(self) -> Iterator[PlannedDelivery | PlannedPayment]:
        """Yield what happens, in the order of days."""
        for number in range((self.today - self.first).days + 1):
            day = self.first + timedelta(days=number)
            payment = self._pays(day)
            if payment:
                yield payment
            self._decide(day)
            self._ship(day)
            if day == self.unpaid_order or (day.weekday() < 6 and day >= self.next_order):
                self.next_order = day + timedelta(days=self._gap(day))
                yield from self._orders(day)
                self._decide(day)

    def _day_of_unpaid_order(self) -> date | None:
        """The day of an order that makes the oldest overdue item of a customer that holds money back as old as that."""
        fortune = self.agent.fortune
        if not fortune.holds_back:
            return None
        return self.today - timedelta(days=fortune.holds_back + fortune.due_days + 1)

    # ---- money ----
    def _pays(self, day: date) -> PlannedPayment | None:
        paydays = self.agent.fortune.paydays
        if day.weekday() > 4 or (paydays and not self._is_payday(day, paydays)):
            return None
        sent = [one for one in self.agent.debits if one[1] <= day and not self._holds_back(one[0])]
        return self._payment(day, sum((owed for _due, _paid, owed in sent), ZERO))

    def _is_payday(self, day: date, paydays: Sequence[int]) -> bool:
        """A payday that falls on a weekend is the Monday after."""
        days = {day.day} | ({(day - timedelta(days=n)).day for n in (1, 2)} if day.weekday() == 0 else set())
        return bool(days & set(paydays))

    def _holds_back(self, due: date) -> bool:
        return due >= self.today - timedelta(days=self.agent.fortune.holds_back)

    def _payment(self, day: date, amount: Money) -> PlannedPayment | None:
        at = self._moment(day, 8, 11)
        if amount <= 0 or at > self.now:
            return None
        self.agent.balance -= amount
        self._settle(amount)
        return PlannedPayment(self.agent, at, amount)

    def _settle(self, amount: Money) -> None:
        """The oldest due first, as the books do it."""
        while amount > 0 and self.agent.debits:
            due, paid, owed = self.agent.debits.pop(0)
            if owed > amount:
                self.agent.debits.insert(0, (due, paid, owed - amount))
                return
            amount -= owed

    # ---- goods ----
    def _gap(self, day: date) -> int:
        """Days until the next order."""
        usual = 30.4 / self.agent.fortune.orders / (0.7 + 0.3 * SEASON[day.month])
        return max(round(usual * self.rng.uniform(0.5, 1.5)), 1)

    def _orders(self, day: date) -> Iterator[PlannedDelivery | PlannedPayment]:
        lines = self._lines(day)
        delivery = self._delivery(day, lines)
        if delivery.decided > self.now - timedelta(hours=2):
            return
        if self.agent.fortune.limit == "zero":
            short = delivery.amount + self.agent.exposure
            prepaid = self._payment(day, _rounded_up(short, 1_000)) if short > 0 else None
            if prepaid:
                yield prepaid
            elif short > 0:
                return
        discount = max(line.discount for line in lines)
        delivery.facts_then = self.agent.facts(delivery.amount, day, discount)
        if day == self.unpaid_order:
            delivery.fate, delivery.parts = State.SHIPPED, delivery.parts or self._parts(delivery)
        elif Decimal(str(delivery.facts_then["over_percent"])) > MOST_OVER:
            return
        self.decisions.append(delivery)
        yield delivery

    def _lines(self, day: date) -> list[PlannedLine]:
        agent = self.agent
        years = (self.today - day).days / 365
        amount = agent.row.monthly * 1000 * SEASON[day.month] / agent.fortune.orders / (1 + agent.growth) ** years
        amount *= self.rng.lognormvariate(-0.06, 0.35)
        possible = agent.favourites
        if (self.today - day).days < 25:
            possible = [sku for sku in possible if (agent.warehouse, sku) not in SHORT]
        chosen = self.rng.sample(possible, self.rng.choice([1, 2, 2, 3, 3, 4, 5]))
        discount = Decimal(self.rng.choices([0, 2, 3, 5], [86, 6, 6, 2])[0])
        return lines_worth(Decimal(amount), chosen, self.prices[day.year, agent.row.grade == "A"], self.rng, discount)

    def _delivery(self, day: date, lines: list[PlannedLine]) -> PlannedDelivery:
        submitted = self._moment(day, 9, 17)
        decided = submitted + timedelta(minutes=self.rng.randint(25, 150))
        if decided.astimezone(self.zone).hour >= 18:
            decided = self._moment(day + timedelta(days=1), 8, 11)
        fate = self.rng.choices([State.SHIPPED, State.REJECTED, State.WITHDRAWN, State.CANCELLED], [968, 12, 10, 10])[0]
        delivery = PlannedDelivery(
            self.agent, submitted, decided, fate, lines, wanted=day + timedelta(days=self.rng.randint(3, 7))
        )
        if fate == State.SHIPPED:
            delivery.parts = self._parts(delivery)
        return delivery

    def _parts(self, delivery: PlannedDelivery) -> list[tuple[datetime, list[int]]]:
        """One shipment, sometimes two: then a line stays behind, in part or whole."""
        first = self._working_day(
            delivery.decided.astimezone(self.zone).date() + timedelta(days=self.rng.randint(1, 3))
        )
        pieces = [line.quantity for line in delivery.lines]
        if self.rng.random() > 0.07 or pieces[0] < 4:
            return [(self._moment(first, 13, 17), pieces)]
        later = self._working_day(first + timedelta(days=self.rng.randint(4, 9)))
        before, after = [pieces[0] // 2, *pieces[1:]], [pieces[0] - pieces[0] // 2, *[0] * (len(pieces) - 1)]
        return [(self._moment(first, 13, 17), before), (self._moment(later, 13, 17), after)]

    def _decide(self, day: date) -> None:
        """What was decided by the end of a day: the approved is committed."""
        for delivery in [one for one in self.decisions if one.decided.astimezone(self.zone).date() <= day]:
            self.decisions.remove(delivery)
            discount = max(line.discount for line in delivery.lines)
            delivery.facts_decided = self.agent.facts(delivery.amount, day, discount)
            if delivery.fate == State.SHIPPED:
                self.agent.committed += delivery.amount
                self.shipping.extend((at, delivery, number) for number, (at, _pieces) in enumerate(delivery.parts))

    def _ship(self, day: date) -> None:
        """What leaves on a day is owed from then on."""
        leaving = [one for one in self.shipping if one[0].astimezone(self.zone).date() <= day and one[0] <= self.now]
        for at, delivery, number in sorted(leaving, key=lambda one: one[0]):
            self.shipping.remove((at, delivery, number))
            amount = part_amount(delivery, number)
            self.agent.committed -= amount
            self.agent.balance += amount
            due = self.agent.due(at.astimezone(self.zone).date())
            credit = max(amount - self.agent.balance, ZERO)
            owed = amount - min(credit, amount)
            if owed:
                paid = due + timedelta(days=self.rng.randint(*self.agent.fortune.delay))
                self.agent.debits.append((due, paid, owed))
                self.agent.debits.sort(key=lambda one: one[0])

    # ---- time ----
    def _moment(self, day: date, first_hour: int, last_hour: int) -> datetime:
        minute = self.rng.randint(first_hour * 60, last_hour * 60 - 1)
        return datetime.combine(day, time(minute // 60, minute % 60, self.rng.randint(0, 59)), self.zone)

    def _working_day(self, day: date) -> date:
        return day + timedelta(days=1) if day.weekday() == 6 else day


def part_amounts(delivery: PlannedDelivery, number: int) -> list[Money]:
    """What each line of a shipment costs: cumulative shares of the line, so that parts add up to the cent."""
    amounts = []
    for at, line in enumerate(delivery.lines):
        before = sum(pieces[at] for _moment, pieces in delivery.parts[:number])
        after = before + delivery.parts[number][1][at]
        amounts.append(_share(line, after) - _share(line, before))
    return amounts


def part_amount(delivery: PlannedDelivery, number: int) -> Money:
    """What a shipment costs."""
    return sum(part_amounts(delivery, number), ZERO)


def _share(line: PlannedLine, pieces: int) -> Money:
    return line.amount if pieces == line.quantity else to_money(line.amount * pieces / line.quantity)
