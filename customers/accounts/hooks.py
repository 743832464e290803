"""Where higher apps ask to be told of changes to an account's terms; called with the account locked, by customer id."""

from collections.abc import Callable

after_terms_changed: list[Callable[[int], None]] = []
