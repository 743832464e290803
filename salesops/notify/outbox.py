"""Putting mails into the queue; they leave after the commit, when the person's quiet hours allow."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from salesops.users.models import User

from .hours import allowed_from
from .letters import Letter
from .models import TITLE_LENGTH, MailAttachment, MailSettings, OutgoingMail

logger = logging.getLogger(__name__)


def queue_mails(mails: Sequence[tuple[User, Letter]]) -> list[OutgoingMail]:
    """Queue a letter for each person, in three queries however many they are; people without an address get none."""
    addressed = [(user, letter) for user, letter in mails if user.email]
    if not addressed:
        return []
    now = timezone.now()
    settings = MailSettings.objects.in_bulk([user.pk for user, _letter in addressed])
    queued = OutgoingMail.objects.bulk_create(
        [
            OutgoingMail(
                to=user.email,
                user=user,
                subject=letter.subject,
                body=letter.body,
                created_at=now,
                not_before=allowed_from(now, settings.get(user.pk)),
            )
            for user, letter in addressed
        ]
    )
    if any(mail.not_before <= now for mail in queued):
        transaction.on_commit(_send_soon)
    return queued


@dataclass(frozen=True)
class Attachment:
    """A file that goes with a letter."""

    name: str
    content_type: str
    content: bytes


def queue_letter(
    to: str, subject: str, body: str, *, attachments: Sequence[Attachment] = (), secret: str = ""
) -> OutgoingMail:
    """Queue a letter of the company to an address outside, with files; it leaves after the commit.

    `secret` is a word of the body that opens something; it goes from what is kept when the mail has left.
    """
    now = timezone.now()
    line = " ".join(subject.split())[:TITLE_LENGTH]
    mail = OutgoingMail.objects.create(to=to, subject=line, body=body, secret=secret, created_at=now, not_before=now)
    MailAttachment.objects.bulk_create(
        MailAttachment(mail=mail, name=one.name, content_type=one.content_type, content=one.content)
        for one in attachments
    )
    transaction.on_commit(_send_soon)
    return mail


def _send_soon() -> None:
    """Ask a worker to send what waits. Where the broker is down, the scheduled sending finds it a little later."""
    from .tasks import send_waiting_mail

    try:
        send_waiting_mail.delay()
    except OperationalError:
        logger.warning("the broker does not answer: mails wait for the next scheduled sending")
