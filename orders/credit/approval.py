"""Temporary limits as the approval engine sees them."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from customers.accounts.models import CreditAccount
from orders.credit.queries import credit_picture
from salesops.approvals.documents import Case, DocumentType, Fact, Facts, Subject, register
from salesops.approvals.models import Request, Verdict
from salesops.approvals.services import bring_back
from salesops.kernel.money import percent_of
from salesops.users.models import User

from .models import LimitState, TemporaryLimit
from .services import move_limit

STATE_AFTER = {
    Verdict.REJECTED: LimitState.REJECTED,
    Verdict.RETURNED: LimitState.RETURNED,
    Verdict.WITHDRAWN: LimitState.WITHDRAWN,
}


@register
class TemporaryLimitApproval(DocumentType):
    """More credit for a span of days."""

    key = "temporary_limit"
    label = _("Temporary limit")
    plural = _("Temporary limits")
    icon = "gauge"
    permission = "orders.view_accounts"
    facts = (
        Fact("amount", _("Amount on top"), "money"),
        Fact("percent_of_limit", _("Amount in percent of the limit"), "percent"),
        Fact("days", _("Length"), "days"),
        Fact("overdue_days", _("Oldest overdue"), "days"),
        Fact("on_hold", _("The account is on hold"), "yes"),
    )

    first_stages = (
        {"role": "regional_manager", "hours": 24},
        {
            "role": "sales_manager",
            "hours": 48,
            "conditions": [
                {"fact": "percent_of_limit", "op": "above", "value": "20"},
                {"fact": "overdue_days", "op": "above", "value": "30"},
            ],
        },
    )
    first_stops = ({"fact": "on_hold", "op": "is"},)

    def lock(self, object_id: int) -> TemporaryLimit:
        """Lock the account, then the application."""
        customer_id = TemporaryLimit.objects.values_list("customer_id", flat=True).get(pk=object_id)
        CreditAccount.objects.locked(customer_id)
        return TemporaryLimit.objects.select_for_update(of=("self",)).get(pk=object_id)

    def subject(self, document: TemporaryLimit) -> Subject:
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

    def facts_of(self, document: TemporaryLimit) -> Facts:
        picture = credit_picture(document.customer_id)
        return {
            "amount": document.amount,
            "percent_of_limit": percent_of(document.amount, picture.own_limit) if picture.own_limit else 100,
            "days": (document.last_day - document.first_day).days + 1,
            "overdue_days": picture.overdue_days,
            "on_hold": picture.is_on_hold,
        }

    def approved(self, document: TemporaryLimit, *, by: User | None) -> None:
        """The limit counts from its first day; what waited for room comes back where it starts today."""
        move_limit(document, LimitState.APPROVED)
        bring_back(document.customer_id)

    def ended(self, document: TemporaryLimit, *, verdict: str, by: User, note: str) -> None:
        move_limit(document, STATE_AFTER[Verdict(verdict)])

    def case(self, request: Request, reader: User, asked: Mapping[str, str]) -> Case:
        limit = TemporaryLimit.objects.select_related("customer", "created_by").get(pk=request.object_id)
        return Case(
            "orders/credit/case.html",
            limit,
            self.facts_of(limit),
            amount=limit.amount,
            context={"limit": limit, "picture": credit_picture(limit.customer_id)},
        )
