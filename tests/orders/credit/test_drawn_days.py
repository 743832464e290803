"""The SQL of the pictures and the words of the querysets agree on each day: what is overdue, which limits hold."""

import random
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import Min, Sum
from django.utils import timezone

from customers.models import CreditAccount, Customer
from orders.credit.models import LimitState
from orders.credit.queries import credit_pictures
from orders.models import OpenItem, ReceivableEntry, TemporaryLimit
from orders.receivables.models import Source
from salesops.users.models import User
from tests.support.build import make_customer, make_region, make_user, next_int

pytestmark = pytest.mark.django_db

ACCOUNTS = 60
REACH = 3
"""Days on either side of today: so few that the days next to every border are drawn often."""


def near(draw: random.Random, day: date) -> date:
    return day + timedelta(draw.randint(-REACH, REACH))


def draw_item(draw: random.Random, customer: Customer, day: date) -> None:
    """A debit or credit, due about the day, of which nothing, a part or everything is open."""
    amount = Decimal(draw.randint(1, 99_999)) / 100
    debit = draw.random() < 0.7
    entry = ReceivableEntry.objects.create(
        customer=customer,
        source=Source.OPENING,
        source_id=next_int() + 5_000_000,
        document="OB",
        posted_on=day,
        due_on=near(draw, day),
        **{"debit" if debit else "credit": amount},
    )
    still_open = draw.choice([Decimal(0), Decimal("0.01"), amount])
    OpenItem.objects.create(
        entry=entry,
        customer=customer,
        is_debit=debit,
        posted_on=day,
        due_on=entry.due_on,
        amount=amount,
        open_amount=still_open,
    )


def draw_limit(draw: random.Random, customer: Customer, by: User, day: date) -> None:
    """A temporary limit in any state, with a first and a last day about the day, sometimes the same."""
    first, last = sorted((near(draw, day), near(draw, day)))
    TemporaryLimit.objects.create(
        number=f"TL-D{next_int()}",
        customer=customer,
        amount=Decimal(draw.randint(1, 99_999)) / 100,
        first_day=first,
        last_day=last,
        reason="Drawn",
        state=draw.choice([LimitState.APPROVED, *LimitState]),
        created_by=by,
    )


def as_the_words_say(customer: Customer, day: date) -> dict[str, Any]:
    items = OpenItem.objects.filter(customer=customer).overdue_on(day)
    late = items.order_by().aggregate(amount=Sum("open_amount"), oldest=Min("due_on"))
    limits = TemporaryLimit.objects.filter(customer=customer).active_on(day)
    return {
        "overdue_amount": late["amount"] or Decimal(0),
        "overdue_days": (day - late["oldest"]).days if late["oldest"] else 0,
        "temporary": limits.aggregate(total=Sum("amount"))["total"] or Decimal(0),
    }


@pytest.mark.parametrize("seed", range(3))
def test_pictures_say_of_drawn_days_what_the_querysets_say(seed: int) -> None:
    draw = random.Random(seed)
    day = timezone.localdate()
    region, by = make_region(), make_user()
    customers = [make_customer(region=region, limit=Decimal(1000)) for _ in range(ACCOUNTS)]
    for customer in customers:
        for _ in range(draw.randint(0, 5)):
            draw_item(draw, customer, day)
        for _ in range(draw.randint(0, 3)):
            draw_limit(draw, customer, by, day)
    assert not CreditAccount.objects.exclude(known_overdue_on=None).exists()

    expected = {customer.pk: as_the_words_say(customer, day) for customer in customers}
    pictures = credit_pictures([customer.pk for customer in customers])

    assert {pk: {name: getattr(picture, name) for name in expected[pk]} for pk, picture in pictures.items()} == expected
    for name in ("overdue_amount", "temporary"):
        assert 0 < sum(1 for one in expected.values() if one[name]) < ACCOUNTS, name
