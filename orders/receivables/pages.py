"""What pages of documents that stand on a customer's account share."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from salesops.users.pages import Personal
from salesops.web.badges import Badge
from salesops.web.pages import Action, RecordPage


class DocumentRecord(Personal, RecordPage):
    """A document of a customer: kind, number and whose it is on top, and the way to the account."""

    def kind_of(self, record: Any) -> Any:
        """What kind of document it is."""
        return record.get_kind_display()

    def badge_of(self, record: Any) -> Badge | None:
        """Where it stands; None where nothing has to be said."""
        raise NotImplementedError

    def headline(self, record: Any) -> dict[str, Any]:
        return {
            "kind": self.kind_of(record),
            "number": record.number,
            "title": record.customer.name,
            "title_zh": record.customer.name_zh,
            "badge": self.badge_of(record),
        }

    def account_action(self, record: Any) -> Action:
        """Return the button that opens the customer's account."""
        account = reverse("orders:account", args=[record.customer.code])
        return Action(_("Open the account"), account, icon="wallet", permission="orders.view_accounts")
