"""Runs of importing: files are kept, a mapping is written, books are checked and loaded in the background."""

import re
import shutil
import zipfile
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from salesops.jobs.models import Job
from salesops.jobs.services import start_job
from salesops.kernel.errors import RuleBroken, require
from salesops.users.models import User
from salesops.web.history import recorded

from . import limits
from .archives import inflate, members_of
from .kinds import require_may_load
from .mapping import read_mapping
from .models import ImportRun, RunState
from .sniffing import require_size, what_is

JOB = "books"
UNSAFE = re.compile(r"[\x00-\x1f/\\:*?\"<>|]")
MAPPING_FILE = ".toml"
REPORTS = "report-*.xlsx"


@transaction.atomic
@recorded
def open_run(*, by: User, title: str, files: Iterable[UploadedFile], mapping: str = "") -> ImportRun:
    """Keep the files of a company (archives are unpacked) for checking. A .toml file among them is the mapping.

    RuleBroken for a file that is no table, for too much, for two files of one name, for a mapping that is wrong; then
    nothing is kept.
    """
    run = ImportRun.objects.create(title=title, mapping=mapping, started_by=by)
    try:
        _keep_all(run, files)
        found = sorted(run.books.glob(f"*{MAPPING_FILE}"))
        require(len(found) < 2, _("There are two mappings among the files."), rule="mapping", field="upload")
        if found:
            run.mapping = _text_of(found[0])
            found[0].unlink()
        if run.mapping.strip():
            read_mapping(run.mapping)
        require(files_of(run), _("Add at least one .xlsx or .csv file."), rule="file", field="upload")
        run.save(update_fields=["mapping"])
    except BaseException:
        shutil.rmtree(run.folder, ignore_errors=True)
        raise
    return run


@transaction.atomic
@recorded
def write_mapping(run_id: int, text: str, *, by: User) -> ImportRun:
    """Explain the files of a run anew; it has to be checked again. RuleBroken says where the mapping is wrong."""
    run = _locked_idle(run_id)
    read_mapping(text)
    run.mapping, run.state = text, RunState.OPEN
    run.summary, run.errors, run.rows, run.checked_at = {}, 0, 0, None
    run.save(update_fields=["mapping", "state", "summary", "errors", "rows", "checked_at"])
    return run


@transaction.atomic
def start_check(run_id: int, *, by: User) -> Job:
    """Have the books of a run read and checked; nothing is loaded."""
    run = _locked_idle(run_id)
    require(run.mapping.strip(), _("Say first which file holds what: the mapping is empty."), rule="mapping")
    return _start(run, by, _("Check of %(title)s") % {"title": run.title}, load=False, only_good=False)


@transaction.atomic
def start_load(run_id: int, *, by: User, only_good: bool = False) -> Job:
    """Have the books of a run loaded, all of them or the good rows only. They are checked once more before.

    RuleBroken where the check found something wrong and only the good rows were not asked for.
    """
    run = _locked_idle(run_id)
    require(run.state == RunState.CHECKED, _("Check the books first."), rule="state")
    require(
        only_good or not run.errors,
        _("%(n)s things are wrong. Correct the files, or load only the good rows.") % {"n": run.errors},
        rule="errors",
    )
    require_may_load(by, kinds_with_new(run))
    run.only_good = only_good
    run.save(update_fields=["only_good"])
    return _start(run, by, _("Load of %(title)s") % {"title": run.title}, load=True, only_good=only_good)


@transaction.atomic
def discard_run(run_id: int, *, by: User) -> str:
    """Throw a run away with its files. RuleBroken once its books are loaded: the run says where rows came from."""
    run = _locked_idle(run_id)
    title, folder = run.title, run.folder
    run.delete()
    transaction.on_commit(lambda: shutil.rmtree(folder, ignore_errors=True))
    return title


def files_of(run: ImportRun) -> list[Path]:
    """Return the tables of a run, by name."""
    return sorted(path for path in run.books.rglob("*") if path.is_file()) if run.books.is_dir() else []


def kinds_with_new(run: ImportRun) -> list[str]:
    """Return the kinds of which the check found good new rows."""
    return [one["key"] for one in run.summary.get("kinds", []) if one["new"]]


