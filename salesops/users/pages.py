"""Pages that ask who is here: pages themselves stand below the people who open them."""

from typing import Any

from .models import User


class Personal:
    """A page that knows who opened it."""

    request: Any

    @property
    def user(self) -> User:
        """Who is here."""
        user: User = self.request.user
        return user
