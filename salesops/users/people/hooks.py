"""Where higher apps end what hangs on somebody's password and access."""

from collections.abc import Callable

access_changed: list[Callable[[int], None]] = []
"""Called by user id, in the transaction, after a password was changed or set and after somebody's access ended."""


def tell_access_changed(user_id: int) -> None:
    """Let everybody who gave out another way in by the old password take it back."""
    for act in access_changed:
        act(user_id)
