"""What this feature adds to the shell, and what it listens to."""

from customers.accounts.hooks import after_terms_changed

from . import approval  # noqa: F401  registers the document type
from .services import reconsider

after_terms_changed.append(reconsider)
