"""The columns of rounds, of reconciliations, of statements."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from salesops.web.badges import Badge
from salesops.web.tables import (
    DENSE,
    Column,
    DateColumn,
    MoneyColumn,
    NameColumn,
    NumberColumn,
    QuantityColumn,
    SomeMoneyColumn,
    StateColumn,
    Table,
)

from .models import IssuedStatement, Reconciliation, ReconciliationState, Round

TONES = {
    ReconciliationState.NOT_SENT: ("", "clock"),
    ReconciliationState.SENT: ("info", "mail"),
    ReconciliationState.SEEN: ("info", "info"),
    ReconciliationState.DIFFERING: ("warn", "warn"),
    ReconciliationState.AGREED: ("good", "check"),
    ReconciliationState.SIGNED: ("good", "lock"),
}


def state_badge(one: Any) -> Badge:
    """Return where a reconciliation stands; one whose answer is overdue says so."""
    if getattr(one, "is_late", False):
        return Badge("bad", "clock", _("Overdue"))
    tone, icon = TONES[ReconciliationState(one.state)]
    return Badge(tone, icon, one.get_state_display())


def page_of(record: Reconciliation) -> str | None:
    """Return where a reconciliation is read; None before it is sent."""
    return record.get_absolute_url() if record.state != ReconciliationState.NOT_SENT else None


class ReconciliationTable(Table):
    """The accounts of a round, or of all rounds."""

    number = NumberColumn(phone="line", width=18, linkify=page_of)
    customer = NameColumn(accessor="customer__name", zh="customer__name_zh", verbose_name=_("Customer"))
    round = Column(accessor="round__period", verbose_name=_("Period"), order_by=("round__first_day",), width=12)
    state = StateColumn(of=state_badge, width=14, order_by=("state", "number"))
    sent_at = DateColumn(phone="hide", time=True)
    seen_at = DateColumn(phone="hide", time=True)
    closing = MoneyColumn(total=True, verbose_name=_("Our closing balance"))
    difference = SomeMoneyColumn(total=True, verbose_name=_("Theirs less ours"))
    unexplained = SomeMoneyColumn(
        accessor="unexplained_size",
        total=True,
        tone="neg",
        verbose_name=_("Unexplained"),
        order_by=("unexplained_size", "number"),
    )

    class Meta(Table.Meta):
        attrs = DENSE
        model = Reconciliation
        fields = (
            *("number", "customer", "round", "state", "sent_at", "seen_at", "closing", "difference", "unexplained"),
        )
        sequence = fields
        order_by = "-number"


class BoardTable(ReconciliationTable):
    """The accounts of one round."""

    class Meta(ReconciliationTable.Meta):
        exclude = ("round",)
        order_by = "number"


class OwnReconciliationTable(ReconciliationTable):
    """An agent's own, in the words of its side."""

    number = NumberColumn(phone="lead", width=18)
    closing = MoneyColumn(total=True, verbose_name=_("Closing balance"))
    difference = SomeMoneyColumn(total=True, verbose_name=_("Your books differ by"))

    class Meta(ReconciliationTable.Meta):
        exclude = ("customer", "seen_at")


class RoundTable(Table):
    """Rounds, the latest first."""

    number = NumberColumn(phone="line", width=18)
    period = Column(verbose_name=_("Period"), order_by=("first_day", "last_day"), phone="lead", width=14)
    answer_by = DateColumn()
    accounts = QuantityColumn(verbose_name=_("Accounts"))
    waiting = QuantityColumn(verbose_name=_("Not answered"))
    differing = QuantityColumn(verbose_name=_("Differing"))
    signed = QuantityColumn(verbose_name=_("Signed"))
    opened_by = NameColumn(
        accessor="opened_by__full_name", zh="opened_by__full_name_zh", verbose_name=_("Opened by"), phone="hide"
    )

    class Meta(Table.Meta):
        attrs = DENSE
        model = Round
        fields = ("number", "period", "answer_by", "accounts", "waiting", "differing", "signed", "opened_by")
        sequence = fields
        order_by = "-number"


class StatementTable(Table):
    """Statements as issued."""

    number = NumberColumn(phone="line", width=18)
    customer = NameColumn(accessor="customer__name", zh="customer__name_zh", verbose_name=_("Customer"))
    first_day = DateColumn()
    last_day = DateColumn()
    issued_at = DateColumn(phone="hide", time=True)
    opening = MoneyColumn()
    debits = MoneyColumn(phone="hide")
    credits = MoneyColumn(phone="hide")
    closing = MoneyColumn()

    class Meta(Table.Meta):
        attrs = DENSE
        model = IssuedStatement
        fields = ("number", "customer", "first_day", "last_day", "issued_at", "opening", "debits", "credits", "closing")
        sequence = fields
        order_by = "-number"


class OwnStatementTable(StatementTable):
    """An agent's own."""

    number = NumberColumn(phone="lead", width=18)

    class Meta(StatementTable.Meta):
        exclude = ("customer",)
