"""Reading the body of a request: JSON, and nothing that breaks what comes after."""

import json
from collections.abc import Mapping
from typing import IO, Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser
from rest_framework.utils.json import strict_constant


class StrictJSONParser(JSONParser):
    """JSON in UTF-8, whatever charset is claimed; no NaN, no nesting that is deeper than anything that is meant."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """Return what the body says; ParseError where it is no JSON."""
        try:
            return json.loads(stream.read().decode("utf-8"), parse_constant=strict_constant)
        except RecursionError:
            raise ParseError(_("The JSON is nested too deep.")) from None
        except ValueError as error:
            raise ParseError(_("This is no JSON: %(error)s") % {"error": error}) from None
