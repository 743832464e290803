"""The way in for programs: the same steps, with the same limits of tries, as the sign-in page."""

from django.http import HttpRequest
from django.utils.translation import gettext as _
from rest_framework.exceptions import AuthenticationFailed, Throttled, ValidationError

from salesops.users.models import User
from salesops.users.signin.events import where_of, write_event
from salesops.users.signin.models import Outcome
from salesops.users.signin.services import try_code, try_password
from salesops.users.signin.throttle import Barred

from .errors import SecondFactorMissing


def person_who_signs_in(request: HttpRequest, *, username: str, password: str, otp: str = "") -> User:
    """Return whose user name and password these are, and whose code where there is a second factor.

    Tries count with those of the sign-in page. Raises AuthenticationFailed, in the same words for a wrong name and a
    wrong password, ValidationError where the code is missing, SecondFactorMissing for whoever must set one up first,
    and Throttled after too many tries.
    """
    try:
        person = try_password(request, username, password)
        if person is None:
            raise AuthenticationFailed(_("User name and password do not fit together."))
        if person.has_second_factor and not otp.strip():
            raise ValidationError({"otp": [_("Send the code of your second factor as well.")]})
        if person.has_second_factor and try_code(request, person, otp) is None:
            raise AuthenticationFailed(_("The code of your second factor opens nothing; each opens once."))
    except Barred as barred:
        raise Throttled(wait=barred.seconds) from barred
    if person.needs_second_factor and not person.has_second_factor:
        raise SecondFactorMissing(_("Your role needs a second factor: set it up in the browser first."))
    write_event(Outcome.SIGNED_IN, user=person, where=where_of(request))
    return person
