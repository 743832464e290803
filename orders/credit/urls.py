"""Addresses of this feature."""

from django.urls import path

from . import views

urlpatterns = [
    path("temporary-limits/", views.TemporaryLimitList.as_view(), name="temporary_limits"),
    path("temporary-limits/new/", views.AskTemporaryLimit.as_view(), name="temporary_limit_new"),
    path("temporary-limits/account/", views.BorrowerAccount.as_view(), name="borrower_account"),
    path("temporary-limits/<str:number>/", views.TemporaryLimitRecord.as_view(), name="temporary_limit"),
    path(
        "temporary-limits/<str:number>/withdrawal/",
        views.WithdrawTemporaryLimit.as_view(),
        name="temporary_limit_withdrawal",
    ),
    path(
        "temporary-limits/<str:number>/revocation/",
        views.RevokeTemporaryLimit.as_view(),
        name="temporary_limit_revocation",
    ),
]
