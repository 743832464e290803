"""Years of business, day after day: deliveries, decisions, shipments, entries, payments, as lines for COPY.

Amounts are counted in cents. What cannot be known before the end (what is still open of an item, what an account
stands at, what is reserved) is kept until then.
"""

from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import NamedTuple
from uuid import UUID

from pghistory.models import Context

from customers.models import Customer
from salesops.approvals.queries import current_version

from .columns import COLUMNS, EVENT
from .company import TAX_PERCENT, TERMS_DAYS, Company

CHUNK = 20_000
WAITING_DAYS = 2
"""What was submitted today and yesterday waits for a decision."""
SHIPPING_DAYS = 4
"""What was approved in the days before that is still to leave."""
PAID_AFTER, PAID_LATE_AFTER = 35, 75
"""Days from a shipment to its payment; one customer in ten pays late."""
CARRIERS = ("SF Express", "Deppon", "Yunda", "own lorry")
NULL = r"\N"

Rows = dict[str, list[str]]


@dataclass
class Debit:
    """What a customer owes for one shipment."""

    entry: int
    shipped: date
    amount: int
    open: int


@dataclass
class Account:
    """What an account has come to."""

    balance: int = 0
    committed: int = 0
    debits: deque[Debit] = field(default_factory=deque)


class Line(NamedTuple):
    """A line on its way."""

    key: int
    product: int
    quantity: int
    price: int
    discount: int
    amount: int
    shipped: int
    shipped_amount: int


@dataclass
class Head:
    """A delivery on its way: what its rows share."""

    key: int
    number: str
    customer: Customer
    warehouse: int
    day: date
    state: str
    hour: str
    lines: list[Line] = field(default_factory=list)

    @property
    def amount(self) -> int:
        """What was asked for."""
        return sum(line.amount for line in self.lines)

    @property
    def shipped(self) -> int:
        """What of it left."""
        return sum(line.shipped_amount for line in self.lines)

    @property
    def is_approved(self) -> bool:
        """Whether it was approved once."""
        return self.state in {"approved", "partly_shipped", "shipped", "cancelled"}

    def moment(self, minute: int) -> str:
        """A moment of its day."""
        return f"{self.day} {self.hour}:{minute:02d}:00+08"


