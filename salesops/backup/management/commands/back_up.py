"""Back up the database and the files into a folder that proves itself."""

import shutil
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from salesops.backup.archive import (
    DATABASE,
    FILES,
    NAME,
    UNFINISHED,
    Manifest,
    given_up,
    older_than_newest,
    pack,
    sha256,
)
from salesops.backup.clients import client, run_client, server_version
from salesops.backup.database import applied_migrations, count_rows, one_snapshot


class Command(BaseCommand):
    """Works while people work: the database as of one moment first, then the files that it names."""

    help = "Back up database and files into a new folder below FOLDER, beside earlier ones."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--keep", type=int, help="keep so many of the newest, at least 1; remove failed ones")

    def handle(self, *args: Any, **options: Any) -> None:
        parent, keep = options["folder"].resolve(), options["keep"]
        if keep is not None and keep < 1:
            raise CommandError("--keep must be 1 or more: this backup is one of them")
        if parent.is_relative_to(settings.MEDIA_ROOT):
            raise CommandError(f"{parent} lies in the folder that is backed up: choose another")
        now = timezone.now()
        failed = given_up(parent, now) if keep else []
        for folder in failed:  # first: what they hold may be the room that this one lacks
            shutil.rmtree(folder)
        done = back_up(parent / now.strftime(NAME))
        self.stdout.write(str(done))
        older = older_than_newest(parent, keep) if keep else []
        for folder in older:
            shutil.rmtree(folder)
        for folder in failed + older:
            self.stdout.write(f"removed {folder}")


def back_up(folder: Path) -> Path:
    """Make a complete backup at `folder`, or leave one that ends in .unfinished; return its folder.

    Nothing is left where pg_dump of the server's version is missing: raises CommandError.
    """
    client("pg_dump")
    making = folder.with_name(folder.name + UNFINISHED)
    making.mkdir(mode=0o700, parents=True)
    with one_snapshot() as snapshot:
        rows, migrations = count_rows(), applied_migrations()
        run_client(
            "pg_dump",
            "--format=custom",
            "--no-owner",
            "--no-privileges",
            f"--snapshot={snapshot}",
            f"--file={making / DATABASE}",
        )
    files = pack(settings.MEDIA_ROOT, making / FILES)
    Manifest(
        made_at=timezone.now().isoformat(),
        postgresql=server_version(),
        migrations=migrations,
        rows=rows,
        files=files,
        sha256={part: sha256(making / part) for part in (DATABASE, FILES)},
    ).write(making)
    return making.rename(folder)
