"""Addresses of sign-in and of people, roles, regions, teams and delegation."""

from django.urls import URLPattern

app_name = "users"
urlpatterns: list[URLPattern] = []
