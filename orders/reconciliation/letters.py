"""The letter of a reconciliation: printed once, when the second side signs, and kept as it was printed."""

import hashlib

from django.core.files.base import ContentFile

from .models import Letter, Reconciliation
from .papers import letter_pdf


def make_letter(one: Reconciliation) -> Letter:
    """Print and keep the letter of what both sides have just signed; within the transaction of that signature."""
    assert one.is_frozen
    content = letter_pdf(one)
    letter = Letter(reconciliation=one, sha256=hashlib.sha256(content).hexdigest())
    letter.file.save("letter.pdf", ContentFile(content), save=False)
    letter.save()
    return letter


def read_letter(one: Reconciliation) -> bytes | None:
    """Return the letter as it was made; None where none was, and where its file is gone or is not what was kept."""
    letter = Letter.objects.filter(reconciliation=one).first()
    if letter is None or not letter.file.storage.exists(str(letter.file.name)):
        return None
    with letter.file.open("rb") as file:
        content: bytes = file.read()
    return content if hashlib.sha256(content).hexdigest() == letter.sha256 else None
