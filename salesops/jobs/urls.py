"""Addresses of background work."""

from django.urls import path

from . import views

app_name = "jobs"
urlpatterns = [
    path("jobs/", views.JobList.as_view(), name="list"),
    path("jobs/current/", views.CurrentJobs.as_view(), name="current"),
    path("jobs/current/hiding/", views.HideCurrentJobs.as_view(), name="hide"),
    path("jobs/<uuid:pk>/", views.JobRecord.as_view(), name="record"),
    path("jobs/<uuid:pk>/progress/", views.JobProgress.as_view(), name="progress"),
    path("jobs/<uuid:pk>/cancellation/", views.CancelJob.as_view(), name="cancel"),
    path("jobs/<uuid:pk>/repetition/", views.RetryJob.as_view(), name="retry"),
    path("jobs/<uuid:pk>/result/", views.JobResult.as_view(), name="result"),
]
