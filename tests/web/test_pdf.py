"""Paper out of templates and data."""

from pathlib import Path
from typing import Any

import pytest

from salesops.web.pdf import pdf_response, render_typst


@pytest.fixture
def template(settings: Any, tmp_path: Path) -> str:
    settings.BASE_DIR = tmp_path
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "page.typ").write_text(
        '#set text(font: "Noto Sans SC")\n#let data = json(bytes(sys.inputs.data))\n#data.words', encoding="utf-8"
    )
    return "page.typ"


def test_data_becomes_text_and_never_layout(template: str) -> None:
    assert render_typst(template, {"words": '#panic("no") 你好 $x$'}).startswith(b"%PDF")


def test_what_a_template_asks_for_and_is_not_there_fails_loudly(template: str) -> None:
    with pytest.raises(Exception, match="words"):
        render_typst(template, {})


def test_a_pdf_opens_in_the_browser_under_its_name() -> None:
    response = pdf_response(b"%PDF", "送货单 SH-1.pdf")
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"].startswith("inline")
    assert "utf-8''" in response["Content-Disposition"].lower()
