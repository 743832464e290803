"""What a browser calls itself, in words: enough for somebody to know their own."""

import re

BROWSERS = (
    ("MicroMessenger", "WeChat"),
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
    ("curl", "curl"),
)
"""The more particular first: nearly all of them also call themselves Safari."""
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)
LONGEST = 40


def browser_in_words(said: str) -> str:
    """Return “Chrome 142, Windows”; for what we do not know, the beginning of what it says."""
    for sign, name in BROWSERS:
        if found := re.search(rf"{sign}\w*/(\d+)", said):
            version = re.search(r"Version/(\d+)", said) if name == "Safari" else found
            system = next((words for part, words in SYSTEMS if part in said), "")
            return ", ".join(filter(None, (f"{name} {version.group(1)}" if version else name, system)))
    return said if len(said) <= LONGEST else f"{said[: LONGEST - 1]}…"
