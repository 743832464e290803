"""The list of customers."""

from decimal import Decimal
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from salesops.web.badges import Badge
from salesops.web.figures import money_html
from salesops.web.tables import Column, MoneyColumn, NameColumn, NumberColumn, StateColumn, Table

from .models import Customer


class LimitColumn(MoneyColumn):
    """A limit; an empty one says that it is not controlled."""

    empty_values = ()

    def render(self, value: Decimal | None) -> SafeString:
        return money_html(value) if value is not None else format_html('<span class="so-muted">{}</span>', _("open"))

    def value(self, value: Decimal | None) -> Any:
        return value


def hold_badge(customer: Customer) -> Badge | None:
    """The badge of a file that is not simply in order: on hold, or no customer any more."""
    if customer.account.is_on_hold:
        return Badge("bad", "lock", _("On hold"))
    return None if customer.is_active else Badge("", "", _("Inactive"))


class CustomerTable(Table):
    """Customers with their accounts."""

    code = NumberColumn(verbose_name=gettext_lazy("Code"))
    name = NameColumn(verbose_name=gettext_lazy("Name"), zh="name_zh")
    kind = Column(verbose_name=gettext_lazy("Kind"), phone="hide")
    region = Column(verbose_name=gettext_lazy("Region"))
    grade = Column(verbose_name=gettext_lazy("Grade"), width=8)
    representative = Column(verbose_name=gettext_lazy("Representative"), phone="hide")
    limit = LimitColumn(accessor="account__limit", verbose_name=gettext_lazy("Limit"), phone="hide")
    balance = MoneyColumn(accessor="account__balance", verbose_name=gettext_lazy("Balance"), total=True)
    available = MoneyColumn(verbose_name=gettext_lazy("Available"), tone="auto", phone="line")
    state = StateColumn(of=hold_badge, width=14, accessor="account__is_on_hold", verbose_name=gettext_lazy("State"))

    class Meta(Table.Meta):
        model = Customer
        fields = (
            "code",
            "name",
            "kind",
            "region",
            "grade",
            "representative",
            "limit",
            "balance",
            "available",
            "state",
        )
        order_by = "code"


class PlainCustomerTable(CustomerTable):
    """The same for those who do not see what customers owe."""

    class Meta(CustomerTable.Meta):
        exclude = ("limit", "balance", "available")
