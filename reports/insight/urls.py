"""Addresses of insight."""

from django.urls import URLPattern, path

from . import growth_views, views

urlpatterns: list[URLPattern] = [
    path("insight/growth/", growth_views.GrowthPage.as_view(), name="growth"),
    path("insight/sleeping/", views.SleepingAgents.as_view(), name="sleeping"),
    path("insight/behind/", views.BehindRhythm.as_view(), name="behind"),
]
