"""The OpenAPI schema as it is served: made once by each process, since nothing in it differs between requests."""

from functools import cache
from typing import Any

from django.conf import settings
from django.utils import translation
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.views import SpectacularJSONAPIView


@cache
def schema_in(language: str) -> Any:
    """Make the schema in one of the product's languages: most of a second's work, done once."""
    with translation.override(language):
        return SchemaGenerator().get_schema(public=True)


class KeptSchema(SchemaGenerator):
    """Answers the kept schema of the request's language, whatever else the request asks for."""

    def get_schema(self, request: Any = None, public: bool = False) -> Any:
        language = translation.get_language() or ""
        return schema_in(language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE)


class SchemaPage(SpectacularJSONAPIView):
    """The schema for programs, to everybody."""

    authentication_classes = ()
    permission_classes = ()
    generator_class = KeptSchema
