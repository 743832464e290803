"""The one way in which a start is refused."""


class CannotStart(Exception):
    """Starting is impossible; the message is one line for the person at the terminal and says what to do."""
