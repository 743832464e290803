"""Addresses of months."""

from django.urls import path

from . import views

urlpatterns = [
    path("closing/", views.Periods.as_view(), name="periods"),
    path("closing/reopenings/<str:number>/", views.ReopeningRecord.as_view(), name="reopening"),
    path("closing/reopenings/<str:number>/withdrawal/", views.WithdrawReopening.as_view(), name="reopening_withdrawal"),
    path("closing/<str:month>/", views.PeriodRecord.as_view(), name="period"),
    path("closing/<str:month>/closing/", views.CloseMonth.as_view(), name="period_closing"),
    path("closing/<str:month>/reopening/", views.AskReopening.as_view(), name="period_reopening"),
]
