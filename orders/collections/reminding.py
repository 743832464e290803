"""Sending reminders: each customer's letter with its statement, once, in the background; holds, and their end."""

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import F, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers.accounts.models import CreditAccount
from customers.accounts.services import begin_hold, end_hold, put_on_hold
from customers.files.models import Customer
from orders.receivables.models import OpenItem
from orders.reconciliation.papers import statement_pdf
from orders.reconciliation.statements import issue_statements, read_statement
from salesops.jobs.models import Job
from salesops.jobs.progress import Progress
from salesops.jobs.registry import job_kind
from salesops.jobs.services import start_job
from salesops.kernel.errors import require
from salesops.kernel.money import ZERO, MoneyField
from salesops.kernel.numbering import next_number
from salesops.kernel.periods import Period
from salesops.notify.outbox import Attachment, queue_letter
from salesops.users.models import User

from .models import Dispute, Reminder, ReminderItem, ReminderLevel
from .papers import letter_text, reminder_pdf
from .proposals import LateItem, is_due, late_items, open_credits, total
from .services import REMIND

KIND = "orders.reminders"
STATEMENT_MONTHS = 3
"""The statement that goes with a letter is of so many months, today's the last."""


def start_reminders(*, by: User, customer_ids: Collection[int]) -> Job:
    """Have reminders sent to some customers in the background: to each of them one, where one is due by then.

    RuleBroken without the right, or where nobody in scope is named.
    """
    require(by.has_perm(REMIND), _("Finance sends reminders."), rule="permission")
    wanted = Customer.objects.visible_to(by).filter(pk__in=list(customer_ids)).order_by("pk")
    ids = list(wanted.values_list("pk", flat=True))
    require(ids, _("Choose whom to remind."), rule="customers", field="customers")
    title = _("Reminders of %(day)s") % {"day": timezone.localdate()}
    return start_job(KIND, by=by, title=title, params={"customers": ids}, key=KIND)


@job_kind(KIND, label=gettext_lazy("Reminders"), permission=REMIND)
def send(job: Job, progress: Progress) -> None:
    """Send them one by one, each with all its effects in one commit; a second attempt sends those that are left."""
    ids = job.params["customers"]
    owner = job.owner
    assert owner is not None
    for key in progress.over(ids, len(ids), saying=_("Writing letters")):
        remind(key, by=owner)
    sent = Reminder.objects.filter(customer__in=ids, made_on=timezone.localdate())
    with progress.finishing() as result:
        from django.urls import reverse

        result.url = reverse("orders:reminders")
        result.summary = {
            _("Letters"): sent.count(),
            _("By mail"): sent.exclude(sent_to="").count(),
            _("To print"): sent.filter(sent_to="").count(),
            _("Nothing due"): len(ids) - sent.count(),
        }


@transaction.atomic
def remind(customer_id: int, *, by: User) -> Reminder | None:
    """Write, keep and queue the letter that is due to a customer today; None where none is, or one was sent today."""
    account = CreditAccount.objects.locked(customer_id)
    today = timezone.localdate()
    mine = Customer.objects.visible_to(by).filter(pk=customer_id)
    customer = mine.first()
    items = late_items(today, mine)
    if customer is None or not is_due(items) or Reminder.objects.filter(customer=customer, made_on=today).exists():
        return None
    if open_credits(customer_id) >= total(items):
        return None
    level = ReminderLevel.objects.get(number=max(one.level for one in items))
    hold_at = None
    holding = _holding()
    if not account.is_on_hold and any(one.level > one.before and one.level in holding for one in items):
        words = _("Reminder “%(title)s” of %(day)s") % {"title": level.title, "day": today}
        hold_at = put_on_hold(customer_id, by=by, reason=words).hold_at
    return _written(customer, level, items, today, hold_at=hold_at, by=by)


def draft(customer: Customer, level: ReminderLevel, items: list[LateItem], today: date) -> Reminder:
    """Return a letter to a customer as it would leave today, with nothing kept: no number, statement or sender yet."""
    return Reminder(
        customer=customer,
        name=customer.name,
        name_zh=customer.name_zh,
        level=level.number,
        title=level.title,
        title_zh=level.title_zh,
        text=level.text,
        text_zh=level.text_zh,
        made_on=today,
        amount=total(items),
        sent_to=address_of(customer),
    )


