"""A backup is one folder that proves itself, and restoring it proves the books: see docs/operations.md."""
