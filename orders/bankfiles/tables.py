"""The columns of bank files and of their lines."""

from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from salesops.web.badges import Badge
from salesops.web.tables import DENSE, Column, DateColumn, MoneyColumn, NameColumn, QuantityColumn, StateColumn, Table

from .models import BankFile, BankFileState, BankLine, LineState
from .queries import payment_of

TONES = {
    LineState.OPEN: ("warn", "pen"),
    LineState.PROPOSED: ("info", "check"),
    LineState.RECORDED: ("good", "check"),
    LineState.ASIDE: ("", "minus"),
    LineState.REPEATED: ("", "history"),
}


def file_badge(one: BankFile) -> Badge:
    """Where a file stands."""
    if one.is_busy:
        return Badge("info", "clock", _("Being recorded"))
    if one.state == BankFileState.NEW:
        return Badge("warn", "pen", one.get_state_display())
    return Badge("warn", "pen", _("To decide")) if one.open_count else Badge("good", "check", _("Done"))  # type: ignore[attr-defined]


def line_badge(line: BankLine) -> Badge:
    """Where a line stands; a payment that was reversed is said."""
    payment = payment_of(line)
    if payment is not None and hasattr(payment, "reversal"):
        return Badge("bad", "undo", _("Reversed"))
    tone, icon = TONES[LineState(line.state)]
    return Badge(tone, icon, line.get_state_display())


class LineStateColumn(StateColumn):
    """Where a line stands, and why it is not certain or set aside."""

    def render(self, record: Any) -> SafeString:
        why = record.get_doubt_display() or record.reason
        return format_html('{} <span class="so-muted">{}</span>', super().render(record), why)


class PaymentOfLineColumn(Column):
    """The payment that a line became, in this file or in one before."""

    def render(self, record: Any) -> SafeString | str:
        payment = payment_of(record)
        if payment is None:
            return ""
        return format_html('<a class="so-id" href="{}">{}</a>', payment.get_absolute_url(), payment.number)

    def value(self, record: Any) -> str:
        payment = payment_of(record)
        return payment.number if payment else ""


class BankFileTable(Table):
    """Bank files."""

    file_name = Column(
        verbose_name=_("File"),
        phone="lead",
        linkify=True,
        orderable=False,
        attrs={"a": {"class": "so-rowlink so-strong"}},
    )
    account = Column(orderable=False)
    state = StateColumn(of=file_badge, orderable=False, empty_values=())
    lines = QuantityColumn(accessor="line_count", verbose_name=_("Lines"), orderable=False)
    recorded = QuantityColumn(accessor="recorded_count", verbose_name=_("Recorded"), orderable=False)
    left = QuantityColumn(accessor="open_count", verbose_name=_("Left"), orderable=False)
    uploaded_by = Column(phone="hide", orderable=False)
    uploaded_at = DateColumn(time=True)
    total = MoneyColumn(verbose_name=_("Sum"), orderable=False)

    class Meta(Table.Meta):
        attrs = DENSE
        model = BankFile
        fields = (
            *("file_name", "account", "state", "lines", "recorded", "left", "uploaded_by", "uploaded_at", "total"),
        )
        sequence = fields
        order_by = "-uploaded_at"


def page_of_line(record: BankLine) -> str | None:
    """Where a line is decided; None where nothing can be decided of it."""
    if record.state == LineState.REPEATED or (record.state == LineState.ASIDE and record.amount < 0):
        return None
    return reverse("orders:bank_line", args=[record.file_id, record.pk])


class BankLineTable(Table):
    """The lines of a bank file."""

    row = QuantityColumn()
    day = DateColumn()
    payer_name = Column(phone="lead", orderable=False, linkify=page_of_line, attrs={"a": {"class": "so-rowlink"}})
    payer_account = Column(phone="hide", orderable=False)
    reference = Column(phone="line", orderable=False, width=30)
    transaction = Column(phone="hide", orderable=False)
    customer = NameColumn(
        accessor="customer__name", zh="customer__name_zh", verbose_name=_("Customer"), phone="line", orderable=False
    )
    way = Column(phone="hide", orderable=False)
    state = LineStateColumn(of=line_badge, orderable=False, accessor="pk")
    payment = PaymentOfLineColumn(verbose_name=_("Payment"), orderable=False, accessor="pk")
    amount = MoneyColumn(total=True)

    class Meta(Table.Meta):
        attrs = DENSE
        model = BankLine
        fields = (
            *("row", "day", "payer_name", "payer_account", "reference", "transaction"),
            *("customer", "way", "state", "payment", "amount"),
        )
        sequence = fields
        order_by = "row"

    def render_payer_name(self, value: str, record: BankLine) -> str:
        """A line always has something that is opened."""
        return value or str(record.row)
