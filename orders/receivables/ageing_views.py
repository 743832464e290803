"""Pages of ageing: who owed what and since when on any day, and the items behind each figure."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import DateField, F, QuerySet, Value
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers.files.models import Customer
from salesops.users.models import Region, User
from salesops.web.figures import day_text, money_text
from salesops.web.filters import Chosen
from salesops.web.page import Crumb, clean_query
from salesops.web.pages import Empty, ListPage

from .ageing import (
    BY_DUE,
    CREDITS,
    CUSTOMER,
    REGION,
    AgeingReport,
    AgeingRow,
    ageing_on,
    items_on,
    labels_of,
    of_age,
)
from .ageing_filters import AgeingFilters, ItemFilters, usual_answers
from .ageing_tables import AgeingTable, ItemTable, age_columns
from .queries import DaysBetween, document_urls

VIEW = "orders.view_accounts"


@dataclass(frozen=True)
class Line:
    """A row of the report with what it is called, and where its name leads."""

    row: AgeingRow
    code: str
    name: str
    name_zh: str
    url: str

    @property
    def debits(self) -> Sequence[Any]:
        """Debits by age."""
        return self.row.debits

    @property
    def less_credits(self) -> Any:
        """Unallocated credits as the row counts them: below zero."""
        return -self.row.credits

    @property
    def outstanding(self) -> Any:
        """The columns added up."""
        return self.row.outstanding


def belongs_to_the_company(user: User) -> bool:
    """Whether somebody works here; an agent sees its own account only."""
    return user.customer_id is None


class OfAgeing(ListPage):
    """What the report and its items share: the customers in scope, and what the address asks of them."""

    permission_required = VIEW
    menu_key = "ageing"
    filters = AgeingFilters
    search_fields = ("name", "name_zh", "code")
    search_label = gettext_lazy("Customer")
    filters_in_view = 4

    def rows(self) -> QuerySet[Customer]:
        return Customer.objects.visible_to(self.request.user)

    @property
    def day(self) -> Any:
        """The day at whose end it is looked."""
        return self.filterset.said("day")

    @property
    def by(self) -> str:
        """What makes an item old."""
        return str(self.filterset.said("by"))

    @property
    def edges(self) -> list[int]:
        """Where the columns end."""
        return list(self.filterset.said("edges"))

    @property
    def age_words(self) -> str:
        """The day and what ages."""
        by = _("by due day") if self.by == BY_DUE else _("by posting day")
        return _("on %(day)s, %(by)s") % {"day": day_text(self.day), "by": by}

    @cached_property
    def chosen(self) -> list[Chosen]:
        """The filters in effect: of what is usual only what the address says."""
        usual = {str(field.label) for name, field in self.filterset.form.fields.items() if name in usual_answers()}
        said = {str(self.filterset.form.fields[name].label) for name in usual_answers() if self.request.GET.get(name)}
        return [one for one in super().chosen if str(one.label) not in usual - said]

    def export_facts(self) -> list[tuple[Any, Any]]:
        return [(_("As of"), self.age_words)]


class AgeingPage(OfAgeing):
    """Who owed what and since when, at the end of any day; the rows add up to the ledger."""

    title = gettext_lazy("Ageing")
    table = AgeingTable

    def allowed(self) -> bool:
        return super().allowed() and belongs_to_the_company(self.request.user)

    @property
    def intro(self) -> str:
        """The day, and where in the tree of regions."""
        return f"{self.region}, {self.age_words}" if self.group == REGION and self.region else self.age_words

    empty = Empty(gettext_lazy("Nothing was open"), gettext_lazy("All was paid at the end of that day."), icon="check")

    @property
    def group(self) -> str:
        """What rows are of."""
        return str(self.filterset.said("group"))

    @cached_property
    def region(self) -> Region | None:
        """The region that is open in the tree: the one asked for, or the only highest one."""
        asked: Region | None = self.filterset.said("region")
        if asked is None and self.group == REGION:
            highest = list(Region.objects.filter(parent=None).order_by("pk")[:2])
            return highest[0] if len(highest) == 1 else None
        return asked

    @cached_property
    def report(self) -> AgeingReport:
        """The figures."""
        region_id = self.region.pk if self.region else None
        return ageing_on(self.day, self.filtered, group=self.group, region_id=region_id, by=self.by, edges=self.edges)

    def listed(self) -> list[Line]:
        return named(self.report.rows, self.url_of)

    def extra_columns(self) -> Sequence[tuple[str, Any]]:
        return age_columns(labels_of(self.edges, self.by))

    @cached_property
    def sheet(self) -> Any:
        """The table, with its sums and where each cell leads."""
        table = super().sheet
        total = self.report.total
        table.items_url = self.items_url
        table.report = self.report
        table.totals = {f"age_{at}": amount for at, amount in enumerate(total.debits)}
        table.totals |= {"credits": -total.credits, "outstanding": total.outstanding}
        return table

    def url_of(self, row: AgeingRow, code: str) -> str:
        """Where the name of a row leads: to the account, into the region, to the customers of the others."""
        if row.kind == CUSTOMER:
            return reverse("orders:account", args=[code])
        query = self.query(sort=None, group=REGION if row.kind == REGION else None, **narrowed_to(row))
        return f"{reverse('orders:ageing')}?{query}"

    def items_url(self, line: Line | None, age: str) -> str:
        """Where the items of a cell stand; of a whole column, and of all, without a row or a column."""
        narrowed = narrowed_to(line.row, line.code) if line else {}
        query = clean_query(
            self.request.GET,
            **{"page": None, "export": None, "sort": None, "group": None, **narrowed, "age": age or None},
        )
        return f"{reverse('orders:ageing_items')}?{query}"

    def export_facts(self) -> list[tuple[Any, Any]]:
        return [*super().export_facts(), (_("Proof"), self.proof_in_words)]

    @property
    def proof_in_words(self) -> str:
        """The equation in a line."""
        total = self.report.total
        words = (
            _("%(owed)s − %(credits)s = %(outstanding)s = ledger %(ledger)s")
            if self.report.is_proved
            else _("%(owed)s − %(credits)s = %(outstanding)s, but the ledger says %(ledger)s")
        )
        return words % {
            "owed": money_text(total.owed),
            "credits": money_text(total.credits),
            "outstanding": money_text(total.outstanding),
            "ledger": money_text(self.report.ledger),
        }


def narrowed_to(row: AgeingRow, code: str = "") -> dict[str, Any]:
    """What the address says to keep the customers of one row."""
    if row.kind == "representative" and row.key is None:
        return {"without": "representative", "representative": None}
    return {CUSTOMER: {"customer": code}}.get(row.kind) or {row.kind: row.key}


def named(rows: Sequence[AgeingRow], url_of: Any) -> list[Line]:
    """Return the rows with what they are called, in one query for each kind of row."""
    keys: dict[str, list[Any]] = {}
    for row in rows:
        keys.setdefault(row.kind, []).append(row.key)
    found: dict[tuple[str, Any], Any] = {("representative", None): ("", _("No representative"), "")}
    found |= {("grade", key): (key, _("Grade %(grade)s") % {"grade": key}, "") for key in keys.get("grade", [])}
    for kind, (model, *columns) in NAMES.items():
        if kind in keys:
            values = model._default_manager.filter(pk__in=keys[kind]).order_by().values_list("pk", *columns)
            found |= {(kind, key): tuple(names) for key, *names in values}
    lines = []
    for row in rows:
        code, name, name_zh = found[row.kind, row.key]
        lines.append(Line(row, code, name, name_zh, url_of(row, code)))
    return sorted(lines, key=lambda line: (line.row.kind != REGION, line.name, line.code))


NAMES: dict[str, Any] = {
    CUSTOMER: (Customer, "code", "name", "name_zh"),
    REGION: (Region, "code", "name", "name_zh"),
    "representative": (User, "username", "full_name", "full_name_zh"),
}


class AgeingItems(OfAgeing):
    """The items that a figure of the report is made of, as they were on its day."""

    title = gettext_lazy("Open items")
    table = ItemTable
    filters = ItemFilters
    empty = Empty(gettext_lazy("Nothing was open"), gettext_lazy("All was paid at the end of that day."), icon="check")

    @property
    def age(self) -> str:
        """The column: its number, CREDITS, or nothing for all."""
        return str(self.filterset.said("age"))

    def heading(self) -> Any:
        labels = labels_of(self.edges, self.by)
        if self.age == CREDITS:
            return _("Unallocated credits")
        return _("Open items: %(age)s") % {"age": labels[int(self.age)]} if self._is_column(len(labels)) else self.title

    def crumbs(self) -> Sequence[Crumb]:
        return super().crumbs() if belongs_to_the_company(self.request.user) else [(self.heading(), None)]

    def _is_column(self, count: int) -> bool:
        return self.age.isdecimal() and int(self.age) < count

    @property
    def intro(self) -> str:
        """The day."""
        return self.age_words

    def items(self, customers: QuerySet[Customer]) -> QuerySet[Any]:
        """The items of those customers, of the column asked for, on the day asked for."""
        items = of_age(items_on(self.day, customers), self.age, day=self.day, by=self.by, edges=self.edges)
        day = Cast(Value(self.day), DateField())
        return items.annotate(late=DaysBetween(day, F("due_on"))).select_related("entry", "customer")

    def listed(self) -> QuerySet[Any]:
        return self.items(self.filtered)

    def _prepare(self) -> Any:
        table = super()._prepare()
        if self.paginator.count:
            table.add_totals()
        table.urls = document_urls(item.entry for item in self.shown.object_list)
        return table
