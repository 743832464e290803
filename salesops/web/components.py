"""The living page of every component, with believable sample data: for administrators in demo mode."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _

from . import registry
from .badges import Badge
from .charts import Chart, Series
from .forms import Chips, Form, SearchSelect, Segments
from .page import Action, Empty, Page
from .recordpage import Figure
from .tables import BadgeColumn, DateColumn, MoneyColumn, NameColumn, NumberColumn, PercentColumn, Table

MONTHS = ["Dec", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov"]
DELIVERED = [142.6, 129.6, 97.3, 152.4, 165.0, 172.1, 183.7, 175.2, 159.8, 166.9, 192.9, 208.7]
LAST_YEAR = [120.1, 118.4, 88.0, 131.2, 140.9, 151.3, 149.0, 160.2, 148.8, 151.1, 162.4, 171.9]
PLAN = [140.0, 130.0, 110.0, 150.0, 160.0, 165.0, 170.0, 175.0, 175.0, 180.0, 190.0, 200.0]


@dataclass(frozen=True)
class SamplePicture:
    """A credit picture made up for the page."""

    limit: Decimal | None
    balance: Decimal
    committed: Decimal
    this: Decimal | None

    @property
    def exposure(self) -> Decimal:
        """Balance, committed and this one together."""
        return self.balance + self.committed + (self.this or 0)


def picture(limit: int | None, balance: int, committed: int, this: int | None) -> SamplePicture:
    """Return a picture of whole amounts."""
    return SamplePicture(
        None if limit is None else Decimal(limit),
        Decimal(balance),
        Decimal(committed),
        None if this is None else Decimal(this),
    )


class SampleTable(Table):
    """Five deliveries."""

    number = NumberColumn(linkify=lambda record: "#tables", verbose_name=_("Number"))
    customer = NameColumn(zh="customer_zh", verbose_name=_("Customer"))
    state = BadgeColumn(
        tones={
            "Waits for you": "info",
            "Approved": "good",
            "Returned for change": ("warn", "undo"),
            "Rejected": "bad",
            "Draft": "",
        },
        verbose_name=_("State"),
    )
    day = DateColumn(verbose_name=_("Submitted"))
    over = PercentColumn(verbose_name=_("Over the limit"))
    amount = MoneyColumn(verbose_name=_("Amount"))

    class Meta(Table.Meta):
        orderable = False


class SampleForm(Form):
    """Each control once."""

    sections = [
        (_("Who and when"), [("customer", "wanted"), "terms"]),
        (_("How much"), [("limit", "tolerance"), "grade", "hold", "note"]),
    ]
    customer = forms.ChoiceField(
        label=_("Customer"),
        widget=SearchSelect,
        choices=[("1", "Suzhou Ruifeng Trading"), ("2", "Wuxi Taihu Home"), ("3", "Nantong Jianghai Household")],
    )
    wanted = forms.DateField(label=_("Wanted"), help_text=_("The earliest day is tomorrow."))
    terms = forms.ChoiceField(
        label=_("Terms"),
        widget=forms.RadioSelect,
        choices=[("30", _("30 days from shipment")), ("m", _("End of the month and 15 days"))],
        initial="30",
    )
    limit = forms.DecimalField(label=_("Credit limit"), help_text=_("Empty: not controlled. 0: prepaid only."))
    tolerance = forms.IntegerField(label=_("Tolerance, days"), required=False)
    grade = forms.ChoiceField(
        label=_("Grade"), widget=Segments, choices=[("A", "A"), ("B", "B"), ("C", "C")], initial="A"
    )
    hold = forms.BooleanField(label=_("Hold: nothing ships until it is lifted"), required=False)
    note = forms.CharField(label=_("Note"), required=False, widget=forms.Textarea)


class SampleChips(Form):
    """A filter of chips."""

    state = forms.ChoiceField(
        label=_("State"),
        widget=Chips,
        choices=[("", _("All")), ("w", _("Waiting")), ("a", _("Approved")), ("s", _("Shipped"))],
        initial="",
        required=False,
    )


class Components(Page):
    """Every component once, to look at and to copy from."""

    title = _("Components")
    template_name = "web/components.html"
    permission_required = "users.manage_users"
    menu_key = "components"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Exist in demo mode only."""
        if not settings.DEMO:
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def context(self, **more: Any) -> dict[str, Any]:
        return super().context(
            pictures=sample_pictures(),
            table=SampleTable(sample_rows()),
            form=SampleForm(),
            wrong=SampleForm({"limit": "much", "customer": "1", "terms": "30", "grade": "A"}, auto_id="wrong_%s"),
            chips=SampleChips(),
            figures=sample_figures(),
            buttons=sample_buttons(),
            badges=sample_badges(),
            steps=sample_steps(),
            chart=sample_chart(),
            bars=sample_bars(),
            months=DELIVERED,
            days_to_pay=[38, 39, 44, 41, 40, 38, 37, 39, 42, 43, 45, 46],
            ages=[483_800, 157_880, 52_300, 66_500, 18_200],
            age_terms=sample_ages(),
            empty=Empty(
                _("No deliveries yet"),
                _("Write the first application; it goes to the supervisor."),
                Action(_("Write an application"), "#lists", icon="plus"),
                "truck",
            ),
            facts=[(_("Credit limit"), Decimal(1_200_000)), (_("Exposure"), Decimal(1_226_200))],
            **more,
        )


