"""Who a session belongs to: the person, read together with what the second factor asks of them."""

from typing import Any

from django.contrib.auth.backends import ModelBackend

from salesops.users.models import User
from salesops.users.secondfactor.queries import with_second_factor


class PeopleBackend(ModelBackend):
    """Django's own, but a person comes with `has_second_factor` and `needs_second_factor` in the same query."""

    def get_user(self, user_id: Any) -> User | None:
        person = with_second_factor(User.objects.all()).filter(pk=user_id).first()
        return person if person is not None and self.user_can_authenticate(person) else None