class Sales:
    """The stream of rows. `chunks` yields them by table; accounts, stock and numbers stand here when it has ended."""

    def __init__(self, company: Company, rng: Random, today: date) -> None:
        self.company, self.rng, self.today = company, rng, today
        self.count, self.days = company.size.deliveries, company.size.days
        self.first_day = today - timedelta(days=self.days - 1)
        self.accounts: dict[int, Account] = defaultdict(Account)
        self.reserved: dict[tuple[int, int], int] = defaultdict(int)
        self.numbers: dict[tuple[str, int], int] = defaultdict(int)
        self.rows: Rows = {table: [] for table in COLUMNS}
        self.line_id = self.shipment_id = self.payment_id = self.entry_id = self.request_id = 0
        version = current_version("delivery")
        self.version = version.pk
        self.stage = version.stages.get(role="supervisor").pk
        self.supervisors = {one.team_id: one.pk for one in company.supervisors}
        self.teams = {one.pk: one.team_id for one in company.representatives}
        self.finance = company.company_people["finance"].pk
        self.supply = company.company_people["supply"].pk
        self.contexts = self._contexts()

    def _contexts(self) -> dict[int, UUID]:
        people = [*self.company.supervisors, *self.company.representatives, *self.company.company_people.values()]
        made = Context.objects.bulk_create(Context(metadata={"user": one.pk}) for one in people)
        return {one.pk: context.pk for one, context in zip(people, made, strict=True)}

    def chunks(self) -> Iterator[Rows]:
        """Yield the rows of so many deliveries at a time, in the order of their days."""
        customers, random = self.company.customers, self.rng.random
        for key in range(1, self.count + 1):
            day = self.first_day + timedelta(days=(key - 1) * self.days // self.count)
            customer = customers[int(len(customers) * random() ** 1.5)]  # some order much more than others
            self._pay(customer.pk, day)
            self._deliver(key, day, customer)
            if key % CHUNK == 0:
                yield self._take()
        for customer_id, account in self.accounts.items():
            for debit in account.debits:
                self._close(customer_id, debit)
        yield self._take()

    def _take(self) -> Rows:
        taken, self.rows = self.rows, {table: [] for table in COLUMNS}
        return taken

    # ---- a delivery ----
    def _deliver(self, key: int, day: date, customer: Customer) -> None:
        age = (self.today - day).days
        warehouses = self.company.warehouses
        warehouse = warehouses[customer.pk % len(warehouses)].pk
        head = Head(key, self._number("DL", day.year), customer, warehouse, day, self._fate(age), "09" if age else "00")
        self._add_lines(head)
        self._write_delivery(head)
        if head.state != "draft":
            self._write_request(head)
        if head.shipped:
            self._ship(head)
        if head.is_approved and head.state != "cancelled":
            self.accounts[customer.pk].committed += head.amount - head.shipped

    def _fate(self, age: int) -> str:
        chance = self.rng.random()
        if age < WAITING_DAYS:
            return "draft" if chance < 0.1 else "submitted"
        if age < WAITING_DAYS + SHIPPING_DAYS:
            return "partly_shipped" if chance < 0.3 else "approved"
        if chance < 0.05:
            return "rejected" if chance < 0.02 else "withdrawn" if chance < 0.03 else "cancelled"
        return "shipped"

    def _add_lines(self, head: Head) -> None:
        random, prices = self.rng.random, self.company.prices
        first, count = int(random() * len(prices)), 1 + int(random() * 5)
        for at in range(count):
            self.line_id += 1
            product = (first + at * 7) % len(prices)
            quantity = 2 + int(random() * 40)
            discount = 5 if random() < 0.1 else 0
            amount = (2 * quantity * prices[product] * (100 - discount) + 100) // 200
            shipped = quantity if head.state == "shipped" else 0
            if head.state == "partly_shipped":
                shipped = 0 if at else (quantity // 2 if count == 1 else quantity)
            part = (2 * amount * shipped + quantity) // (2 * quantity)
            head.lines.append(Line(self.line_id, product, quantity, prices[product], discount, amount, shipped, part))
            self._write_line(head, at + 1, head.lines[-1])

    def _write_line(self, head: Head, position: int, line: Line) -> None:
        product = self.company.products[line.product].pk
        tax = (2 * line.amount * TAX_PERCENT + 100 + TAX_PERCENT) // (2 * (100 + TAX_PERCENT))
        approved = line.quantity if head.is_approved else 0
        cancelled = line.quantity if head.state == "cancelled" else 0
        reserved = 0
        if head.state in {"approved", "partly_shipped"} and self.rng.random() < 0.9:  # the others wait for goods
            reserved = approved - line.shipped
            self.reserved[head.warehouse, product] += reserved
        self.rows["orders_deliveryline"].append(
            f"{line.key}\t{head.key}\t{position}\t{product}\t{line.quantity}\t{money(line.price)}\tt\t{line.discount}"
            f"\t{TAX_PERCENT}\t{money(line.amount - tax)}\t{money(tax)}\t{money(line.amount)}\t{approved}\t{cancelled}"
            f"\t{line.shipped}\t{reserved}\n"
        )

    def _write_delivery(self, head: Head) -> None:
        """The row as it is now, and each of its states as the history keeps it."""
        c, amount = head.customer, head.amount
        tax = sum(
            (2 * line.amount * TAX_PERCENT + 100 + TAX_PERCENT) // (2 * (100 + TAX_PERCENT)) for line in head.lines
        )
        submitted = head.moment(20)
        wanted = head.day + timedelta(days=7)
        start = f"{head.key}\t{head.number}\t{c.pk}\t{head.warehouse}\t"
        middle = (
            f"\t{head.day}\t{wanted}\t{c.name}, 1 Main Street\t\t{c.representative_id}\t{c.region_id}"
            f"\t{c.representative_id}\t{head.moment(5)}\t"
        )
        sums = f"\t{money(amount - tax)}\t{money(tax)}\t{money(amount)}\t"
        waits = f"{c.representative_id}\t{submitted}\t{NULL}{sums}0\t0\t0\tf\t1\n"
        draft = f"{NULL}\t{NULL}\t{NULL}{sums}0\t0\t0\tf\t1\n"
        approved = f"{c.representative_id}\t{submitted}\t{head.moment(50)}{sums}{money(amount)}\t"
        cancelled = money(amount) if head.state == "cancelled" else "0"
        last = draft if head.state == "draft" else waits
        if head.is_approved:
            last = f"{approved}{cancelled}\t{money(head.shipped)}\tf\t1\n"
        self.rows["orders_delivery"].append(f"{start}{head.state}{middle}{last}")
        steps = [("insert", "draft", draft, 5, c.representative_id)]
        decider = self.supervisors[self.teams[c.representative_id or 0]]
        if head.state != "draft":
            steps.append(("update", "submitted", waits, 20, c.representative_id))
        if head.is_approved:
            steps.append(("update", "approved", f"{approved}0\t0\tf\t1\n", 50, decider))
        if head.state not in {"draft", "submitted", "approved"}:
            steps.append(("update", head.state, last, 59, self.supply if head.shipped else decider))
        for label, state, rest, minute, who in steps:
            self.rows[EVENT].append(
                f"{label}\t{head.moment(minute)}\t{head.key}\t{self.contexts[who or 0]}\t{start}{state}{middle}{rest}"
            )

    def _write_request(self, head: Head) -> None:
        self.request_id += 1
        c, key, amount = head.customer, self.request_id, money(head.amount)
        team = self.teams[c.representative_id or 0]
        decider = self.supervisors[team]
        facts = (
            f'{{"amount": "{amount}", "limit": "500000.00", "balance": "0.00", "committed": "0.00", "on_hold": false,'
            f' "exposure": "{amount}", "over_amount": "0.00", "over_percent": "0", "overdue_days": 0,'
            ' "overdue_amount": "0.00", "discount_over_right": "0", "days_over_tolerance": 0}'
        )
        waits = head.state == "submitted"
        state = {"submitted": "waiting", "rejected": "rejected", "withdrawn": "withdrawn"}.get(head.state, "approved")
        stage, role, ended = (self.stage, "supervisor", NULL) if waits else (NULL, "", head.moment(50))
        due = f"{head.day + timedelta(days=1)} {head.hour}:20:00+08"
        self.rows["approvals_request"].append(
            f"{key}\tdelivery\t{head.key}\t{head.number}\t{c.name}\t{c.name_zh}\t{amount}\t{c.pk}\t{c.representative_id}"
            f"\t{team}\t{c.region_id}\t{c.representative_id}\t{c.representative_id}\t{head.moment(20)}\t\t{self.version}"
            f"\t{facts}\t{state}\t{stage}\t{role}\t{due}\t{ended}\n"
        )
        decisions = self.rows["approvals_decision"]
        decisions.append(f"{key}\t{self.stage}\tsubmitted\t{c.representative_id}\t\t{facts}\t{{}}\t{head.moment(20)}\n")
        if not waits:
            who = c.representative_id if state == "withdrawn" else decider
            decisions.append(f"{key}\t{self.stage}\t{state}\t{who}\t\t{facts}\t{{}}\t{head.moment(50)}\n")
        self._write_notice(head, decider, waits=waits)

    def _write_notice(self, head: Head, decider: int, *, waits: bool) -> None:
        """Who decides has not read what asks; who submitted has read what was decided."""
        to = decider if waits else head.customer.representative_id
        kind = "approval.waiting" if waits else "approval.decided"
        words = "waits for you" if waits else "Approved"
        dedupe = f"request {self.request_id} {self.stage}" if waits else ""
        read = NULL if waits else head.moment(58)
        self.rows["notify_notice"].append(
            f"{self.rng.getrandbits(128):032x}\t{to}\t{kind}\tDelivery {head.number}: {words}\t{head.customer.name}"
            f"\t/deliveries/{head.number}/\t{dedupe}\tt\tf\t{head.moment(50)}\t{read}\n"
        )

    # ---- what leaves ----
    def _ship(self, head: Head) -> None:
        self.shipment_id += 1
        key, c, amount = self.shipment_id, head.customer, money(head.shipped)
        day = min(head.day + timedelta(days=1), self.today)
        number = self._number("SH", day.year)
        self.rows["orders_shipment"].append(
            f"{key}\t{number}\t{head.key}\t{c.pk}\t{head.warehouse}\t{day}\t{amount}\t{CARRIERS[key % len(CARRIERS)]}"
            f"\tTR{key:010d}\t\t{self.supply}\t{day} 08:30:00+08\tbench/{number}\n"
        )  # as shipments that came with books: what left before the opening moved no stock here
        for line in head.lines:
            if line.shipped:
                part = money(line.shipped_amount)
                self.rows["orders_shipmentline"].append(f"{key}\t{line.key}\t{line.shipped}\t\t{part}\n")
        entry = self._post(
            c.pk, "shipment", key, number, f"Shipment of {head.number}", day, day + timedelta(days=TERMS_DAYS),
            debit=head.shipped, by=self.supply,
        )  # fmt: skip
        account = self.accounts[c.pk]
        account.balance += head.shipped
        account.debits.append(Debit(entry, day, head.shipped, head.shipped))

    def _post(
        self, customer: int, source: str, source_id: int, document: str, text: str, on: date, due: date, *, by: int,
        debit: int = 0, credit: int = 0,
    ) -> int:  # fmt: skip
        self.entry_id += 1
        self.rows["orders_receivableentry"].append(
            f"{self.entry_id}\t{customer}\t{source}\t{source_id}\t{document}\t{text}\t{on}\t{due}\t{money(debit)}"
            f"\t{money(credit)}\t{by}\t{on} 08:30:00+08\n"
        )
        return self.entry_id

    # ---- what is paid ----
    def _pay(self, customer: int, day: date) -> None:
        """Pay what is old enough, the oldest first; now and then the last of it only in part."""
        account = self.accounts[customer]
        before = day - timedelta(days=PAID_AFTER if customer % 10 else PAID_LATE_AFTER)
        paid: list[tuple[Debit, int]] = []
        while account.debits and account.debits[0].shipped <= before and len(paid) < 20:
            debit = account.debits[0]
            in_part = self.rng.random() < 0.1 and debit.open > 100
            part = debit.open * 6 // 10 if in_part else debit.open
            paid.append((debit, part))
            debit.open -= part
            if debit.open:
                break
            account.debits.popleft()
            self._close(customer, debit)
        if paid:
            self._write_payment(customer, day, paid)

    def _write_payment(self, customer: int, day: date, paid: list[tuple[Debit, int]]) -> None:
        self.payment_id += 1
        key, amount = self.payment_id, sum(part for _debit, part in paid)
        number = self._number("PM", day.year)
        self.rows["orders_payment"].append(
            f"{key}\t{number}\t{customer}\t{day}\t{money(amount)}\ttransfer\tREF{key:09d}\t\t{self.finance}"
            f"\t{day} 08:40:00+08\n"
        )
        entry = self._post(
            customer, "payment", key, number, f"Bank transfer REF{key:09d}", day, day, credit=amount, by=self.finance
        )
        self.accounts[customer].balance -= amount
        self.rows["orders_openitem"].append(f"{entry}\t{entry}\t{customer}\tf\t{day}\t{day}\t{money(amount)}\t0\n")
        for debit, part in paid:
            self.rows["orders_allocation"].append(f"{debit.entry}\t{entry}\t{money(part)}\t{day}\t{day} 08:40:00+08\n")

    def _close(self, customer: int, debit: Debit) -> None:
        """Write the open item of a debit, once it is known what stays open of it."""
        due = debit.shipped + timedelta(days=TERMS_DAYS)
        self.rows["orders_openitem"].append(
            f"{debit.entry}\t{debit.entry}\t{customer}\tt\t{debit.shipped}\t{due}\t{money(debit.amount)}\t{money(debit.open)}\n"
        )

    def _number(self, series: str, year: int) -> str:
        self.numbers[series, year] += 1
        return f"{series}-{year}-{self.numbers[series, year]:06d}"


def money(cents: int) -> str:
    """Cents as the database reads them."""
    return f"{cents // 100}.{cents % 100:02d}"