def sample_pictures() -> list[tuple[Any, SamplePicture]]:
    """Credit pictures of every kind, each with its name."""
    return [
        (_("Over the limit"), picture(1_200_000, 801_350, 238_450, 186_400)),
        (_("Within the limit"), picture(900_000, 412_000, 96_000, 61_350)),
        (_("Over before this one"), picture(300_000, 352_000, 20_000, 40_000)),
        (_("Prepaid in part"), picture(200_000, -150_000, 60_000, 120_000)),
        (_("Prepaid only, and enough"), picture(0, -80_000, 20_000, 42_000)),
        (_("Prepaid only, and too little"), picture(0, -30_000, 0, 77_900)),
        (_("Not controlled, no application"), picture(None, 96_000, 12_000, None)),
        (_("Nothing yet"), picture(500_000, 0, 0, None)),
    ]


def sample_rows() -> list[dict[str, Any]]:
    """Rows of the sample table."""
    names = [
        ("DL-2026-011842", "Suzhou Ruifeng Trading", "苏州瑞丰商贸", "Waits for you", "2.2", "186400"),
        ("DL-2026-011847", "Wuxi Taihu Home", "无锡太湖家居", "Approved", None, "94720"),
        ("DL-2026-011851", "Nantong Jianghai", "南通江海", "Returned for change", "28.6", "318900"),
        ("DL-2026-011856", "Kunshan Hechang", "昆山和昌", "Rejected", None, "61350"),
        ("DL-2026-011860", "Zhangjiagang Yongxin", "张家港永新", "Draft", None, "142080.5"),
    ]
    first = date(2026, 11, 20)
    return [
        {
            "number": number,
            "customer": name,
            "customer_zh": name_zh,
            "state": state,
            "day": first + timedelta(days=at),
            "over": over and Decimal(over),
            "amount": Decimal(amount),
        }
        for at, (number, name, name_zh, state, over, amount) in enumerate(names)
    ]


def sample_figures() -> list[Figure]:
    """Key figures of a record."""
    return [
        Figure(_("Balance"), Decimal("742180.00"), _("of 900,000.00"), url="#figures", money=True),
        Figure(_("Overdue"), Decimal("294880.00"), _("oldest 116 days"), url="#figures", money=True, tone="neg"),
        Figure(_("Prepaid"), Decimal("-12460.00"), _("in the customer's favour"), money=True),
        Figure(_("Pays after"), _("58 days"), _("terms 45 days")),
    ]


def sample_buttons() -> list[Action]:
    """A page's actions."""
    return [
        Action(_("Statement"), "#buttons", icon="file"),
        Action(
            _("Lift the hold"), "#lift", icon="lock", refused=_("Only finance lifts a hold. Ask Zhao Min."), key="lift"
        ),
        Action(_("Approve 186,400.00"), "#buttons", primary=True),
        Action(_("Send reminder"), "#buttons", icon="mail"),
        Action(_("Print"), "#buttons", icon="print"),
    ]


def sample_badges() -> list[Badge]:
    """Badges of every tone."""
    return [
        Badge("info", text=_("Waits for you")),
        Badge("good", text=_("Approved")),
        Badge("warn", "undo", _("Returned for change")),
        Badge("bad", text=_("Rejected")),
        Badge("bad", "lock", _("On hold")),
        Badge("", text=_("Draft")),
    ]


def sample_steps() -> list[dict[str, Any]]:
    """An approval's way."""
    return [
        {
            "state": "done",
            "who": "Chen Siyuan 陈思远",
            "what": _("submitted"),
            "when": "2026-11-20 16:42",
            "note": _("48,300.00 of the limit remained."),
        },
        {
            "state": "now",
            "who": _("Sales supervisor, you"),
            "when": _("due 2026-11-23 17:00"),
            "note": _("Decides up to 5 percent over the limit and 15 days overdue."),
        },
        {"state": "next", "who": _("Regional manager, Zhou Min 周敏"), "when": _("not needed")},
        {"state": "next", "who": _("Supply reserves and ships")},
    ]


def sample_chart() -> Chart:
    """Lines: this year, last year, plan."""
    return Chart(
        "pace",
        _("Delivered against plan"),
        MONTHS,
        [Series(_("Plan"), PLAN, "plan"), Series("2025", LAST_YEAR, "then"), Series("2026", DELIVERED, "now")],
        sub=_("a month, CNY thousand"),
        low=True,
    )


def sample_bars() -> Chart:
    """Bars, the last one strong."""
    return Chart(
        "months", _("Delivered by month"), MONTHS, [Series("2026", DELIVERED, "bar")], kind="bar", strong=[11], low=True
    )


def sample_ages() -> list[tuple[int, Any, Decimal]]:
    """The equation below an ageing bar."""
    labels = [_("Not due"), _("1–30 days"), _("31–60 days"), _("61–90 days"), _("91–120 days"), _("Over 120 days")]
    amounts = ["483800", "157880", "52300", "66500", "12100", "6100"]
    return [(at, label, Decimal(amount)) for at, (label, amount) in enumerate(zip(labels, amounts, strict=True))]


def register() -> None:
    """Put the page into the menu of a demo."""
    if settings.DEMO:
        registry.menu.add(
            registry.MenuEntry(
                "components", _("Components"), "web:components", "grid", "settings", "users.manage_users", order=99
            )
        )
