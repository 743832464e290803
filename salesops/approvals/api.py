"""What the API says of approvals: the way of a document through them."""

from typing import Any

from rest_framework import serializers


class TimelineStepOut(serializers.Serializer[Any]):
    """One step of a document: what was decided, who decides now, what would still come."""

    look = serializers.CharField(help_text="done, bad, now or next")
    who = serializers.CharField()
    what = serializers.CharField()
    at = serializers.DateTimeField(allow_null=True)
    note = serializers.CharField()
    notes = serializers.ListField(child=serializers.CharField())
    figures = serializers.ListField(child=serializers.CharField())
