"""`make test-servers`: the tests against Debian's PostgreSQL 15 and Redis 7 instead of the embedded servers.

Installs the two where they are missing (as root on Debian; elsewhere it says what to install), starts them on free
ports of loopback with passwords and data in a new folder, runs pytest with the arguments given, and stops them whatever
happens. The tests' own account is no superuser. Tests that bring servers of their own run only where the arguments name
them.
`--install` installs them, and the other programs that tests ask for, and runs nothing.
"""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import psycopg
import redis
from psycopg import sql

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from salesops.embedded.accounts import account_for_postgres  # noqa: E402
from salesops.embedded.errors import CannotStart  # noqa: E402
from salesops.embedded.processes import start_process, stop_process, wait_until_ready  # noqa: E402

POSTGRES = Path("/usr/lib/postgresql/15/bin")
PACKAGES = ("postgresql-15", "redis-server")
OTHERS = ("nginx-light", "iproute2", "poppler-utils")
"""What further tests skip without: TLS in front, hosts as network namespaces, the text of a delivery note."""
INSTALL = "--install"
POLICY = Path("/usr/sbin/policy-rc.d")
BRING_THEIR_OWN = [
    "tests/setup",
    "tests/hosts",
    "tests/proof/test_killed_broker.py",
    "tests/proof/test_killed_database.py",
    "tests/proof/test_killed_web.py",
    "tests/proof/test_upgrade.py",
    "tests/proof/test_watched.py",
]
"""Tests that start embedded servers themselves, whatever is given: they would show the same once more."""

SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "100"}


def main(arguments: list[str]) -> int:
    """Run the tests and return pytest's code; 2 when the servers could not be provided."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    try:
        if arguments == [INSTALL]:
            install(*PACKAGES, *OTHERS)
            return 0
        if not ((POSTGRES / "postgres").exists() and shutil.which("redis-server")):
            install(*PACKAGES)
        with ExitStack() as running:
            folder = Path(running.enter_context(tempfile.TemporaryDirectory(prefix="salesops-servers-")))
            folder.chmod(0o711)  # PostgreSQL's account passes through
            urls = {"DATABASE_URL": start_postgres(running, folder), "REDIS_URL": start_redis(running, folder)}
            return run_tests(running, [*(f"--ignore={path}" for path in BRING_THEIR_OWN), *arguments], urls)
    except CannotStart as refusal:
        print(f"test-servers: {refusal}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def install(*packages: str) -> None:
    """Afterwards the packages are there; raises CannotStart naming what to install where we cannot."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise CannotStart(f"install {' and '.join(packages)} of Debian 12, or run this as root there")
    with services_kept_off():
        quiet = {"env": os.environ | {"DEBIAN_FRONTEND": "noninteractive"}, "stdout": subprocess.DEVNULL}
        for command in (["update"], ["install", "--yes", "--no-install-recommends", *packages]):
            if subprocess.run(["apt-get", "-q", *command], check=False, **quiet).returncode:  # type: ignore[call-overload]
                raise CannotStart(f"apt-get {command[0]} failed, for the reason above")


@contextmanager
def services_kept_off() -> Iterator[None]:
    """While packages are installed none starts its service, whose port and memory nobody here asked for."""
    if POLICY.exists():
        yield
        return
    POLICY.write_text("#!/bin/sh\nexit 101\n")
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink()


def start_postgres(running: ExitStack, folder: Path) -> str:
    """Start a new cluster and return the address of an empty database in it, of an account that may make others."""
    data, log, port = folder / "postgresql", folder / "postgresql.log", free_port()
    account = account_for_postgres(data)
    data.mkdir(mode=0o700)
    password_file = folder / "password"
    password_file.write_text(secrets.token_urlsafe(16))
    if account:
        account.own(data)
        account.own(password_file)
    initdb: list[str | Path] = [POSTGRES / "initdb", f"--pgdata={data}", "--username=owner", "--encoding=UTF8"]
    initdb += ["--locale=C.UTF-8", "--auth=scram-sha-256", f"--pwfile={password_file}", "--no-sync"]
    if start_process(initdb, when_parent_dies=signal.SIGKILL, cwd=folder, log=log, account=account).wait():
        raise CannotStart(f"initdb failed: {log.read_text()}")
    options = [f"--{name}={value}" for name, value in SETTINGS.items()]
    options += ["--listen_addresses=127.0.0.1", f"--port={port}", "--unix_socket_directories="]
    server = start_process(
        [POSTGRES / "postgres", "-D", data, *options],
        when_parent_dies=signal.SIGINT,
        cwd=folder,
        log=log,
        account=account,
    )
    running.callback(stop_process, server, signal.SIGINT, seconds=30)
    owner = f"postgresql://owner:{password_file.read_text()}@127.0.0.1:{port}/postgres"
    wait_until_ready(lambda: answers(lambda: psycopg.connect(owner).close()), server, name="PostgreSQL", seconds=60)
    return make_account(owner, port)


def make_account(owner: str, port: int) -> str:
    """What an administrator does for an installation: an account, and a database that it owns.

    Between tests the account may pass over triggers: see tests/support/emptying.py.
    """
    password = secrets.token_urlsafe(16)
    with psycopg.connect(owner, autocommit=True) as server:
        server.execute(sql.SQL("CREATE ROLE salesops LOGIN CREATEDB PASSWORD {}").format(sql.Literal(password)))
        server.execute("GRANT SET ON PARAMETER session_replication_role TO salesops")
        server.execute("CREATE DATABASE salesops OWNER salesops")
    return f"postgresql://salesops:{password}@127.0.0.1:{port}/salesops"


def start_redis(running: ExitStack, folder: Path) -> str:
    """Start an empty server and return its address."""
    password, port = secrets.token_urlsafe(16), free_port()
    settings = folder / "redis.conf"  # not in the command, which everybody can read
    settings.touch(mode=0o600)
    settings.write_text(f'bind 127.0.0.1\nport {port}\nrequirepass {password}\ndir {folder}\nsave ""\nappendonly yes\n')
    server = start_process(
        ["redis-server", settings], when_parent_dies=signal.SIGTERM, cwd=folder, log=folder / "redis.log"
    )
    running.callback(stop_process, server, signal.SIGTERM, seconds=15)
    url = f"redis://:{password}@127.0.0.1:{port}/0"
    wait_until_ready(lambda: answers(redis.Redis.from_url(url).ping), server, name="Redis", seconds=30)
    return url


def run_tests(running: ExitStack, arguments: list[str], urls: dict[str, str]) -> int:
    """Run pytest with the servers in its environment and return its code."""
    env = os.environ | urls
    env["DJANGO_SETTINGS_MODULE"] = "salesops.settings_test"  # importing salesops named the other
    env["SALESOPS_TEST_SERVER_PROGRAMS"] = str(POSTGRES)
    tests = subprocess.Popen([sys.executable, "-m", "pytest", *arguments], cwd=ROOT, env=env)
    running.callback(stop_process, tests, signal.SIGINT, seconds=30)
    return tests.wait()


def answers(ask: Callable[[], object]) -> bool:
    """Whether a server takes connections by now."""
    with suppress(psycopg.OperationalError, redis.RedisError):
        ask()
        return True
    return False


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
