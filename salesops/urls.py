"""Every address of the product; each app keeps its own list."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path


def live(request: HttpRequest) -> HttpResponse:
    """Answer that the web process runs; asks no database."""
    return HttpResponse("ok", content_type="text/plain")


urlpatterns = [
    path("live/", live, name="live"),
    path("", include("salesops.web.urls")),
    path("", include("salesops.users.urls")),
    path("", include("salesops.approvals.urls")),
    path("", include("salesops.jobs.urls")),
    path("", include("salesops.notify.urls")),
    path("", include("salesops.imports.urls")),
    path("", include("customers.urls")),
    path("", include("orders.urls")),
    path("", include("staff.urls")),
    path("", include("reports.urls")),
]
