"""Sending reminders: each customer's letter with its statement, once, in the background."""

from collections.abc import Collection

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers.accounts.models import CreditAccount
from customers.files.models import Customer
from orders.reconciliation.papers import statement_pdf
from orders.reconciliation.statements import issue_statements, read_statement
from salesops.jobs.models import Job
from salesops.jobs.progress import Progress
from salesops.jobs.registry import job_kind
from salesops.jobs.services import start_job
from salesops.kernel.errors import require
from salesops.kernel.numbering import next_number
from salesops.kernel.periods import Period
from salesops.notify.outbox import Attachment, queue_letter
from salesops.users.models import User
from salesops.web.history import recorded

from .holds import hold_by_letter
from .letters import draft, lines_of
from .models import Reminder, ReminderItem, ReminderLevel
from .papers import letter_text, reminder_pdf
from .proposals import late_items, proposals
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
    require(ids, _("Choose whom to remind."), rule="customers", field="customers", asked=len(customer_ids))
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
        result.url = reverse("orders:reminders")
        result.summary = {
            _("Letters"): sent.count(),
            _("By mail"): sent.exclude(sent_to="").count(),
            _("To print"): sent.filter(sent_to="").count(),
            _("Nothing due"): len(ids) - sent.count(),
        }


@transaction.atomic
@recorded
def remind(customer_id: int, *, by: User) -> Reminder | None:
    """Write, keep and queue the letter that is due to a customer today; None where none is, or one was sent today."""
    account = CreditAccount.objects.locked(customer_id)
    today = timezone.localdate()
    mine = Customer.objects.visible_to(by).filter(pk=customer_id)
    due = proposals(today, mine)
    if not due:
        return None
    level = ReminderLevel.objects.get(number=due[0].level)
    items = late_items(today, mine)
    letter = draft(mine.get(), level, items, today)
    lines = lines_of(letter, items)
    if not account.is_on_hold and any(line.holds for line in lines):
        letter.hold_at = timezone.now()
    _keep(letter, lines, by=by)
    if letter.hold_at:
        hold_by_letter(account, letter)
    return letter


def _keep(letter: Reminder, lines: list[ReminderItem], *, by: User) -> None:
    """Number a letter, issue the statement that goes with it, keep both, and queue the mail that brings them."""
    span = Period.last_months(STATEMENT_MONTHS, letter.made_on)
    statement = issue_statements([letter.customer_id], span.start, letter.made_on, by=by)[letter.customer_id]
    letter.number = next_number(Reminder.series, letter.made_on.year)
    letter.statement, letter.made_by = statement, by
    if letter.sent_to:
        letter.mail = queue_letter(
            letter.sent_to,
            f"{letter.title} {letter.title_zh} {letter.number}",
            letter_text(letter, lines),
            attachments=[
                Attachment(f"{letter.number}.pdf", "application/pdf", reminder_pdf(letter, lines)),
                Attachment(f"{statement.number}.pdf", "application/pdf", statement_pdf(read_statement(statement))),
            ],
        )
    letter.save()
    ReminderItem.objects.bulk_create(lines)
