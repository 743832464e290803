"""Papers: known by their content, kept under random names, warned of once before they expire."""

from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from customers.attachments.services import (
    PaperInput,
    add_attachment,
    change_attachment,
    remove_attachment,
    warn_of_expiring,
)
from customers.attachments.uploads import file_type_of, tidy_name
from customers.files.models import Attachment
from salesops.kernel.errors import RuleBroken
from salesops.notify.models import Notice
from tests.support.build import make_customer, make_user

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)
PDF = b"%PDF-1.7\nhello"


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def archive(*names: str) -> bytes:
    target = BytesIO()
    with ZipFile(target, "w") as made:
        for name in names:
            made.writestr(name, "x")
    return target.getvalue()


def upload(content: bytes = PDF, name: str = "licence.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


KNOWN = {
    ".pdf": PDF,
    ".png": b"\x89PNG\r\n\x1a\nxxxx",
    ".jpg": b"\xff\xd8\xff\xe0xxxx",
    ".webp": b"RIFF\x00\x00\x00\x00WEBPVP8 ",
    ".docx": archive("[Content_Types].xml", "word/document.xml"),
    ".xlsx": archive("[Content_Types].xml", "xl/workbook.xml"),
}


@pytest.mark.parametrize("ending", KNOWN)
def test_a_file_is_known_by_its_content_whatever_its_name(ending: str):
    attachment = add_attachment(
        make_customer().pk, PaperInput("Licence"), by=make_user(), file=upload(KNOWN[ending], "a")
    )
    assert attachment.file_name == f"a{ending}"
    assert str(attachment.file.name).endswith(ending)


@pytest.mark.parametrize(
    "content",
    [
        b"MZ\x90\x00 an .exe by another name",
        b"<html><script>alert(1)</script>",
        b"%!PS-Adobe",
        b"PK\x03\x04 no archive",
        archive("anything.txt"),
        archive("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"),
        archive("[Content_Types].xml", *(f"xl/{n}" for n in range(2_001))),
        b"",
    ],
)
def test_anything_else_is_refused_and_leaves_no_file(content: bytes, media: Path):
    with pytest.raises(RuleBroken) as refused:
        add_attachment(make_customer().pk, PaperInput("Licence"), by=make_user(), file=upload(content))
    assert refused.value.field == "file"
    assert not Attachment.objects.exists()
    assert not list(media.rglob("*.*"))


def test_a_file_has_a_longest_size(settings: Any, media: Path):
    settings.ATTACHMENT_MAX_BYTES = len(PDF) - 1
    with pytest.raises(RuleBroken) as refused:
        add_attachment(make_customer().pk, PaperInput("Licence"), by=make_user(), file=upload())
    assert refused.value.rule == "file size"
    assert not list(media.rglob("*.*"))


def test_a_file_is_kept_under_a_name_that_nobody_typed(media: Path):
    attachment = add_attachment(
        make_customer().pk, PaperInput("Licence"), by=make_user(), file=upload(PDF, "../../etc/passwd.pdf")
    )
    kept = [path for path in media.rglob("*") if path.is_file()]
    assert len(kept) == 1
    assert "passwd" not in kept[0].name
    assert attachment.file_name == "passwd.pdf"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("营业执照.pdf", "营业执照.pdf"),
        ("C:\\scans\\a.pdf", "a.pdf"),
        ("report.exe", "report.exe.pdf"),
        ("", "file.pdf"),
        ("a\r\nb\u202egpj.pdf", "abgpj.pdf"),
        ("x" * 300 + ".pdf", "x" * 180 + ".pdf"),
    ],
)
def test_a_download_has_a_harmless_name(typed: str, kept: str):
    kind = file_type_of(BytesIO(PDF))
    assert kind is not None
    assert tidy_name(typed, kind) == kept


def test_a_new_file_replaces_the_old_and_a_removed_paper_takes_its_file_along(
    media: Path, django_capture_on_commit_callbacks: Callable[..., Any]
):
    by = make_user()
    attachment = add_attachment(make_customer().pk, PaperInput("Licence"), by=by, file=upload())
    old = attachment.file.path
    with django_capture_on_commit_callbacks(execute=True):
        change_attachment(attachment.pk, PaperInput("Licence"), by=by, file=upload(KNOWN[".png"], "b.png"))
    assert not Path(old).exists()
    attachment.refresh_from_db()
    assert Path(attachment.file.path).read_bytes() == KNOWN[".png"]
    with django_capture_on_commit_callbacks(execute=True):
        remove_attachment(attachment.pk, by=by)
    assert not [path for path in media.rglob("*") if path.is_file()]


def test_a_paper_has_a_title_and_ends_after_it_starts():
    customer, by = make_customer(), make_user()
    for wrong in (PaperInput(" "), PaperInput("x", valid_from=TODAY, valid_until=TODAY - timedelta(1))):
        with pytest.raises(RuleBroken):
            add_attachment(customer.pk, wrong, by=by)
    assert not Attachment.objects.exists()


@pytest.mark.parametrize(("days", "told"), [(31, 0), (30, 1), (0, 1), (-3, 1)])
def test_representatives_are_told_a_month_before_a_paper_expires(days: int, told: int):
    rep = make_user()
    customer = make_customer(representative=rep)
    add_attachment(customer.pk, PaperInput("Licence", valid_until=TODAY + timedelta(days)), by=rep)
    assert warn_of_expiring(TODAY) == told
    assert Notice.objects.filter(user=rep).count() == told


def test_nobody_is_told_twice_until_the_paper_has_another_last_day():
    rep = make_user()
    customer = make_customer(representative=rep)
    paper = add_attachment(customer.pk, PaperInput("Licence", valid_until=TODAY), by=rep)
    assert [warn_of_expiring(TODAY), warn_of_expiring(TODAY + timedelta(1))] == [1, 0]
    change_attachment(paper.pk, PaperInput("Licence", valid_until=TODAY + timedelta(400)), by=rep)
    assert [warn_of_expiring(TODAY), warn_of_expiring(TODAY + timedelta(380))] == [0, 1]


def test_nobody_is_told_of_papers_of_former_customers_or_where_nobody_is_responsible():
    rep, gone = make_user(), make_user(is_active=False)
    for customer in (
        make_customer(representative=rep, is_active=False),
        make_customer(representative=gone),
        make_customer(),
    ):
        add_attachment(customer.pk, PaperInput("Licence", valid_until=TODAY), by=rep)
    assert warn_of_expiring(TODAY) == 0
    assert not Notice.objects.exists()
