"""Addresses of this feature."""

from django.urls import path

from . import ageing_views, open_credits_views, settlement_views, views

urlpatterns = [
    path("ageing/", ageing_views.AgeingPage.as_view(), name="ageing"),
    path("ageing/items/", ageing_views.AgeingItems.as_view(), name="ageing_items"),
    path("open-credits/", open_credits_views.AccountsToSettle.as_view(), name="open_credits"),
    path("open-credits/settlement/", open_credits_views.SettleOpenCredits.as_view(), name="settlement_new"),
    path("accounts/", views.AccountList.as_view(), name="accounts"),
    path("accounts/<str:code>/", views.AccountPage.as_view(), name="account"),
    path("accounts/<str:code>/ledger.xlsx", views.LedgerFile.as_view(), name="ledger_file"),
    path(
        "accounts/<str:code>/credits/<int:item>/settlement/",
        settlement_views.SettleCredit.as_view(),
        name="credit_settlement",
    ),
    path(
        "accounts/<str:code>/allocations/<int:pk>/reversal/",
        settlement_views.TakeBack.as_view(),
        name="allocation_reversal",
    ),
]
