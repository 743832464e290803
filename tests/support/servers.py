"""Addresses on the servers of the test run."""

import os
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from salesops.testservices import RUN_FOLDER

# Whether the run's database is on its own embedded server, which is thrown away with everything on it
EMBEDDED = (Path(os.environ[RUN_FOLDER]) / "postgresql").is_dir()


def url_of_database(name: str) -> str:
    """DATABASE_URL, with another database of the same server."""
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}"))
