"""Statement and letter on paper, and the statement as a sheet: the same numbers as on the screen."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from orders.receivables.ageing import EDGES
from salesops.web.excel import Column, Sheet
from salesops.web.figures import day_text, moment_text
from salesops.web.pdf import render_typst

from .formula import formula_of
from .models import DifferenceState, Reconciliation
from .statements import Issued, read_statement

STATEMENT = "orders/reconciliation/statement.typ"
LETTER = "orders/reconciliation/letter.typ"


def amount_text(amount: Any) -> str:
    """Return an amount as it stands on paper: 1,200.50, −3.00."""
    return f"{amount:,.2f}".replace("-", "−")


def age_labels() -> list[str]:
    """Return what the columns of an ageing are called on paper, in both languages."""
    labels = ["Not due 未到期"]
    labels += [f"{first + 1}–{last} d 天" for first, last in pairwise((0, *EDGES))]
    return [*labels, f"> {EDGES[-1]} d 天"]


def statement_data(issued: Issued) -> dict[str, Any]:
    """Return what stands on a statement, as plain texts."""
    head = issued.issued
    return {
        "company": settings.COMPANY_NAME,
        "currency": settings.CURRENCY,
        "number": head.number,
        "date": day_text(head.issued_at),
        "customer": head.name,
        "customer_zh": head.name_zh,
        "customer_code": head.customer.code,
        "first_day": day_text(head.first_day),
        "last_day": day_text(head.last_day),
        "opening": amount_text(head.opening),
        "debits": amount_text(head.debits),
        "credits": amount_text(head.credits),
        "closing": amount_text(head.closing),
        "lines": [
            {
                "date": day_text(entry.posted_on),
                "document": entry.document,
                "text": entry.what,
                "debit": amount_text(entry.debit) if entry.debit else "",
                "credit": amount_text(entry.credit) if entry.credit else "",
                "balance": amount_text(entry.running),  # type: ignore[attr-defined]
            }
            for entry in issued.statement.entries.iterator(chunk_size=2000)
        ],
        "ageing": [
            {"label": label, "amount": amount_text(amount)}
            for label, amount in zip(age_labels(), issued.debits_by_age, strict=True)
        ],
        "unallocated": amount_text(issued.unallocated),
        "hash": head.sha256,
    }


def statement_pdf(issued: Issued) -> bytes:
    """Return a statement as PDF."""
    return render_typst(STATEMENT, statement_data(issued))


def statement_sheet(issued: Issued) -> Sheet:
    """Return the sheet of a statement; debits and credits are summed by formulas."""
    head = issued.issued
    columns = [
        Column(_("Date"), "date", 12),
        Column(_("Document"), "text", 20),
        Column(_("What"), "text", 44),
        Column(pgettext("ledger", "Debit"), "money", 16),
        Column(pgettext("ledger", "Credit"), "money", 16),
        Column(_("Balance"), "money", 16, total=False),
    ]
    facts = [
        (_("Customer"), f"{head.customer.code} {head.name} {head.name_zh}".strip()),
        (_("Period"), f"{day_text(head.first_day)} – {day_text(head.last_day)}"),
        (_("Opening balance"), f"{head.opening:,.2f}"),
        (_("Closing balance"), f"{head.closing:,.2f}"),
        (_("Issued"), f"{moment_text(head.issued_at)}, {settings.COMPANY_NAME}"),
    ]
    return Sheet(_("Statement %(number)s") % {"number": head.number}, columns, _rows(issued), facts)


def _rows(issued: Issued) -> Iterator[Sequence[Any]]:
    yield [issued.issued.first_day, "", _("Opening balance"), None, None, issued.issued.opening]
    for entry in issued.statement.entries.iterator(chunk_size=2000):
        yield [
            entry.posted_on,
            entry.document,
            entry.what,
            entry.debit or None,
            entry.credit or None,
            entry.running,  # type: ignore[attr-defined]
        ]


def letter_data(one: Reconciliation) -> dict[str, Any]:
    """Return what stands in the letter that both sides signed, as plain texts."""
    assert one.statement is not None
    differences = list(one.differences.standing().select_related("entry"))
    formula = formula_of(one, differences)
    statement = statement_data(read_statement(one.statement))
    return {
        **{name: statement[name] for name in ("company", "currency", "customer", "customer_zh", "customer_code")},
        "number": one.number,
        "statement": statement["number"],
        "hash": statement["hash"],
        "first_day": statement["first_day"],
        "last_day": statement["last_day"],
        "ours": amount_text(formula.ours),
        "theirs": amount_text(formula.theirs),
        "unexplained": amount_text(formula.unexplained) if formula.unexplained else "",
        "accepted": one.accepted_reason if formula.is_accepted else "",
        "differences": [
            {
                "document": str(difference.at),
                "what": str(difference.get_kind_display()),
                "reason": str(difference.get_reason_display() or ""),
                "note": difference.note or difference.text,
                "posted": difference.resolution,
                "evidence": difference.file_name,
                "amount": amount_text(difference.amount),
            }
            for difference in differences
            if difference.state == DifferenceState.EXPLAINED
        ],
        "signatures": [
            {"side": side, "name": str(signer or ""), "at": moment_text(at) if at else "", "from": address}
            for side, signer, at, address in (
                (statement["company"], one.our_signer, one.our_signed_at, one.our_signed_from),
                (statement["customer"], one.their_signer, one.their_signed_at, one.their_signed_from),
            )
        ],
    }


def letter_pdf(one: Reconciliation) -> bytes:
    """Return the letter as PDF."""
    return render_typst(LETTER, letter_data(one))
