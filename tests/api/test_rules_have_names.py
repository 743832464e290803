"""Every rule has a name, by which a program knows it."""

import ast

import pytest

from tests.support.database import PACKAGES, ROOT


def nameless(source: str) -> list[int]:
    """The lines on which a rule is claimed or broken without its name."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    return [
        call.lineno
        for call in calls
        if isinstance(call.func, ast.Name) and call.func.id in ("require", "RuleBroken") and not _has_name(call)
    ]


def _has_name(call: ast.Call) -> bool:
    named = [keyword.value for keyword in call.keywords if keyword.arg == "rule"]
    return bool(named) and not (isinstance(named[0], ast.Constant) and not named[0].value)


@pytest.mark.parametrize("package", PACKAGES)
def test_every_rule_has_a_name(package: str) -> None:
    found = {str(file.relative_to(ROOT)): nameless(file.read_text()) for file in (ROOT / package).rglob("*.py")}
    assert not {file: lines for file, lines in found.items() if lines}


def test_a_rule_without_a_name_is_found() -> None:
    assert nameless('require(a, "no")\nrequire(a, "no", rule="")\nraise RuleBroken("no", field="x")') == [1, 2, 3]
