"""Addresses of homes and statistics."""

from django.urls import path

from reports.home.views import HomePage
from reports.insight.urls import urlpatterns as insight
from reports.statistics.issuing.urls import urlpatterns as issuing
from reports.statistics.urls import urlpatterns as statistics

app_name = "reports"
urlpatterns = [
    path("", HomePage.as_view(), name="home"),
    *statistics,
    *insight,
    *issuing,
]
