"""The product on three hosts as deploy/ delivers it: servers on one, pages and work on another, work on the third."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import requests
from psycopg import sql

from salesops.embedded import Postgres, Valkey
from salesops.embedded.processes import start_process, stop_process
from tests.support.database import program

from .network import SWITCH, Network

ROOT = Path(__file__).resolve().parents[2]
SERVERS, PAGES, WORK = "servers", "pages", "work"
PASSWORD_OF_SERVERS = "of-the-servers"
LET_IN = "local all all trust\nhost all all 198.18.0.0/24 scram-sha-256\n"
STALE_SECONDS = 6


class ThreeHosts:
    """PostgreSQL (scram) and Valkey (password) over TCP; SALESOPS_FILES is one folder, as it is with NFS."""

    def __init__(self, folder: Path, dump: Path) -> None:
        self.folder, self.dump = folder, dump
        self.network = Network([SERVERS, PAGES, WORK])
        address = self.network.address[SERVERS]
        self.postgres = Postgres(folder / "postgresql", throwaway=True, settings={"listen_addresses": address})
        self.valkey = Valkey(
            folder / "valkey", settings={"bind": address, "port": "6379", "requirepass": PASSWORD_OF_SERVERS}
        )
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def url(self) -> str:
        """Where the pages are."""
        return f"http://{self.network.address[PAGES]}:8000"

    @property
    def env(self) -> dict[str, str]:
        """/etc/salesops.env, the same on every host."""
        servers = self.network.address[SERVERS]
        return os.environ | {
            "DATABASE_URL": f"postgresql://salesops:{PASSWORD_OF_SERVERS}@{servers}/salesops",
            "REDIS_URL": f"redis://:{PASSWORD_OF_SERVERS}@{servers}:6379/0",
            "SALESOPS_FILES": str(self.folder / "files"),
            "JOB_STALE_SECONDS": str(STALE_SECONDS),
            "ALLOWED_HOSTS": self.network.address[PAGES],
            "DJANGO_SETTINGS_MODULE": "salesops.settings_test",
        }

    def start_servers(self) -> None:
        """Afterwards a migrated database and an empty broker answer over TCP, to who knows the password."""
        with self.network.inside(SERVERS):
            self.postgres.start()
            self.valkey.start()
        self.postgres.create_database()
        load: list[str | Path] = [program("psql"), "-qX1", "-v", "ON_ERROR_STOP=1", f"--file={self.dump}"]
        subprocess.run([*load, self.postgres.url()], check=True, stdout=subprocess.DEVNULL)
        with psycopg.connect(self.postgres.url(), autocommit=True) as owner:
            owner.execute(sql.SQL("ALTER ROLE salesops PASSWORD {}").format(PASSWORD_OF_SERVERS))
            (self.postgres.folder / "pg_hba.conf").write_text(LET_IN)
            owner.execute("SELECT pg_reload_conf()")

    def start(self, host: str, unit: str) -> None:
        """Start a unit of deploy/ on a host, with its own command."""
        said = (ROOT / "deploy" / f"salesops-{unit}.service").read_text()
        found = re.search(r"^ExecStart=(.+)$", said, re.MULTILINE)
        assert found
        command = found.group(1).replace("127.0.0.1", self.network.address[host]).split()
        command[0] = str(Path(sys.executable).with_name(Path(command[0]).name))
        data = self.folder / host
        data.joinpath("static").mkdir(parents=True, exist_ok=True)
        with self.network.inside(host):
            self.processes[f"{unit} on {host}"] = start_process(
                [*command, *([f"--hostname={unit}@{host}"] if unit == "worker" else [])],
                when_parent_dies=signal.SIGKILL,
                cwd=ROOT,
                env=self.env | {"SALESOPS_DATA": str(data)},
                log=self.folder / f"{unit}-{host}.log",
            )

    def end(self, host: str, unit: str) -> None:
        """systemctl stop."""
        stop_process(self.processes.pop(f"{unit} on {host}"), signal.SIGTERM, seconds=20)

    def ask(self, what: str, *arguments: str) -> Any:
        """What tests/hosts/inside.py answers, on the host of the servers."""
        done = self.run(SERVERS, "-m", "tests.hosts.inside", what, *arguments)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def run(self, host: str, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command of Python on a host to its end."""
        data = {"SALESOPS_DATA": str(self.folder / host)}
        with self.network.inside(host):
            return subprocess.run(
                [sys.executable, *command],
                cwd=ROOT,
                env=self.env | data,
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )

    @contextmanager
    def person(self) -> Iterator[requests.Session]:
        """Somebody in the company's network."""
        with self.network.inside(SWITCH), requests.Session() as session:
            yield session

    def answers(self) -> bool:
        """Whether the pages are there."""
        with self.person() as person:
            try:
                return person.get(f"{self.url}/ready/", timeout=5).status_code == 200
            except requests.RequestException:
                return False

    def log(self, unit: str, host: str) -> str:
        """What a unit has said."""
        return (self.folder / f"{unit}-{host}.log").read_text()

    def stop(self) -> None:
        """End all of it, the servers last, and the network."""
        for process in reversed(self.processes.values()):
            stop_process(process, signal.SIGINT, seconds=5)
        self.valkey.stop()
        self.postgres.stop()
        self.network.remove()
