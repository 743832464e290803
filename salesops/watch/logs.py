"""How a line of the log looks: for people, or as JSON for programs. No passwords, no tokens."""

import json
import logging
import re
from datetime import UTC, datetime

from salesops.web.request_ids import present_id

SECRETS = [
    (re.compile(r"(://[^:/@\s]*:)[^@/\s]+@"), r"\1***@"),
    (re.compile(r"(?i)\b(password=)[^\s&]+"), r"\1***"),
    (re.compile(r"\bso_[A-Za-z0-9_-]+"), "so_***"),
    (re.compile(r"(?i)\b(bearer|token|basic) [A-Za-z0-9._~+/=-]{8,}"), r"\1 ***"),
]


class Lines(logging.Formatter):
    """A line for people; the request that it belongs to stands in brackets."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, and the lines of an exception below it."""
        record.request_id = id_of(record) or "-"
        return without_secrets(super().format(record))


class JsonLines(logging.Formatter):
    """One line a record, also where it brings an exception."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the object: time (UTC), level, logger, message, and what else is known."""
        said: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": without_secrets(record.getMessage()),
            "process": record.process,
        }
        if request_id := id_of(record):
            said["request_id"] = request_id
        said |= getattr(record, "fields", {})
        if record.exc_info:
            said["exception"] = without_secrets(self.formatException(record.exc_info))
        return json.dumps(said, ensure_ascii=False, default=str)


class NoFaults(logging.Filter):
    """Lowers to a warning of one line what is no fault of ours, so that an alarm on errors means something.

    That is an answer that says itself that something is missing (503, as of /ready/), and a host that we are not.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record through."""
        is_told = record.name == "django.request" and getattr(record, "status_code", 0) == 503
        if is_told or record.name == "django.security.DisallowedHost":
            record.levelno, record.levelname = logging.WARNING, logging.getLevelName(logging.WARNING)
            record.exc_info = record.exc_text = None
        return True


def id_of(record: logging.LogRecord) -> str:
    """Return the id of the request that a record belongs to; Django speaks of an answer when all else has ended."""
    return present_id() or getattr(getattr(record, "request", None), "request_id", "")


def without_secrets(text: str) -> str:
    """Return the text without passwords in addresses and without tokens."""
    for pattern, instead in SECRETS:
        text = pattern.sub(instead, text)
    return text
