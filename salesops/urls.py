"""Every address of the product; each app keeps its own list."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from customers.api_urls import urlpatterns as customers_api
from orders.api_urls import urlpatterns as orders_api
from reports.api_urls import urlpatterns as reports_api
from salesops.api.api import urlpatterns as tokens_api
from salesops.approvals.inbox_api import urlpatterns as approvals_api
from salesops.health import ready
from salesops.jobs.api import urlpatterns as jobs_api
from salesops.watch.views import metrics


def live(request: HttpRequest) -> HttpResponse:
    """Answer that the web process runs; asks no database."""
    return HttpResponse("ok", content_type="text/plain")


handler400 = "salesops.api.errors.bad_request"
handler403 = "salesops.api.errors.permission_denied"
handler404 = "salesops.api.errors.page_not_found"
handler500 = "salesops.api.errors.server_error"

api_v1 = [*tokens_api, *customers_api, *orders_api, *reports_api, *approvals_api, *jobs_api]

urlpatterns = [
    path("live/", live, name="live"),
    path("ready/", ready, name="ready"),
    path("metrics", metrics, name="metrics"),
    path("", include("salesops.web.urls")),
    path("", include("salesops.users.urls")),
    path("", include("salesops.api.urls")),
    path("api/v1/", include((api_v1, "v1"))),
    path("", include("salesops.approvals.urls")),
    path("", include("salesops.jobs.urls")),
    path("", include("salesops.notify.urls")),
    path("", include("salesops.imports.urls")),
    path("", include("customers.urls")),
    path("", include("orders.urls")),
    path("", include("staff.urls")),
    path("", include("reports.urls")),
]
