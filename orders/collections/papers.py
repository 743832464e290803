"""The letter: as PDF, and as the words of the mail that brings it."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings

from orders.reconciliation.papers import amount_text
from salesops.web.figures import day_text
from salesops.web.pdf import render_typst

from .models import Reminder, ReminderItem

TEMPLATE = "orders/collections/reminder.typ"


def reminder_data(reminder: Reminder, lines: Iterable[ReminderItem]) -> dict[str, Any]:
    """Return what stands in the letter, as plain texts."""
    return {
        "company": settings.COMPANY_NAME,
        "currency": settings.CURRENCY,
        "number": reminder.number,
        "date": day_text(reminder.made_on),
        "customer": reminder.name,
        "customer_zh": reminder.name_zh,
        "customer_code": reminder.customer.code,
        "statement": reminder.statement.number,
        "title": reminder.title,
        "title_zh": reminder.title_zh,
        "text": reminder.text,
        "text_zh": reminder.text_zh,
        "amount": amount_text(reminder.amount),
        "lines": [
            {
                "document": line.document,
                "due": day_text(line.due_on),
                "days": str(line.days),
                "level": str(line.level),
                "disputed": amount_text(line.disputed) if line.disputed else "",
                "amount": amount_text(line.amount),
            }
            for line in lines
        ],
    }


def reminder_pdf(reminder: Reminder, lines: Iterable[ReminderItem]) -> bytes:
    """Return the letter as PDF: A4, English and Chinese."""
    return render_typst(TEMPLATE, reminder_data(reminder, lines))


def letter_text(reminder: Reminder, lines: Iterable[ReminderItem]) -> str:
    """Return the words of the mail; letter and statement are attached."""
    rows = [f"{line.document}  {day_text(line.due_on)}  {amount_text(line.amount)}" for line in lines]
    return "\n\n".join(
        [
            f"{reminder.name} {reminder.name_zh}".strip(),
            reminder.text,
            reminder.text_zh,
            "\n".join(rows),
            f"Total 合计: {settings.CURRENCY} {amount_text(reminder.amount)}",
            settings.COMPANY_NAME,
        ]
    )
