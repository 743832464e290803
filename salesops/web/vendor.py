"""Front-end packages, served out of node_modules as they are: nothing is copied or bundled."""

from collections.abc import Iterable, Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.checks import CheckMessage, Error
from django.core.files.storage import FileSystemStorage


class VendorStorage(FileSystemStorage):
    """Reads the files that the settings name, by their static path."""

    prefix = None

    def __init__(self, root: Path, files: dict[str, str], folders: dict[str, str]) -> None:
        super().__init__(location=root)
        self.root, self.files, self.folders = root, files, folders

    def source(self, name: str) -> Path | None:
        """The file behind a static path; None where the path is not a vendor's or leads out of its package."""
        if name in self.files:
            return self.root / self.files[name]
        for prefix, folder in self.folders.items():
            if name.startswith(prefix):
                source = self.root / folder / name.removeprefix(prefix)
                return source if source.resolve().is_relative_to((self.root / folder).resolve()) else None
        return None

    def path(self, name: str) -> str:
        """The file system path of a static path, as FileSystemStorage asks for it."""
        source = self.source(name)
        return str(source) if source else super().path(name)

    def names(self) -> Iterator[str]:
        """Every static path there is, those of the folders too."""
        yield from self.files
        for prefix, folder in self.folders.items():
            base = self.root / folder
            yield from (
                prefix + file.relative_to(base).as_posix() for file in sorted(base.rglob("*")) if file.is_file()
            )


class VendorFinder(BaseFinder):
    """Finds settings.VENDOR_FILES (static path: path below node_modules) and VENDOR_FOLDERS (the same for prefixes)."""

    def __init__(self, app_names: object = None, *args: Any, **kwargs: Any) -> None:
        self.storage = VendorStorage(Path(settings.NODE_MODULES), settings.VENDOR_FILES, settings.VENDOR_FOLDERS)
        super().__init__(*args, **kwargs)

    def check(self, **kwargs: Any) -> list[CheckMessage]:
        """One error that says what to do for each file or folder that npm has not brought."""
        wanted = [*self.storage.files.values(), *self.storage.folders.values()]
        missing = [path for path in wanted if not (self.storage.root / path).exists()]
        return [Error(f"{path} is not in node_modules: run npm ci", id="web.E001") for path in missing]

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        """The file for a static path: one path, or a list of them when all are asked for."""
        all_wanted = kwargs.get("all", find_all)
        source = self.storage.source(path)
        if source is None or not source.is_file():
            return []
        return [str(source)] if all_wanted else str(source)

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, FileSystemStorage]]:
        """Every vendor file, for collectstatic and for whitenoise."""
        patterns = tuple(ignore_patterns or ())
        for name in self.storage.names():
            if not any(fnmatch(name, pattern) for pattern in patterns):
                yield name, self.storage
