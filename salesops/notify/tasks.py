"""Tasks of the mail queue; each does one service call and may run at any time, in any number."""

from celery import shared_task

from .digest import make_digests
from .sending import send_due_mails


@shared_task
def send_waiting_mail() -> None:
    """Send the mails whose time has come; runs after commits and every half minute."""
    send_due_mails()


@shared_task
def send_digests() -> None:
    """Put each person's notices of the day into one mail, at the person's hour; runs every quarter of an hour."""
    make_digests()
