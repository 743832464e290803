"""Addresses of this feature."""

from django.urls import path

from . import views

urlpatterns = [
    path("bank-files/", views.BankFileList.as_view(), name="bank_files"),
    path("bank-files/new/", views.NewBankFile.as_view(), name="bank_file_new"),
    path("bank-files/<int:pk>/", views.BankFilePage.as_view(), name="bank_file"),
    path("bank-files/<int:pk>/columns/", views.BankColumns.as_view(), name="bank_file_columns"),
    path("bank-files/<int:pk>/columns/preview/", views.BankPreview.as_view(), name="bank_file_preview"),
    path("bank-files/<int:pk>/file/", views.BankFileFile.as_view(), name="bank_file_file"),
    path("bank-files/<int:pk>/deletion/", views.DiscardBankFile.as_view(), name="bank_file_deletion"),
    path("bank-files/<int:pk>/matching/", views.MatchBankFile.as_view(), name="bank_file_matching"),
    path("bank-files/<int:pk>/recording/", views.RecordBankFile.as_view(), name="bank_file_recording"),
    path("bank-files/<int:pk>/lines/<int:line>/", views.DecideLine.as_view(), name="bank_line"),
    path("bank-files/<int:pk>/lines/<int:line>/freeing/", views.FreeLine.as_view(), name="bank_line_freeing"),
]
