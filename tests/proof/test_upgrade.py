"""The upgrade of docs/operations.md, rehearsed: people work on meanwhile, nothing is lost, and there is a way back."""

import re
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Any

import psycopg
import pytest
import requests
from psycopg import sql

from salesops.embedded.processes import stop_process
from tests.setup.product import wait_until
from tests.support.servers import drop_database

from .conftest import ROOT, Installation
from .test_killed_broker import ask_for_a_proof, is_done_once

pytestmark = pytest.mark.slow
STEPS = [
    "back_up",
    "make setup",
    "manage.py migrate",
    "systemctl restart salesops-worker salesops-beat salesops-web",
    "manage.py verify_books",
]
COLUMNS = """
    SELECT table_name, column_name, data_type, is_nullable = 'YES' OR column_default IS NOT NULL OR is_identity = 'YES'
    FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
    WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY ordinal_position
"""
OF_DJANGO = {
    "django_migrations",
    "django_content_type",
    "auth_permission",
    "users_user_groups",
    "auth_group_permissions",
}
"""Written by migrating itself."""


@pytest.fixture
def older_code(tmp_path: Path) -> Path:
    """The product as it was before its newest migration came."""
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    told = git("log", "-1", "--format=%H", "--diff-filter=A", "--", ":(glob)**/migrations/0*.py").stdout.strip()
    if not told or git("rev-parse", "--verify", f"{told}^").returncode:
        pytest.skip("needs the history of the code: a clone made with git")
    archive = tmp_path / "older.tar"
    assert git("archive", f"--output={archive}", f"{told}^").returncode == 0
    shutil.unpack_archive(archive, tmp_path / "older", filter="data")
    (tmp_path / "older" / "node_modules").symlink_to(ROOT / "node_modules")
    return tmp_path / "older"


def git(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)


