"""Addresses of this feature."""

from csp.decorators import csp_exempt
from django.urls import path

from . import record_views, statement_views, views

ONE = "reconciliations/<str:number>/"
DIFFERENCE = f"{ONE}differences/<int:position>/"

urlpatterns = [
    path("reconciliation/", views.RoundList.as_view(), name="rounds"),
    path("reconciliation/new/", views.NewRound.as_view(), name="round_new"),
    path("reconciliation/<str:number>/", views.Board.as_view(), name="round"),
    path("reconciliation/<str:number>/reminder/", views.RemindRound.as_view(), name="round_reminder"),
    path("reconciliation/<str:number>/sending/", views.SendRound.as_view(), name="round_sending"),
    path("reconciliations/", views.ReconciliationList.as_view(), name="reconciliations"),
    path(ONE, record_views.ReconciliationRecord.as_view(), name="reconciliation"),
    path(f"{ONE}signature/", record_views.Sign.as_view(), name="reconciliation_signature"),
    path(f"{ONE}unsigning/", record_views.Unsign.as_view(), name="reconciliation_unsigning"),
    path(f"{ONE}acceptance/", record_views.AcceptUnexplained.as_view(), name="unexplained_acceptance"),
    path(f"{ONE}closing/", record_views.StateClosing.as_view(), name="their_closing"),
    path(f"{ONE}letter.pdf", csp_exempt()(record_views.Letter.as_view()), name="reconciliation_letter"),
    path(f"{ONE}differences/new/", record_views.NewDifference.as_view(), name="difference_new"),
    path(f"{DIFFERENCE}explanation/", record_views.Explain.as_view(), name="difference_explanation"),
    path(f"{DIFFERENCE}withdrawal/", record_views.Withdraw.as_view(), name="difference_withdrawal"),
    path(f"{DIFFERENCE}reopening/", record_views.Reopen.as_view(), name="difference_reopening"),
    path(f"{DIFFERENCE}evidence/", record_views.Evidence.as_view(), name="difference_evidence"),
    path("statements/", statement_views.StatementList.as_view(), name="statements"),
    path("statements/<str:number>/", statement_views.StatementRecord.as_view(), name="statement"),
    path(
        "statements/<str:number>/statement.pdf",
        csp_exempt()(statement_views.StatementPaper.as_view()),
        name="statement_paper",
    ),
    path("statements/<str:number>/statement.xlsx", statement_views.StatementFile.as_view(), name="statement_file"),
    path("accounts/<str:code>/statements/new/", statement_views.IssueStatement.as_view(), name="statement_new"),
]
