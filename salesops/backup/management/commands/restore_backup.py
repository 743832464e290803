"""Restore a backup into an empty database and an empty folder, and prove the books."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from salesops.api.models import Token
from salesops.backup.archive import DATABASE, FILES, Manifest, read_manifest, unpack
from salesops.backup.clients import client, run_client, server_version
from salesops.backup.database import count_rows, is_empty

INCOMPLETE = "RESTORE-IS-INCOMPLETE"


class Command(BaseCommand):
    """Writes nothing before the backup has proved to be whole and the target empty."""

    help = "Restore the backup in FOLDER into the empty database and files folder of the settings; verify the books."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--keep-tokens", action="store_true", help="tokens of programs open as they did then")

    def handle(self, *args: Any, **options: Any) -> None:
        folder, target = options["folder"].resolve(), Path(settings.MEDIA_ROOT)
        manifest = read_manifest(folder)
        require_fitting(manifest)
        require_empty(target)
        target.mkdir(parents=True, exist_ok=True)
        mark = target / INCOMPLETE
        mark.write_text(
            f"A restore of {folder} began here and did not end. Empty database and folder, then repeat it.\n"
        )
        try:
            self.restore(folder, manifest, target)
        except BaseException:
            self.stderr.write(f"The restore is incomplete: {mark} stays until database and folder are emptied.")
            raise
        self.lock_doors(keep_tokens=options["keep_tokens"])
        mark.unlink()
        call_command("verify_books", stdout=self.stdout, stderr=self.stderr)

    def restore(self, folder: Path, manifest: Manifest, target: Path) -> None:
        """Put back files, then the whole database or none of it; raise CommandError where the counts differ."""
        unpack(folder / FILES, target)
        self.stdout.write(f"{manifest.files} files restored into {target}")
        connection.close()
        options = ("--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction")
        run_client("pg_restore", *options, f"--dbname={connection.settings_dict['NAME']}", str(folder / DATABASE))
        rows = count_rows()
        if rows != manifest.rows:
            differing = sorted(name for name in rows | manifest.rows if rows.get(name) != manifest.rows.get(name))
            raise CommandError(f"other numbers of rows than were backed up: {', '.join(differing)}")
        self.stdout.write(f"{sum(rows.values())} rows restored in {len(rows)} tables, as of {manifest.made_at}")
        call_command("migrate", interactive=False, verbosity=0, stdout=self.stdout)

    def lock_doors(self, *, keep_tokens: bool) -> None:
        """End all sessions, and unless they are kept all tokens: of those of then, some were ended or revoked since."""
        sessions, _by_model = Session.objects.all().delete()
        self.stdout.write(f"{sessions} sessions ended: everybody signs in again, with the password of then")
        if not keep_tokens:
            revoked = Token.objects.filter(revoked_at=None).update(revoked_at=timezone.now())
            self.stdout.write(f"{revoked} tokens revoked (--keep-tokens keeps them): programs need new ones")


def require_fitting(manifest: Manifest) -> None:
    """Raise CommandError for a backup of newer code or PostgreSQL, or without pg_restore of the server's version."""
    loader = MigrationLoader(None)
    known = {f"{app}.{name}" for app, name in loader.disk_migrations or ()}
    unknown = [name for name in manifest.migrations if name not in known]
    if unknown:
        raise CommandError(f"the backup was made by a newer version of the product: {', '.join(unknown)}")
    if manifest.postgresql > server_version():
        raise CommandError(f"the backup needs PostgreSQL {manifest.postgresql} or newer; this is {server_version()}")
    client("pg_restore")


def require_empty(target: Path) -> None:
    """Raise CommandError when there is anything that a restore would mix with."""
    if (target / INCOMPLETE).exists():
        raise CommandError(f"an earlier restore did not end: empty the database and {target} first")
    if not is_empty():
        raise CommandError("the database is not empty: a backup is restored into an empty one, nothing was written")
    if target.exists() and any(target.iterdir()):
        raise CommandError(f"{target} is not empty: a backup is restored into an empty folder, nothing was written")
