"""Where higher apps add to what accounts are."""

from collections.abc import Callable
from typing import Any

after_terms_changed: list[Callable[[int], None]] = []
"""Called with the account locked, by customer id, after its limit, terms or hold have changed."""

limit_on_top: list[Callable[[], Any]] = []
"""Each makes a database expression over accounts: the amount that is on top of the limit today, 0 for none."""
