"""What is uploaded is known by its content, at every field that takes files; what is refused leaves nothing behind."""

import io
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.forms import FileField
from django.urls import reverse
from django.utils.html import escape

from customers.attachments.forms import PaperForm
from customers.models import Attachment
from orders.bankfiles.forms import BankFileForm
from orders.bills.forms import BillForm
from orders.matching.forms import LedgerForm
from orders.reconciliation.forms import DifferenceForm
from salesops.imports.forms import NewRunForm
from salesops.imports.models import ImportRun
from salesops.users.roles import Role
from salesops.web.forms import Form
from tests.support.build import make_customer, make_user
from tests.support.signed_in import signed_in

pytestmark = pytest.mark.django_db

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
SCRIPT = b"<script>fetch('/people/')</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def archive(*names: str, inside: bytes = b"a,b\n1,2\n") -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as made:
        for name in names:
            made.writestr(name, inside)
    return target.getvalue()


def workbook() -> bytes:
    target = io.BytesIO()
    book = openpyxl.Workbook()
    book.active.append(["code", "name"])
    book.save(target)
    return target.getvalue()


WORD = archive("[Content_Types].xml", "word/document.xml")

NEITHER = {
    "a program called a picture": ("scan.png", b"MZ\x90\x00" + b"\x00" * 60),
    "a program called a workbook": ("books.xlsx", b"MZ\x90\x00" + b"\x00" * 60),
    "a Linux program": ("scan.pdf", b"\x7fELF\x02\x01\x01" + b"\x00" * 60),
    "a shell script": ("prices.csv", b"#!/bin/sh\nrm -rf /\n"),
    "a page called a picture": ("scan.png", b"<!DOCTYPE html>" + SCRIPT),
    "a page after blanks": ("prices.csv", b"\xef\xbb\xbf \r\n\t<HTML>" + SCRIPT),
    "a script alone": ("scan.jpg", SCRIPT),
    "a drawing with a script": ("scan.svg", SVG),
    "a drawing after its XML line": ("scan.png", b'<?xml version="1.0"?>' + SVG),
    "a page hidden in a GIF": ("scan.gif", b"GIF89a/*" + SCRIPT + b"*/=1"),
    "a PDF that is an archive too": ("scan.pdf", PDF + WORD),
    "a picture that is an archive too": ("scan.png", PNG + archive("evil.exe")),
    "a JPEG that is an archive too": ("scan.jpg", b"\xff\xd8\xff\xe0" + archive("evil.jar")),
    "an archive called a workbook": ("books.xlsx", archive("a.csv", "run.exe")),
    "a workbook and a document in one": (
        "books.xlsx",
        archive("[Content_Types].xml", "word/document.xml", "xl/workbook.xml", inside=b"\x00"),
    ),
    "an archive cut off": ("books.xlsx", workbook()[:200]),
    "an old Word file": ("scan.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600),
    "nothing": ("scan.pdf", b""),
}
"""What is neither a paper nor books."""

NO_PAPER = NEITHER | {
    "a table of text": ("books.csv", b"code,name\n"),
    "a picture of another kind": ("a.bmp", b"BM"),
    "a workbook with macros by its part": (
        "books.xlsx",
        archive("[Content_Types].xml", "xl/workbook.xml", "xl/vbaProject.bin"),
    ),
}
NO_BOOKS = NEITHER | {
    "a PDF": ("books.csv", PDF),
    "a picture": ("books.xlsx", PNG),
    "a Word file called a workbook": ("books.xlsx", WORD),
    "an archive of archives": ("books.zip", archive("more.zip", inside=archive("a.csv"))),
    "an archive with a program in it": ("books.zip", archive("a.csv", inside=b"MZ\x90\x00")),
    "an archive with a page in it": ("books.zip", archive("a.csv", inside=SVG)),
}


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"


def files_in(media: Path) -> list[Path]:
    return [path for path in media.rglob("*") if path.is_file()]


def errors_at(response: Any, field: str) -> list[str]:
    """What the form says at a field; it says nothing anywhere else."""
    errors = response.context["form"].errors
    assert list(errors) == [field]
    assert all(escape(message) in response.content.decode() for message in errors[field])
    return list(errors[field])


def test_these_are_the_fields_that_take_files() -> None:
    forms = Form.__subclasses__()
    for form in forms:
        forms += form.__subclasses__()
    with_files = {form for form in forms if any(isinstance(field, FileField) for field in form.base_fields.values())}
    assert with_files == {PaperForm, NewRunForm, LedgerForm, DifferenceForm, BillForm, BankFileForm}


@pytest.mark.parametrize("what", NO_PAPER)
def test_a_paper_that_is_none_is_refused_at_its_field_and_not_kept(what: str, media: Path) -> None:
    name, content = NO_PAPER[what]
    representative = make_user(Role.REPRESENTATIVE)
    customer = make_customer(representative=representative)

    response = signed_in(representative).post(
        reverse("customers:attachment_new", args=[customer.code]),
        {"paper": "licence", "title": "Licence", "file": SimpleUploadedFile(name, content)},
    )

    assert response.status_code == 422
    assert errors_at(response, "file")
    assert not Attachment.objects.exists()
    assert not files_in(media)


@pytest.mark.parametrize("what", NO_PAPER)
def test_a_paper_keeps_its_file_where_the_new_one_is_refused(what: str, media: Path) -> None:
    name, content = NO_PAPER[what]
    representative = make_user(Role.REPRESENTATIVE)
    customer = make_customer(representative=representative)
    client = signed_in(representative)
    given = {"paper": "licence", "title": "Licence"}
    new = reverse("customers:attachment_new", args=[customer.code])
    client.post(new, given | {"file": SimpleUploadedFile("scan.pdf", PDF)})
    paper = Attachment.objects.get()

    refused = client.post(
        reverse("customers:attachment", args=[paper.pk]), given | {"file": SimpleUploadedFile(name, content)}
    )

    assert errors_at(refused, "file")
    assert [path.read_bytes() for path in files_in(media)] == [PDF]
    assert Attachment.objects.get().file.name == paper.file.name


@pytest.mark.parametrize("what", NO_BOOKS)
def test_books_that_are_none_are_refused_at_their_field_and_not_kept(what: str, media: Path) -> None:
    name, content = NO_BOOKS[what]

    response = signed_in(make_user(Role.FINANCE)).post(
        reverse("imports:new"),
        {
            "title": "Old books",
            "upload": [SimpleUploadedFile("good.csv", b"a,b\n1,2\n"), SimpleUploadedFile(name, content)],
        },
    )

    assert response.status_code == 422
    assert errors_at(response, "upload")
    assert not ImportRun.objects.exists()
    assert not files_in(media)
