"""Deliveries as the approval engine sees them: facts, locks, and what a decision does."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, cast

from django.db.models import F, OuterRef, Prefetch, Subquery, Sum, prefetch_related_objects
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers.accounts.models import CreditAccount
from orders.credit.queries import CreditPicture, credit_picture, credit_pictures, found_overdue
from orders.stock.models import Stock
from salesops.approvals.documents import Case, DocumentType, Fact, Facts, Flag, Subject, register
from salesops.approvals.models import Request, Verdict
from salesops.kernel.errors import found, require
from salesops.kernel.money import ZERO, Money
from salesops.users.models import User

from .facts import discount_right, facts_of_picture
from .models import Delivery, DeliveryLine, State
from .reservation import reserve

STATE_AFTER = {
    Verdict.REJECTED: State.REJECTED,
    Verdict.RETURNED: State.RETURNED,
    Verdict.WITHDRAWN: State.WITHDRAWN,
}

TRIM = "pieces_"
"""The form fields of trimmed quantities: pieces_<line id>."""


def granted_amount(delivery: Delivery) -> Money:
    """What an approval would approve now: the amount, less what deciders trimmed; tax included."""
    return sum((line.granted_amount for line in delivery.lines.all()), ZERO)


@register
class DeliveryApproval(DocumentType):
    """A delivery application: approved inside what receivables allow."""

    key = "delivery"
    label = gettext_lazy("Delivery")
    plural = gettext_lazy("Deliveries")
    icon = "truck"
    permission = "orders.view_accounts"
    facts = (
        Fact("amount", gettext_lazy("Amount"), "money"),
        Fact("over_amount", gettext_lazy("Over the limit"), "money"),
        Fact("over_percent", gettext_lazy("Over the limit, percent"), "percent", gettext_lazy("over the limit")),
        Fact("overdue_amount", gettext_lazy("Overdue amount"), "money"),
        Fact("overdue_days", gettext_lazy("Oldest overdue"), "days", gettext_lazy("overdue")),
        Fact(
            "discount_over_right",
            gettext_lazy("Discount beyond the writer's right"),
            "percent",
            gettext_lazy("discount beyond the right"),
        ),
        Fact("days_over_tolerance", gettext_lazy("Overdue beyond the account's tolerance"), "days"),
        Fact("on_hold", gettext_lazy("The account is on hold"), "yes"),
        Fact("filed_by_agent", gettext_lazy("Filed by the agent"), "yes"),
    )

    first_stages = (
        {"role": "representative", "hours": 24, "conditions": [{"fact": "filed_by_agent", "op": "is"}]},
        {"role": "supervisor", "hours": 24},
        {
            "role": "regional_manager",
            "hours": 24,
            "conditions": [
                {"fact": "over_percent", "op": "above", "value": "5"},
                {"fact": "overdue_days", "op": "above", "value": "15"},
                {"fact": "discount_over_right", "op": "above", "value": "0"},
            ],
        },
        {
            "role": "sales_manager",
            "hours": 48,
            "conditions": [
                {"fact": "over_percent", "op": "above", "value": "10"},
                {"fact": "overdue_days", "op": "above", "value": "30"},
            ],
        },
    )
    first_stops = ({"fact": "on_hold", "op": "is"},)

    def lock(self, object_id: int) -> Delivery:
        """Lock the account, then the delivery with its lines; stock follows when it is reserved."""
        accounts = CreditAccount.objects.select_for_update(of=("self",)).filter(customer__deliveries=object_id)
        accounts.values_list("pk").get()
        delivery: Delivery = Delivery.objects.select_related("customer", "submitted_by").locked(object_id)
        prefetch_related_objects([delivery], Prefetch("lines", DeliveryLine.objects.select_for_update().order_by("pk")))
        return delivery

    def subject(self, document: Delivery) -> Subject:
        customer = document.customer
        return Subject(
            number=document.number,
            title=customer.name,
            title_zh=customer.name_zh,
            amount=granted_amount(document),
            customer_id=customer.pk,
            owner=document.representative,
            region_id=document.region_id,
            author_id=document.created_by_id,
            writer_id=document.written_by_id,
        )

    def facts_of(self, document: Delivery) -> Facts:
        document.on_account = credit_picture(document.customer_id, granted_amount(document))
        return self.facts_with(document, document.on_account)

    def facts_with(self, document: Delivery, picture: CreditPicture) -> Facts:
        """Return the facts for a picture of the account that has the granted amount on it."""
        lines = list(document.lines.all())
        largest = max((line.discount_percent for line in lines), default=Decimal(0))
        return {
            **facts_of_picture(picture, largest, _right_of_writer(document) if largest else ZERO),
            "filed_by_agent": _is_filed_by_agent(document),
            "limit": picture.limit,
            "balance": picture.balance,
            "committed": picture.committed,
            "exposure": picture.exposure,
        }

    def change(self, document: Delivery, changes: Mapping[str, Any], *, by: User) -> None:
        """Trim quantities: {line id as text: pieces}; pieces only fall, and something is left."""
        lines = {str(line.pk): line for line in document.lines.all()}
        for line_id, pieces in changes.items():
            line = found(lines.get(str(line_id)), _("This line does not belong to the delivery."), rule="trim")
            require(
                isinstance(pieces, int) and 0 <= pieces <= line.granted,
                _("%(product)s: between 0 and %(most)d pieces.") % {"product": line.product, "most": line.granted},
                rule="trim",
                position=line.position,
                sku=line.product.sku,
                most=line.granted,
            )
            line.granted_quantity = pieces
        require(
            any(line.granted for line in lines.values()),
            _("Trimmed to nothing; reject it instead."),
            rule="trim",
            least=1,
        )
        DeliveryLine.objects.bulk_update(lines.values(), ["granted_quantity"])

    def excess(self, facts: Facts) -> Facts:
        """What an approval accepts beyond the limit, the due day and the right to discounts."""
        watched = ("over_amount", "over_percent", "overdue_amount", "overdue_days", "discount_over_right")
        return {name: facts[name] for name in watched if Decimal(facts.get(name) or 0) > 0}

    def has_room(self, facts: Facts) -> bool:
        """Room is: within the limit, nothing overdue beyond the tolerance, no hold."""
        return not facts["over_amount"] and not facts["days_over_tolerance"] and not facts["on_hold"]

    def stop_reason(self, document: Delivery, fact: str) -> str:
        if fact != "on_hold":
            return str(super().stop_reason(document, fact))
        account = CreditAccount.objects.get(pk=document.customer_id)
        return _("The account is on hold: %(reason)s. It waits until the hold is lifted.") % {
            "reason": account.hold_reason
        }

    def approved(self, document: Delivery, *, by: User | None) -> None:
        """Commit the granted amount against the account's credit and reserve the goods, or do none of it.

        Account and delivery are locked by the caller; the delivery keeps its lines from changing.
        """
        require(
            document.customer.is_active,
            _("%(customer)s is not active any more and orders nothing.") % {"customer": document.customer},
            rule="inactive customer",
        )
        lines = sorted(document.lines.all(), key=lambda line: line.pk)
        for line in lines:
            line.approved_quantity = line.granted
        document.approved_amount = sum((line.approved_amount for line in lines), ZERO)
        document.move_to(State.APPROVED)
        document.approved_at = timezone.now()
        document.save(update_fields=["state", "approved_amount", "approved_at"])
        account = CreditAccount.objects.filter(pk=document.customer_id)
        overdue = found_overdue(document.on_account) if document.on_account else {}
        account.update(committed=F("committed") + document.approved_amount, **overdue)
        reserve(document.warehouse_id, lines, and_save=["approved_quantity"])

    def ended(self, document: Delivery, *, verdict: str, by: User, note: str) -> None:
        document.move_to(STATE_AFTER[Verdict(verdict)])
        document.save(update_fields=["state"])

    def case(self, request: Request, reader: User, asked: Mapping[str, str]) -> Case:
        from .case import delivery_case

        return delivery_case(self, request, reader, asked)

    def changes_from(self, sent: Mapping[str, str]) -> dict[str, Any]:
        return {name.removeprefix(TRIM): _pieces(text) for name, text in sent.items() if name.startswith(TRIM)}

    def flags(self, requests: Iterable[Request]) -> dict[int, list[Flag]]:
        """Limit, Overdue and Stock for each request, in five queries whatever their number."""
        requests = list(requests)
        ids = [request.object_id for request in requests]
        short = set(_short_of_stock(ids))
        pictures = credit_pictures([cast(int, request.customer_id) for request in requests])
        found: dict[int, list[Flag]] = {}
        for request in requests:
            picture = request.seen = pictures[cast(int, request.customer_id)]
            flags = found.setdefault(request.pk, [])
            if picture.is_on_hold:
                flags.append(Flag("lock", _("Hold"), _("The account is on hold"), "bad"))
            if picture.limit is not None and picture.exposure + (request.amount or ZERO) > picture.limit:
                flags.append(Flag("over", _("Limit"), _("Exceeds the credit limit"), "bad"))
            if picture.overdue_days > picture.tolerance_days:
                flags.append(Flag("clock", _("Overdue"), _("Has overdue items beyond the tolerance"), "warn"))
            if request.object_id in short:
                flags.append(Flag("box", _("Stock"), _("Stock is short for a line"), "info"))
        return found


def _is_filed_by_agent(document: Delivery) -> bool:
    """Whether who submitted it, or else began it, is one of the customer's own people: nobody else has a customer."""
    writer = document.submitted_by or document.created_by
    return writer is not None and writer.customer_id is not None


def _right_of_writer(document: Delivery) -> Decimal:
    """The largest discount that who submitted it may give: read with the delivery where a case is shown."""
    read: Decimal | None = getattr(document, "writer_right", None)
    return discount_right(document.submitted_by or document.created_by) if read is None else read


def _pieces(text: str) -> int:
    """The quantity that somebody typed; no more than digits are one."""
    require(text.strip().isdecimal() and len(text) < 10, _("A quantity is a whole number of pieces."), rule="trim")
    return int(text)


def _short_of_stock(delivery_ids: list[int]) -> Iterable[int]:
    """The deliveries of which a product asks for more than is free in their warehouse."""
    free = Stock.objects.filter(warehouse=OuterRef("delivery__warehouse"), product=OuterRef("product"))
    return (
        DeliveryLine.objects.filter(delivery__in=delivery_ids)
        .order_by()
        .values("delivery_id", "product_id")
        .annotate(wanted=Sum("quantity"), free=Subquery(free.values(left=F("on_hand") - F("reserved"))[:1]))
        .exclude(free__gte=F("wanted"))
        .values_list("delivery_id", flat=True)
    )
