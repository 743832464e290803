"""Adjustments as the approval engine sees them."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from customers.accounts.models import CreditAccount
from orders.credit.queries import credit_picture
from salesops.approvals.documents import Case, DocumentType, Fact, Facts, Subject, register
from salesops.approvals.models import Request, Verdict
from salesops.kernel.money import ZERO, percent_of
from salesops.users.models import User

from .models import Adjustment, AdjustmentState, Kind
from .queries import lines_of
from .services import KEY, move_adjustment, post_adjustment

STATE_AFTER = {
    Verdict.REJECTED: AdjustmentState.REJECTED,
    Verdict.RETURNED: AdjustmentState.RETURNED,
    Verdict.WITHDRAWN: AdjustmentState.WITHDRAWN,
}


@register
class AdjustmentApproval(DocumentType):
    """More or less to pay, by a decision."""

    key = KEY
    label = _("Adjustment")
    plural = _("Adjustments")
    icon = "pen"
    permission = "orders.view_adjustment"
    posts_at_once = True
    facts = (
        Fact("amount", _("Amount")),
        Fact("write_off_amount", _("Amount written off")),
        Fact("refund_amount", _("Amount paid back")),
        Fact("percent_of_balance", _("Amount in percent of the balance"), "percent"),
        Fact("overdue_days", _("Oldest overdue"), "days"),
        Fact("debit", _("Debit adjustment"), "yes"),
        Fact("credit", _("Credit adjustment"), "yes"),
        Fact("write_off", _("Write-off"), "yes"),
        Fact("refund", _("Refund"), "yes"),
        Fact("reversal", _("Reversal of an adjustment"), "yes"),
    )
    first_stages = (
        {"role": "sales_manager", "hours": 48},
        {
            "role": "administrator",
            "hours": 48,
            "conditions": [{"fact": "write_off_amount", "op": "above", "value": "50000"}],
        },
    )

    def lock(self, object_id: int) -> Adjustment:
        """Lock the account, then the adjustment."""
        customer_id = Adjustment.objects.values_list("customer_id", flat=True).get(pk=object_id)
        CreditAccount.objects.locked(customer_id)
        return Adjustment.objects.select_for_update(of=("self",)).get(pk=object_id)

    def subject(self, document: Adjustment) -> Subject:
        customer = document.customer
        return Subject(
            number=document.number,
            title=customer.name,
            title_zh=customer.name_zh,
            amount=document.amount,
            customer_id=customer.pk,
            owner=customer.representative,
            region_id=customer.region_id,
            author_id=document.created_by_id,
        )

    def facts_of(self, document: Adjustment) -> Facts:
        """A reversal counts as what it takes back, too."""
        picture = credit_picture(document.customer_id)
        kind = document.reverses.kind if document.reverses else document.kind
        return {
            "amount": document.amount,
            "write_off_amount": document.amount if kind == Kind.WRITE_OFF else ZERO,
            "refund_amount": document.amount if kind == Kind.REFUND else ZERO,
            "percent_of_balance": percent_of(document.amount, picture.balance) if picture.balance > 0 else 100,
            "overdue_days": picture.overdue_days,
            **{one.value: kind == one for one in (Kind.DEBIT, Kind.CREDIT, Kind.WRITE_OFF, Kind.REFUND)},
            "reversal": document.reverses_id is not None,
        }

    def approved(self, document: Adjustment, *, by: User | None) -> None:
        """Post it."""
        post_adjustment(document, by=by)

    def ended(self, document: Adjustment, *, verdict: str, by: User, note: str) -> None:
        move_adjustment(document, STATE_AFTER[Verdict(verdict)])

    def case(self, request: Request, reader: User, asked: Mapping[str, str]) -> Case:
        rows = Adjustment.objects.select_related("customer", "created_by", "reverses")
        adjustment = rows.get(pk=request.object_id)
        return Case(
            "orders/adjustments/case.html",
            adjustment,
            self.facts_of(adjustment),
            amount=adjustment.amount,
            context={
                "adjustment": adjustment,
                "lines": lines_of(adjustment),
                "picture": credit_picture(adjustment.customer_id),
            },
        )
