"""The part of the machine that gets paid: letters, promises, disputes, and what they do to an account.

What is due to whom is worked out here anew, item by item, from days and amounts; what is open of an item is read.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from customers.accounts.terms import DuePart
from customers.models import CreditAccount, Customer
from orders.collections.models import ReminderLevel
from orders.collections.queries import promises_for, with_state
from orders.collections.reminding import remind
from orders.collections.services import close_dispute, open_dispute, record_promise, withdraw_promise
from orders.models import Dispute, OpenItem, Payment, ReminderItem
from orders.payments.models import OpeningBalance
from orders.receivables.models import Source
from orders.receivables.services import post_entry
from tests.orders.collections.test_proposals import backdate
from tests.support.build import Sales

CENT = Decimal("0.01")
LEVELS = {1: (0, 1), 2: (7, 7), 3: (21, 7), 4: (45, 14)}
"""Days overdue, and days after the level before."""
HOLDING = {2, 4}
anything = st.integers(0, 10_000)


@dataclass
class Collected:
    """What the model knows of what was done to get paid by a customer."""

    held_by_person: bool = False
    has_held: bool = False
    """Whether a letter has put the account on hold since somebody let it go."""
    held_for: set[int] = field(default_factory=set)
    """What letters raised to a level that holds since then."""
    disputes: dict[int, tuple[int, Decimal]] = field(default_factory=dict)
    """Those that nobody has closed: item and amount."""

    def disputed(self, item: int, open_amount: Decimal) -> Decimal:
        """How much of what is open of an item is disputed."""
        return min(sum((amount for of, amount in self.disputes.values() if of == item), Decimal(0)), open_amount)

    @property
    def on_hold(self) -> bool:
        """Somebody holds it, or something is open and not disputed that a letter held it for."""
        return self.held_by_person or any(
            amount > self.disputed(pk, amount) for pk, amount in open_of(self.held_for).items()
        )

    def let_go(self) -> None:
        """Somebody lifts the hold, and lets go all that letters held for."""
        self.held_by_person, self.has_held, self.held_for = False, False, set()


@dataclass
class Promised:
    """A promise, and what was paid since: by payment."""

    pk: int
    customer: int
    amount: Decimal
    paid: dict[int, Decimal] = field(default_factory=dict)
    is_withdrawn: bool = False

    @property
    def outcome(self) -> str:
        """What became of it; none is for a day that is over."""
        kept = sum(self.paid.values()) >= self.amount
        return "withdrawn" if self.is_withdrawn else "kept" if kept else "open"


@dataclass
class Late:
    """What a letter of today would say of an item."""

    level: int
    before: int
    amount: Decimal
    disputed: Decimal


def open_of(items: set[int]) -> dict[int, Decimal]:
    """How much is open of some items; those that are settled are left out."""
    rows = OpenItem.objects.filter(pk__in=items, open_amount__gt=0) if items else OpenItem.objects.none()
    return dict(rows.values_list("pk", "open_amount"))


def owe(customer: Customer, parts: Sequence[tuple[int, int]]) -> Decimal:
    """Let a customer owe amounts, each since so many days, when its books are taken over; returns all of it."""
    today, total = timezone.localdate(), Decimal(sum(amount for amount, _days in parts))
    opening = OpeningBalance.objects.create(customer=customer, on=today, amount=total)
    post_entry(
        CreditAccount.objects.locked(customer.pk),
        source=Source.OPENING,
        source_id=opening.pk,
        document=f"OB-{customer.code}",
        posted_on=today,
        due=[DuePart(today - timedelta(days=days), Decimal(amount)) for amount, days in parts],
        debit=total,
        by=None,
    )
    return total


class Collecting(RuleBasedStateMachine):
    """People who get paid; the machine has the accounts, and does what they do."""

    sales: Sales
    accounts: dict[int, Any]
    do: Any
    customer: Any
    nobody_waits_beside_room: Any

    def __init__(self) -> None:
        super().__init__()
        self.reached: dict[int, tuple[int, date]] = {}
        """Of each item that was reminded of: at which level last, and since when."""
        self.reminded_on: dict[int, date] = {}
        self.disputes: list[tuple[int, int]] = []
        self.promises: list[Promised] = []

    def begin_collecting(self) -> None:
        """Some levels hold, and two customers are late from the first day on."""
        assert {one.number: (one.days, one.gap) for one in ReminderLevel.objects.all()} == LEVELS
        ReminderLevel.objects.filter(number__in=HOLDING).update(holds=True)
        nobody: list[tuple[int, int]] = []
        late = ([(300, 12), (200, 9), (200, 2)], nobody, [(300, 60), (200, 30), (100, 8)])
        for (pk, account), parts in zip(self.accounts.items(), late, strict=True):
            account.balance += owe(Customer.objects.get(pk=pk), parts) if parts else 0

    # ---- letters ----
    @rule(who=anything)
    def remind(self, who: int) -> None:
        """Whoever is due a letter gets it, with every item at its level; nobody else does."""
        customer = self.customer(who)
        account, late = self.accounts[customer.pk], self.late(customer.pk)
        ahead = OpenItem.objects.filter(customer=customer, is_debit=False).values_list("open_amount", flat=True)
        is_due = (
            any(one.level > one.before for one in late.values())
            and sum(one.amount for one in late.values()) > sum(ahead)
            and self.reminded_on.get(customer.pk) != timezone.localdate()
        )
        was_held = account.on_hold
        letter = self.do(lambda: remind(customer.pk, by=self.sales.finance))
        assert (letter is not True) == is_due
        if not is_due:
            return
        lines = {line.item_id: (line.level, line.amount, line.disputed) for line in letter.lines.all()}
        assert lines == {pk: (one.level, one.amount, one.disputed) for pk, one in late.items()}
        assert (letter.amount, letter.level) == (
            sum(one.amount for one in late.values()),
            max(one.level for one in late.values()),
        )
        raised = {pk for pk, one in late.items() if one.level > one.before}
        self.reached |= {pk: (late[pk].level, timezone.localdate()) for pk in raised}
        self.reminded_on[customer.pk] = timezone.localdate()
        holding = {pk for pk in raised if late[pk].level in HOLDING}
        account.has_held |= bool(holding) and not was_held
        assert bool(letter.hold_at) == (bool(holding) and not was_held)
        if account.has_held:
            account.held_for |= holding

    def late(self, customer: int) -> dict[int, Late]:
        """What a letter of today would say: a level only after the one before, nothing that is disputed."""
        today, found = timezone.localdate(), dict[int, Late]()
        rows = OpenItem.objects.filter(customer=customer, is_debit=True, open_amount__gt=0, due_on__lt=today)
        for pk, due_on, amount in rows.values_list("pk", "due_on", "open_amount"):
            before, since = self.reached.get(pk, (0, None))
            may = before + 1 in LEVELS and (today - due_on).days >= LEVELS[before + 1][0]
            rises = may and (since is None or since + timedelta(days=LEVELS[before + 1][1]) <= today)
            disputed = self.accounts[customer].disputed(pk, amount)
            if disputed < amount and before + rises:
                found[pk] = Late(before + rises, before, amount - disputed, disputed)
        return found

    @rule(days=st.sampled_from([1, 7, 14]))
    def days_pass(self, days: int) -> None:
        """All letters were sent so many days earlier."""
        backdate(days)
        span = timedelta(days=days)
        self.reached = {pk: (level, since - span) for pk, (level, since) in self.reached.items()}
        self.reminded_on = {pk: day - span for pk, day in self.reminded_on.items()}

    # ---- disputes ----
    @rule(who=anything, at=anything, part=st.sampled_from(["all", "all", "half", "more", "nothing"]))
    def dispute(self, who: int, at: int, part: str) -> None:
        customer = self.customer(who)
        account = self.accounts[customer.pk]
        items = OpenItem.objects.open().debits().filter(customer=customer).order_by("due_on", "pk")
        item = items[at % 4 % len(items)] if items else None
        if item is None:
            return
        left = item.open_amount - account.disputed(item.pk, item.open_amount)
        amount = {"all": left, "half": (left / 2).quantize(CENT), "more": left + CENT, "nothing": Decimal(0)}[part]
        made = self.do(
            lambda: open_dispute(by=self.sales.finance, item_id=item.pk, kind="price", amount=amount, text="x")
        )
        assert bool(made) == (0 < amount <= left)
        if made:
            account.disputes[made.pk] = (item.pk, amount)
            self.disputes.append((made.pk, customer.pk))
            self.nobody_waits_beside_room(customer.pk)

    @rule(at=anything)
    def end_dispute(self, at: int) -> None:
        if not self.disputes:
            return
        pk, customer = self.disputes[at % len(self.disputes)]
        open_ones = self.accounts[customer].disputes
        done = self.do(lambda: close_dispute(pk, by=self.sales.finance, outcome="x"))
        assert bool(done) == (pk in open_ones)
        open_ones.pop(pk, None)

    @rule(who=st.sampled_from([0, 0, 1, 2, 2]), ends=st.booleans())
    def dispute_what_holds(self, who: int, ends: bool) -> None:
        """Two letters with a week between them, then a dispute of each old debt: few examples come so far otherwise."""
        self.remind(who)
        self.days_pass(7)
        self.remind(who)
        for at in range(3):
            self.dispute(who, at, "all")
        if ends:
            self.end_dispute(len(self.disputes) - 1)

    # ---- promises ----
    @rule(who=anything, cents=st.integers(0, 100_000), days=st.sampled_from([-1, 0, 3, 3]))
    def promise(self, who: int, cents: int, days: int) -> None:
        customer, amount = self.customer(who), Decimal(cents) / 100
        day = timezone.localdate() + timedelta(days=days)
        is_free = not any(one.customer == customer.pk and one.outcome == "open" for one in self.promises)
        made = self.do(
            lambda: record_promise(by=self.sales.finance, customer_id=customer.pk, amount=amount, promised_for=day)
        )
        assert bool(made) == (cents > 0 and days >= 0 and is_free)
        if made:
            self.promises.append(Promised(made.pk, customer.pk, amount))

    @rule(at=anything)
    def withdraw(self, at: int) -> None:
        if not self.promises:
            return
        promise = self.promises[at % len(self.promises)]
        done = self.do(lambda: withdraw_promise(promise.pk, by=self.sales.finance))
        assert bool(done) == (promise.outcome == "open")
        promise.is_withdrawn |= bool(done)

    def counts_for_promises(self, payment: Payment) -> None:
        """What came today counts for every promise of the customer that was given before it."""
        if payment.received_on == timezone.localdate():
            for promise in self.promises:
                if promise.customer == payment.customer_id:
                    promise.paid[payment.pk] = payment.amount

    def counts_no_more(self, payment: Payment) -> None:
        """A payment was reversed."""
        for promise in self.promises:
            promise.paid.pop(payment.pk, None)

    # ---- what always holds ----
    @invariant()
    def promises_stand_as_payments_say(self) -> None:
        found = dict(promises_for(self.sales.finance).values_list("pk", "outcome")) if self.promises else {}
        assert found == {promise.pk: promise.outcome for promise in self.promises}

    @invariant()
    def accounts_are_on_hold_for_a_reason(self) -> None:
        held = dict(CreditAccount.objects.filter(pk__in=self.accounts).values_list("pk", "is_on_hold"))
        assert held == {pk: account.on_hold for pk, account in self.accounts.items()}

    @invariant()
    def levels_rise_one_by_one(self) -> None:
        levels: dict[int, int] = {}
        lines = ReminderItem.objects.order_by("pk") if self.reached else ReminderItem.objects.none()
        for item, level in lines.values_list("item", "level"):
            assert levels.get(item, 0) <= level <= levels.get(item, 0) + 1
            levels[item] = level
        assert levels == {pk: level for pk, (level, _since) in self.reached.items()}

    @invariant()
    def no_more_is_disputed_than_is_open(self) -> None:
        left: dict[int, Decimal] = {}
        columns = ("item", "item__customer", "item__open_amount", "left")
        rows = with_state(Dispute.objects.all() if self.disputes else Dispute.objects.none())
        for item, customer, open_amount, amount in rows.values_list(*columns):
            left[item] = left.get(item, Decimal(0)) + amount
            assert left[item] <= self.accounts[customer].disputed(item, open_amount)
