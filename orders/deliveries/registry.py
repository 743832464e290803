"""What this feature adds to the shell."""

from . import approval  # noqa: F401  registers the document type
