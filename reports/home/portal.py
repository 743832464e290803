"""What an agent's home adds: what waits for its people, newest statements, papers; and the menu in order of use."""

from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from customers.files.models import Attachment
from customers.panels import expiry_badge
from orders.deliveries.models import Delivery, State
from orders.reconciliation.asking import signing_action
from orders.reconciliation.formula import formula_of
from orders.reconciliation.models import Reconciliation
from orders.reconciliation.queries import to_confirm
from orders.reconciliation.services import STATE
from orders.reconciliation.statements import issued_for
from orders.reconciliation.tables import state_badge
from salesops.approvals.models import Decision, Verdict
from salesops.kernel.money import Money
from salesops.users.models import User
from salesops.web.figures import day_text
from salesops.web.page import Action, Empty
from salesops.web.registry import OwnMenu, Place

from .parts import CardContext

MOST_ASKS = 3
MOST_STATEMENTS = 4
MOST_PAPERS = 6

MENU = OwnMenu(
    "agent",
    suits=lambda user: bool(getattr(user, "customer_id", None)),
    places=(
        Place("home"),
        Place("order"),
        Place("deliveries"),
        Place("accounts", gettext_lazy("Account")),
        Place("reconciliation"),
        Place("statements"),
        Place("payments"),
        Place("customers", gettext_lazy("Company and papers")),
        Place("shipments", section="more"),
        Place("products", section="more"),
        Place("their_ledgers", gettext_lazy("Own ledger"), section="more"),
        Place("adjustments", section="more"),
        Place("bills", section="more"),
    ),
)


@dataclass(frozen=True)
class Ask:
    """Something that an agent's people answer: what, why, how much, and the buttons that do it."""

    title: str
    url: str
    sub: str
    icon: str
    money: Money
    actions: list[Action] = field(default_factory=list)


def asks(user: User) -> dict[str, Any]:
    """Statements to confirm, what is to be answered first before the rest; then applications that came back."""
    settled = to_confirm(user)
    count = settled.count()
    rows = [_statement(one, formula_of(one, one.differences.all())) for one in settled[:MOST_ASKS]]
    returned = list(
        Delivery.objects.visible_to(user)
        .filter(state=State.RETURNED, created_by__customer=user.customer_id)
        .order_by("-submitted_at", "-pk")[:MOST_ASKS]
    )
    notes = _notes_of(returned)
    rows += [_returned(delivery, notes.get(delivery.pk, "")) for delivery in returned]
    words = ngettext("%(count)d statement waits for your answer.", "%(count)d statements wait for your answer.", count)
    return CardContext(
        url=reverse("orders:reconciliations") if count > MOST_ASKS else "",
        link=_("All %(count)d") % {"count": count},
        says=[words % {"count": count}] if count else [],
        more={"asks": rows},
    ).as_dict()


def _statement(one: Reconciliation, formula: Any) -> Ask:
    differ = Action(
        _("State a difference"), reverse("orders:difference_new", args=[one.number]), "pen", permission=STATE
    )
    late = one.round.answer_by < timezone.localdate()
    words = _("Statement to confirm, was due %(day)s") if late else _("Statement to confirm, until %(day)s")
    return Ask(
        title=str(one.round.period),
        url=one.get_absolute_url(),
        sub=words % {"day": day_text(one.round.answer_by)},
        icon="swap",
        money=formula.theirs,
        actions=[differ, signing_action(one, formula, theirs=True)],
    )


def _notes_of(deliveries: list[Delivery]) -> dict[int, str]:
    """The reason of the last return of each; it is written for who filed it."""
    said = Decision.objects.filter(
        request__document_type="delivery",
        request__object_id__in=[delivery.pk for delivery in deliveries],
        verdict=Verdict.RETURNED,
    )
    return dict(said.order_by("at", "pk").values_list("request__object_id", "note"))


def _returned(delivery: Delivery, note: str) -> Ask:
    change = Action(
        _("Change"),
        reverse("orders:delivery_change", args=[delivery.number]),
        "pen",
        permission="orders.write_delivery",
    )
    return Ask(
        title=_("%(number)s came back") % {"number": delivery.number},
        url=delivery.get_absolute_url(),
        sub=note,
        icon="undo",
        money=delivery.amount,
        actions=[change],
    )


def statements(user: User) -> dict[str, Any]:
    """The newest statements of the own account, each with its PDF and where its reconciliation stands."""
    rows = list(issued_for(user).filter(customer=user.customer_id)[:MOST_STATEMENTS])
    found = [(row, getattr(row, "reconciliation", None)) for row in rows]
    return CardContext(
        url=reverse("orders:statements") if rows else "",
        empty=Empty(_("No statements yet"), _("The first one comes when a month is reconciled."), icon="file"),
        more={"statements": [(row, state_badge(one) if one else None) for row, one in found]},
    ).as_dict()


def papers(user: User) -> dict[str, Any]:
    """The licences and agreements of the own file, what expires first before the rest."""
    rows = Attachment.objects.visible_to(user).filter(customer=user.customer_id).select_related("customer")
    shown = list(rows.order_by("valid_until", "pk")[:MOST_PAPERS])
    return CardContext(
        url=f"{shown[0].customer.get_absolute_url()}#panel-attachments" if shown else "",
        empty=Empty(_("No papers yet"), _("Licences and agreements appear here."), icon="clip"),
        more={"papers": [(paper, expiry_badge(paper)) for paper in shown]},
    ).as_dict()
