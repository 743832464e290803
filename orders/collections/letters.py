"""What a letter of today would say, with nothing kept: of one customer, or all that are due."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from customers.files.models import Customer
from salesops.kernel.money import ZERO
from salesops.users.models import User

from .models import Reminder, ReminderItem, ReminderLevel
from .proposals import LateItem, Proposal, late_items, proposals

MOST_DUE = 500
"""Letters that one looks at before they leave; the next ones are due once these have left."""


@dataclass(frozen=True)
class DueLetter:
    """A letter that is due, to whom, and where it would go: empty where it is to print."""

    proposal: Proposal
    customer: Customer
    level: ReminderLevel
    sent_to: str


@dataclass(frozen=True)
class Preview:
    """A letter as it would leave today, and whether it does."""

    letter: Reminder
    lines: list[ReminderItem]
    is_due: bool


def due_letters(user: User, today: date) -> list[DueLetter]:
    """Return the letters that are due to customers in scope, the highest level and the largest amount first.

    At most MOST_DUE; in a constant number of queries.
    """
    due = proposals(today, Customer.objects.visible_to(user))[:MOST_DUE]
    customers = Customer.objects.prefetch_related("contacts").in_bulk([one.customer_id for one in due])
    levels = {level.number: level for level in ReminderLevel.objects.all()}
    return [
        DueLetter(one, customers[one.customer_id], levels[one.level], address_of(customers[one.customer_id]))
        for one in due
    ]


def preview(customer: Customer, today: date) -> Preview | None:
    """Return the letter to a customer with all that is overdue; None where nothing is, or all of it is disputed."""
    only = Customer.objects.filter(pk=customer.pk)
    items = late_items(today, only)
    level = ReminderLevel.objects.filter(number=max((one.level for one in items), default=0)).first()
    if level is None:
        return None
    letter = draft(customer, level, items, today)
    return Preview(letter, lines_of(letter, items), bool(proposals(today, only)))


def draft(customer: Customer, level: ReminderLevel, items: Iterable[LateItem], today: date) -> Reminder:
    """Return a letter to a customer as it would leave today: no number, statement or sender yet."""
    return Reminder(
        customer=customer,
        name=customer.name,
        name_zh=customer.name_zh,
        level=level.number,
        title=level.title,
        title_zh=level.title_zh,
        text=level.text,
        text_zh=level.text_zh,
        made_on=today,
        amount=sum((one.amount for one in items), ZERO),
        sent_to=address_of(customer),
    )


def lines_of(reminder: Reminder, items: Iterable[LateItem]) -> list[ReminderItem]:
    """Return the lines of a letter, in one query."""
    holding = set(ReminderLevel.objects.filter(holds=True).values_list("number", flat=True))
    return [
        ReminderItem(
            reminder=reminder,
            item_id=one.item_id,
            made_on=reminder.made_on,
            document=one.document,
            due_on=one.due_on,
            days=one.days,
            level=one.level,
            disputed=one.disputed,
            amount=one.amount,
            holds=one.level > one.before and one.level in holding,
        )
        for one in items
    ]


def address_of(customer: Customer) -> str:
    """Return where a customer's letters go: its own address, or else that of its first contact who has one."""
    contacts = sorted(customer.contacts.all(), key=lambda one: one.pk)
    return str(customer.email) or next((str(one.email) for one in contacts if one.email), "")
