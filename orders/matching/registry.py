"""What this feature adds to the shell and to the account's page."""

from django.utils.translation import gettext_lazy as _

from salesops.web import registry

from . import jobs as jobs
from . import panels

VIEW = "orders.view_accounts"
WORKS_WITH_THEM = ("orders.match_ledger", "orders.upload_ledger")

registry.menu.add(
    registry.MenuEntry(
        "their_ledgers",
        _("Agents' ledgers"),
        "orders:their_ledgers",
        "swap",
        "money",
        permission=WORKS_WITH_THEM,
        order=40,
    )
)
registry.panels.add(
    registry.Panel(
        "account",
        "their_ledgers",
        _("Their own ledger"),
        60,
        "orders/matching/of_account.html",
        panels.of_account,
        permission=VIEW,
        height=6,
    )
)
registry.panels.add(
    registry.Panel(
        "reconciliation",
        "their_ledger",
        _("Their ledger"),
        20,
        "orders/matching/of_reconciliation.html",
        panels.of_reconciliation,
        side=True,
        eager=True,
    )
)
registry.panels.add(
    registry.Panel(
        "reconciliation",
        "to_post",
        _("Ours to post"),
        20,
        "orders/matching/to_post.html",
        panels.ours_to_post,
        permission="orders.write_adjustment",
        eager=True,
        show=panels.waits_to_be_posted,
    )
)
