"""When a letter holds an account, when that ends, and when it is back.

A letter that brings an item to a level that holds puts the account on hold. From then on the account waits for all that
this letter and later ones were the first to remind of at such a level. What is disputed is not waited for, and
whoever lifts a hold lets go all that letters had reminded of by then.
"""

from typing import Any

from django.db.models import Q, Subquery
from django.utils.translation import gettext as _

from customers.accounts.models import CreditAccount
from customers.accounts.services import begin_hold, end_hold
from orders.receivables.models import OpenItem
from salesops.users.models import User

from .models import Reminder, ReminderItem
from .queries import with_disputed


def hold_by_letter(account: CreditAccount, letter: Reminder) -> None:
    """Put a locked account on hold for a letter: by who sent it, since its `hold_at`."""
    assert letter.hold_at is not None
    words = _("Reminder “%(title)s” of %(day)s") % {"title": letter.title, "day": letter.made_on}
    begin_hold(account, by=letter.made_by, reason=words, at=letter.hold_at)


def waited_for(account: CreditAccount) -> Any:
    """Return the open items of an account for which it is to be on hold by letters, with `undisputed` of each."""
    first = _letters_that_hold(account).order_by("pk").values("pk")[:1]
    lines = ReminderItem.objects.filter(reminder__customer=account.pk, reminder__gte=Subquery(first), holds=True)
    items = OpenItem.objects.open().filter(customer=account.pk, pk__in=lines.values("item"))
    return with_disputed(items).filter(undisputed__gt=0)


def lift_if_paid(account: CreditAccount, *, by: User | None = None) -> None:
    """Lift a hold that a letter set, once the account waits for nothing any more; the note is by whoever did it, or
    by who sent the letter where it was money.

    Call it with the account locked, after a credit was posted or settled something, or more is disputed. A hold that a
    person set, or set anew, stays.
    """
    if not account.is_on_hold or account.hold_at is None:
        return
    held = Reminder.objects.filter(customer=account.pk, hold_at=account.hold_at).first()
    if held is None or waited_for(account).exists():
        return
    note = _("What %(number)s reminded of is paid or disputed.") % {"number": held.number}
    end_hold(account, by=by or held.made_by, note=note)


def hold_again(account: CreditAccount, item_ids: list[int]) -> None:
    """Put an account on hold anew where it waits for debits that are open again: their payment bounced, or what was
    disputed is not any more.

    It is the hold of the last letter that held, and ends as that would have. Call it with the account locked.
    """
    if account.is_on_hold or not waited_for(account).filter(pk__in=item_ids).exists():
        return
    letter = _letters_that_hold(account).latest("pk")
    hold_by_letter(account, letter)


def _letters_that_hold(account: CreditAccount) -> Any:
    """The letters that put the account on hold since a person let it go, if ever."""
    since = Q(made_at__gt=account.let_go_at) if account.let_go_at else Q()
    return Reminder.objects.filter(since, customer=account.pk, hold_at__isnull=False)
