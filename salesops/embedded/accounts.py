"""PostgreSQL refuses to run as root: the account that it runs under instead."""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .errors import CannotStart

KNOWN_NAMES = ("postgres", "pgserver")


@dataclass(frozen=True)
class Account:
    """A system account without any rights of ours."""

    name: str
    uid: int
    gid: int

    def own(self, folder: Path) -> None:
        """Give the folder, not its content, to the account."""
        os.chown(folder, self.uid, self.gid)

    def can_enter(self, folder: Path) -> bool:
        """Whether every folder on the way lets the account through."""
        command = ["test", "-x", str(folder)]
        test = subprocess.run(command, cwd="/", check=False, user=self.uid, group=self.gid, extra_groups=[])
        return test.returncode == 0


def account_for_postgres(cluster: Path) -> Account | None:
    """None for an ordinary person, who is the server's account; for root the owner of an existing cluster, else the
    account postgres or pgserver, made if need be."""
    if os.geteuid() != 0:
        return None
    if cluster.exists() and (owner := cluster.stat()).st_uid != 0:
        return Account(f"number {owner.st_uid}", owner.st_uid, owner.st_gid)
    return next(filter(None, map(_find_account, KNOWN_NAMES)), None) or _make_account("pgserver")


def _find_account(name: str) -> Account | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return Account(name, entry.pw_uid, entry.pw_gid)


def _make_account(name: str) -> Account:
    if shutil.which("useradd") is None:
        raise CannotStart(
            f"PostgreSQL does not run as root: make a system account named {name}, or start as another person"
        )
    subprocess.run(["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", name], check=True)
    account = _find_account(name)
    if account is None:
        raise CannotStart(f"useradd made no account {name}")
    return account
