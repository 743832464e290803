"""Addresses of this feature."""

from django.urls import path

from . import columns_views, difference_views, match_views, views

urlpatterns = [
    path("accounts/<str:code>/their-ledgers/new/", views.NewLedger.as_view(), name="their_ledger_new"),
    path("their-ledgers/", views.LedgerList.as_view(), name="their_ledgers"),
    path("their-ledgers/<int:pk>/", views.LedgerPage.as_view(), name="their_ledger"),
    path("their-ledgers/<int:pk>/columns/", columns_views.Columns.as_view(), name="their_ledger_columns"),
    path("their-ledgers/<int:pk>/columns/preview/", columns_views.Preview.as_view(), name="their_ledger_preview"),
    path("their-ledgers/<int:pk>/file/", views.LedgerFile.as_view(), name="their_ledger_file"),
    path("their-ledgers/<int:pk>/deletion/", views.Discard.as_view(), name="their_ledger_deletion"),
    path("their-ledgers/<int:pk>/matching/", match_views.RunMatching.as_view(), name="matching_run"),
    path("their-ledgers/<int:pk>/differences/", difference_views.HandOver.as_view(), name="matching_differences"),
    path("their-ledgers/<int:pk>/lines/<int:line>/parts/", match_views.NewParts.as_view(), name="line_parts"),
    path("their-ledgers/<int:pk>/splits/<int:split>/undoing/", match_views.UndoParts.as_view(), name="split_undoing"),
    path("their-ledgers/<int:pk>/matches/", match_views.NewMatch.as_view(), name="match_new"),
    path("their-ledgers/<int:pk>/matches/<int:match>/undoing/", match_views.UndoMatch.as_view(), name="match_undoing"),
    path(
        "reconciliations/<str:number>/differences/<int:position>/adjustment/",
        difference_views.PostDifference.as_view(),
        name="difference_adjustment",
    ),
]
