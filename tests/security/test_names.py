"""No filter tells a name that lies outside the reader's scope."""

import pytest
from django.urls import reverse

from tests.support.signed_in import signed_in
from tests.support.world import World, lists_of, make_world

pytestmark = pytest.mark.django_db

STRANGER = "Ouyang Nobody Knows"


@pytest.fixture
def world() -> World:
    return make_world()


@pytest.mark.slow
def test_no_list_tells_the_name_of_a_person_outside_the_scope(world: World) -> None:
    stranger = world.people["foreign_representative"]
    stranger.full_name = stranger.full_name_zh = STRANGER
    stranger.save(update_fields=["full_name", "full_name_zh"])
    readers = {who: signed_in(world.people[who]) for who in ("representative", "supervisor", "agent", "sales_manager")}
    sees_all = readers.pop("sales_manager")
    told = 0

    for path in lists_of(world):
        address = f"{path}?representative={stranger.pk}"
        for who, client in readers.items():
            assert STRANGER not in client.get(address).content.decode(), f"{path} tells it to the {who}"
        told += STRANGER in sees_all.get(address).content.decode()

    assert told >= 6


def test_a_list_is_still_narrowed_by_somebody_who_has_left(world: World) -> None:
    left = world.people["representative"]
    left.is_active = False
    left.save(update_fields=["is_active"])

    for who in ("supervisor", "sales_manager"):
        page = signed_in(world.people[who]).get(reverse("orders:deliveries"), {"representative": left.pk})
        assert [row.record.representative for row in page.context["table"].paginated_rows] == [left] * 3
        assert str(left) in page.content.decode()
