"""Addresses of customers in the API."""

from customers.files.api import urlpatterns as files

urlpatterns = [*files]
