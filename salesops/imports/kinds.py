"""The kinds of rows that books are made of. A feature registers the kinds that it can load, in its registry.py."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from django.utils.translation import gettext as _

from salesops.kernel.errors import RuleBroken
from salesops.web.registry import Registry

from .rows import Row

if TYPE_CHECKING:
    from salesops.users.models import User

    from .books import Books


@dataclass(frozen=True)
class Total:
    """A figure of the preview: what the rows of a kind add up to. `form` is money, count or text."""

    label: Any
    value: Any
    form: str = "count"


class Kind(ABC):
    """One kind of rows: how it is told apart, checked and loaded. All SQL speaks of its table `staged_<key>`."""

    key: ClassVar[str]
    label: ClassVar[Any]
    order: ClassVar[int]
    row: ClassVar[type[Row]]
    model: ClassVar[Any]
    """The model that the rows become; its sequence gives them their ids before they are loaded."""
    identified_by: ClassVar[tuple[str, ...]] = ()
    """The fields that make the key of a row whose mapping gives none."""
    goes_by: ClassVar[str] = ""
    """The field, and the column of the model, that other rows and people name a row by."""
    adopts: ClassVar[bool] = False
    """Whether a row may turn out to be one that is there already, filed by hand; else it is refused."""
    named_only: ClassVar[tuple[str, ...]] = ()
    """The fields of a row that others name and no file holds: it is made of its name. Empty: it is missing."""
    part_of: ClassVar[tuple[str, str] | None] = None
    """The kind that rows belong to, and the field that names it: a bad part takes the whole with it."""
    permission: ClassVar[str] = ""
    """The permission that loading new rows takes besides that to import; empty: none."""
    extra_columns: ClassVar[dict[str, str]] = {}
    """More columns of the staged table, with their types, for what the checks work out."""
    shown_at: ClassVar[str] = ""
    """The name of the address where loaded rows are listed."""
    guesses: ClassVar[dict[str, tuple[str, ...]]] = {}
    """What columns are often called, by field, for the assistant."""

    def key_of(self, row: Row) -> str:
        """Return what tells a row apart: its own key, else the fields that identify it; empty where one is missing."""
        parts = [str(getattr(row, name)) for name in self.identified_by]
        return row.key or ("/".join(parts) if all(parts) else "")

    def fingerprint(self) -> str:
        """Return SQL for the text that changes when the old books say something else of the row `s`."""
        return f"ROW({', '.join(f's.{name}' for name in self.row.model_fields)})::text"

    def check(self, books: "Books") -> None:  # noqa: B027  most kinds have nothing to add
        """Refuse what is wrong beyond a single row. References are resolved by now."""

    def check_wholes(self, books: "Books") -> None:  # noqa: B027  only parts have wholes
        """Refuse wholes whose parts do not make one; those with a bad part are out already."""

    def totals(self, books: "Books") -> Iterable[Total]:
        """Return what the good new rows add up to."""
        return ()

    def lock(self, books: "Books") -> None:  # noqa: B027  most kinds lock nothing
        """Lock what loading changes, in the one order of locks, before anything is written."""

    @abstractmethod
    def load(self, books: "Books", *, by: "User") -> None:
        """Write the good new rows."""

    def conclude(self, books: "Books", *, by: "User") -> None:  # noqa: B027  most kinds end with loading
        """Do what can be done only when all kinds are loaded."""


kinds: Registry[Kind] = Registry()


def require_may_load(by: "User", keys: Iterable[str]) -> None:
    """Refuse a load that brings new rows of a kind which the person could not add by hand either."""
    if refused := why_not_load(by, keys):
        raise RuleBroken(refused, rule="permission")


def why_not_load(by: "User", keys: Iterable[str]) -> str:
    """Return why a person may not load new rows of these kinds; empty where nothing stands against it."""
    missing = [kind for kind in map(kinds.get, keys) if kind and kind.permission and not by.has_perm(kind.permission)]
    labels = ", ".join(str(kind.label) for kind in missing)
    words = _("These books bring something that your role may not add: %(kinds)s. Have an administrator load them.")
    return words % {"kinds": labels} if missing else ""


def kinds_in_order() -> list[Kind]:
    """Return all kinds, those first that others refer to."""
    return sorted(kinds, key=lambda kind: kind.order)
