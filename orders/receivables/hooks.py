"""Where features above the ledger listen to it."""

from collections.abc import Callable

from customers.accounts.models import CreditAccount

after_credit: list[Callable[[CreditAccount], None]] = []
"""Called with the locked account after a credit was posted and settled."""
