"""The archive of the files: made while people work and jobs clear away what they wrote."""

import os
import shutil
import tarfile
from pathlib import Path
from typing import Any

import pytest

from salesops.backup.archive import pack


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """Two folders of a file each, and one beside them."""
    folder = tmp_path / "files"
    for name in ("a/b/one.txt", "c/d/two.txt", "three.txt"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    return folder


def names_in(archive: Path) -> set[str]:
    with tarfile.open(archive) as made:
        return set(made.getnames())


def test_every_file_is_packed(files: Path, tmp_path: Path) -> None:
    assert pack(files, tmp_path / "files.tar") == 3
    assert names_in(tmp_path / "files.tar") == {"a/b/one.txt", "c/d/two.txt", "three.txt"}


def test_a_folder_that_goes_while_another_is_read_is_left_out(
    files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone: list[Path] = []

    def reading(folder: Any, read: Any = os.scandir) -> Any:
        others = [files / "a", files / "c"]
        if not gone and Path(folder) in others:
            others.remove(Path(folder))
            gone.append(others[0])
            shutil.rmtree(others[0])
        return read(folder)

    monkeypatch.setattr(os, "scandir", reading)
    assert pack(files, tmp_path / "files.tar") == 2
    left = {"a": "c/d/two.txt", "c": "a/b/one.txt"}[gone[0].name]
    assert names_in(tmp_path / "files.tar") == {left, "three.txt"}


def test_a_folder_that_cannot_be_read_fails_the_backup(
    files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def reading(folder: Any, read: Any = os.scandir) -> Any:
        if Path(folder) == files / "a":
            raise PermissionError(13, "Permission denied", str(folder))
        return read(folder)

    monkeypatch.setattr(os, "scandir", reading)
    with pytest.raises(PermissionError):
        pack(files, tmp_path / "files.tar")
