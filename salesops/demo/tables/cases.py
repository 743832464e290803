"""What waits for a decision today: on whose desk, until when, and why it deserves a look."""

from dataclasses import dataclass

REPRESENTATIVE, SUPERVISOR = "representative", "supervisor"
REGIONAL, SALES = "regional_manager", "sales_manager"
LATE, TODAY, TOMORROW = "late", "today", "tomorrow"


@dataclass(frozen=True)
class CaseRow:
    """A delivery that waits. `over` is how much it passes the limit, in percent of it: None leaves it well within.

    `by` is who of the agent's own people wrote it: then the representative has seen it before the supervisor.
    `size` is the order in percent of what the customer buys a month. `short` adds a product that runs short.
    """

    customer: str
    due: str
    desk: str = SUPERVISOR
    over: float | None = None
    size: int = 35
    discount: int = 0
    short: str = ""
    by: str = ""
    note: str = ""


CASES: list[CaseRow] = [
    # one that nobody decided in time: it has gone on to the regional manager
    CaseRow("A-0018", LATE, note="Opening of the new store in Xinzhuang on Friday."),
    # the desk of Lin Yue
    CaseRow("A-0005", LATE, size=28),
    CaseRow("A-0001", TODAY, over=2.2, short="FC-01", by="agent", note="Please send the filters with the first lorry."),
    CaseRow("A-0006", TODAY, size=25),
    CaseRow("A-0008", TODAY, over=7.0, note="客户承诺本周五前付清逾期款 (promises to pay what is overdue by Friday)."),
    CaseRow("A-0003", TOMORROW, size=32),
    CaseRow("A-0012", TOMORROW, over=14.0, note="Year-end project, 86 flats; the developer pays on handover."),
    CaseRow("A-0009", TOMORROW, discount=6, size=45, note="Opening offer of the store in Rucheng."),
    CaseRow("A-0011", TOMORROW, short="CL-05", size=30),
    CaseRow("A-0004", TOMORROW, size=30),
    CaseRow("A-0007", TOMORROW, size=40),
    # the desk of Chen Siyuan, who sees first what the agent's own people write
    CaseRow("A-0002", TODAY, REPRESENTATIVE, size=30, by="taihu"),
    # those of He Ming, in whose place Lin Yue decides this week
    CaseRow("A-0020", TODAY, size=30),
    CaseRow("A-0022", TOMORROW, size=30),
    # the regional manager of East China
    CaseRow("A-0013", TODAY, REGIONAL, over=7.4, note="Needs it before the trade fair."),
    CaseRow("A-0014", TOMORROW, REGIONAL, size=32),
    CaseRow("A-0021", TOMORROW, REGIONAL, discount=7, size=40, note="The same terms as for the June campaign."),
    CaseRow("A-0024", TOMORROW, REGIONAL, over=8.5),
    # the sales manager
    CaseRow("A-0023", TODAY, SALES, size=30),
    CaseRow(
        "A-0030", TOMORROW, SALES, size=35, note="老客户节前备货 (an old customer, stocks up before the holidays)."
    ),
    CaseRow("A-0042", TOMORROW, SALES, over=14.0),
    CaseRow("A-0051", TOMORROW, SALES, over=11.5, note="Hotel project, prepayment of 30 % is on its way."),
    # other teams
    CaseRow("A-0026", TODAY, size=30),
    CaseRow("A-0028", TOMORROW, size=30),
    CaseRow("A-0032", TOMORROW, size=30),
    CaseRow("A-0029", TOMORROW, REGIONAL, over=6.0),
    CaseRow("A-0036", TODAY, over=2.0),
    CaseRow("A-0037", TOMORROW, size=30),
    CaseRow("A-0039", TOMORROW, discount=5, size=30),
    CaseRow("A-0041", TOMORROW, size=30),
    CaseRow("A-0043", TODAY, size=30),
    CaseRow("A-0047", TOMORROW, size=30),
    CaseRow("A-0050", TOMORROW, short="DW-02", size=30),
    CaseRow("A-0046", TOMORROW, REGIONAL, discount=6, size=30),
    CaseRow("A-0054", TODAY, over=3.5),
    CaseRow("A-0055", TOMORROW, size=30),
    CaseRow("A-0056", TOMORROW, size=30),
    CaseRow("A-0057", TODAY, size=30),
    CaseRow("A-0059", TOMORROW, size=30),
]

ON_HOLD = "A-0010"
"""Stopped paying: finance has put the account on hold, and what it asks for is put aside."""

PREPAYS = "A-0007"
"""Pays ahead; its order is worth a little less than what it has paid."""

PUT_ASIDE = "A-0016"
"""Over the limit by so much that the supervisor lets it wait for the next payment."""


@dataclass(frozen=True)
class TemporaryRow:
    """More credit that is asked for: thousands on top, for so many days, at whose desk it lies."""

    customer: str
    thousands: int
    days: int
    desk: str
    due: str
    reason: str


TEMPORARY_LIMITS: list[TemporaryRow] = [
    TemporaryRow("A-0012", 20, 45, REGIONAL, TOMORROW, "Project of 86 flats; the developer pays on handover."),
    TemporaryRow("A-0008", 120, 60, SALES, TOMORROW, "Stocks up for the winter campaign in three stores."),
    TemporaryRow("A-0052", 40, 30, REGIONAL, TODAY, "New agent grows faster than its first limit."),
]

GRANTED_LIMIT = TemporaryRow("A-0035", 80, 30, REGIONAL, TODAY, "November campaign; back to normal by mid-December.")
"""One that was approved ten days ago and holds now."""


@dataclass(frozen=True)
class BackOrder:
    """An approved delivery that waits for goods: customer, SKU and pieces that are short, ordered so many days ago."""

    customer: str
    sku: str
    pieces: int
    days: int
    wanted: int


BACK_ORDERS: list[BackOrder] = [
    BackOrder("A-0015", "WP-03", 12, 3, -2),
    BackOrder("A-0006", "FC-01", 50, 3, -1),
    BackOrder("A-0033", "CL-05", 8, 3, 2),
    BackOrder("A-0044", "WH-09", 6, 3, -2),
    BackOrder("A-0048", "DW-02", 14, 3, 3),
]
"""`wanted` is the day on which it was wanted, counted from today: negative ones are late."""

OWN_ORDERS = [("A-0001", "agent", 3, 2), ("A-0001", "agent", 1, 0), ("A-0002", "taihu", 3, 1)]
"""Approved orders that agents wrote themselves: customer, who, days ago, and days ago they left (0: not yet)."""

DRAFTS = ["A-0001", "A-0003", "A-0004"]
"""Customers for whom the representative has begun an application."""

RETURNED = "A-0002"
"""The customer whose application came back to the representative with a question."""

LIMITS_WANTED: dict[str, float] = {
    **{row.customer: 0 for row in BACK_ORDERS},
    **{case.customer: case.over or 0 for case in CASES},
    PUT_ASIDE: 12.0,
}
"""By how many percent today's order passes the limit; 0: it does not."""
