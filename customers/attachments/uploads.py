"""What may be uploaded: known by its content, whatever it is called."""

from dataclasses import dataclass
from pathlib import PurePath
from typing import Any
from zipfile import BadZipFile, ZipFile, is_zipfile

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from salesops.kernel.errors import require

OFFICE = "application/vnd.openxmlformats-officedocument"
MOST_MEMBERS = 2_000
LONGEST_NAME = 180


@dataclass(frozen=True)
class FileType:
    """A kind of file that may be kept: its ending and its media type."""

    ending: str
    media_type: str


PDF = FileType(".pdf", "application/pdf")
PNG = FileType(".png", "image/png")
JPEG = FileType(".jpg", "image/jpeg")
WEBP = FileType(".webp", "image/webp")
DOCX = FileType(".docx", f"{OFFICE}.wordprocessingml.document")
XLSX = FileType(".xlsx", f"{OFFICE}.spreadsheetml.sheet")

MAINS = {"word/document.xml": DOCX, "xl/workbook.xml": XLSX}
"""The part that an Office file is opened by. Two of them would be two documents in one."""

ACCEPTED = ".pdf,.png,.jpg,.jpeg,.webp,.docx,.xlsx"


def check_upload(file: UploadedFile) -> FileType:
    """Return what a file is, by its content. Raises RuleBroken for one too long, empty, or of no known kind."""
    most = settings.ATTACHMENT_MAX_BYTES
    size = file.size or 0
    require(size > 0, _("The file is empty."), field="file", rule="file")
    require(
        size <= most,
        _("The file has %(size)s; %(most)s is the most.")
        % {"size": filesizeformat(size), "most": filesizeformat(most)},
        field="file",
        rule="file size",
    )
    found = file_type_of(file)
    require(
        found in {None, DOCX, XLSX} or not _is_archive_too(file),
        _("This is a picture or PDF and an archive in one file. Upload the one that is meant."),
        field="file",
        rule="file type",
    )
    require(
        found,
        _("This is no PDF, picture, Word or Excel file, or one with macros. Its content decides, not its name."),
        field="file",
        rule="file type",
    )
    assert found is not None
    return found


def file_type_of(file: Any) -> FileType | None:
    """Return the kind of a file by its first bytes, for Office files by what the archive holds; None for any other."""
    file.seek(0)
    head = file.read(16)
    file.seek(0)
    if head.startswith(b"%PDF-"):
        return PDF
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return WEBP
    return _office_type_of(file) if head.startswith(b"PK\x03\x04") else None


def _is_archive_too(file: Any) -> bool:
    """Whether an archive hangs at the end of a file of another kind, where some programs look for it first."""
    try:
        return is_zipfile(file)
    finally:
        file.seek(0)


def _office_type_of(file: Any) -> FileType | None:
    """Read the archive's table of contents only: nothing is unpacked."""
    try:
        with ZipFile(file) as archive:
            names = [info.filename for info in archive.infolist()[: MOST_MEMBERS + 1]]
    except (BadZipFile, OSError, ValueError, NotImplementedError):
        return None
    finally:
        file.seek(0)
    members = set(names)
    with_macros = any(name.lower().endswith("vbaproject.bin") for name in names)
    if len(names) > MOST_MEMBERS or with_macros or "[Content_Types].xml" not in members:
        return None
    mains = {main for main in MAINS if main in members}
    return MAINS[mains.pop()] if len(mains) == 1 else None


def tidy_name(name: str, kind: FileType) -> str:
    """Return the name that a download gets: no folders, nothing invisible, the ending that the content deserves."""
    stem = PurePath(name.replace("\\", "/")).name
    kept = "".join(sign for sign in stem if sign.isprintable() and sign not in '"<>|:*?/')
    path = PurePath(kept.strip(". ") or "file")
    endings = {kind.ending, ".jpeg"} if kind is JPEG else {kind.ending}
    stem = path.stem if path.suffix.lower() in {*endings, ""} else path.name
    return f"{stem[:LONGEST_NAME]}{kind.ending}"
