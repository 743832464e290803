"""What the engine knows of a document: its facts, how it is locked, and what a decision does to it."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from django.utils.functional import Promise

from salesops.users.models import User

if TYPE_CHECKING:
    from .models import Request

Text = str | Promise
Facts = dict[str, Any]


@dataclass(frozen=True)
class Fact:
    """A figure of a document that a policy may speak of. `kind` is money, percent, days, count or yes.

    `short` follows the figure where there is little room: 2.2% of 5.0% *over the limit*.
    """

    name: str
    label: Text
    kind: str = "money"
    short: Text = ""


@dataclass(frozen=True)
class Subject:
    """What a request says of its document: whom it is about, how much, and whose it is."""

    number: str
    title: str
    title_zh: str = ""
    amount: Decimal | None = None
    customer_id: int | None = None
    owner: User | None = None
    region_id: int | None = None
    author_id: int | None = None
    writer_id: int | None = None


@dataclass(frozen=True)
class Flag:
    """Why a request deserves a second look; tone is bad, warn or info."""

    icon: str
    text: Text
    title: Text
    tone: str = "warn"


@dataclass(frozen=True)
class Case:
    """What the case page shows of one request: a template and its context, with the facts as they are now.

    `amount` is what an approval would approve; `changes` are the form fields that an approval sends along;
    `may_trim` offers the decider to change the document; `is_trimmed` says that the figures are of a changed one.
    """

    template: str
    document: Any
    facts: Facts
    amount: Decimal | None = None
    context: Mapping[str, Any] = field(default_factory=dict)
    changes: Mapping[str, int] = field(default_factory=dict)
    may_trim: bool = False
    is_trimmed: bool = False


class DocumentType(ABC):
    """A type of document that passes through approval. Registered once, by the app that owns the document."""

    key: ClassVar[str]
    label: ClassVar[Text]
    plural: ClassVar[Text]
    icon: ClassVar[str] = "file"
    permission: ClassVar[str] = ""
    """What a reader needs to see requests of this type that wait for somebody else."""
    facts: ClassVar[tuple[Fact, ...]] = ()
    posts_at_once: ClassVar[bool] = False
    """Whether the last approval posts to the ledger: such a document is decided before its month is closed."""
    first_stages: ClassVar[tuple[dict[str, Any], ...]] = ()
    """The stages of the policy that a new company starts with: role, hours, conditions."""
    first_stops: ClassVar[tuple[dict[str, Any], ...]] = ()

    @abstractmethod
    def lock(self, object_id: int) -> Any:
        """Return the document with everything locked that a decision may change, in the fixed order of locks."""

    @abstractmethod
    def subject(self, document: Any) -> Subject:
        """Return what the request says of the document."""

    @abstractmethod
    def facts_of(self, document: Any) -> Facts:
        """Return the facts as they are now, one value for each name in `facts`."""

    @abstractmethod
    def approved(self, document: Any, *, by: User | None) -> None:
        """Put the last approval into effect. Raises RuleBroken, and then nothing of the decision stands."""

    @abstractmethod
    def ended(self, document: Any, *, verdict: str, by: User, note: str) -> None:
        """Put a rejection, a return for change or a withdrawal into effect."""

    @abstractmethod
    def case(self, request: "Request", reader: User, asked: Mapping[str, str]) -> Case:
        """Return what the case page shows of the document; `asked` are the changes that the decider tries out."""

    def changes_from(self, sent: Mapping[str, str]) -> dict[str, Any]:
        """Return the changes that a decision's form sends along; RuleBroken where they make no sense."""
        return {}

    def change(self, document: Any, changes: Mapping[str, Any], *, by: User) -> None:
        """Let the decider change the document before approving, for example trim quantities."""
        raise NotImplementedError(f"a {self.key} is not changed by who decides on it")

    def excess(self, facts: Facts) -> Facts:
        """Return the facts that an approval accepts beyond what is normal; empty where nothing is exceeded."""
        return {}

    def stop_reason(self, document: Any, fact: str) -> Text:
        """Return the words for a fact that stops the document whoever decides."""
        return next(known.label for known in self.facts if known.name == fact)

    def has_room(self, facts: Facts) -> bool:
        """Whether a request that was put aside may come back to the desk."""
        return not self.excess(facts)

    def flags(self, requests: "Iterable[Request]") -> dict[int, list[Flag]]:
        """Return the flags of several requests by request id, in a constant number of queries."""
        return {}


_types: dict[str, DocumentType] = {}


def register(document_type: type[DocumentType]) -> type[DocumentType]:
    """Make a type of document known to the engine; use as a class decorator."""
    _types[document_type.key] = document_type()
    return document_type


def document_type(key: str) -> DocumentType:
    """Return the type registered under a key."""
    return _types[key]


def document_types() -> list[DocumentType]:
    """Return all registered types, in the order of their keys."""
    return [_types[key] for key in sorted(_types)]
