"""What this app adds to the shell; each feature keeps its own."""

from .teams import registry  # noqa: F401  registers the menu entry
