"""Addresses of statistics."""

from django.urls import URLPattern, path

from .documents import DocumentsPage
from .file_views import StatisticsFile
from .picks import PickKeptPart
from .views import StatisticsPage

urlpatterns: list[URLPattern] = [
    path("statistics/", StatisticsPage.as_view(), name="statistics"),
    path("statistics/documents/", DocumentsPage.as_view(), name="statistics_documents"),
    path("statistics/file/", StatisticsFile.as_view(), name="statistics_file"),
    path("statistics/pick/<str:dimension>/", PickKeptPart.as_view(), name="statistics_pick"),
]
