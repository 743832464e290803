"""What the pickers of a statistic find while somebody types: by the codes that its address takes."""

from collections.abc import Callable
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404

from customers.files.models import Customer
from customers.files.queries import find_customers
from orders.catalogue.models import Category, Product
from orders.catalogue.queries import find_products
from salesops.users.models import Team, User, in_reader_language
from salesops.users.people.queries import find_people, in_sales, people_visible_to
from salesops.users.regions.queries import find_regions
from salesops.web.pages import Autocomplete

from .answers import NAMES

Rows = QuerySet[Any]


def _of_name(rows: Rows, text: str) -> Rows:
    for word in text.replace("\x00", "").split()[:6]:
        rows = rows.filter(Q(name__icontains=word) | Q(name_zh__icontains=word))
    return rows


FINDERS: dict[str, Callable[[User, str], Rows]] = {
    "region": lambda reader, text: find_regions(text),
    "team": lambda reader, text: _of_name(Team.objects.order_by("name"), text),
    "representative": lambda reader, text: find_people(in_sales(people_visible_to(reader)), text).order_by("full_name"),
    "customer": lambda reader, text: find_customers(Customer.objects.visible_to(reader), text),
    "category": lambda reader, text: _of_name(Category.objects.order_by("name"), text),
    "product": lambda reader, text: find_products(Product.objects.all(), text),
}
"""How the keys of a dimension are found by part of their name, in the reader's scope."""


class PickKeptPart(Autocomplete):
    """Regions, teams, representatives, customers, categories or products, by the code an address has."""

    permission_required = "reports.view_statistics"

    def rows(self) -> Rows:
        find = FINDERS.get(self.kwargs["dimension"])
        if find is None:
            raise Http404
        return find(self.request.user, self.request.GET.get("q", "").strip()[:100])

    def search(self, rows: Rows, text: str) -> Any:
        return rows

    def item(self, record: Any) -> dict[str, Any]:
        code, name, name_zh = NAMES[self.kwargs["dimension"]]
        value = str(getattr(record, code))
        label = in_reader_language(getattr(record, name), getattr(record, name_zh))
        return {"value": value, "text": label, "sub": "" if code == "pk" else value}
