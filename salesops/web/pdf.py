"""Paper: a typst template and plain data become a PDF.

    render_typst("orders/shipments/note.typ", {"number": "SH-2026-000001", "lines": [...]})

The template reads the data by `#let data = json(bytes(sys.inputs.data))`: nobody's text ever becomes typst source.
"""

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.utils.http import content_disposition_header


def render_typst(template: str, data: dict[str, Any]) -> bytes:
    """Return the PDF of a template under templates/, with what `data` says (JSON: texts, numbers, lists, mappings).

    Fonts are those of the product (Noto Sans SC, which has Latin and Chinese), never those of the machine.
    """
    import typst  # 80 MB of library: only the process that prints loads it
    from pylopdf_fonts_zh_cn import sans_path

    root = Path(settings.BASE_DIR) / "templates"
    made = typst.compile(
        str(root / template),
        root=str(root),
        font_paths=[str(Path(sans_path()).parent)],
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
    )
    assert isinstance(made, bytes)
    return made


def pdf_response(content: bytes, filename: str) -> HttpResponse:
    """Return a PDF that the browser shows, and keeps under that name.

    Its address is exempt from the content policy of pages (`csp_exempt` in urls.py): browsers would apply that to their
    own viewer, which then stays empty.
    """
    headers = {
        "Content-Disposition": content_disposition_header(False, filename) or "inline",
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(content, content_type="application/pdf", headers=headers)
