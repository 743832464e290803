"""What a file really is, by its content; its name proves nothing."""

import codecs
import re
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from salesops.kernel.errors import RuleBroken, require

from . import limits
from .archives import damaged, members_of

Format = Literal["xlsx", "csv", "zip"]

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP = (b"PK\x03\x04", b"PK\x05\x06")
UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
OTHERS = {
    b"MZ": gettext_lazy("a program"),
    b"\x7fELF": gettext_lazy("a program"),
    b"%PDF": gettext_lazy("a PDF"),
    b"\x89PNG": gettext_lazy("a picture"),
    b"\xff\xd8\xff": gettext_lazy("a picture"),
    b"GIF8": gettext_lazy("a picture"),
    b"\x1f\x8b": gettext_lazy("a packed file"),
    b"7z\xbc\xaf": gettext_lazy("a packed file"),
    b"Rar!": gettext_lazy("a packed file"),
    b"SQLite format 3": gettext_lazy("a database"),
    b"{\\rtf": gettext_lazy("a text document"),
    b"#!": gettext_lazy("a program"),
}
MARKUP = {
    b"<!doctype": gettext_lazy("a web page"),
    b"<html": gettext_lazy("a web page"),
    b"<head": gettext_lazy("a web page"),
    b"<body": gettext_lazy("a web page"),
    b"<script": gettext_lazy("a web page"),
    b"<table": gettext_lazy("a web page"),
    b"<svg": gettext_lazy("a picture"),
    b"<?xml": gettext_lazy("a document in XML"),
    b"<!--": gettext_lazy("a web page"),
}
"""What a text may begin with, after blanks, that no table begins with."""
CHUNK = 1024 * 1024
RUN = re.compile(r"[^\x00-\x7f]+")
STRAY = re.compile(r"[A-Za-z][\u2e80-\uffff][a-z]")
"""One Chinese sign amid small Latin letters: M黮ler is Müller in another encoding."""


def what_is(path: Path) -> Format:
    """Return whether a file is a workbook, an archive or text; RuleBroken for anything else, and for too much."""
    require(path.is_file(), _("There is no file %(file)s.") % {"file": path.name}, rule="file")
    size = path.stat().st_size
    require_size(path.name, size)
    require(size > 0, _("%(file)s is empty.") % {"file": path.name}, rule="file")
    with path.open("rb") as file:
        head = file.read(4096)
    if head.startswith(ZIP):
        return _what_archive(path)
    if head.startswith(OLE):
        raise RuleBroken(_ole_words(path), rule="file")
    for sign, words in OTHERS.items():
        if head.lower().startswith(sign.lower()):
            raise _no_table(path, words)
    beginning = head.removeprefix(codecs.BOM_UTF8).lstrip().lower()
    for sign, words in MARKUP.items():
        if beginning.startswith(sign):
            raise _no_table(path, words)
    if b"\x00" in head and not head.startswith(UTF16):
        raise _no_table(path, _("a file of another program"))
    return "csv"


def require_size(name: str, size: int) -> None:
    """Raise RuleBroken for a file that is too large, before anything of it is read."""
    require(
        size <= limits.MOST_BYTES,
        _("%(file)s has %(size)s MB; at most %(most)s are read. Split it, for example by year.")
        % {
            "file": name,
            "size": -(-size // limits.MEGABYTE),
            "most": limits.MOST_BYTES // limits.MEGABYTE,
        },
        rule="file",
    )


def encoding_of(path: Path) -> str:
    """Return the encoding in which the whole of a text file can be read; RuleBroken where there is none."""
    with path.open("rb") as file:
        if file.read(2) in UTF16:
            return "utf-16"
    if _reads_as(path, "utf-8-sig"):
        return "utf-8-sig"
    if _reads_as(path, "gb18030", looks_right=_looks_chinese):
        return "gb18030"
    raise RuleBroken(
        _(
            "%(file)s is written in an encoding that is neither UTF-8 nor GB18030. Save it as “CSV UTF-8”,"
            " or name the encoding in the mapping."
        )
        % {"file": path.name},
        rule="file",
    )


def _reads_as(path: Path, encoding: str, looks_right: Callable[[str], bool] | None = None) -> bool:
    """Whether all of a file can be decoded, and what comes out looks right, piece by piece."""
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            while piece := file.read(CHUNK):
                text = decoder.decode(piece)
                if looks_right is not None and not looks_right(text):
                    return False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _looks_chinese(text: str) -> bool:
    """Whether what is not Latin stands in words of its own, and not amid Latin ones."""
    return len(STRAY.findall(text)) * 5 <= len(RUN.findall(text))


def _what_archive(path: Path) -> Format:
    members = members_of(path)
    names = {member.filename for member in members}
    if any(name.startswith(("word/", "ppt/")) for name in names):
        raise _no_table(path, _("a text document or slides"))
    if "xl/workbook.xml" in names:
        if len({name.lower().replace("\\", "/") for name in names}) < len(members):
            raise damaged(path)  # two parts of one name: which of them is read is anybody's guess
        return "xlsx"
    if "xl/workbook.bin" in names or "content.xml" in names:
        raise _no_table(path, _("a table of another kind (.xlsb or .ods)"))
    return "zip"


def _ole_words(path: Path) -> str:
    """Old Excel files and encrypted new ones share their envelope; the names in it tell them apart."""
    with path.open("rb") as file:
        content = file.read(limits.MEGABYTE)
    if "EncryptedPackage".encode("utf-16-le") in content:
        return _("%(file)s is protected by a password. Save it without one.") % {"file": path.name}
    return _("%(file)s is an old Excel file (.xls) or another old document. Save it as .xlsx.") % {"file": path.name}


def _no_table(path: Path, words: object) -> RuleBroken:
    return RuleBroken(
        _("%(file)s is %(what)s, not a table, whatever its name says. Books are .xlsx or .csv files.")
        % {"file": path.name, "what": words},
        rule="file",
    )
