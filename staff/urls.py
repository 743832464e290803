"""Addresses of people's work; each feature keeps its own."""

from .teams.urls import urlpatterns as teams

app_name = "staff"
urlpatterns = [*teams]
