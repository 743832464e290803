"""The cards of the home page that orders, approvals and people fill; features may add theirs."""

from django.utils.translation import gettext_lazy as _

from salesops.web.registry import HomeCard, home_cards

from . import desk, goods, late, money, own, portal, sales, system

TODO = "reports/home/todo.html"
CHART = "reports/home/chart.html"
STANDINGS = "reports/home/standings.html"

CARDS = (
    HomeCard("waiting", _("Waits for me"), 10, "approvals.view_decision", TODO, desk.waiting, show=desk.decides),
    HomeCard("applications", _("My applications"), 10, own.WRITE, TODO, own.applications, show=own.writes),
    HomeCard(
        "account",
        _("My account"),
        10,
        "orders.view_accounts",
        "reports/home/account.html",
        money.account,
        show=own.is_agent,
    ),
    HomeCard("under_way", _("Under way"), 12, "orders.view_delivery", TODO, own.under_way, show=own.is_agent),
    HomeCard(
        "asks",
        _("Waits for your answer"),
        5,
        "orders.view_reconciliation",
        "reports/home/asks.html",
        portal.asks,
        first=True,
        show=own.is_agent,
    ),
    HomeCard(
        "statements",
        _("Statements"),
        15,
        "orders.view_reconciliation",
        "reports/home/statements.html",
        portal.statements,
        show=own.is_agent,
    ),
    HomeCard(
        "papers",
        _("Licences and agreements"),
        20,
        "customers.view_customer",
        "reports/home/papers.html",
        portal.papers,
        show=own.is_agent,
    ),
    HomeCard("bought", _("Received by month"), 30, "orders.view_shipment", CHART, money.bought, show=own.is_agent),
    HomeCard("to_ship", _("To ship"), 10, goods.SHIP, TODO, goods.to_ship, show=goods.ships),
    HomeCard("short", _("Short, and what comes"), 12, "orders.view_stock", TODO, goods.short_goods, show=goods.ships),
    HomeCard("payments", _("Payments"), 10, "orders.view_payment", TODO, money.payments, show=money.books_money),
    HomeCard("system", _("The product"), 10, "users.manage_users", TODO, system.system, show=system.administers),
    HomeCard("late", _("Late, or soon"), 20, late.ACCOUNTS, TODO, late.late, show=late.is_shown),
    HomeCard(
        "watched",
        _("On hold, or over the limit"),
        30,
        "orders.view_accounts",
        TODO,
        own.watched,
        show=lambda user: own.writes(user) or money.books_money(user),
    ),
    HomeCard(
        "pace",
        _("This month against last year"),
        40,
        "orders.view_shipment",
        CHART,
        sales.pace,
        show=sales.looks_at_figures,
    ),
    HomeCard("team", _("Team"), 50, "orders.view_shipment", STANDINGS, sales.team, show=sales.leads_people),
    HomeCard(
        "best_sellers", _("Best sellers"), 50, "orders.view_shipment", STANDINGS, sales.best_sellers, show=sales.sells
    ),
    HomeCard("people", _("People"), 60, "users.view_user", TODO, system.people, show=system.looks_after_people),
    HomeCard("away", _("Away"), 70, "users.view_user", TODO, system.away, show=system.looks_after_people),
)

for card in CARDS:
    home_cards.add(card)
