"""Search among customers' documents at any size: customers first, as they are few, then documents by an index.

A number, a reference or a waybill is found by how it begins, a number and a reference also by how they end.
"""

from collections.abc import Callable
from functools import reduce
from operator import and_
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Reverse
from django.db.models.lookups import StartsWith

from customers.files.models import Customer

MOST_LISTED = 1_000
"""So many customers, or deliveries, that match a word are named one by one."""

MOST_WORDS = 6


def words_of(text: str) -> list[str]:
    """Return the words to search for."""
    return text.replace("\x00", "").split()[:MOST_WORDS]


def with_words(rows: Any, text: str, also: Callable[[str], Q] = lambda _word: Q()) -> Any:
    """Keep documents in which every word stands in the customer's name or code, or begins or ends the number.

    The series that begins the numbers may be left out: DL-2026-000123 is found by “dl-2026”, “2026-0001” and “123”.
    `also` says by what else a word finds a document; where the whole text finds one so, that is enough.
    """
    words = words_of(text)
    if not words:
        return rows
    series = rows.model.series
    each = (of_customers_like(word) | number_condition(word, series) | also(word) for word in words)
    condition = reduce(and_, each)
    return rows.filter(condition | also(" ".join(words)) if len(words) > 1 else condition)


def with_number(rows: Any, text: str) -> Any:
    """Keep documents whose number begins or ends with a text."""
    return rows.filter(number_condition(text, rows.model.series))


def number_condition(word: str, series: str) -> Q:
    """The condition that a number begins or ends with a word; never for a word without digit."""
    if not any(sign.isdigit() for sign in word):
        return Q(pk__in=[])
    condition = Q()
    for written in {word, word.upper()}:
        condition |= Q(number__startswith=written) | Q(StartsWith(Reverse("number"), written[::-1]))
    return condition | Q(number__startswith=f"{series}-{word}") if word[0].isdigit() else condition


def of_customers_like(word: str) -> Q:
    """The condition that a document is of a customer in whose name or code a word stands; asks for the customers."""
    named = Customer.objects.filter(
        Q(name__icontains=word) | Q(name_zh__icontains=word) | Q(code__icontains=word)
    ).order_by()
    return Q(customer__in=keys_of(named))


def keys_of(found: QuerySet[Any]) -> Any:
    """Return the keys of what was found; where few were, one by one, which lets an index find what belongs to them."""
    keys = found.values_list("pk", flat=True)
    few = list(keys[: MOST_LISTED + 1])
    return few if len(few) <= MOST_LISTED else keys
