"""Recovery codes: eighty random bits each, so that a digest of one tells nobody the code."""

import hashlib
import secrets

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Thirty-two signs that nobody confuses on paper: no I, no O, no 0, no 1."""
LENGTH = 16
GROUP = 4
COUNT = 10


def new_codes() -> list[str]:
    """Return ten codes as they are shown: four groups of four."""
    return [in_groups("".join(secrets.choice(LETTERS) for _ in range(LENGTH))) for _ in range(COUNT)]


def in_groups(text: str, sign: str = "-") -> str:
    """Return a text in groups of four."""
    return sign.join(text[at : at + GROUP] for at in range(0, len(text), GROUP))


def digest_of(code: str, user_id: int) -> str:
    """Return what is kept of a code, however it was typed. Of two people's equal codes the digests differ."""
    return hashlib.sha256(f"{user_id}:{_plain(code)}".encode()).hexdigest()


def may_be_one(text: str) -> bool:
    """Whether a text could be a recovery code; a password could look like one, too."""
    plain = _plain(text)
    return len(plain) == LENGTH and set(plain) <= set(LETTERS)


def _plain(code: str) -> str:
    return "".join(sign for sign in code.upper() if sign.isalnum())
