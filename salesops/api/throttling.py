"""How often somebody may ask: counted in the cache, a minute at a time. Without the cache nobody is turned away."""

import time

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from rest_framework.exceptions import Throttled

from salesops.users.signin.events import where_of
from salesops.users.signin.throttle import place_of

WINDOW = 60


def count_request(who: str, most: int) -> None:
    """Count a request; raises Throttled, with the seconds to wait, where there were `most` in this minute already."""
    now = int(time.time())
    key = f"api:asked:{who}:{now // WINDOW}"
    try:
        cache.add(key, 0, timeout=2 * WINDOW)
        asked = cache.incr(key)
    except ValueError:  # the cache does not answer, which its log says
        return
    if asked > most:
        raise Throttled(wait=WINDOW - now % WINDOW)


def count_address(request: HttpRequest) -> None:
    """Count a request of an address (with IPv6, of its /64), before it is known who asks."""
    count_request(f"address:{place_of(where_of(request).address)}", settings.API_REQUESTS_A_MINUTE["address"])


def count_person(user_id: int) -> None:
    """Count a request of a person, with whichever token."""
    count_request(f"person:{user_id}", settings.API_REQUESTS_A_MINUTE["person"])
