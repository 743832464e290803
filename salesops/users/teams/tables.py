"""The list of teams."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from salesops.users.models import Team
from salesops.web.tables import Column, NameColumn, QuantityColumn, Table


class TeamTable(Table):
    """Teams with their supervisors and how many people they have."""

    name = NameColumn(
        verbose_name=_("Name"),
        zh="name_zh",
        linkify=lambda record: reverse("users:team_change", args=[record.pk]),
        attrs={"a": {"class": "so-rowlink so-strong"}},
    )
    region = Column(verbose_name=_("Region"))
    supervisors = Column(verbose_name=_("Supervisor"), orderable=False, width=24)
    people_count = QuantityColumn(verbose_name=_("People"))

    class Meta(Table.Meta):
        model = Team
        fields = ("name", "region", "supervisors", "people_count")
        order_by = "name"
