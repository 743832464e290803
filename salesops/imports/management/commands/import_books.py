"""manage.py import_books FOLDER --mapping FILE.toml: a company's books out of files."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import pghistory
from django.core.management.base import BaseCommand, CommandError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from salesops.imports.books import Books, KindCount, open_books
from salesops.imports.jobs import changed_meanwhile
from salesops.imports.mapping import Mapping, read_mapping
from salesops.imports.models import ImportRun
from salesops.imports.report import ON_PAGE, severity_in_words, summary_of, total_in_words, write_report
from salesops.imports.services import note_outcome
from salesops.kernel.errors import RuleBroken
from salesops.users.models import User
from salesops.users.roles import Role


class Command(BaseCommand):
    """Checks the books of a folder and loads them: all, or nothing, or with --only-good-rows what is good."""

    help = "Read a company's books out of a folder, as a mapping explains them; docs/imports.md says how to write one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="where the .xlsx and .csv files lie")
        parser.add_argument("--mapping", type=Path, required=True, help="the .toml file that explains them")
        parser.add_argument("--dry-run", action="store_true", help="check only, write nothing")
        parser.add_argument("--only-good-rows", action="store_true", help="leave out what is wrong, load the rest")
        parser.add_argument("--report", type=Path, help="write every row that is wrong into this .xlsx file")
        parser.add_argument("--by", default="", help="user name of whoever is recorded; else the one administrator")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self._import(options)
        except RuleBroken as refusal:
            raise CommandError(str(refusal.message)) from refusal

    def _import(self, options: dict[str, Any]) -> None:
        folder, path = options["folder"], options["mapping"]
        if not folder.is_dir():
            raise CommandError(_("There is no folder %(folder)s.") % {"folder": folder})
        if not path.is_file():
            raise CommandError(_("There is no file %(file)s.") % {"file": path})
        mapping = read_mapping(path.read_text(encoding="utf-8-sig"))
        by = None if options["dry_run"] else _actor(options["by"])
        with open_books(mapping, folder) as books:
            books.read(self)
            books.check(self)
            counts, errors = books.counts(), books.count_errors()
            self._say(books, counts, errors)
            if options["report"]:
                write_report(books, counts, options["report"], mapping.title or mapping.name)
                self.stdout.write(_("Report: %(file)s") % {"file": options["report"]})
            if errors and not options["only_good_rows"]:
                raise CommandError(_("%(n)s things are wrong. Nothing was loaded.") % {"n": errors})
            if by is None:
                self.stdout.write(_("Checked only; nothing was loaded."))
                return
            self._load(books, mapping, counts, errors, by)

    def _load(self, books: Books, mapping: Mapping, counts: list[KindCount], errors: int, by: User) -> None:
        rows = sum(count.new for count in counts)
        try:
            with transaction.atomic(), pghistory.context(user=by.pk):
                run = ImportRun.objects.create(title=mapping.title or mapping.name, started_by=by)
                books.load(by=by, progress=self, run_id=run.pk)
                summary = summary_of(books, counts)
                note_outcome(run.pk, loaded=True, errors=errors, rows=rows, summary=summary, report="")
        except IntegrityError as error:
            raise changed_meanwhile() from error
        self.stdout.write(self.style.SUCCESS(_("Loaded: %(n)s rows.") % {"n": f"{rows:,}"}))

    # ---- saying ----
    def start_part(self, saying: Any, total: int | None = None) -> None:
        """Say what is being done."""
        if saying:
            self.stdout.write(f"{saying} …")

    def step(self, done: int, total: int | None = None) -> None:
        """Steps are for bars."""

    def _say(self, books: Books, counts: list[KindCount], errors: int) -> None:
        heads = (_("Read"), _("New"), _("Already there"), _("Changed"), _("Left out"))
        self.stdout.write("".join([f"{'':22}", *(f"{head:>15}" for head in heads)]))
        for count in counts:
            figures = (count.read, count.new, count.there, count.changed, count.left_out)
            self.stdout.write("".join([f"{count.label:22}", *(f"{figure:>15,}" for figure in figures)]))
            for total in count.totals:
                self.stdout.write(f"    {total.label}: {total_in_words(total.form, total.value)}")
        for error in books.errors(ON_PAGE):
            place = f"{error.file}:{error.line}" if error.line else error.file
            words = f"{place} {error.column} “{error.value}” {error.reason} ({severity_in_words(error.severity)})"
            self.stderr.write(words)
        if errors > ON_PAGE:
            self.stderr.write(_("… and more; --report FILE.xlsx writes all of them."))


def _actor(username: str) -> User:
    """Whoever is recorded as having loaded the books."""
    people = User.objects.filter(is_active=True)
    if username:
        found = people.filter(username=username).first()
        if found is None:
            raise CommandError(_("There is nobody with the user name %(name)s.") % {"name": username})
        return found
    administrators = list(people.filter(groups__name=Role.ADMINISTRATOR).order_by("pk")[:2])
    if len(administrators) != 1:
        raise CommandError(_("Say with --by USERNAME who loads the books."))
    return administrators[0]
