"""Every text has its Chinese, with the same placeholders, and pages speak it.

Where gettext's tools are on the machine the texts are taken out of the code again, so that none can be forgotten;
without them the file of translations is checked by itself.
"""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polib
import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from salesops.users.roles import Role
from tests.support.signed_in import client_of

FOLDER = settings.BASE_DIR / "locale" / "zh_Hans" / "LC_MESSAGES"
SOURCES = ("salesops", "customers", "orders", "staff", "reports", "templates")
EXTENSIONS = {".py", ".html", ".txt"}

PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[sd%]|\{\w*\}|</?[a-z][^>]*>")
HALF_WIDTH = re.compile(r"[\u4e00-\u9fff](?:[,;:?!()]|\.(?:\s|$))")
"""Punctuation of English right behind a Chinese sign."""


@pytest.fixture(scope="module")
def translations() -> polib.POFile:
    """The Chinese texts as they were written."""
    return polib.pofile(str(FOLDER / "django.po"))


def key_of(entry: Any) -> tuple[str, str, str]:
    """What tells one text from all others."""
    return entry.msgctxt or "", entry.msgid, entry.msgid_plural or ""


def chinese_of(entry: Any) -> Iterator[str]:
    """The Chinese of a text; Chinese has one form for one and for many."""
    if entry.msgid_plural:
        yield from entry.msgstr_plural.values()
    else:
        yield entry.msgstr


def test_every_text_is_translated(translations: polib.POFile) -> None:
    assert len(translations) > 1000
    assert [entry.msgid for entry in translations if not all(text.strip() for text in chinese_of(entry))] == []
    assert [entry.msgid for entry in translations if entry.fuzzy or entry.obsolete] == []
    assert {len(entry.msgstr_plural) for entry in translations if entry.msgid_plural} == {1}


def test_every_translation_has_the_placeholders_of_its_text(translations: polib.POFile) -> None:
    def placeholders(text: str) -> list[str]:
        return sorted(PLACEHOLDER.findall(text))

    differing = [
        (entry.msgid, text)
        for entry in translations
        for text in chinese_of(entry)
        if placeholders(text) != placeholders(entry.msgid_plural or entry.msgid)
    ]
    assert differing == []


def test_chinese_has_chinese_punctuation(translations: polib.POFile) -> None:
    assert [text for entry in translations for text in chinese_of(entry) if HALF_WIDTH.search(text)] == []


def test_what_django_reads_is_compiled_from_what_people_write(translations: polib.POFile) -> None:
    def texts(entries: Any) -> dict[tuple[str, str, str], list[str]]:
        return {key_of(entry): list(chinese_of(entry)) for entry in entries}

    assert texts(polib.mofile(str(FOLDER / "django.mo"))) == texts(translations)


def test_no_text_of_the_code_is_missing(
    translations: polib.POFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    known = {key_of(entry) for entry in translations}
    has_tools = bool(shutil.which("xgettext") and shutil.which("msguniq"))
    in_code = extract(tmp_path, monkeypatch, settings) if has_tools else known
    assert sorted(in_code - known) == []


def extract(folder: Path, monkeypatch: pytest.MonkeyPatch, settings: Any) -> set[tuple[str, str, str]]:
    """Take the texts out of a copy of the code: the extraction writes files beside the templates."""
    for source in SOURCES:
        for path in sorted((settings.BASE_DIR / source).rglob("*")):
            if path.suffix in EXTENSIONS and path.is_file():
                copy = folder / path.relative_to(settings.BASE_DIR)
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, copy)
    (folder / "locale").mkdir()
    settings.LOCALE_PATHS = [folder / "locale"]
    monkeypatch.chdir(folder)
    call_command("makemessages", locale=["zh_Hans"], verbosity=0)
    return {key_of(entry) for entry in polib.pofile(str(folder / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"))}


@pytest.mark.django_db
def test_the_sign_in_page_speaks_the_language_of_the_browser() -> None:
    page = Client(headers={"accept-language": "zh-CN,zh;q=0.9"}).get(reverse("users:sign_in"))
    assert 'lang="zh-Hans"' in page.content.decode()
    assert "登录" in page.content.decode()
    page = Client(headers={"accept-language": "en"}).get(reverse("users:sign_in"))
    assert "登录" not in page.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("approvals:inbox", ["审批", "没有待您审批的事项"]),
        ("orders:deliveries", ["发货单", "草稿", "还没有发货单"]),
        ("customers:list", ["客户", "区域", "您的权限范围内还没有客户"]),
        ("notify:list", ["通知", "还没有通知"]),
    ],
)
def test_pages_speak_the_language_of_the_person(name: str, words: list[str]) -> None:
    page = client_of(Role.SUPERVISOR, language="zh-hans").get(reverse(name), headers={"accept-language": "en"})
    content = page.content.decode()
    assert page.status_code == 200
    assert [word for word in words if word not in content] == []


@pytest.mark.django_db
def test_a_page_is_english_for_whoever_reads_english() -> None:
    reader = client_of(Role.SUPERVISOR, language="en")
    page = reader.get(reverse("orders:deliveries"), headers={"accept-language": "zh"})
    assert "No deliveries yet" in page.content.decode()
