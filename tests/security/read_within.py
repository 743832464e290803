"""Reads the table of a file in a process that may not have more than so much memory; says what came of it.

Run as `python read_within.py FILE MEGABYTES`: the last line is how many rows there were, or the refusal in words.
"""

import resource
import sys
from pathlib import Path

import django

django.setup()

from salesops.imports.reading import open_table  # noqa: E402  the settings come first
from salesops.kernel.errors import RuleBroken  # noqa: E402


def main(path: Path, megabytes: int) -> None:
    """Read it."""
    resource.setrlimit(resource.RLIMIT_AS, (megabytes * 1024 * 1024,) * 2)
    try:
        with open_table(path) as table:
            sys.stdout.write(f"rows {sum(1 for _row in table.rows)}\n")
    except RuleBroken as refusal:
        sys.stdout.write(f"refused {refusal}\n")


main(Path(sys.argv[1]), int(sys.argv[2]))
