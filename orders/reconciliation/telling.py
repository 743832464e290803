"""Who is told what of a reconciliation."""

from collections.abc import Iterable
from functools import partial
from typing import Any

from django.utils.translation import gettext_lazy as _

from orders.adjustments.models import Adjustment
from salesops.notify.registry import NoticeKind, notice_kinds
from salesops.notify.services import Message, notify, notify_each
from salesops.users.models import User
from salesops.web.figures import day_text

from .models import Reconciliation

PUBLISHED = notice_kinds.add(
    NoticeKind("reconciliation.published", _("A statement waits for my confirmation"), email_by_default=True, order=40)
)
ANSWERED = notice_kinds.add(
    NoticeKind(
        "reconciliation.answered",
        _("A customer answered a statement"),
        permission="orders.run_reconciliation",
        order=41,
    )
)
SIGNED = notice_kinds.add(NoticeKind("reconciliation.signed", _("The company signed my reconciliation"), order=42))
REFUSED = notice_kinds.add(
    NoticeKind(
        "reconciliation.adjustment_refused",
        _("An adjustment that a difference needs was not posted"),
        permission="orders.run_reconciliation",
        order=42,
    )
)


FIRST = _("Please confirm your account, %(period)s")
AGAIN = _("Reminder: your account, %(period)s")
UNTIL = _("Confirm it, or state what differs, until %(day)s.")


def _in_words(words: Any, facts: dict[str, Any]) -> str:
    return str(words) % facts


def of_publication(sent: Iterable[Reconciliation], *, again: bool = False) -> int:
    """Tell the people of each customer that its statement waits; returns how many customers have nobody to tell."""
    sent = list(sent)
    people: dict[int, list[User]] = {}
    for user in User.objects.filter(is_active=True, customer__in=[one.customer_id for one in sent]):
        people.setdefault(user.customer_id or 0, []).append(user)
    told = [one for one in sent if one.customer_id in people]
    facts = {one.pk: {"period": one.round.period, "day": day_text(one.round.answer_by)} for one in told}
    notify_each(
        PUBLISHED.key,
        [
            Message(
                people[one.customer_id],
                partial(_in_words, AGAIN if again else FIRST, facts[one.pk]),
                one.get_absolute_url(),
                partial(_in_words, UNTIL, facts[one.pk]),
            )
            for one in told
        ],
    )
    return sum(one.customer_id not in people for one in sent)


def of_answer(one: Reconciliation, by: User) -> None:
    """Tell who opened the round that the customer said something; once until it is read."""
    facts = {"customer": one.customer, "number": one.number}
    notify(
        ANSWERED.key,
        to=[one.round.opened_by],
        title=partial(_in_words, _("%(customer)s answered %(number)s"), facts),
        text=_("See what differs, or sign."),
        url=one.get_absolute_url(),
        dedupe=f"{ANSWERED.key}/{one.pk}",
    )


def of_our_signature(one: Reconciliation, by: User) -> None:
    """Tell the customer's people that the company signed."""
    people = User.objects.filter(is_active=True, customer=one.customer_id)
    facts = {"number": one.number, "period": one.round.period}
    notify(
        SIGNED.key,
        to=people,
        title=partial(_in_words, _("%(number)s, %(period)s, is signed by the company"), facts),
        text=_("Sign it too, or print the letter once both sides have."),
        url=one.get_absolute_url(),
    )


def of_refused_adjustment(one: Reconciliation, adjustment: Adjustment) -> None:
    """Tell who opened the round that a difference needs something else than the adjustment that was asked for."""
    facts = {"adjustment": adjustment.number, "number": one.number}
    notify(
        REFUSED.key,
        to=[one.round.opened_by],
        title=partial(_in_words, _("%(adjustment)s does not put the difference of %(number)s right"), facts),
        text=_("Both sides have signed it.") if one.is_frozen else _("The difference is open again."),
        url=one.get_absolute_url(),
    )
