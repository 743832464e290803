"""Addresses of issued statistics."""

from django.urls import URLPattern, path

from . import views

ALL = "statistics/issued/"
ONE = f"{ALL}<str:number>/"

urlpatterns: list[URLPattern] = [
    path(ALL, views.IssuedList.as_view(), name="issued_statistics"),
    path(f"{ALL}new/", views.IssueNew.as_view(), name="issued_new"),
    path(f"{ALL}subscriptions/", views.Subscriptions.as_view(), name="issued_subscriptions"),
    path(ONE, views.IssuedRecord.as_view(), name="issued_statistic"),
    path(f"{ONE}subscription/", views.Subscribe.as_view(), name="issued_subscription"),
    path(f"{ONE}subscription/end/", views.Unsubscribe.as_view(), name="issued_subscription_end"),
]
