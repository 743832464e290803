"""Addresses of this feature."""

from django.urls import path

from . import views

urlpatterns = [
    path("accounts/", views.AccountList.as_view(), name="accounts"),
    path("accounts/<str:code>/", views.AccountPage.as_view(), name="account"),
    path("accounts/<str:code>/ledger.xlsx", views.LedgerFile.as_view(), name="ledger_file"),
]
