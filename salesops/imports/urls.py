"""Addresses of importing."""

from django.urls import URLPattern, path

from . import views

app_name = "imports"
urlpatterns: list[URLPattern] = [
    path("imports/", views.Runs.as_view(), name="list"),
    path("imports/new/", views.NewRun.as_view(), name="new"),
    path("imports/<int:pk>/", views.RunRecord.as_view(), name="record"),
    path("imports/<int:pk>/mapping/", views.EditMapping.as_view(), name="mapping"),
    path("imports/<int:pk>/assistant/", views.Assistant.as_view(), name="assistant"),
    path("imports/<int:pk>/assistant/<int:at>/", views.AssistantPart.as_view(), name="assistant_part"),
    path("imports/<int:pk>/check/", views.Check.as_view(), name="check"),
    path("imports/<int:pk>/load/", views.Load.as_view(), name="load"),
    path("imports/<int:pk>/load/good/", views.Load.as_view(only_good=True), name="load_good"),
    path("imports/<int:pk>/discarding/", views.Discard.as_view(), name="discard"),
    path("imports/<int:pk>/report/", views.Report.as_view(), name="report"),
]
