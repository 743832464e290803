"""The letter of what both sides signed: made once, with the second signature, and kept."""

import hashlib
from decimal import Decimal
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.urls import reverse
from pypdf import PdfReader

from orders.models import Letter, Payment
from orders.reconciliation.letters import read_letter
from orders.reconciliation.services import explain_difference, sign, state_difference
from salesops.users.roles import Role
from tests.support.build import make_sales, make_user
from tests.support.signed_in import signed_in

from .conftest import Sent, refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def signed(sent: Sent) -> Sent:
    """With a difference that was explained, evidence and a document that put it right."""
    file = SimpleUploadedFile("receipt.pdf", b"%PDF-1.4\n%%EOF")
    state_difference(sent.one.pk, by=sent.agent, kind="payment", amount=Decimal(-100), text="We paid", file=file)
    payment = sent.sales.pay(sent.customer, 100)
    explain_difference(sent.one.pk, 1, by=sent.sales.finance, reason="ours_to_post", resolution=payment.number)
    sign(sent.one.pk, by=sent.agent, address="203.0.113.9")
    assert not Letter.objects.exists()
    sign(sent.one.pk, by=sent.sales.finance, address="198.51.100.7")
    return sent


def words_of(content: bytes) -> str:
    return "".join("".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages).split())


def test_it_says_who_agreed_to_what_and_with_which_documents(signed: Sent) -> None:
    content = read_letter(signed.one)
    assert content is not None
    said = words_of(content)
    one = signed.one
    assert one.statement
    for words in (one.number, one.statement.number, one.statement.sha256, "600.00", "−100.00", "500.00"):
        assert words in said, words
    for words in (Payment.objects.get().number, "receipt.pdf", "203.0.113.9", "198.51.100.7", "双方已核对"):
        assert words in said, words
    assert "".join(str(signed.agent).split()) in said


def test_it_stays_what_it_was_whoever_changes_their_name(signed: Sent) -> None:
    before = read_letter(signed.one)
    signed.agent.full_name = "Somebody Else"
    signed.agent.save()
    assert read_letter(signed.one) == before
    assert hashlib.sha256(before or b"").hexdigest() == Letter.objects.get().sha256


def test_the_database_keeps_it(signed: Sent) -> None:
    for change in (
        lambda: Letter.objects.update(sha256="0" * 64),
        lambda: Letter.objects.all()._raw_delete(using="default"),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_a_file_that_is_not_what_was_kept_is_not_shown(signed: Sent) -> None:
    url = reverse("orders:reconciliation_letter", args=[signed.one.number])
    client = signed_in(signed.agent)
    answer = client.get(url)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    letter = Letter.objects.get()
    storage, name = letter.file.storage, str(letter.file.name)
    content = storage.open(name).read()
    storage.delete(name)
    assert client.get(url).status_code == 404
    storage.save(name, BytesIO(content.replace(b"%PDF", b"%PDX", 1)))
    assert client.get(url).status_code == 404


def test_people_from_elsewhere_do_not_find_it(signed: Sent) -> None:
    url = reverse("orders:reconciliation_letter", args=[signed.one.number])
    foreign = make_user(Role.AGENT, customer=signed.sales.customer())
    for person in (foreign, make_sales().representative):
        assert signed_in(person).get(url).status_code == 404
    refused("signed", sign, signed.one.pk, by=signed.agent)
    assert Letter.objects.count() == 1
