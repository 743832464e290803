"""Numbers that come with a request, which may be anything."""


def number_in(text: object) -> int | None:
    """Return the whole number that a text is: at most 18 plain digits, what a key's column can hold; else None."""
    digits = str(text or "").strip()
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) <= 18 else None
