"""Where features above adjustments listen to them."""

from collections.abc import Callable

from .models import Adjustment

after_move: list[Callable[[Adjustment], None]] = []
"""Called with the locked adjustment, its account locked too, after it came to another state."""
