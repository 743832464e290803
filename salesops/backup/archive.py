"""What lies in a backup: database.dump, files.tar, and a manifest that says what they must be."""

import contextlib
import hashlib
import json
import os
import tarfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.core.management.base import CommandError

DATABASE, FILES, MANIFEST = "database.dump", "files.tar", "manifest.json"
PREFIX = "salesops-"
NAME = f"{PREFIX}%Y%m%dT%H%M%S%fZ"
UNFINISHED = ".unfinished"
LONGEST = timedelta(hours=12)
"""What was begun longer ago and has no end is no longer at work."""


@dataclass(frozen=True)
class Manifest:
    """The claims of a backup about itself. `rows` are counted in the very moment that the dump shows."""

    made_at: str
    postgresql: int
    migrations: list[str]
    rows: dict[str, int]
    files: int
    sha256: dict[str, str]

    def write(self, folder: Path) -> None:
        """Write it as the last file of a backup: one without it is none."""
        (folder / MANIFEST).write_text(json.dumps(asdict(self), indent=2) + "\n")


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of a backup whose parts are what they were; raise CommandError otherwise."""
    try:
        manifest = Manifest(**json.loads((folder / MANIFEST).read_text()))
    except FileNotFoundError:
        raise CommandError(f"{folder} is no complete backup: it has no {MANIFEST}") from None
    except (ValueError, TypeError):
        raise CommandError(f"{folder / MANIFEST} cannot be read: the backup is damaged") from None
    for part in (DATABASE, FILES):
        if not (folder / part).is_file() or sha256(folder / part) != manifest.sha256.get(part):
            raise CommandError(f"{folder / part} is not what was backed up: the backup is damaged, nothing was written")
    return manifest


def sha256(file: Path) -> str:
    """Return the checksum of a file."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def pack(folder: Path, into: Path) -> int:
    """Put the files of a folder into an archive; return how many. What is removed meanwhile is left out.

    Raises OSError where a file or a folder cannot be read.
    """
    packed = 0
    with tarfile.open(into, "w") as archive:
        for path in sorted(_files_below(folder)):
            try:
                archive.add(path, arcname=str(path.relative_to(folder)))
            except FileNotFoundError:
                continue
            packed += 1
    return packed


def _files_below(folder: Path) -> Iterator[Path]:
    for below, _folders, names in os.walk(folder, onerror=_unless_gone):
        yield from (path for name in names if (path := Path(below, name)).is_file())


def _unless_gone(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise error


def unpack(archive: Path, into: Path) -> None:
    """Put the files back under a folder, and nothing outside of it."""
    with tarfile.open(archive) as files:
        files.extractall(into, filter="data")


def older_than_newest(parent: Path, keep: int) -> list[Path]:
    """Return the complete backups in a folder that are older than the newest `keep`."""
    complete = sorted(found.parent for found in parent.glob(f"{PREFIX}*/{MANIFEST}") if found.parent.suffix == "")
    return complete[:-keep]


def given_up(parent: Path, now: datetime) -> list[Path]:
    """Return the backups in a folder that failed: unfinished, and begun longer ago than any takes."""
    failed = []
    for found in sorted(parent.glob(f"{PREFIX}*{UNFINISHED}")):
        with contextlib.suppress(ValueError):  # a name that is not ours
            begun = datetime.strptime(found.name, NAME + UNFINISHED).replace(tzinfo=UTC)
            failed += [found] if now - begun > LONGEST else []
    return failed
