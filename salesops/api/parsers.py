"""Reading the body of a request: JSON, and nothing that breaks what comes after."""

import json
from collections.abc import Mapping
from typing import IO, Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser
from rest_framework.utils.json import strict_constant

ESCAPED_SURROGATE = "\\ud"


class StrictJSONParser(JSONParser):
    """JSON in UTF-8, whatever charset is claimed; no NaN, no half signs, no nesting deeper than what is meant."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """Return what the body says; ParseError where it is no JSON."""
        try:
            text = stream.read().decode("utf-8")
            value = json.loads(text, parse_constant=strict_constant)
            if ESCAPED_SURROGATE in text.lower():
                json.dumps(value, ensure_ascii=False).encode()  # half a pair is no text, and could not be answered
            return value
        except RecursionError:
            raise ParseError(_("The JSON is nested too deep.")) from None
        except ValueError as error:
            raise ParseError(_("This is no JSON: %(error)s") % {"error": error}) from None