def manage(installation: Installation, *arguments: str) -> str:
    done = installation.run("manage.py", *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def pay(url: str, world: dict[str, Any], reference: str) -> None:
    answer = requests.post(
        f"{url}/api/v1/payments/",
        json={"customer": world["codes"][0], "amount": "150.00", "reference": reference},
        headers={"Authorization": f"Token {world['token']}"},
        timeout=20,
    )
    assert answer.status_code == 201, answer.text


def approve(installation: Installation, url: str, world: dict[str, Any], number: int) -> None:
    supervisor = installation.browser(world["sessions"]["supervisor"])
    supervisor.headers["Referer"] = url
    request = list(world["requests"])[number]
    answer = supervisor.post(f"{url}/approvals/{request}/approval/", {}, allow_redirects=False, timeout=20)
    assert answer.status_code == 302, answer.text


def readiness(url: str) -> tuple[int, list[str]]:
    answer = requests.get(f"{url}/ready/", timeout=20)
    return answer.status_code, answer.json()["failing"]


def test_the_page_names_the_steps_that_are_rehearsed_here() -> None:
    page = (ROOT / "docs" / "operations.md").read_text()
    upgrade = page.partition("## Upgrade\n")[2].partition("\n## ")[0]
    commands = re.findall(r"`((?:back_up|make|manage\.py|systemctl)[^`]*)`", upgrade)
    assert list(dict.fromkeys(commands)) == STEPS


def test_the_page_watches_figures_that_there_are() -> None:
    named = set(re.findall(r"\bsalesops_[a-z_]+", (ROOT / "docs" / "operations.md").read_text()))
    files = [*(ROOT / "salesops" / "watch").glob("*.py"), *(ROOT / "orders").glob("*/figures.py")]
    code = "".join(path.read_text() for path in files)
    made = set(re.findall(r'"(salesops_[a-z_]+)"', code)) | {"salesops_database_up", "salesops_broker_up"}
    of_types = {name.removesuffix("_total").removesuffix("_bucket") for name in named if name != "salesops_drill"}
    assert len(of_types) >= 8
    assert of_types - made == set()


def test_people_work_on_while_hosts_change_one_by_one(
    installation: Installation, older_code: Path, tmp_path: Path
) -> None:
    with psycopg.connect(installation.postgres.url("postgres"), autocommit=True) as server:
        drop_database(server, "salesops")
    installation.postgres.create_database()
    installation.root = older_code
    manage(installation, "migrate", "--no-input", "--verbosity=0")
    world = installation.ask("company", "2")
    installation.start_web()
    before, older_web = installation.url, installation.processes[-1]
    pay(before, world, "before")
    ask_for_a_proof(installation, installation.browser(world["sessions"]["finance"]))
    manage(installation, "back_up", str(tmp_path / "backups"))

    installation.root = ROOT
    installation.start_web()
    assert readiness(installation.url) == (503, ["migrations"])  # nothing is sent to it yet
    manage(installation, "migrate", "--no-input", "--verbosity=0")
    assert readiness(installation.url) == readiness(before) == (200, [])
    pay(before, world, "old code on the new database")
    approve(installation, before, world, 0)
    pay(installation.url, world, "new code beside the old")
    approve(installation, installation.url, world, 1)
    pay(before, world, "old code once more: the way back")
    stop_process(older_web, signal.SIGTERM, seconds=15)
    installation.start_background()
    wait_until(lambda: is_done_once(installation), lambda: installation.ask("work"), seconds=60)
    written = installation.ask("written")
    assert len(written["references"]) == 4
    assert sorted(written["approved"]) == sorted(world["requests"].values())
    assert "add up" in manage(installation, "verify_books")


def test_the_books_of_the_first_release_come_through_whole(installation: Installation, tmp_path: Path) -> None:
    installation.ask("company", "3")
    for app, migration in first_release().items():
        manage(installation, "migrate", app, migration, "--verbosity=0")
    columns, rows = columns_of(installation), rows_of(installation)
    assert rows["orders_delivery"]
    backup = manage(installation, "back_up", str(tmp_path / "backups")).splitlines()[0]

    manage(installation, "migrate", "--no-input", "--verbosity=0")
    after = columns_of(installation)
    assert {name: kind for name, (kind, _may) in after.items() if name in columns} == {
        name: kind for name, (kind, _may) in columns.items()
    }
    tables = {table for table, _column in columns}
    added = {name: may for name, (_kind, may) in after.items() if name not in columns and name[0] in tables}
    assert added, "nothing was upgraded"
    assert [name for name, may_be_left_out in added.items() if not may_be_left_out] == []  # by the old code
    assert rows_of(installation, columns) == rows
    assert "add up" in manage(installation, "verify_books")

    lasting = {name: may for name, may in columns.items() if name[0] != "django_session" and name[1] != "revoked_at"}
    rows = rows_of(installation, lasting)
    with psycopg.connect(installation.postgres.url("postgres"), autocommit=True) as server:
        drop_database(server, "salesops")
    installation.postgres.create_database()
    shutil.rmtree(installation.folder / "files", ignore_errors=True)
    assert "add up" in manage(installation, "restore_backup", backup)
    assert rows_of(installation, lasting) == rows


def first_release() -> dict[str, str]:
    """The last of the migrations that each app began with, where others came later."""
    begun = {}
    for folder in sorted(ROOT.glob("*/migrations")) + sorted(ROOT.glob("salesops/*/migrations")):
        names = sorted(path.stem for path in folder.glob("0*.py"))
        initial = [name for name in names if "initial = True" in (folder / f"{name}.py").read_text()]
        if initial and initial[-1] != names[-1]:
            begun[folder.parent.name] = initial[-1]
    return begun


Columns = dict[tuple[str, str], tuple[str, bool]]


def columns_of(installation: Installation) -> Columns:
    """The type of each column, and whether a row may leave it out."""
    with psycopg.connect(installation.postgres.url()) as asking:
        return {(table, column): (kind, may) for table, column, kind, may in asking.execute(COLUMNS.encode())}


def rows_of(installation: Installation, columns: Columns | None = None) -> dict[str, list[str]]:
    """What stands in every table, in the columns given or all."""
    by_table: dict[str, list[str]] = {}
    for table, column in columns or columns_of(installation):
        by_table.setdefault(table, []).append(column)
    found = {}
    with psycopg.connect(installation.postgres.url()) as asking:
        for table, names in by_table.items():
            if table not in OF_DJANGO:
                row = sql.SQL("SELECT ROW({})::text FROM {} ORDER BY 1").format(
                    sql.SQL(", ").join(map(sql.Identifier, names)), sql.Identifier(table)
                )
                found[table] = [text for (text,) in asking.execute(row)]
    return found
