"""Sending the mails that wait: each exactly once, as far as a mail server lets anybody promise that."""

import logging
import smtplib
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.utils import timezone

from .models import MailState, OutgoingMail

logger = logging.getLogger(__name__)

TIMEOUT_SECONDS = 20
MOST_AT_ONCE = 500
A_MINUTE = timedelta(minutes=1)
RETRY_MINUTES = (1, 5, 15, 60, 180, 360, 720)
"""How long a refused mail waits before the next attempt; after the last one it has failed."""


def send_due_mails() -> int:
    """Send the mails whose time has come, or keep them here where no mail server is set. Return how many left.

    A mail's row stays locked while it is sent, and others skip it: two senders never send the same one. A mail whose
    sender dies between the server's yes and our commit goes out again with the same Message-ID. While the server
    cannot be reached, mails wait without counting an attempt.
    """
    if not settings.EMAIL_URL:
        return _keep_due_mails()
    connection = get_connection(timeout=TIMEOUT_SECONDS)
    sent = 0
    try:
        connection.open()
        for _turn in range(MOST_AT_ONCE):
            outcome = _send_next(connection)
            if outcome is None:
                break
            sent += outcome
    except (OSError, smtplib.SMTPException) as error:
        logger.warning("mails wait, the mail server cannot be reached: %s", error)
        _note_on_waiting(error)
    finally:
        _close(connection)
    return sent


def _keep_due_mails() -> int:
    due = OutgoingMail.objects.due(timezone.now())
    return OutgoingMail.objects.filter(pk__in=due.values("pk")).update(state=MailState.KEPT)


def _send_next(connection: Any) -> bool | None:
    """Send the oldest mail that nobody else sends; None when there is none, False when it was refused."""
    with transaction.atomic():
        mail = OutgoingMail.objects.due(timezone.now()).select_for_update(skip_locked=True).first()
        if mail is None:
            return None
        try:
            message_for(mail, connection).send()
        except (smtplib.SMTPServerDisconnected, smtplib.SMTPSenderRefused):
            raise
        except (smtplib.SMTPRecipientsRefused, smtplib.SMTPResponseException, ValueError) as error:
            _note_refusal(mail, error)
            return False
        mail.state, mail.sent_at, mail.error = MailState.SENT, timezone.now(), ""
        mail.attempts += 1
        mail.forget_secret()
        mail.save(update_fields=["state", "sent_at", "error", "attempts", "body", "secret"])
        return True


def message_for(mail: OutgoingMail, connection: Any = None) -> EmailMessage:
    """Return the message of a mail. Its Message-ID is the same at each attempt, so that a mail server can tell."""
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    message = EmailMessage(
        mail.subject,
        mail.body,
        to=[mail.to],
        connection=connection,
        headers={
            "Message-ID": f"<mail-{mail.pk}-{mail.created_at:%Y%m%d%H%M%S}@{host}>",
            "Auto-Submitted": "auto-generated",
        },
    )
    for file in mail.attachments.all():
        message.attach(file.name, bytes(file.content), file.content_type)
    return message


def _note_refusal(mail: OutgoingMail, error: Exception) -> None:
    """Note why the server did not take a mail: for good, or for now and then with a longer wait each time."""
    mail.attempts += 1
    mail.error = _in_words(error)
    if _is_final(error) or mail.attempts > len(RETRY_MINUTES):
        mail.state = MailState.FAILED
        mail.forget_secret()
    else:
        mail.not_before = timezone.now() + RETRY_MINUTES[mail.attempts - 1] * A_MINUTE
    mail.save(update_fields=["attempts", "error", "state", "not_before", "body", "secret"])


def _codes(error: Exception) -> list[int]:
    """The answers of the server; none where the mail itself could not be written."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return [code for code, _words in error.recipients.values()]
    return [error.smtp_code] if isinstance(error, smtplib.SMTPResponseException) else []


def _is_final(error: Exception) -> bool:
    """Whether trying again is of no use: the server said 5xx, or the mail cannot be written at all."""
    return all(code >= 500 for code in _codes(error))


def _in_words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return "; ".join(f"{code} {_text(words)}" for code, words in error.recipients.values())
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_text(error.smtp_error)}"
    return str(error)


def _text(words: bytes | str) -> str:
    return words.decode(errors="replace") if isinstance(words, bytes) else words


def _note_on_waiting(error: Exception) -> None:
    """Let the outbox page say why the oldest mail has not left, and let another one try first next time.

    No attempt is counted: the mail is not to blame.
    """
    with transaction.atomic():
        mail = OutgoingMail.objects.due(timezone.now()).select_for_update(skip_locked=True).first()
        if mail:
            mail.error, mail.not_before = _in_words(error), timezone.now() + A_MINUTE
            mail.save(update_fields=["error", "not_before"])


def _close(connection: Any) -> None:
    try:
        connection.close()
    except (OSError, smtplib.SMTPException) as error:
        logger.info("the mail server did not say good-bye: %s", error)
