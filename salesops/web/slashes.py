"""Addresses end with a slash: pages are led there, programs are told."""

from django.http import HttpRequest
from django.middleware.common import CommonMiddleware

from .middleware import PROGRAMS


class SlashMiddleware(CommonMiddleware):
    """Django's, but it leads no program elsewhere: many send a POST again as a GET, and take its answer for success."""

    def should_redirect_with_slash(self, request: HttpRequest) -> bool:
        """Whether a browser is led to the address with a slash."""
        return not request.path_info.startswith(PROGRAMS) and super().should_redirect_with_slash(request)
