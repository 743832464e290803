"""Addresses of goods and money in the API; each feature keeps its own list."""

from orders.adjustments.api import urlpatterns as adjustments
from orders.bankfiles.api import urlpatterns as bankfiles
from orders.bills.api import urlpatterns as bills
from orders.catalogue.api import urlpatterns as catalogue
from orders.closing.api import urlpatterns as closing
from orders.collections.api import urlpatterns as collections
from orders.collections.reminders_api import urlpatterns as reminders
from orders.credit.api import urlpatterns as credit
from orders.deliveries.api import urlpatterns as deliveries
from orders.deliveries.decisions_api import urlpatterns as decisions
from orders.matching.api import urlpatterns as ledgers
from orders.matching.sides_api import urlpatterns as matching
from orders.payments.api import urlpatterns as payments
from orders.receivables.api import urlpatterns as receivables
from orders.reconciliation.api import urlpatterns as rounds
from orders.reconciliation.record_api import urlpatterns as reconciliations
from orders.reconciliation.statement_api import urlpatterns as statements
from orders.shipments.api import urlpatterns as shipments

urlpatterns = [
    *credit,
    *catalogue,
    *deliveries,
    *decisions,
    *shipments,
    *payments,
    *bankfiles,
    *adjustments,
    *bills,
    *receivables,
    *collections,
    *reminders,
    *ledgers,
    *matching,
    *closing,
    *statements,
    *rounds,
    *reconciliations,
]
