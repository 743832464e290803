"""Reopenings of months as the approval engine sees them."""

from collections.abc import Mapping

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from salesops.approvals.documents import Case, DocumentType, Fact, Facts, Subject, register
from salesops.approvals.models import Request, Verdict
from salesops.users.models import User

from .models import ClosingStep, Reopening, ReopeningState, StepKind
from .notices import SEE
from .services import move_reopening, reopen_month

STATE_AFTER = {
    Verdict.REJECTED: ReopeningState.REJECTED,
    Verdict.RETURNED: ReopeningState.RETURNED,
    Verdict.WITHDRAWN: ReopeningState.WITHDRAWN,
}


@register
class ReopeningApproval(DocumentType):
    """A closed month is to be posted to again."""

    key = "period_reopening"
    label = gettext_lazy("Reopening of a month")
    plural = gettext_lazy("Reopenings of months")
    icon = "lock"
    permission = SEE
    facts = (Fact("days_closed", gettext_lazy("Days since it was closed"), "days"),)
    first_stages = ({"role": "sales_manager", "hours": 24},)

    def lock(self, object_id: int) -> Reopening:
        return Reopening.objects.select_for_update(of=("self",)).get(pk=object_id)

    def subject(self, document: Reopening) -> Subject:
        return Subject(
            number=document.number,
            title=_("Reopen %(month)s") % {"month": document.period},
            title_zh=f"重新打开 {document.period}",
            author_id=document.created_by_id,
        )

    def facts_of(self, document: Reopening) -> Facts:
        last = _closing_of(document)
        return {"days_closed": (timezone.localdate() - timezone.localdate(last.at)).days if last else 0}

    def approved(self, document: Reopening, *, by: User | None) -> None:
        """The month is open again."""
        reopen_month(document, by=by)

    def ended(self, document: Reopening, *, verdict: str, by: User, note: str) -> None:
        move_reopening(document, STATE_AFTER[Verdict(verdict)])

    def case(self, request: Request, reader: User, asked: Mapping[str, str]) -> Case:
        reopening = Reopening.objects.select_related("created_by").get(pk=request.object_id)
        return Case(
            "orders/closing/case.html",
            reopening,
            self.facts_of(reopening),
            context={"reopening": reopening, "closing": _closing_of(reopening)},
        )


def _closing_of(document: Reopening) -> ClosingStep | None:
    steps = ClosingStep.objects.filter(month=document.month, kind=StepKind.CLOSED).select_related("by")
    return steps.last()
