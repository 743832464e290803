"""The formula of a reconciliation: our closing balance, what explains the way to theirs, and what does not."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from salesops.kernel.money import ZERO, Money

from .models import Difference, DifferenceReason, DifferenceState, Reconciliation


@dataclass(frozen=True)
class Term:
    """Explained differences of one reason, added up."""

    reason: str
    label: Any
    amount: Money
    count: int

    @property
    def op(self) -> str:
        """The sign that stands before it."""
        return "−" if self.amount < 0 else "+"

    @property
    def size(self) -> Money:
        """The amount without its sign."""
        return abs(self.amount)


@dataclass(frozen=True)
class Formula:
    """ours + terms + unexplained = theirs, always; money in the company's currency."""

    ours: Money
    terms: Sequence[Term]
    theirs: Money
    open_count: int
    accepted: Money | None = None

    @property
    def explained(self) -> Money:
        """All that is explained."""
        return sum((term.amount for term in self.terms), ZERO)

    @property
    def unexplained(self) -> Money:
        """What nothing explains."""
        return self.theirs - self.ours - self.explained

    @property
    def rest(self) -> Term:
        """What nothing explains, as a term."""
        return Term("", "", self.unexplained, self.open_count)

    @property
    def is_accepted(self) -> bool:
        """Whether somebody with the right accepted exactly what is unexplained."""
        return self.accepted is not None and self.accepted == self.unexplained

    @property
    def is_settled(self) -> bool:
        """Whether both sides may sign: nothing is unexplained or left open, or what is was accepted."""
        return self.is_accepted or (not self.unexplained and not self.open_count)


def formula_of(reconciliation: Reconciliation, differences: Iterable[Difference]) -> Formula:
    """Return the formula of what was sent. Theirs is what they say it is; without that, ours and all they state."""
    standing = [one for one in differences if one.state != DifferenceState.WITHDRAWN]
    assert reconciliation.statement is not None
    ours = reconciliation.statement.closing
    theirs = reconciliation.their_closing
    if theirs is None:
        theirs = ours + sum((one.amount for one in standing), ZERO)
    terms = []
    for reason in DifferenceReason:
        own = [one for one in standing if one.reason == reason and one.state == DifferenceState.EXPLAINED]
        if own:
            terms.append(Term(reason, reason.label, sum((one.amount for one in own), ZERO), len(own)))
    open_count = sum(one.state == DifferenceState.OPEN for one in standing)
    return Formula(ours, terms, theirs, open_count, reconciliation.accepted_amount)
