"""Addresses of goods and money; each feature keeps its own list."""

from orders.adjustments.urls import urlpatterns as adjustments
from orders.bankfiles.urls import urlpatterns as bankfiles
from orders.bills.urls import urlpatterns as bills
from orders.books.urls import urlpatterns as books
from orders.catalogue.urls import urlpatterns as catalogue
from orders.closing.urls import urlpatterns as closing
from orders.collections.urls import urlpatterns as collections
from orders.credit.urls import urlpatterns as credit
from orders.deliveries.urls import urlpatterns as deliveries
from orders.facts.urls import urlpatterns as facts
from orders.matching.urls import urlpatterns as matching
from orders.payments.urls import urlpatterns as payments
from orders.proof.urls import urlpatterns as proof
from orders.receivables.urls import urlpatterns as receivables
from orders.reconciliation.urls import urlpatterns as reconciliation
from orders.shipments.urls import urlpatterns as shipments
from orders.stock.urls import urlpatterns as stock

app_name = "orders"
urlpatterns = [
    *deliveries,
    *shipments,
    *catalogue,
    *stock,
    *receivables,
    *credit,
    *payments,
    *bankfiles,
    *bills,
    *reconciliation,
    *matching,
    *collections,
    *books,
    *proof,
    *facts,
    *closing,
    *adjustments,
]
