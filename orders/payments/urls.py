"""Addresses of this feature."""

from django.urls import path

from . import views

urlpatterns = [
    path("payments/", views.PaymentList.as_view(), name="payments"),
    path("payments/new/", views.NewPayment.as_view(), name="payment_new"),
    path("payments/account/", views.PayerAccount.as_view(), name="payer_account"),
    path("payments/<str:number>/", views.PaymentRecord.as_view(), name="payment"),
    path("payments/<str:number>/reversal/", views.ReversePayment.as_view(), name="payment_reversal"),
]
