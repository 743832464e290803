"""A full count of all facts, in parts by as many workers as there are, while everybody reads what is in use.

It proves what was brought along: where it finds the same, nothing changes; where it does not, its facts are used from
then on, and the administrators are told. What posts meanwhile is marked, and counted once more before the end.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any, TypeVar

from django.db import connection, transaction
from django.db.models import Max, Min
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from customers.files.models import Customer
from orders.shipments.models import Shipment
from salesops.kernel.errors import require
from salesops.kernel.periods import Period
from salesops.notify.services import notify
from salesops.users.models import User
from salesops.users.people.queries import administrators

from .counting import DEFINITION, Asked, count_facts, drop_facts
from .models import AccountFact, BuildState, FactBuild, FactPart, GoodsFact
from .services import (
    CUSTOMERS_AT_ONCE,
    day_of_facts,
    generation_in_use,
    last_turn,
    lock_facts,
    mark_moved,
    months_by_customer,
)

Item = TypeVar("Item")
MONTHS_A_PART = 6
CUSTOMERS_A_PART = 1_000
FIRST_DIFFERENCES = 20

DIFFERENCES = """
WITH kept AS (SELECT {columns} FROM {table} WHERE generation = %(kept)s),
counted AS (SELECT {columns} FROM {table} WHERE generation = %(counted)s),
differing AS (
    SELECT -1 AS side, only_kept.* FROM (TABLE kept EXCEPT ALL TABLE counted) only_kept
    UNION ALL SELECT 1, only_counted.* FROM (TABLE counted EXCEPT ALL TABLE kept) only_counted
), places AS (
    SELECT customer_id, month, COALESCE(SUM({figure}) FILTER (WHERE side = -1), 0) AS kept,
           COALESCE(SUM({figure}) FILTER (WHERE side = 1), 0) AS counted
    FROM differing GROUP BY customer_id, month
)
SELECT COUNT(*) OVER (), code, places.month, kept, counted
FROM places JOIN customers_customer ON customers_customer.id = customer_id
ORDER BY month, code LIMIT %(first)s
"""
COMPARED = {
    "goods": {
        "table": "orders_goodsfact",
        "columns": "customer_id, month, product_id, region_id, representative_id, quantity, amount, lines",
        "figure": "amount",
    },
    "account": {
        "table": "orders_accountfact",
        "columns": "customer_id, month, region_id, representative_id, quantity, amount, debits, payments, credits,"
        " opening, closing, overdue, new_customers, lost_customers",
        "figure": "closing",
    },
}


@transaction.atomic
def begin_count(*, by: User | None = None, night: date | None = None) -> FactBuild:
    """Begin a full count, or go on with the one that was broken off; its parts wait for workers.

    One that counts by other statements than those of this version is given up and begun anew. A night has one.
    """
    lock_facts()
    tonight = FactBuild.objects.filter(night=night).exclude(finished_at=None).first() if night else None
    if tonight is not None:
        return tonight
    build = FactBuild.objects.filter(state=BuildState.COUNTING).first()
    if build is not None and build.definition == DEFINITION:
        return build
    if build is not None:
        build.state, build.finished_at, build.night = BuildState.REPLACED, timezone.now(), None
        build.save(update_fields=["state", "finished_at", "night"])
    build = FactBuild.objects.create(definition=DEFINITION, asked_by=by, night=night)
    FactPart.objects.bulk_create(_parts_of(build))
    return build


def _parts_of(build: FactBuild) -> Iterator[FactPart]:
    days = Shipment.objects.aggregate(first=Min("shipped_on"), last=Max("shipped_on"))
    if days["first"]:
        months = Period(days["first"], days["last"] + timedelta(days=1)).months()
        for some in in_pieces(months, MONTHS_A_PART):
            yield FactPart(build=build, months_from=some[0].start, months_until=some[-1].end)
    for keys in in_pieces(list(Customer.objects.order_by("pk").values_list("pk", flat=True)), CUSTOMERS_A_PART):
        yield FactPart(build=build, first_customer=keys[0], last_customer=keys[-1])


def in_pieces(items: Sequence[Item], length: int) -> Iterator[Sequence[Item]]:
    """Yield the items, so many at a time."""
    return (items[at : at + length] for at in range(0, len(items), length))


@transaction.atomic
def count_next_part(build_id: int, *, wait: bool = False) -> bool:
    """Count a part that nobody is counting; False where there is none. A worker that dies leaves its part undone.

    With `wait` a part that another one is counting is waited for, and counted where that one failed.
    """
    if not FactBuild.objects.filter(pk=build_id, state=BuildState.COUNTING, definition=DEFINITION).exists():
        return False
    parts = FactPart.objects.filter(build_id=build_id, is_done=False).order_by("pk")
    part = parts.select_for_update(skip_locked=not wait).first()
    if part is None:
        return False
    if part.months_from is not None and part.months_until is not None:
        asked = Asked.goods_of_months(part.months_from, part.months_until)
    else:
        assert part.first_customer is not None and part.last_customer is not None
        asked = Asked.accounts_of(part.first_customer, part.last_customer)
    count_facts(asked, generation=build_id, today=day_of_facts())
    part.is_done = True
    part.save(update_fields=["is_done"])
    return True


@transaction.atomic
def finish_count(build_id: int) -> FactBuild:
    """Compare what was counted with what is in use, and use it where they differ; RuleBroken while parts are missing.

    Both are brought up to the same moment before. Nothing happens where another one has finished it.
    """
    lock_facts()
    build = FactBuild.objects.get(pk=build_id)
    if build.state != BuildState.COUNTING:
        return build
    require(not build.parts.filter(is_done=False).exists(), _("Not everything has been counted yet."), rule="ended")
    if turned := last_turn():
        mark_moved(turned)
    _bring_to_one_moment(build)
    build.differences, build.found = _compare(kept=generation_in_use(), counted=build.pk)
    build.finished_at = timezone.now()
    if build.differences:
        FactBuild.objects.filter(state=BuildState.IN_USE).update(state=BuildState.REPLACED)
    build.state = BuildState.IN_USE if build.differences else BuildState.EQUAL
    build.save(update_fields=["state", "finished_at", "differences", "found"])
    if build.differences:
        _tell(build)
    return build


def _bring_to_one_moment(build: FactBuild) -> None:
    """Count again in the new facts what was marked since their count began, and in those in use what still waits.

    The marks are taken first: what is committed meanwhile may be read already, and is counted again by its own mark.
    """
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM orders_factmark RETURNING customer_id, month, is_counted")
        marks = cursor.fetchall()
    today, in_use = day_of_facts(), generation_in_use()
    waiting = months_by_customer((customer, month) for customer, month, is_counted in marks if not is_counted)
    everything = months_by_customer((customer, month) for customer, month, _is_counted in marks)
    for generation, months in ((in_use, waiting), (build.pk, everything)):
        for customers in in_pieces(sorted(months), CUSTOMERS_AT_ONCE):
            asked = Asked.marked({customer: months[customer] for customer in customers})
            drop_facts(asked, generation=generation)
            count_facts(asked, generation=generation, today=today)


def _compare(*, kept: int, counted: int) -> tuple[int, list[dict[str, Any]]]:
    """In how many months of customers two generations differ, and the first of them."""
    total, found = 0, list[dict[str, Any]]()
    with connection.cursor() as cursor:
        for what, names in COMPARED.items():
            values = {"kept": kept, "counted": counted, "first": FIRST_DIFFERENCES}
            cursor.execute(DIFFERENCES.format(**names), values)
            rows = cursor.fetchall()
            total += rows[0][0] if rows else 0
            found += [
                {"what": what, "customer": code, "month": f"{month:%Y-%m}", "kept": f"{old}", "counted": f"{new}"}
                for _count, code, month, old, new in rows
            ]
    return total, found[:FIRST_DIFFERENCES]


def _tell(build: FactBuild) -> None:
    first = build.found[0]
    notify(
        "facts.differ",
        to=administrators(),
        title=lambda: (
            ngettext(
                "The statistics differed from the documents in %(count)d month of a customer",
                "The statistics differed from the documents in %(count)d months of customers",
                build.differences,
            )
            % {"count": build.differences}
        ),
        text=lambda: (
            _("They were counted anew. The first: %(customer)s %(month)s, kept %(kept)s, counted %(counted)s.") % first
        ),
        url=build.get_absolute_url(),
    )


def drop_left_facts() -> int:
    """Delete the facts of counts that nobody reads any more, a month at a time; returns how many rows."""
    dropped = 0
    for model in (GoodsFact, AccountFact):
        kept = {generation_in_use(), *FactBuild.objects.filter(state=BuildState.COUNTING).values_list("pk", flat=True)}
        left = model.objects.exclude(generation__in=kept).order_by("generation", "month")
        for generation, month in left.values_list("generation", "month").distinct():
            dropped += model.objects.filter(generation=generation, month=month).delete()[0]
    return dropped
