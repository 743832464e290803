"""Front-end packages out of node_modules: what is named is served, and nothing else."""

from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client
from pytest_django.fixtures import Settings

from salesops.web.vendor import VendorFinder


@pytest.fixture
def packages(tmp_path: Path, settings: Settings) -> Path:
    """Two packages: of one a single file is served, the other as a folder."""
    for name in ("script/dist/script.min.js", "script/secret.js", "font/index.css", "font/files/latin.woff2"):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name)
    settings.NODE_MODULES = tmp_path
    settings.VENDOR_FILES = {"vendor/script.js": "script/dist/script.min.js"}
    settings.VENDOR_FOLDERS = {"vendor/font/": "font/"}
    return tmp_path


def test_a_named_file_is_found_by_its_static_path(packages: Path) -> None:
    assert VendorFinder().find("vendor/script.js") == str(packages / "script/dist/script.min.js")


def test_files_of_a_folder_are_found_below_its_prefix(packages: Path) -> None:
    assert VendorFinder().find("vendor/font/files/latin.woff2") == str(packages / "font/files/latin.woff2")


@pytest.mark.parametrize(
    "path", ["script/secret.js", "vendor/secret.js", "vendor/font/../script/secret.js", "vendor/font/files"]
)
def test_nothing_else_is_found(packages: Path, path: str) -> None:
    assert VendorFinder().find(path) == []


def test_all_matches_are_a_list(packages: Path) -> None:
    assert VendorFinder().find("vendor/script.js", find_all=True) == [str(packages / "script/dist/script.min.js")]


def test_every_file_is_listed_for_the_release(packages: Path) -> None:
    listed = {path: storage.open(path).read().decode() for path, storage in VendorFinder().list(["*.txt"])}
    assert listed == {
        "vendor/script.js": "script/dist/script.min.js",
        "vendor/font/index.css": "font/index.css",
        "vendor/font/files/latin.woff2": "font/files/latin.woff2",
    }


def test_a_missing_package_is_an_error_that_says_what_to_do(packages: Path) -> None:
    (packages / "script/dist/script.min.js").unlink()
    errors = VendorFinder().check()
    assert [error.msg for error in errors] == ["script/dist/script.min.js is not in node_modules: run npm ci"]


def test_the_packages_of_the_product_are_installed_and_served(client: Client) -> None:
    assert VendorFinder().check() == []
    answer = client.get("/static/vendor/tabler.min.css")
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/css")


@pytest.mark.slow
def test_a_release_collects_them(tmp_path: Path, settings: Settings) -> None:
    settings.STATIC_ROOT = tmp_path
    call_command("collectstatic", "--no-input", verbosity=0)
    assert (tmp_path / "vendor/inter/index.css").is_file()
    assert list((tmp_path / "vendor/inter/files").glob("*.woff2"))
