"""Books for tests: a folder of files, and the way from there into the product."""

from pathlib import Path
from typing import Any

from django.db import transaction

from salesops.imports.books import KindCount, RowError, open_books
from salesops.imports.mapping import read_mapping
from salesops.users.models import User


class Silent:
    """Progress that nobody watches."""

    def start_part(self, saying: Any, total: int | None = None) -> None:
        """Nobody hears it."""

    def step(self, done: int, total: int | None = None) -> None:
        """Nobody sees it."""


def check(folder: Path, mapping: str) -> tuple[list[KindCount], list[RowError]]:
    """Read and check books; write nothing."""
    with open_books(read_mapping(mapping), folder) as books:
        books.read(Silent())
        books.check(Silent())
        return books.counts(), list(books.errors())


def load(folder: Path, mapping: str, *, by: User) -> tuple[dict[str, KindCount], list[RowError]]:
    """Read, check and load the good rows of books."""
    with open_books(read_mapping(mapping), folder) as books:
        books.read(Silent())
        books.check(Silent())
        counts, errors = books.counts(), list(books.errors())
        with transaction.atomic():
            books.load(by=by, progress=Silent())
        return {count.key: count for count in counts}, errors
