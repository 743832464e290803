"""Addresses on the servers of the test run."""

import os
from urllib.parse import urlsplit, urlunsplit


def url_of_database(name: str) -> str:
    """DATABASE_URL, with another database of the same server."""
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}"))
