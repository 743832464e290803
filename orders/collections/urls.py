"""Addresses of this feature."""

from csp.decorators import csp_exempt
from django.urls import path

from . import views

urlpatterns = [
    path("collections/", views.Worklist.as_view(), name="collections"),
    path("collections/promises/", views.PromiseList.as_view(), name="promises"),
    path("collections/promises/<int:pk>/withdrawal/", views.WithdrawPromise.as_view(), name="promise_withdrawal"),
    path("collections/disputes/", views.DisputeList.as_view(), name="disputes"),
    path("collections/disputes/<int:pk>/closing/", views.CloseDispute.as_view(), name="dispute_closing"),
    path("collections/reminders/", views.ReminderList.as_view(), name="reminders"),
    path("collections/reminders/new/", views.NewReminders.as_view(), name="reminder_new"),
    path("collections/reminders/<str:number>/", views.ReminderRecord.as_view(), name="reminder"),
    path(
        "collections/reminders/<str:number>/letter.pdf",
        csp_exempt()(views.ReminderLetter.as_view()),
        name="reminder_letter",
    ),
    path("collections/levels/", views.LevelList.as_view(), name="reminder_levels"),
    path("collections/levels/<int:number>/", views.ChangeLevel.as_view(), name="reminder_level"),
    path("accounts/<str:code>/promises/new/", views.NewPromise.as_view(), name="promise_new"),
    path("accounts/items/<int:item>/disputes/new/", views.NewDispute.as_view(), name="dispute_new"),
    path("accounts/<str:code>/reminder.pdf", csp_exempt()(views.PreviewReminder.as_view()), name="reminder_preview"),
]
