"""The columns of accounts."""

from typing import Any
from urllib.parse import quote

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django_tables2.utils import A

from customers.accounts.models import CreditAccount
from salesops.web.badges import icon_html
from salesops.web.tables import (
    DENSE,
    Column,
    MoneyColumn,
    NameColumn,
    QuantityColumn,
    ShortNameColumn,
    SomeMoneyColumn,
    Table,
)


class AccountColumn(NameColumn):
    """The customer; a hold is said beside the name."""

    def render(self, value: Any, record: Any) -> SafeString:
        name = super().render(value, record)
        if not record.is_on_hold:
            return name
        return format_html('{} <span class="so-flag so-flag--bad">{}{}</span>', name, icon_html("lock"), _("Hold"))


class LimitColumn(MoneyColumn):
    """The limit with what is on top of it for a time; an account without one is not controlled."""

    def render(self, value: Any, record: Any) -> SafeString:  # type: ignore[override]
        figure = super().render(value)
        if not record.temporary:
            return figure
        return format_html('{}<span class="so-sub">{}</span>', figure, _("in part for a time"))


class AccountTable(Table):
    """Where every account stands."""

    code = Column(accessor="customer__code", verbose_name=_("Code"), attrs={"td": {"class": "so-id"}}, width=12)
    customer = AccountColumn(
        accessor="customer__name",
        zh="customer__name_zh",
        verbose_name=_("Customer"),
        link=True,
        linkify=("orders:account", {"code": A("customer__code")}),
    )
    region = ShortNameColumn(
        accessor="customer__region__name",
        zh="customer__region__name_zh",
        verbose_name=_("Region"),
        phone="hide",
        width=16,
    )
    representative = ShortNameColumn(
        accessor="customer__representative__full_name",
        zh="customer__representative__full_name_zh",
        verbose_name=_("Representative"),
        phone="hide",
        width=18,
    )
    limit = LimitColumn(accessor="whole_limit", verbose_name=_("Limit"), phone="hide", default=_("not controlled"))
    committed = MoneyColumn(total=True, phone="hide", verbose_name=_("Not shipped"))
    exposure = MoneyColumn(total=True, phone="hide", verbose_name=_("Exposure"))
    available = MoneyColumn(tone="auto", phone="line", verbose_name=_("Available"), default="")
    overdue = SomeMoneyColumn(total=True, phone="line", verbose_name=_("Overdue"))
    overdue_days = QuantityColumn(verbose_name=_("Days"), phone="line", default="")
    balance = MoneyColumn(total=True)

    class Meta(Table.Meta):
        attrs = DENSE
        model = CreditAccount
        fields = (
            "code",
            "customer",
            "region",
            "representative",
            "limit",
            "balance",
            "committed",
            "exposure",
            "available",
            "overdue",
            "overdue_days",
        )
        sequence = fields
        order_by = "code"


class ToSettleTable(Table):
    """Accounts with credits that could settle something."""

    code = Column(accessor="customer__code", verbose_name=_("Code"), attrs={"td": {"class": "so-id"}}, width=12)
    customer = NameColumn(
        accessor="customer__name",
        zh="customer__name_zh",
        verbose_name=_("Customer"),
        link=True,
        linkify=lambda record: f"{reverse('orders:settlement_new')}?customer={quote(record.customer.code)}",
    )
    representative = ShortNameColumn(
        accessor="customer__representative__full_name",
        zh="customer__representative__full_name_zh",
        verbose_name=_("Representative"),
        phone="hide",
        width=18,
    )
    open_credits = MoneyColumn(total=True, verbose_name=_("Open credits"), phone="line")
    open_debits = MoneyColumn(total=True, verbose_name=_("Open debits"), phone="line")
    can_settle = MoneyColumn(total=True, verbose_name=_("Can be settled"))

    class Meta(Table.Meta):
        attrs = DENSE
        model = CreditAccount
        fields = ("code", "customer", "representative", "open_credits", "open_debits", "can_settle")
        sequence = fields
        order_by = ("-open_credits", "code")
