"""The tables of all features of this app, where Django looks for them."""

from .accounts.models import CreditAccount, TermsPart
from .files.models import Address, Attachment, Contact, Customer, Note
from .portal.models import Invitation

__all__ = ["Address", "Attachment", "Contact", "CreditAccount", "Customer", "Invitation", "Note", "TermsPart"]
