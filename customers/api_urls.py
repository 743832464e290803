"""Addresses of customers in the API."""

from customers.files.api import urlpatterns as files
from customers.portal.api import urlpatterns as people

urlpatterns = [*files, *people]
