"""What the API says of approvals: the way of a document through them, and where a decision left it."""

from typing import Any

from rest_framework import serializers

from salesops.api.fields import Amount

from .models import RequestState


class TimelineStepOut(serializers.Serializer[Any]):
    """One step of a document: what was decided, who decides now, what would still come."""

    look = serializers.CharField(help_text="done, bad, now or next")
    who = serializers.CharField()
    what = serializers.CharField()
    at = serializers.DateTimeField(allow_null=True)
    note = serializers.CharField()
    notes = serializers.ListField(child=serializers.CharField())
    figures = serializers.ListField(child=serializers.CharField())


class DecisionOut(serializers.Serializer[Any]):
    """Where the document stands after the decision."""

    number = serializers.CharField()
    state = serializers.ChoiceField(choices=RequestState.choices)
    waits_for = serializers.CharField(source="role", help_text="the role that decides next; empty: nobody")
    amount = Amount(allow_null=True)
