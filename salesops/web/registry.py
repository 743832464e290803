"""Where features announce themselves to the shell, so that no lower app needs to know a higher one.

Each feature registers in its own `registry.py`, which its AppConfig imports in `ready()`:

    from salesops.web import registry

    registry.menu.add(registry.MenuEntry("deliveries", _("Deliveries"), "orders:deliveries", "truck", "sell",
                                         permission="orders.view_delivery", order=20, count=deliveries_waiting))
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from operator import attrgetter
from typing import Any, Generic, Protocol, TypeVar

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

type_of_count = int | QuerySet[Any]
"""What a count may answer: a number, or the rows to count; all rows are counted together in one query."""

SECTIONS: dict[str, Any] = {
    "": "",
    "insight": _("Insight"),
    "sell": _("Sell"),
    "money": _("Money"),
    "goods": _("Goods"),
    "team": _("Team"),
    "more": _("More"),
    "settings": _("Settings"),
}


class Registered(Protocol):
    """Whatever has a key of its own."""

    @property
    def key(self) -> str: ...


Thing = TypeVar("Thing", bound=Registered)


class Registry(Generic[Thing]):
    """Things by key, in the order in which they were added. Adding the same key again replaces it."""

    def __init__(self) -> None:
        self._things: dict[str, Thing] = {}

    def add(self, thing: Thing) -> Thing:
        """Register a thing under its key and return it."""
        self._things[self.key_of(thing)] = thing
        return thing

    def key_of(self, thing: Thing) -> str:
        """The key that a thing is kept under."""
        return thing.key

    def get(self, key: str) -> Thing | None:
        """Return the thing of that key, if there is one."""
        return self._things.get(key)

    def __iter__(self) -> Iterator[Thing]:
        return iter(self._things.values())

    def allowed(self, user: Any) -> list[Thing]:
        """Return the things that the person has the permission for, and that suit the person, by their order."""
        return [
            thing
            for thing in sorted(self, key=_order)
            if may(user, getattr(thing, "permission", "")) and _suits(thing, user)
        ]


def _suits(thing: object, user: Any) -> bool:
    suits: Callable[[Any], bool] | None = getattr(thing, "suits", None)
    return suits is None or suits(user)


def _order(thing: object) -> int:
    return getattr(thing, "order", 50)


def may(user: Any, permission: str | Iterable[str] | None) -> bool:
    """Whether the person has the permission, or one of several; no permission asks for nothing."""
    if not permission:
        return True
    names = [permission] if isinstance(permission, str) else list(permission)
    return any(user.has_perm(name) for name in names)


@dataclass(frozen=True)
class MenuEntry:
    """A line of the side bar. `count(user)` says how much waits there: a number, or the rows to count.

    `permission` may be a tuple: one of them is enough. `short` is the label under the phone's tab. `suits(user)` says
    for whom of those the page is.
    """

    key: str
    label: Any
    url_name: str
    icon: str = "list"
    section: str = ""
    permission: str | tuple[str, ...] = ""
    order: int = 50
    count: Callable[[Any], type_of_count] | None = None
    short: Any = ""
    suits: Callable[[Any], bool] | None = None

    @property
    def url(self) -> str:
        """The address of the entry's page."""
        return reverse(self.url_name)


@dataclass(frozen=True)
class Place:
    """Where an entry of the menu stands in a side bar of its own, and in whose words; empty ones stay the entry's."""

    key: str
    label: Any = ""
    section: str = ""


@dataclass(frozen=True)
class OwnMenu:
    """A side bar in another order for those whom it suits. Entries that it does not name follow in their sections."""

    key: str
    suits: Callable[[Any], bool]
    places: Sequence[Place]

    def arranged(self, entries: Iterable[MenuEntry]) -> list[MenuEntry]:
        """Return the entries in this order, with these words."""
        left = {entry.key: entry for entry in entries}
        placed = [
            replace(entry, label=place.label or entry.label, section=place.section)
            for place in self.places
            if (entry := left.pop(place.key, None))
        ]
        return [*placed, *left.values()]


@dataclass(frozen=True)
class AccountLink:
    """A line of the menu under the person's own name."""

    key: str
    label: Any
    url_name: str
    icon: str = "user"
    permission: str = ""
    order: int = 50

    @property
    def url(self) -> str:
        """The address behind the line."""
        return reverse(self.url_name)


@dataclass(frozen=True)
class Hit:
    """One thing that the search found."""

    title: str
    sub: str
    url: str
    title_zh: str = ""


