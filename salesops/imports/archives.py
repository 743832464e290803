"""Looking into a zip archive (a workbook is one) without trusting what it says of itself."""

import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from django.utils.translation import gettext as _

from salesops.kernel.errors import RuleBroken, require

from . import limits

CHUNK = 1024 * 1024
LOCAL_HEADER = 30
ENCRYPTED = 0x1


def members_of(path: Path) -> list[zipfile.ZipInfo]:
    """Return the members of an archive whose sizes are within bounds; RuleBroken for one that is damaged or a bomb."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError) as error:
        raise damaged(path) from error
    require(
        not any(member.flag_bits & ENCRYPTED for member in members),
        _("%(file)s is protected by a password. Save it without one.") % {"file": path.name},
        rule="file",
    )
    unpacked = sum(member.file_size for member in members)
    packed = max(path.stat().st_size, 1)
    _require_small(path, unpacked, unpacked // packed)
    return members


def inflate(path: Path, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield the content of a member in pieces; RuleBroken as soon as it is more than the archive says, or damaged."""
    size = 0
    try:
        for piece in _pieces(path, member):
            size += len(piece)
            require(size <= member.file_size, _bomb(path), rule="file")
            yield piece
    except (zlib.error, OSError, struct.error) as error:
        raise damaged(path) from error
    if size != member.file_size:
        raise damaged(path)


def damaged(path: Path) -> RuleBroken:
    """The words for a file that cannot be read."""
    return RuleBroken(
        _("%(file)s is damaged and cannot be read. Save it again as .xlsx or .csv.") % {"file": path.name}, rule="file"
    )


def _pieces(path: Path, member: zipfile.ZipInfo) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(member.header_offset)
        header = file.read(LOCAL_HEADER)
        name, extra = struct.unpack("<HH", header[26:30])
        file.seek(name + extra, 1)
        left = member.compress_size
        inflater = zlib.decompressobj(-zlib.MAX_WBITS) if member.compress_type == zipfile.ZIP_DEFLATED else None
        if inflater is None and member.compress_type != zipfile.ZIP_STORED:
            raise damaged(path)
        while left > 0:
            raw = file.read(min(CHUNK, left))
            if not raw:
                return
            left -= len(raw)
            if inflater is None:
                yield raw
                continue
            while raw:
                yield inflater.decompress(raw, CHUNK)
                raw = inflater.unconsumed_tail
        if inflater is not None:
            yield inflater.flush()


def _require_small(path: Path, unpacked: int, ratio: int) -> None:
    bomb = unpacked > limits.SUSPICIOUS and ratio > limits.MOST_RATIO
    require(not bomb, _bomb(path), rule="file")
    require(
        unpacked <= limits.MOST_UNPACKED,
        _("%(file)s unpacks to %(size)s MB; at most %(most)s are read. Save it as .csv, or in several files.")
        % {
            "file": path.name,
            "size": unpacked // limits.MEGABYTE,
            "most": limits.MOST_UNPACKED // limits.MEGABYTE,
        },
        rule="file",
    )


def _bomb(path: Path) -> str:
    return _("%(file)s unpacks to far more than a real table would. It is not read.") % {"file": path.name}
