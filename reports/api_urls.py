"""Addresses of statistics in the API."""

from reports.statistics.api import urlpatterns as statistics
from reports.statistics.issuing.api import urlpatterns as issued

urlpatterns = [*statistics, *issued]
