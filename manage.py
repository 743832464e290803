#!/usr/bin/env python
"""Django's command line for the sales operations system."""

import os
import sys


def main() -> None:
    """Run a command; where no server can be reached, say so in a line (and with --traceback in many)."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "salesops.settings")
    from django.core.management import execute_from_command_line
    from django.db import OperationalError

    try:
        execute_from_command_line(sys.argv)
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) is not None or "--traceback" in sys.argv:
            raise  # the server is there, and says what is wrong
        sys.exit(f"{sys.argv[0]}: the database is not to be reached: {str(error).splitlines()[0]}")


if __name__ == "__main__":
    main()
