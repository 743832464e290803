"""The delivery note: the paper that goes with the goods. English and Chinese, without prices."""

from typing import Any

from django.conf import settings

from salesops.web.figures import day_text, quantity_text
from salesops.web.pdf import render_typst

from .models import Shipment

TEMPLATE = "orders/shipments/note.typ"


def note_data(shipment: Shipment) -> dict[str, Any]:
    """Return what stands on the paper, as plain texts."""
    lines = list(shipment.lines.select_related("line__product"))
    delivery, customer = shipment.delivery, shipment.customer
    return {
        "company": settings.COMPANY_NAME,
        "number": shipment.number,
        "delivery": delivery.number,
        "date": day_text(shipment.shipped_on),
        "customer": customer.name,
        "customer_zh": customer.name_zh,
        "customer_code": customer.code,
        "address": delivery.address,
        "phone": customer.phone,
        "warehouse": shipment.warehouse.name,
        "warehouse_zh": shipment.warehouse.name_zh,
        "carrier": shipment.carrier,
        "tracking": shipment.tracking,
        "note": shipment.note,
        "representative": str(delivery.representative or ""),
        "lines": [
            {
                "position": str(position),
                "sku": part.line.product.sku,
                "name": part.line.product.name,
                "name_zh": part.line.product.name_zh,
                "batch": part.batch,
                "quantity": quantity_text(part.quantity),
                "unit": part.line.product.unit,
            }
            for position, part in enumerate(lines, start=1)
        ],
        "pieces": quantity_text(sum(part.quantity for part in lines)),
    }


def delivery_note(data: dict[str, Any]) -> bytes:
    """Return the paper as a PDF: A4, head and page numbers on each page."""
    return render_typst(TEMPLATE, data)
