"""Whether the books add up: every figure that is kept is compared with the rows that it is the sum of.

    with one_moment():
        found = differences()

All claims of claims.py are asked within one snapshot of the database, so that work going on beside it can
neither hide a difference nor make one up. Nothing is locked and nothing is written.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any

from django.db import connection, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from .claims import CLAIMS, Claim

WORDS = {claim.key: claim.words for claim in CLAIMS}
ADDRESSES = {
    "account": "orders:account",
    "adjustment": "orders:adjustment",
    "bill": "orders:bill",
    "delivery": "orders:delivery",
    "payment": "orders:payment",
    "product": "orders:product",
    "shipment": "orders:shipment",
}
PLANNING = "SET LOCAL work_mem = '128MB'; SET LOCAL enable_nestloop = off"
"""Every claim reads whole tables: sums are made in memory, and joined by hash. A sum whose size the planner guesses
wrong would else be looked up row by row, for half an hour at a million deliveries."""


@dataclass(frozen=True)
class Document:
    """A document that a difference is about, by the number under which a person opens it."""

    kind: str
    number: str

    @property
    def url(self) -> str:
        """The address of its page."""
        return reverse(ADDRESSES[self.kind], args=[self.number])


@dataclass(frozen=True)
class Difference:
    """A claim that does not hold of something: the figure kept, the one its rows make, and where to look.

    `more_follow` stands on the last one that is said of a claim, where the claim fails of more than was asked for.
    """

    claim: str
    about: str
    kept: str
    found: str
    documents: tuple[Document, ...] = ()
    more_follow: bool = False

    def __str__(self) -> str:
        words = str(WORDS[self.claim]).format(self.about, self.kept, self.found)
        return _("%(difference)s … and more of this claim") % {"difference": words} if self.more_follow else words

    def as_json(self) -> dict[str, Any]:
        """It as a row keeps it; words are made when it is read, in the reader's language."""
        documents = [[document.kind, document.number] for document in self.documents]
        return {
            "claim": self.claim,
            "about": self.about,
            "kept": self.kept,
            "found": self.found,
            "documents": documents,
            "more_follow": self.more_follow,
        }

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "Difference":
        """What `as_json` kept."""
        documents = tuple(Document(*pair) for pair in kept["documents"])
        return cls(**{**kept, "documents": documents})


@contextmanager
def one_moment() -> Iterator[None]:
    """Within the block the database is seen as it was when the block began, and nothing can be written.

    Raises RuntimeError inside a transaction, whose snapshot is taken already.
    """
    if connection.in_atomic_block:
        raise RuntimeError("books are proved in a transaction of their own")
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            cursor.execute(PLANNING)
        yield


def differences(most: int = 100) -> list[Difference]:
    """Return where a claim does not hold, at most `most` (1 or more) of each claim; none is right.

    Call it in `one_moment`: inside another transaction it sees what that transaction sees.
    """
    return [difference for _claim, found, _seconds in by_claim(most) for difference in found]


def by_claim(most: int = 100) -> Iterator[tuple[Claim, list[Difference], float]]:
    """Yield each claim with where it does not hold, and the seconds that it took."""
    for claim in CLAIMS:
        started = perf_counter()
        found = _ask(claim, most)
        yield claim, found, perf_counter() - started


def _ask(claim: Claim, most: int) -> list[Difference]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM ({claim.sql}) differs ORDER BY 1, 2, 3 LIMIT %s", [most + 1])  # noqa: S608  ours
        found = [
            Difference(claim.key, about, kept, made, tuple(Document(*place.split(":", 1)) for place in places))
            for about, kept, made, places in cursor.fetchall()
        ]
    if len(found) > most:
        found[most - 1 :] = [replace(found[most - 1], more_follow=True)]
    return found


def were_cut(found: Iterable[Difference]) -> bool:
    """Whether there are more than those that were found, whose number is then the least."""
    return any(one.more_follow for one in found)
