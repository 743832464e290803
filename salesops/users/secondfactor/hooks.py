"""Where higher apps add to what second factors are."""

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from salesops.users.models import User

after_reset: list[Callable[["User", "User | None", str], None]] = []
"""Called in the transaction in which somebody's second factor was reset: whose, by whom (None: a command), why."""
