"""The picture that an authenticator app reads, as SVG without style or script."""

import qrcode
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

MARGIN = 4
"""White modules around it, as readers of the picture expect."""


def qr_picture(text: str) -> SafeString:
    """Return a text as a QR picture: one path of squares on white, in either theme."""
    code = qrcode.QRCode(border=0)
    code.add_data(text)
    rows: list[list[bool]] = code.get_matrix()
    size = len(rows) + 2 * MARGIN
    squares = "".join(
        f"M{x + MARGIN} {y + MARGIN}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark
    )
    return format_html(
        '<svg class="so-qr" viewBox="0 0 {size} {size}" role="img" aria-label="{words}" shape-rendering="crispEdges">'
        '<rect width="{size}" height="{size}" fill="#fff"/><path d="{squares}" fill="#000"/></svg>',
        size=size,
        words=_("Picture for the authenticator app"),
        squares=mark_safe(squares),  # noqa: S308  figures of our own
    )
