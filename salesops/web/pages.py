"""What pages are made of. A feature's views.py imports from here:

    class DeliveryList(ListPage):
        title = _("Deliveries")
        permission_required = "orders.view_delivery"
        menu_key = "deliveries"
        table = DeliveryTable
        filters = DeliveryFilters
        search_fields = ("number", "customer__name", "customer__name_zh")

        def rows(self):
            return Delivery.objects.visible_to(self.request.user).with_total()

`as_view()` goes into the feature's urls.py.
"""

from .actionpage import ActionPage
from .autocomplete import Autocomplete
from .back import back_url
from .badges import Badge
from .formpage import FormPage
from .listpage import ListPage
from .page import Action, BulkAction, Empty, Page
from .recordpage import Figure, RecordPage

__all__ = [
    "Action",
    "ActionPage",
    "Autocomplete",
    "Badge",
    "BulkAction",
    "Empty",
    "Figure",
    "FormPage",
    "ListPage",
    "Page",
    "RecordPage",
    "back_url",
]
