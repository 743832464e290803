"""The columns of the worklist, of promises, disputes, reminders."""

from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django_tables2.utils import A

from customers.accounts.models import CreditAccount
from orders.receivables.tables import AccountColumn
from salesops.notify.models import MailState
from salesops.web.badges import Badge, badge_html
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

from .models import Dispute, DisputeState, Outcome, Promise, Reminder

OUTCOMES = {
    Outcome.OPEN: Badge("info", "promise", Outcome.OPEN.label),
    Outcome.KEPT: Badge("good", "check", Outcome.KEPT.label),
    Outcome.BROKEN: Badge("bad", "x", Outcome.BROKEN.label),
    Outcome.WITHDRAWN: Badge("", "undo", Outcome.WITHDRAWN.label),
}


class OutcomeColumn(Column):
    """What became of a promise."""

    width = 14

    def render(self, value: str) -> SafeString:
        return badge_html(OUTCOMES[Outcome(value)])

    def value(self, value: str) -> str:
        return str(Outcome(value).label)


class WorklistTable(Table):
    """Who is to be called first."""

    customer = AccountColumn(
        accessor="customer__name",
        zh="customer__name_zh",
        verbose_name=_("Customer"),
        link=True,
        linkify=("orders:account", {"code": A("customer__code")}),
    )
    overdue = MoneyColumn(total=True, verbose_name=_("Overdue"))
    overdue_days = QuantityColumn(verbose_name=_("Days late"))
    disputed = SomeMoneyColumn(total=True, verbose_name=_("Disputed"), phone="line")
    broken = QuantityColumn(verbose_name=_("Promises broken"), phone="hide")
    promised_for = DateColumn(verbose_name=_("Promised for"))
    promised = SomeMoneyColumn(verbose_name=_("Promised"), phone="hide")
    last_level = QuantityColumn(verbose_name=_("Level"), phone="hide")
    reminded_on = DateColumn(verbose_name=_("Reminded"), phone="hide")
    urgency = QuantityColumn(verbose_name=_("Urgency"), phone="hide", width=18)

    class Meta(Table.Meta):
        attrs = DENSE
        model = CreditAccount
        fields = (
            *("customer", "overdue", "overdue_days", "disputed", "broken", "promised_for", "promised"),
            *("last_level", "reminded_on", "urgency"),
        )
        sequence = fields
        order_by = "-urgency"

    def render_urgency(self, value: Any) -> str:
        """Amount times days: in thousands, which is what one compares."""
        return f"{value / 1000:,.0f}"


class PromiseTable(Table):
    """What was promised, and what became of it."""

    customer = NameColumn(accessor="customer__name", zh="customer__name_zh", verbose_name=_("Customer"))
    given_on = DateColumn(phone="hide")
    promised_for = DateColumn()
    outcome = OutcomeColumn(verbose_name=_("State"))
    given_by = Column(phone="hide", orderable=False)
    note = Column(phone="hide", orderable=False, width=30)
    amount = MoneyColumn()
    paid = SomeMoneyColumn(verbose_name=_("Paid since"))

    class Meta(Table.Meta):
        attrs = DENSE
        model = Promise
        fields = ("customer", "given_on", "promised_for", "outcome", "given_by", "note", "amount", "paid")
        sequence = fields
        order_by = "-promised_for"


class DisputeStateColumn(Column):
    """Open, settled; closed is worth no word on the page."""

    width = 10

    def render(self, value: str) -> SafeString | str:
        badges = {
            DisputeState.OPEN: Badge("warn", "chat", DisputeState.OPEN.label),
            DisputeState.SETTLED: Badge("good", "check", DisputeState.SETTLED.label),
        }
        badge = badges.get(DisputeState(value))
        return badge_html(badge) if badge else ""

    def value(self, value: str) -> str:
        return str(DisputeState(value).label)


class DisputeTable(Table):
    """What customers do not accept."""

    document = Column(accessor="item__entry__document", verbose_name=_("Document"), phone="lead", width=18)
    customer = NameColumn(accessor="item__customer__name", zh="item__customer__name_zh", verbose_name=_("Customer"))
    kind = Column(orderable=False)
    text = Column(phone="hide", orderable=False, width=40)
    owner = NameColumn(accessor="owner__full_name", zh="owner__full_name_zh", verbose_name=_("Owner"))
    opened_at = DateColumn()
    state = DisputeStateColumn(verbose_name=_("State"))
    outcome = Column(phone="hide", orderable=False, width=40)
    amount = MoneyColumn(total=True, phone="hide")
    left = SomeMoneyColumn(total=True, verbose_name=_("Still disputed"))

    class Meta(Table.Meta):
        attrs = DENSE
        model = Dispute
        fields = ("document", "customer", "kind", "text", "owner", "opened_at", "state", "outcome", "amount", "left")
        sequence = fields
        order_by = "-opened_at"


def sending_badge(reminder: Reminder) -> Badge:
    """Return how a letter went: printed, waits, sent, refused."""
    if reminder.mail is None:
        return Badge("warn", "print", _("To print"))
    state = reminder.mail.state
    tone, icon = {
        MailState.WAITING: ("info", "clock"),
        MailState.SENT: ("good", "mail"),
        MailState.KEPT: ("", "mail"),
        MailState.FAILED: ("bad", "warn"),
    }[MailState(state)]
    return Badge(tone, icon, reminder.mail.get_state_display())


class ReminderTable(Table):
    """Letters, the latest first."""

    number = NumberColumn(phone="line", width=18)
    customer = NameColumn(accessor="customer__name", zh="customer__name_zh", verbose_name=_("Customer"))
    made_on = DateColumn()
    level = QuantityColumn()
    sending = StateColumn(
        of=sending_badge, accessor="mail__state", verbose_name=_("Letter"), empty_values=(), orderable=False
    )
    sent_to = Column(phone="hide", orderable=False, width=30)
    amount = MoneyColumn(total=True)

    class Meta(Table.Meta):
        attrs = DENSE
        model = Reminder
        fields = ("number", "customer", "made_on", "level", "sending", "sent_to", "amount")
        sequence = fields
        order_by = "-number"
