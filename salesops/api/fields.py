"""Fields that several features' serializers share."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers


class Amount(serializers.DecimalField):
    """An amount of money with two decimals, as text: "1200.00"."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=14, decimal_places=2, **kwargs)


class Percent(serializers.DecimalField):
    """A percentage with two decimals, as text: "7.50" is 7.5 %."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=5, decimal_places=2, **kwargs)


class Input(serializers.Serializer[Any]):
    """What a program sends. A name that is not known is said, not ignored: it is a typing error."""

    def to_internal_value(self, data: Any) -> Any:
        """Return the values; ValidationError for unknown names too."""
        if isinstance(data, dict):
            unknown = {str(name): [_("There is no such field.")] for name in data if name not in self.fields}
            if unknown:
                raise serializers.ValidationError(unknown)
        return super().to_internal_value(data)


class NoInput(Input):
    """Nothing has to be sent."""


class NoteInput(Input):
    """A note, if there is something to say."""

    note = serializers.CharField(max_length=2_000, allow_blank=True, default="", trim_whitespace=True)


class ReasonInput(Input):
    """Why."""

    reason = serializers.CharField(max_length=300, help_text="it stands in the books beside what was done")


class Named(serializers.Serializer[Any]):
    """Something with a code and names."""

    code = serializers.CharField()
    name = serializers.CharField()
    name_zh = serializers.CharField()


class Person(serializers.Serializer[Any]):
    """Somebody, by user name."""

    username = serializers.CharField()
    full_name = serializers.CharField()


@extend_schema_field({"type": ["string", "number", "boolean", "null"]})
class Figure(serializers.Field[Any, Any, Any, Any]):
    """A fact: amounts and percentages as text, days as a number, yes and no as such."""

    def to_representation(self, value: Any) -> Any:
        """Return it as JSON holds it."""
        from .errors import plain

        return plain(value)
