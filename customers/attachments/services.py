"""Every change to the papers of a customer's file, and the warning before they expire."""

from dataclasses import asdict, dataclass
from datetime import date, timedelta

from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers.files.models import Attachment
from salesops.kernel.errors import require
from salesops.kernel.periods import REMEMBERED_YEARS, require_meant
from salesops.notify.services import notify
from salesops.users.models import User
from salesops.web.figures import day_text
from salesops.web.history import recorded

from .uploads import check_upload, tidy_name

WARN_DAYS = 30
"""How long before a paper expires its representative is told."""


@dataclass(frozen=True)
class PaperInput:
    """What is written about a paper."""

    title: str
    paper: str = Attachment.Paper.LICENCE
    number: str = ""
    valid_from: date | None = None
    valid_until: date | None = None


@transaction.atomic
@recorded
def add_attachment(customer_id: int, given: PaperInput, *, by: User, file: UploadedFile | None = None) -> Attachment:
    """Add a paper, with its file where there is one; the file is known by its content and kept under a random name."""
    _check(given)
    attachment = Attachment(customer_id=customer_id, added_by=by, **asdict(given))
    if file is not None:
        _take(attachment, file)
    attachment.save()
    return attachment


@transaction.atomic
@recorded
def change_attachment(
    attachment_id: int, given: PaperInput, *, by: User, file: UploadedFile | None = None
) -> Attachment:
    """Write a paper anew; a new file takes the place of the old. With another last day it is warned of again."""
    _check(given)
    attachment = Attachment.objects.select_for_update(of=("self",)).get(pk=attachment_id)
    if given.valid_until != attachment.valid_until:
        attachment.warned_on = None
    for name, value in asdict(given).items():
        setattr(attachment, name, value)
    if file is not None:
        _discard_later(attachment.file.name)
        _take(attachment, file)
    attachment.save()
    return attachment


@transaction.atomic
@recorded
def remove_attachment(attachment_id: int, *, by: User) -> None:
    """Remove a paper and its file; the history keeps what it was."""
    attachment = Attachment.objects.select_for_update(of=("self",)).get(pk=attachment_id)
    _discard_later(attachment.file.name)
    attachment.delete()


def warn_of_expiring(today: date | None = None) -> int:
    """Tell representatives once of each paper that expires within WARN_DAYS or has expired; return how many."""
    today = today or timezone.localdate()
    told = 0
    for attachment_id in expiring(today).values_list("pk", flat=True):
        told += _warn(attachment_id, today)
    return told


def expiring(today: date) -> QuerySet[Attachment]:
    """Papers of active customers that expire soon, or already have, and that nobody was told of."""
    return Attachment.objects.filter(
        valid_until__lte=today + timedelta(WARN_DAYS),
        warned_on=None,
        customer__is_active=True,
        customer__representative__is_active=True,
    ).order_by("pk")


@transaction.atomic
def _warn(attachment_id: int, today: date) -> bool:
    rows = expiring(today).select_for_update(of=("self",), skip_locked=True)
    attachment = rows.select_related("customer__representative").filter(pk=attachment_id).first()
    if attachment is None:
        return False
    customer = attachment.customer
    assert customer.representative is not None
    days = attachment.days_left(today) or 0
    facts = {"paper": attachment.title, "customer": customer.name, "day": day_text(attachment.valid_until)}
    title = _("“%(paper)s” of %(customer)s expires on %(day)s")
    if days < 0:
        title = _("“%(paper)s” of %(customer)s expired on %(day)s")
    notify(
        "attachment.expiring",
        to=[customer.representative],
        title=lambda: str(title) % facts,
        text=_("Ask the customer for the new one, and put it into the file."),
        url=customer.get_absolute_url(),
        dedupe=f"attachment.expiring/{attachment.pk}/{attachment.valid_until}",
    )
    attachment.warned_on = today
    attachment.save(update_fields=["warned_on"])
    return True


def _check(given: PaperInput) -> None:
    require(given.title.strip(), _("A paper has a title."), field="title", rule="title")
    require_meant(given.valid_from, field="valid_from", years=REMEMBERED_YEARS)
    require_meant(given.valid_until, field="valid_until", years=REMEMBERED_YEARS)
    require(
        not (given.valid_from and given.valid_until) or given.valid_until >= given.valid_from,
        _("It cannot end before it starts."),
        field="valid_until",
        rule="days",
    )


def _take(attachment: Attachment, file: UploadedFile) -> None:
    kind = check_upload(file)
    attachment.file_name = tidy_name(file.name or "", kind)
    attachment.file_type, attachment.file_size = kind.media_type, file.size or 0
    attachment.file.save(f"paper{kind.ending}", file, save=False)


def _discard_later(name: str | None) -> None:
    """Delete a file once the change is certain."""
    if name:
        transaction.on_commit(lambda: default_storage.delete(name))