def lines_of(reminder: Reminder, items: list[LateItem]) -> list[ReminderItem]:
    """Return the lines of a letter, with nothing kept."""
    return [
        ReminderItem(
            reminder=reminder,
            item_id=one.item_id,
            made_on=reminder.made_on,
            document=one.document,
            due_on=one.due_on,
            days=one.days,
            level=one.level,
            disputed=one.disputed,
            amount=one.amount,
        )
        for one in items
    ]


def _written(
    customer: Customer, level: ReminderLevel, items: list[LateItem], today: date, *, hold_at: Any, by: User
) -> Reminder:
    span = Period.last_months(STATEMENT_MONTHS, today)
    statement = issue_statements([customer.pk], span.start, today, by=by)[customer.pk]
    reminder = draft(customer, level, items, today)
    reminder.number = next_number(Reminder.series, today.year)
    reminder.statement, reminder.hold_at, reminder.made_by = statement, hold_at, by
    lines = lines_of(reminder, items)
    if reminder.sent_to:
        reminder.mail = queue_letter(
            reminder.sent_to,
            f"{reminder.title} {reminder.title_zh} {reminder.number}",
            letter_text(reminder, lines),
            attachments=[
                Attachment(f"{reminder.number}.pdf", "application/pdf", reminder_pdf(reminder, lines)),
                Attachment(f"{statement.number}.pdf", "application/pdf", statement_pdf(read_statement(statement))),
            ],
        )
    reminder.save()
    ReminderItem.objects.bulk_create(lines)
    return reminder


def address_of(customer: Customer) -> str:
    """Return where a customer's letters go: its own address, or else that of its first contact who has one."""
    contacts = sorted(customer.contacts.all(), key=lambda one: one.pk)
    return str(customer.email) or next((str(one.email) for one in contacts if one.email), "")


def _holding() -> set[int]:
    """The levels that put an account on hold."""
    return set(ReminderLevel.objects.filter(holds=True).values_list("number", flat=True))


def lift_if_paid(account: CreditAccount) -> None:
    """Lift a hold that a reminder set, once nothing is open any more that it or a later letter reminded of at such a
    level for the first time; what is disputed is not waited for.

    Call it with the account locked, after a credit was posted or settled something. A hold that a person set, or set
    anew, stays.
    """
    if not account.is_on_hold or account.hold_at is None:
        return
    held = Reminder.objects.filter(customer=account.pk, hold_at=account.hold_at).first()
    if held is None:
        return
    lines = ReminderItem.objects.filter(reminder__customer=account.pk, level__in=_holding() | {held.level})
    before = lines.filter(reminder__lt=held.pk).values("item")
    reminded = lines.filter(reminder__gte=held.pk).exclude(item__in=before).values("item")
    disputes = Dispute.objects.open().filter(item=OuterRef("pk")).order_by().values("item")
    disputed = Coalesce(
        Subquery(disputes.annotate(total=Sum("amount")).values("total")), ZERO, output_field=MoneyField()
    )
    if (
        OpenItem.objects.open()
        .filter(pk__in=reminded)
        .annotate(disputed=disputed)
        .filter(open_amount__gt=F("disputed"))
        .exists()
    ):
        return
    end_hold(account, by=held.made_by, note=_("What %(number)s reminded of is paid.") % {"number": held.number})


def hold_again(account: CreditAccount, item_ids: list[int]) -> None:
    """Put an account on hold anew where debits are open again for which a letter had done so: their payment bounced.

    It is the hold of that letter, and ends as it would have. Call it with the account locked.
    """
    if account.is_on_hold:
        return
    levels = _holding()
    letters = Reminder.objects.filter(customer=account.pk, hold_at__isnull=False)
    letter = letters.filter(lines__item__in=item_ids, lines__level__in=levels).order_by("-pk").first()
    if letter is None or letter.hold_at is None:
        return
    words = _("Reminder “%(title)s” of %(day)s") % {"title": letter.title, "day": letter.made_on}
    begin_hold(account, by=letter.made_by, reason=words, at=letter.hold_at)
