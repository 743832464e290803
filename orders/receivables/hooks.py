"""Where features above the ledger listen to it."""

from collections.abc import Callable

from customers.accounts.models import CreditAccount

after_credit: list[Callable[[CreditAccount], None]] = []
"""Called with the locked account after a credit was posted and settled, or an open one settled something."""

after_reopening: list[Callable[[CreditAccount, list[int]], None]] = []
"""Called with the locked account and the keys of its debits that are open again: their credit was reversed, or what it
settled was taken back."""


def tell_of_credit(account: CreditAccount) -> None:
    """Let those look who wait for what is paid; the account is locked, and less may be open of it."""
    for listen in after_credit:
        listen(account)


def tell_of_reopening(account: CreditAccount, item_ids: list[int]) -> None:
    """Let those look who waited for what was paid and is open again; the account is locked."""
    for listen in after_reopening:
        listen(account, item_ids)
