"""A small app of pages over the regions, to test what every page is made of."""

from decimal import Decimal
from typing import Any

import django_filters
from django import forms
from django.db import connection, transaction
from django.db.models import QuerySet, Value
from django.db.models.fields import DecimalField
from django.urls import include, path
from django.views import View

from salesops.kernel.errors import RuleBroken, require
from salesops.users.models import Region
from salesops.web.forms import Form, RemoteSelect
from salesops.web.pages import (
    Action,
    ActionPage,
    Autocomplete,
    Badge,
    BulkAction,
    Empty,
    Figure,
    FormPage,
    ListPage,
    Page,
    RecordPage,
)
from salesops.web.tables import BadgeColumn, MoneyColumn, NameColumn, NumberColumn, QuantityColumn, Table


class RegionTable(Table):
    code = NumberColumn(linkify=lambda record: f"/sample/regions/{record.code}/")
    name = NameColumn(zh="name_zh")
    level = BadgeColumn(tones={1: "good", 2: "info"})
    people = QuantityColumn(empty_values=(), orderable=False, verbose_name="People")
    budget = MoneyColumn(total=True, verbose_name="Budget")

    class Meta(Table.Meta):
        model = Region
        fields = ("code", "name", "level", "people", "budget")

    def render_people(self, record: Region) -> str:
        return "3"


class RegionFilters(django_filters.FilterSet):
    level = django_filters.NumberFilter(label="Level")
    parent = django_filters.ModelChoiceFilter(queryset=Region.objects.exclude(code="HIDDEN"), label="Above")

    class Meta:
        model = Region
        fields: list[str] = []


def regions_with_budget() -> QuerySet[Region]:
    budget = Value(Decimal("1250.50"), output_field=DecimalField(max_digits=14, decimal_places=2))
    return Region.objects.annotate(budget=budget)


class RegionList(ListPage):
    title = "Regions"
    permission_required = "users.manage_regions"
    table = RegionTable
    filters = RegionFilters
    search_fields = ("code", "name", "name_zh")
    page_size = 20
    empty = Empty("No regions yet", "Begin with the company.", Action("Add a region", "/sample/regions/new/"))

    def rows(self) -> QuerySet[Any]:
        return regions_with_budget().exclude(code="HIDDEN")

    def actions(self) -> list[Action]:
        return [
            Action("Add a region", "/sample/regions/new/", icon="plus", primary=True),
            Action("For managers", "/", permission="users.manage_users"),
            Action("Close the year", "/", refused="December is still open."),
        ]

    def bulk_actions(self) -> list[BulkAction]:
        return [BulkAction("Approve", "/sample/bulk/", primary=True)]


class RegionRecord(RecordPage):
    record_key = "sample-region"
    lookup = "code"
    permission_required = "users.manage_regions"

    def rows(self) -> QuerySet[Any]:
        return Region.objects.exclude(code="HIDDEN")

    def headline(self, record: Region) -> dict[str, Any]:
        return {
            "kind": "Region",
            "number": record.code,
            "title": record.name,
            "title_zh": record.name_zh,
            "badge": Badge("good", text="Active"),
            "meta": [f"Level {record.level}", "6 teams"],
        }

    def figures(self, record: Region) -> list[Figure]:
        return [Figure("Balance", Decimal("742180.00"), money=True), Figure("People", 12, url="/")]

    def actions(self, record: Region) -> list[Action]:
        return [
            Action("Rename", "/sample/regions/new/", icon="pen"),
            Action("Close", "/sample/close/", method="post", primary=True, confirm="It cannot be opened again."),
        ]


class RegionForm(Form):
    code = forms.CharField(label="Code", max_length=20, help_text="Short and lasting.")
    name = forms.CharField(label="Name")
    parent = forms.ModelChoiceField(
        Region.objects.all(), label="Above", required=False, widget=RemoteSelect("sample:pick")
    )
    opened = forms.DateField(label="Opened", required=False)
    budget = forms.DecimalField(label="Budget", required=False)
    note = forms.CharField(label="Note", required=False, widget=forms.Textarea)
    sections = [("What it is", [("code", "name"), "parent"]), ("More", [("opened", "budget"), "note"])]


class NewRegion(FormPage):
    title = "Add a region"
    form_class = RegionForm
    permission_required = "users.manage_regions"
    message = "The region is there."

    def perform(self, form: Any) -> str:
        given = form.cleaned_data
        require(given["code"] != "BAD", "This code is kept for others.", rule="code", field="code")
        require(given["code"] != "WHOLE", "The year is closed.", rule="period", amount=Decimal("12.5"))
        Region.objects.create(code=given["code"], name=given["name"], parent=given["parent"])
        return f"/sample/regions/{given['code']}/"


class CloseRegion(ActionPage):
    permission_required = "users.manage_regions"
    success_url = "/sample/plain/"

    def perform(self) -> str:
        require(self.request.POST.get("sure"), "It still has people.", rule="people", amount=Decimal("26200"))
        return "Closed."


class PickRegion(Autocomplete):
    search_fields = ("code", "name", "name_zh")

    def rows(self) -> QuerySet[Any]:
        return Region.objects.all()

    def item(self, record: Region) -> dict[str, Any]:
        return {"value": str(record.pk), "text": record.name, "sub": record.code}


class Plain(Page):
    title = "Plain"
    template_name = "web/find.html"


class Breaks(View):
    """A view that lets a rule through."""

    def get(self, request: Any) -> Any:
        raise RuleBroken("The books are closed.", rule="period")


class TouchesHistory(Page):
    """Breaks a rule that the database itself holds."""

    template_name = "web/find.html"

    def get(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("DO $$ BEGIN RAISE EXCEPTION 'Entries of the ledger stay as they are.'; END $$")
        return self.render()


class Deletes(Page):
    """Fails by our own mistake."""

    def get(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        return [][0]


sample = (
    [
        path("regions/", RegionList.as_view(), name="regions"),
        path("regions/new/", NewRegion.as_view(), name="new"),
        path("regions/<str:code>/", RegionRecord.as_view(), name="region"),
        path("close/", CloseRegion.as_view(), name="close"),
        path("pick/", PickRegion.as_view(), name="pick"),
        path("plain/", Plain.as_view(), name="plain"),
        path("breaks/", Breaks.as_view(), name="breaks"),
        path("history/", TouchesHistory.as_view(), name="history"),
        path("mistake/", Deletes.as_view(), name="mistake"),
    ],
    "sample",
)
urlpatterns = [
    path("sample/", include(sample)),
    path("", include("salesops.web.urls")),
    path("", include("salesops.users.urls")),
]
