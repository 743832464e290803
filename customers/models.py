"""The tables of all features of this app, where Django looks for them."""

from .accounts.models import CreditAccount, TermsPart
from .files.models import Address, Attachment, Contact, Customer, Note

__all__ = ["Address", "Attachment", "Contact", "CreditAccount", "Customer", "Note", "TermsPart"]
