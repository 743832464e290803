"""Addresses of this feature."""

from csp.decorators import csp_exempt
from django.urls import path

from . import views

urlpatterns = [
    path("deliveries/<str:number>/shipments/new/", views.NewShipment.as_view(), name="shipment_new"),
    path("shipments/", views.ShipmentList.as_view(), name="shipments"),
    path("shipments/to-ship/", views.ToShipList.as_view(), name="to_ship"),
    path("shipments/<str:number>/", views.ShipmentRecord.as_view(), name="shipment"),
    path("shipments/<str:number>/note.pdf", csp_exempt()(views.ShipmentNote.as_view()), name="shipment_note"),
]
