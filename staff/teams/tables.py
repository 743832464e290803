"""The table of the team page."""

from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from salesops.users.models import User
from salesops.users.people.tables import RolesColumn
from salesops.web.badges import Badge, badge_html
from salesops.web.figures import day_text, quantity_text
from salesops.web.registry import may
from salesops.web.tables import Column, MoneyColumn, NameColumn, Table


class CountLinkColumn(Column):
    """A count that opens the rows it counts, for those who may see them."""

    kind = "int"
    css = "so-num"
    width = 12

    def __init__(self, *args: Any, url_name: str, permission: str, query: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.url_name, self.permission, self.query = url_name, permission, query

    def render(self, value: int, record: User, table: Any) -> SafeString | str:
        text = quantity_text(value)
        page = getattr(table, "page_object", None)
        if not value or page is None or not may(page.request.user, self.permission):
            return text
        return format_html('<a href="{}?{}">{}</a>', reverse(self.url_name), self.query % record.pk, text)

    def value(self, value: int) -> int:
        return value


class DeputyColumn(Column):
    """Who decides for the person today, and until when."""

    def render(self, value: str, record: Any) -> SafeString:
        words = _("%(name)s until %(day)s") % {"name": value, "day": day_text(record.deputy_until)}
        return badge_html(Badge("info", "swap", words))

    def value(self, value: str, record: Any) -> str:
        return f"{value}, {day_text(record.deputy_until)}"


class TeamTable(Table):
    """People with what lies with each of them."""

    full_name = NameColumn(verbose_name=gettext_lazy("Name"), zh="full_name_zh")
    roles = RolesColumn(accessor="role_list", verbose_name=gettext_lazy("Roles"), orderable=False, width=28)
    team = Column(verbose_name=gettext_lazy("Team"))
    customers_count = CountLinkColumn(
        verbose_name=gettext_lazy("Customers"),
        url_name="customers:list",
        permission="customers.view_customer",
        query="representative=%s&file=active",
    )
    waiting_count = CountLinkColumn(
        verbose_name=gettext_lazy("Wait for approval"),
        url_name="orders:deliveries",
        permission="orders.view_delivery",
        query="representative=%s&state=submitted",
    )
    delivered = MoneyColumn(verbose_name=gettext_lazy("Delivered this month"), total=True)
    deputy = DeputyColumn(verbose_name=gettext_lazy("Delegate today"))

    class Meta(Table.Meta):
        model = User
        fields = ("full_name", "roles", "team", "customers_count", "waiting_count", "delivered", "deputy")
        order_by = "full_name"
