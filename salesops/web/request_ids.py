"""One id for all that a request sets off: in its answer, in every line of the log, in the jobs that it starts."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import uuid4

HEADER = "X-Request-ID"
LONGEST = 64
SANE = re.compile(rf"[A-Za-z0-9][A-Za-z0-9._-]{{7,{LONGEST - 1}}}")
_present: ContextVar[str] = ContextVar("request_id", default="")


def present_id() -> str:
    """Return the id of the request that is being answered, or that asked for the job being done; else nothing."""
    return _present.get()


def id_for(said: str | None) -> str:
    """Return the id that a proxy or a program gave its request, if it can go into a log; else a new one."""
    return said if said and SANE.fullmatch(said) else uuid4().hex


@contextmanager
def belonging_to(request_id: str) -> Iterator[str]:
    """What is done in the block belongs to that request."""
    before = _present.set(request_id)
    try:
        yield request_id
    finally:
        _present.reset(before)
