"""The tests of pages see only the sample's own menu, search, panels and cards: see sample.py."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.utils.translation import gettext_lazy as _

from salesops.users.models import Region, User
from salesops.web import registry
from salesops.web.registry import Hit, MenuEntry, Panel, SearchProvider
from tests.support.build import make_region, make_user

REGISTRIES: tuple[registry.Registry[Any], ...] = (
    registry.menu,
    registry.own_menus,
    registry.account,
    registry.search,
    registry.panels,
    registry.home_cards,
    registry.floating,
)


@pytest.fixture(autouse=True)
def sample_shell(settings: Any) -> Iterator[None]:
    """Register the sample's things instead of the product's."""
    settings.ROOT_URLCONF = "tests.web.sample"
    settings.LOGIN_URL = "/sign-in/"
    kept = [dict(one._things) for one in REGISTRIES]
    bell = dict(vars(registry.bell))
    for one in REGISTRIES:
        one._things.clear()
    vars(registry.bell).update(count=None, url_name="", recent=None)
    register_sample()
    yield
    for one, things in zip(REGISTRIES, kept, strict=True):
        one._things.clear()
        one._things.update(things)
    vars(registry.bell).update(bell)


def register_sample() -> None:
    """What the sample adds to the shell."""
    registry.menu.add(MenuEntry("plain", _("Home"), "sample:plain", "home", "", order=0))
    registry.menu.add(
        MenuEntry(
            "inbox", _("Approvals"), "sample:plain", "inbox", "", order=1, count=lambda user: Region.objects.all()
        )
    )
    registry.menu.add(
        MenuEntry(
            "regions",
            _("Regions"),
            "sample:regions",
            "map",
            "sell",
            "users.manage_regions",
            order=2,
            count=lambda user: Region.objects.filter(level=2),
        )
    )
    registry.search.add(SearchProvider("regions", _("Regions"), "map", find_regions))
    registry.panels.add(
        Panel(
            "sample-region",
            "people",
            _("People"),
            10,
            "web/timeline.html",
            lambda request, record: {"steps": [{"who": "Lin Yue", "what": f"opened {record.name}", "state": "done"}]},
        )
    )
    registry.panels.add(
        Panel(
            "sample-region",
            "budget",
            _("Budget"),
            20,
            "web/timeline.html",
            lambda request, record: {"steps": [{"who": "Secret sum", "what": "", "state": "done"}]},
            permission="users.manage_users",
            eager=True,
            side=True,
        )
    )


def find_regions(user: Any, text: str, limit: int) -> list[Hit]:
    """Regions by any part of their name."""
    found = Region.objects.filter(name__icontains=text)[:limit]
    return [Hit(region.name, region.code, f"/sample/regions/{region.code}/", region.name_zh) for region in found]


@pytest.fixture
def manager(db: None) -> User:
    """Somebody who manages regions and users."""
    return make_user("administrator", full_name="Lin Yue", full_name_zh="林悦")


@pytest.fixture
def as_manager(manager: User) -> Client:
    """A browser in which the manager is signed in."""
    return signed_in(manager)


def signed_in(user: User) -> Client:
    """A browser in which somebody is signed in."""
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def regions(db: None) -> list[Region]:
    """A company of three regions."""
    company = make_region("Company", code="CN")
    return [
        company,
        make_region("Jiangsu", code="JS", parent=company, name_zh="江苏"),
        make_region("Zhejiang", code="ZJ", parent=company, name_zh="浙江"),
    ]
