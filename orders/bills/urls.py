"""Addresses of this feature."""

from django.urls import path

from . import views

ONE = "bills/<str:number>/"

urlpatterns = [
    path("bills/", views.BillList.as_view(), name="bills"),
    path("bills/new/", views.NewBill.as_view(), name="bill_new"),
    path(ONE, views.BillRecord.as_view(), name="bill"),
    path(f"{ONE}settlement/", views.SettleBill.as_view(), name="bill_settlement"),
    path(f"{ONE}dishonour/", views.DishonourBill.as_view(), name="bill_dishonour"),
    path(f"{ONE}return/", views.ReturnBill.as_view(), name="bill_return"),
    path(f"{ONE}endorsement/", views.EndorseBill.as_view(), name="bill_endorsement"),
    path(f"{ONE}endorsement/withdrawal/", views.TakeEndorsementBack.as_view(), name="bill_endorsement_withdrawal"),
    path(f"{ONE}scan/", views.BillScan.as_view(), name="bill_scan"),
]
