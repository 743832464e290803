"""Where higher apps add to a customer's page what the file itself does not know."""

from collections.abc import Callable, Sequence

from salesops.users.models import User
from salesops.web.pages import Action

from .models import Customer

record_actions: list[Callable[[User, Customer], Sequence[Action]]] = []
"""Each returns buttons for the head of a customer's page, such as "New delivery"."""
