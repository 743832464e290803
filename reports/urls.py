"""Addresses of homes and statistics."""

from django.urls import path

from reports.home.views import HomePage

app_name = "reports"
urlpatterns = [
    path("", HomePage.as_view(), name="home"),
]
