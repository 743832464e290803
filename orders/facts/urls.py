"""Addresses of the counts of all facts."""

from django.urls import URLPattern, path

from . import views

urlpatterns: list[URLPattern] = [
    path("facts/", views.Counts.as_view(), name="fact_builds"),
    path("facts/new/", views.CountNew.as_view(), name="fact_build_new"),
    path("facts/<int:pk>/", views.CountRecord.as_view(), name="fact_build"),
]
