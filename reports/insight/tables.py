"""The columns of agents that are to be looked after."""

from django.utils.translation import gettext_lazy as _
from django_tables2.utils import A

from customers.files.models import Customer
from salesops.kernel.money import ZERO
from salesops.web.tables import (
    DENSE,
    Column,
    DateColumn,
    MoneyColumn,
    NameColumn,
    QuantityColumn,
    ShortNameColumn,
    SomeMoneyColumn,
    Table,
)


class SleepingTable(Table):
    """Who got goods before, and how long ago."""

    code = Column(verbose_name=_("Code"), attrs={"td": {"class": "so-id"}}, width=12)
    name = NameColumn(
        zh="name_zh", verbose_name=_("Customer"), link=True, linkify=("customers:record", {"code": A("code")})
    )
    region = ShortNameColumn(
        accessor="region__name", zh="region__name_zh", verbose_name=_("Region"), phone="hide", width=18
    )
    representative = ShortNameColumn(
        accessor="representative__full_name",
        zh="representative__full_name_zh",
        verbose_name=_("Representative"),
        phone="hide",
        width=18,
    )
    last_on = DateColumn(verbose_name=_("Last goods"), phone="line")
    silent = QuantityColumn(verbose_name=_("Days ago"))
    bought = MoneyColumn(verbose_name=_("Delivered in a year"), total=True, phone="line")

    class Meta(Table.Meta):
        attrs = DENSE
        model = Customer
        fields: tuple[str, ...] = ("code", "name", "region", "representative", "last_on", "silent", "bought")
        sequence: tuple[str, ...] = fields
        order_by = ("-bought", "code")


class BehindTable(SleepingTable):
    """Who would usually have got goods again by now."""

    usual = QuantityColumn(verbose_name=_("Usual days between"), phone="line")

    class Meta(SleepingTable.Meta):
        fields = ("code", "name", "region", "representative", "last_on", "silent", "usual", "bought")
        sequence: tuple[str, ...] = fields
        order_by = ("-silent", "code")


class GrowthTable(Table):
    """What each row was and is, and what made the difference; the effects of a row add up to its growth."""

    name = Column(verbose_name=_("What"), linkify=lambda record: record["url"], phone="lead", width=30)
    then = MoneyColumn(verbose_name=_("A year before"), total=True, phone="line")
    now = MoneyColumn(verbose_name=_("Delivered"), total=True, phone="line")
    growth = MoneyColumn(verbose_name=_("Growth"), total=True)
    volume = SomeMoneyColumn(verbose_name=_("Volume"), total=True, phone="line")
    price = SomeMoneyColumn(verbose_name=_("Price"), total=True, phone="line")
    mix = SomeMoneyColumn(verbose_name=_("Mix"), total=True, phone="line")
    new = SomeMoneyColumn(verbose_name=_("New"), total=True, phone="line")
    lost = SomeMoneyColumn(verbose_name=_("Lost"), total=True, phone="line")

    class Meta(Table.Meta):
        attrs = DENSE
        order_by = ("-growth",)

    def add_totals(self) -> None:
        """Add up what was read: rows are no query."""
        records = list(self.data.data)
        for bound in self.columns.iterall():
            if getattr(bound.column, "total", False):
                self.totals[bound.name] = sum((record[bound.name] for record in records), ZERO)
