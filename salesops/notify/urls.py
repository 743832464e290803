"""Addresses of notices and of outgoing mail."""

from django.urls import path

from . import views

app_name = "notify"
urlpatterns = [
    path("notices/", views.NoticeList.as_view(), name="list"),
    path("notices/settings/", views.Wishes.as_view(), name="settings"),
    path("notices/reading/", views.ReadAllNotices.as_view(), name="read_all"),
    path("notices/<uuid:pk>/", views.OpenNotice.as_view(), name="open"),
    path("outbox/", views.Outbox.as_view(), name="outbox"),
    path("outbox/<int:pk>/", views.MailRecord.as_view(), name="mail"),
]