@dataclass(frozen=True)
class SearchProvider:
    """Finds things of one kind: `find(user, text, limit)` returns the hits in the person's scope, best first."""

    key: str
    label: Any
    icon: str
    find: Callable[[Any, str, int], Sequence[Hit]]
    permission: str | tuple[str, ...] = ""
    order: int = 50


@dataclass(frozen=True)
class Panel:
    """A part of a record's page that another feature contributes.

    `record` is the page's `record_key`. The template gets what `context(request, record)` returns, plus `panel`
    and `record`. It is loaded when it comes into view; an eager one comes with the page. `side` puts it in the
    narrow column. `show(request, record)` may leave it out for some records.
    """

    record: str
    key: str
    title: Any
    order: int
    template: str
    context: Callable[[HttpRequest, Any], dict[str, Any]]
    permission: str | tuple[str, ...] = ""
    side: bool = False
    eager: bool = False
    height: int = 8
    show: Callable[[HttpRequest, Any], bool] | None = None


@dataclass(frozen=True)
class HomeCard:
    """A card of the home page, for those with the permission; `context(user)` feeds the template.

    A card that is `first` stands above the row of figures; `show(user)` may leave it out.
    """

    key: str
    title: Any
    order: int
    permission: str | tuple[str, ...]
    template: str
    context: Callable[[Any], dict[str, Any]]
    wide: bool = False
    first: bool = False
    show: Callable[[Any], bool] | None = None


class PanelRegistry(Registry[Panel]):
    """Panels, found by the record whose page they stand on."""

    def key_of(self, thing: Panel) -> str:
        return f"{thing.record}/{thing.key}"

    def of(self, record: str, user: Any) -> list[Panel]:
        """Return the panels of a record's page that the person may see, in order."""
        return [panel for panel in self.allowed(user) if panel.record == record]


@dataclass
class Bell:
    """Who answers for the notices: `count(user)` unread ones, `recent(user, limit)` the latest, `url_name` all.

    What `recent` returns has `title`, `text`, `url`, `created_at`, and `read_at` (None while unread) where it can.
    """

    count: Callable[[Any], type_of_count] | None = None
    url_name: str = ""
    recent: Callable[[Any, int], Sequence[Any]] | None = None
    read_url_name: str = ""

    def set(
        self,
        *,
        count: Callable[[Any], type_of_count],
        url_name: str,
        recent: Callable[[Any, int], Sequence[Any]],
        read_url_name: str = "",
    ) -> None:
        """Let these functions answer. `read_url_name` takes a POST that marks all as read, if there is one."""
        self.count, self.url_name, self.recent, self.read_url_name = count, url_name, recent, read_url_name


@dataclass(frozen=True)
class Floating:
    """Something that floats over every page while `count(user)` is not 0: fetched from its address after the page."""

    key: str
    url_name: str
    count: Callable[[Any], type_of_count]

    @property
    def url(self) -> str:
        """Where it is fetched from."""
        return reverse(self.url_name)


@dataclass
class MenuSection:
    """A titled part of the side bar as one person sees it."""

    key: str
    title: Any
    entries: list["MenuEntry"] = field(default_factory=list)


def entries_for(user: Any) -> list[MenuEntry]:
    """Return the entries of a person's menu in order: in an own one's order and words where one suits the person."""
    entries = sorted(menu.allowed(user), key=attrgetter("order"))
    own = next((one for one in own_menus if one.suits(user)), None)
    return own.arranged(entries) if own else entries


def entry_for(user: Any, key: str) -> MenuEntry | None:
    """Return an entry in the words of the person's menu, whether or not it stands there."""
    entry = menu.get(key)
    own = next((one for one in own_menus if one.suits(user)), None)
    return own.arranged([entry])[0] if own and entry else entry


def sections_for(user: Any) -> list[MenuSection]:
    """Return the side bar of a person, section by section, without empty ones."""
    entries = entries_for(user)
    sections = [MenuSection(key, title, [e for e in entries if e.section == key]) for key, title in SECTIONS.items()]
    return [section for section in sections if section.entries]


menu: Registry[MenuEntry] = Registry()
own_menus: Registry[OwnMenu] = Registry()
account: Registry[AccountLink] = Registry()
search: Registry[SearchProvider] = Registry()
panels = PanelRegistry()
home_cards: Registry[HomeCard] = Registry()
floating: Registry[Floating] = Registry()
bell = Bell()
