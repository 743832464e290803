"""The living page of every component, with believable sample data: for administrators in demo mode."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _

from .page import Page


class Components(Page):
    """Every component once, to look at and to copy from."""

    title = _("Components")
    template_name = "web/components.html"
    permission_required = "users.manage_users"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not settings.DEMO:
            raise Http404
        return super().dispatch(request, *args, **kwargs)
