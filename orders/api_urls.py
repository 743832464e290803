"""Addresses of goods and money in the API; each feature keeps its own list."""

from orders.catalogue.api import urlpatterns as catalogue
from orders.credit.api import urlpatterns as credit
from orders.deliveries.api import urlpatterns as deliveries
from orders.payments.api import urlpatterns as payments

urlpatterns = [*credit, *catalogue, *deliveries, *payments]
