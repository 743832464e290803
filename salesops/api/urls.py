"""Addresses of the pages about the API, of its schema, and of what leads nowhere below it."""

from django.urls import path

from . import pages
from .schema_page import SchemaPage

app_name = "api"
urlpatterns = [
    path("tokens/", pages.TokenList.as_view(), name="tokens"),
    path("tokens/new/", pages.NewToken.as_view(), name="token_new"),
    path("tokens/<str:prefix>/revocation/", pages.RevokeToken.as_view(), name="token_revocation"),
    path("api/docs/", pages.Documentation.as_view(), name="docs"),
    path("api/schema/", SchemaPage.as_view(), name="schema"),
]
