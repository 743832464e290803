"""How the product says no: one exception, with words for the person and facts for the curious."""

from typing import Any, TypeVar

Thing = TypeVar("Thing")


class RuleBroken(Exception):
    """A rule of the business does not allow this; the only exception that a page shows.

    `message` is for the person, `rule` names the rule in one word or two, `facts` are the figures behind
    it (name to value), `field` is the form field that the message belongs to, if any.
    """

    def __init__(self, message: Any, *, rule: str = "", field: str = "", **facts: Any) -> None:
        super().__init__(message)
        self.message = message
        self.rule = rule
        self.field = field
        self.facts = facts

    def __str__(self) -> str:
        return str(self.message)


def require(holds: object, message: Any, *, rule: str, field: str = "", **facts: Any) -> None:
    """Raise RuleBroken with the message unless the claim holds."""
    if not holds:
        raise RuleBroken(message, rule=rule, field=field, **facts)


def found(thing: Thing | None, message: Any, *, rule: str = "scope", field: str = "", **facts: Any) -> Thing:
    """Return the thing; raise RuleBroken where there is none."""
    if thing is None:
        raise RuleBroken(message, rule=rule, field=field, **facts)
    return thing
