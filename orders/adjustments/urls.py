"""Addresses of this feature."""

from django.urls import path

from . import views

urlpatterns = [
    path("adjustments/", views.AdjustmentList.as_view(), name="adjustments"),
    path("adjustments/new/", views.NewAdjustment.as_view(), name="adjustment_new"),
    path("adjustments/account/", views.AdjustedAccount.as_view(), name="adjusted_account"),
    path("adjustments/<str:number>/", views.AdjustmentRecord.as_view(), name="adjustment"),
    path("adjustments/<str:number>/withdrawal/", views.WithdrawAdjustment.as_view(), name="adjustment_withdrawal"),
    path("adjustments/<str:number>/reversal/", views.ReverseAdjustment.as_view(), name="adjustment_reversal"),
]
