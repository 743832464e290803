"""bin/set_up.py: installs what is missing, leaves alone what is there, and says what it cannot bring."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
Commands = list[list[str]]


@pytest.fixture
def set_up() -> ModuleType:
    """The script as a module, fresh for each test."""
    spec = importlib.util.spec_from_file_location("set_up", ROOT / "bin" / "set_up.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def commands(set_up: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Commands:
    """The commands that it would run."""
    ran: Commands = []
    monkeypatch.setattr(set_up, "run", lambda command, **_: ran.append(command))
    monkeypatch.setattr(set_up, "make_environment", lambda environment: (environment / "bin").mkdir(parents=True))
    return ran


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    """A lock of packages."""
    file = tmp_path / "requirements.txt"
    file.write_text("some==1\n")
    return file


def test_packages_are_installed_by_their_hashes_and_only_once(
    set_up: ModuleType, commands: Commands, lock: Path, tmp_path: Path
) -> None:
    environment = tmp_path / "environment"
    set_up.install_packages(environment, lock)
    (environment / "bin" / "python").touch()
    set_up.install_packages(environment, lock)
    assert len(commands) == 1
    assert "--require-hashes" in commands[0]


def test_a_changed_lock_is_installed_again(set_up: ModuleType, commands: Commands, lock: Path, tmp_path: Path) -> None:
    environment = tmp_path / "environment"
    set_up.install_packages(environment, lock)
    (environment / "bin" / "python").touch()
    lock.write_text("some==2\n")
    set_up.install_packages(environment, lock)
    assert len(commands) == 2


def test_an_installation_that_fails_is_tried_again_by_the_next_start(
    set_up: ModuleType, lock: Path, tmp_path: Path
) -> None:
    lock.write_text("no such package ==\n")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").symlink_to(sys.executable)
    with pytest.raises(SystemExit, match="could not be installed"):
        set_up.install_packages(tmp_path, lock)
    assert not set_up.is_current(tmp_path / "requirements.txt.sha256", lock)


def test_without_a_system_npm_the_one_of_a_package_is_used(
    set_up: ModuleType, commands: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(set_up, "NODE_ENVIRONMENT", tmp_path / "node")
    monkeypatch.setenv("PATH", str(tmp_path))
    npm, env = set_up.find_npm()
    assert npm == str(tmp_path / "node" / "bin" / "npm")
    assert env["PATH"].startswith(str(tmp_path / "node" / "bin"))
    assert commands[0][-1].endswith("requirements-node.txt")


def test_a_missing_browser_is_named_where_we_may_not_install_it(
    set_up: ModuleType, commands: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SystemExit, match=r"chromium and fonts-wqy-microhei .*make test-fast"):
        set_up.install_browser()
    assert commands == []


def test_as_root_on_debian_a_missing_browser_is_installed(
    set_up: ModuleType, commands: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "apt-get").write_text("")
    (tmp_path / "apt-get").chmod(0o755)
    missing = iter([["chromium"], []])
    monkeypatch.setattr(set_up, "missing_for_browser_tests", lambda: next(missing))
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setenv("PATH", str(tmp_path))
    set_up.install_browser()
    assert commands[-1] == ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"]


def test_help_lists_the_commands() -> None:
    listed = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for command in ("run", "test", "test-fast", "check", "lock", "help"):
        assert f"make {command} " in listed


def test_the_locks_name_no_address_of_a_registry() -> None:
    for lock in (*ROOT.glob("requirements*.txt"), *ROOT.glob("requirements*.in")):
        assert "http" not in lock.read_text()
    assert '"resolved"' not in (ROOT / "package-lock.json").read_text()
