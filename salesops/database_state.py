"""What a start needs to know of the database, asked without Django, whose import costs a second."""

import hashlib
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import psycopg

from salesops.embedded import CannotStart

PACKAGES = ("salesops", "customers", "orders", "staff", "reports")


class DatabaseState:
    """Whether this code has migrated this database already, and whether there are people in it."""

    def __init__(self, url: str, stamp: Path, root: Path) -> None:
        self.url, self.stamp, self.root = url, stamp, root

    def is_migrated(self) -> bool:
        """Whether the stamp says so for this code, this very database and the migrations that it records.

        Raises CannotStart when the database does not answer.
        """
        now = self._now()
        return self.stamp.is_file() and self.stamp.read_text() == now

    def remember_migrated(self) -> None:
        """Write the stamp: the next start with the same code on the same database need not migrate."""
        self.stamp.write_text(self._now())

    def has_people(self) -> bool:
        """Whether anybody can sign in; asked after migrating."""
        return bool(self._ask("SELECT EXISTS (SELECT FROM users_user)")[0][0])

    def people_among(self, usernames: Sequence[str]) -> list[str]:
        """Those of the user names that exist, in the order given."""
        found = {
            name for (name,) in self._ask("SELECT username FROM users_user WHERE username = ANY(%s)", [list(usernames)])
        }
        return [name for name in usernames if name in found]

    def _now(self) -> str:
        return f"{self._code} {self._identity()}"

    @cached_property
    def _code(self) -> str:
        """All our Python and the lock: permissions are written after migrating, so migrations alone are not enough."""
        digest = hashlib.sha256((self.root / "requirements.txt").read_bytes())
        for package in PACKAGES:
            for file in sorted((self.root / package).rglob("*.py")):
                digest.update(str(file.relative_to(self.root)).encode() + file.read_bytes())
        return digest.hexdigest()

    def _identity(self) -> str:
        """The cluster, the database in it, and how far its migrations are."""
        if self._ask("SELECT to_regclass('django_migrations') IS NULL")[0][0]:
            return "never migrated"
        rows = self._ask(
            "SELECT system_identifier, (SELECT oid FROM pg_database WHERE datname = current_database()),"
            " (SELECT count(*) FROM django_migrations), (SELECT max(id) FROM django_migrations)"
            " FROM pg_control_system()"
        )
        return " ".join(map(str, rows[0]))

    def _ask(self, query: str, parameters: Sequence[object] = ()) -> list[tuple[object, ...]]:
        try:
            with psycopg.connect(self.url, connect_timeout=10) as connection:
                return connection.execute(query.encode(), parameters).fetchall()
        except psycopg.OperationalError as failure:
            raise CannotStart(
                f"the database of DATABASE_URL does not answer: {str(failure).strip().splitlines()[-1]}"
            ) from None
