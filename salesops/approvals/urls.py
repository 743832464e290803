"""Addresses of the inbox, of decisions, and of policies."""

from django.urls import path

from . import policy_views, views

app_name = "approvals"
urlpatterns = [
    path("approvals/", views.InboxPage.as_view(), name="inbox"),
    path("approvals/together/", views.BulkApprovalPage.as_view(), name="together"),
    path("approvals/<int:pk>/", views.InboxPage.as_view(), name="case"),
    path("approvals/<int:pk>/approval/", views.ApprovalPage.as_view(), name="approval"),
    path("approvals/<int:pk>/rejection/", views.RejectionPage.as_view(), name="rejection"),
    path("approvals/<int:pk>/return/", views.ReturnPage.as_view(), name="return"),
    path("approvals/<int:pk>/parking/", views.ParkingPage.as_view(), name="parking"),
    path("approvals/<int:pk>/withdrawal/", views.WithdrawalPage.as_view(), name="withdrawal"),
    path("policies/", policy_views.PoliciesPage.as_view(), name="policies"),
    path("policies/<str:key>/", policy_views.PolicyPage.as_view(), name="policy"),
    path("policies/<str:key>/change/", policy_views.PolicyForm.as_view(), name="policy_change"),
]