def note_outcome(run_id: int, *, loaded: bool, errors: int, rows: int, summary: dict[str, Any], report: str) -> None:
    """Keep what a check or a load came to; called in the last transaction of the background work.

    After its commit the run's folder holds this report alone: earlier ones, and those of workers that died, are gone.
    """
    now = timezone.now()
    fields: dict[str, Any] = {"errors": errors, "rows": rows, "summary": summary, "report": report, "checked_at": now}
    if loaded:
        fields |= {"state": RunState.LOADED, "loaded_at": now}
    else:
        fields |= {"state": RunState.CHECKED}
    ImportRun.objects.filter(pk=run_id).update(**fields)
    folder = ImportRun(pk=run_id).folder
    transaction.on_commit(lambda: _remove_reports(folder, kept=report))


def _remove_reports(folder: Path, *, kept: str) -> None:
    for path in folder.glob(REPORTS):
        if path.name != kept:
            path.unlink(missing_ok=True)


def _start(run: ImportRun, by: User, title: str, *, load: bool, only_good: bool) -> Job:
    params = {"run": run.pk, "load": load, "only_good": only_good}
    run.job = start_job(JOB, by=by, title=title, params=params, key=JOB)
    run.save(update_fields=["job"])
    return run.job


def _locked_idle(run_id: int) -> ImportRun:
    run = ImportRun.objects.select_for_update(of=("self",)).select_related("job").get(pk=run_id)
    require(not run.is_busy, _("Something is being done with it just now. Wait for it, or cancel it."), rule="busy")
    require(run.state != RunState.LOADED, _("These books are loaded already."), rule="state")
    return run


# ---- files ----
def _keep_all(run: ImportRun, files: Iterable[UploadedFile]) -> None:
    """Keep what was uploaded; whatever is wrong with one of the files is said where they were chosen."""
    try:
        for file in files:
            _keep(run, file)
    except RuleBroken as refusal:
        raise RuleBroken(refusal.message, rule=refusal.rule, field="upload", **refusal.facts) from refusal


def _keep(run: ImportRun, file: UploadedFile) -> None:
    name = _safe_name(file.name or "")
    require_size(name, file.size or 0)
    path = _place(run, name)
    with path.open("wb") as target:
        for piece in file.chunks():
            target.write(piece)
    if name.lower().endswith(MAPPING_FILE):
        return
    if what_is(path) == "zip":
        words = _("%(file)s is an archive of other things, not a workbook.") % {"file": name}
        require(not name.lower().endswith(".xlsx"), words, rule="file")
        _unpack(run, path)
        path.unlink()


def _unpack(run: ImportRun, archive: Path) -> None:
    """Take the tables out of an archive, by their bare names; folders in it do not matter."""
    for member in members_of(archive):
        name = _safe_name(PurePosixPath(member.filename).name)
        if member.is_dir() or name.startswith((".", "~$")) or "__MACOSX" in member.filename:
            continue
        _require_zip_name(archive, member)
        path = _place(run, name)
        with path.open("wb") as target:
            for piece in inflate(archive, member):
                target.write(piece)
        if not name.lower().endswith(MAPPING_FILE):
            require(what_is(path) != "zip", _("%(file)s is an archive in an archive.") % {"file": name}, rule="file")


def _require_zip_name(archive: Path, member: zipfile.ZipInfo) -> None:
    require_size(member.filename, member.file_size)


def _place(run: ImportRun, name: str) -> Path:
    run.books.mkdir(parents=True, exist_ok=True)
    path = run.books / name
    require(not path.exists(), _("There are two files named %(file)s.") % {"file": name}, rule="file", field="upload")
    count = sum(1 for _file in run.books.iterdir())
    words = _("At most %(most)s files at once.") % {"most": limits.MOST_FILES}
    require(count < limits.MOST_FILES, words, rule="file", field="upload")
    return path


def _safe_name(name: str) -> str:
    safe = UNSAFE.sub("_", PurePosixPath(name.replace("\\", "/")).name).strip(". ")[:120]
    require(safe, _("A file needs a name."), rule="file", field="upload")
    return safe


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        words = _("%(file)s is no text in UTF-8.") % {"file": path.name}
        require(False, words, rule="mapping", field="upload")
        raise
