"""The region tree: no circles, right levels, nothing in use is lost."""

import pytest

from salesops.kernel.errors import RuleBroken
from salesops.users.models import Region
from salesops.users.regions.queries import children_of, find_regions, paths_of, subtree_ids
from salesops.users.regions.services import add_region, change_region, delete_region
from salesops.users.roles import Role
from tests.support.build import make_customer, make_region, make_team, make_user

pytestmark = pytest.mark.django_db


def moved(region: Region, parent: Region | None) -> Region:
    return change_region(
        region.pk,
        by=make_user(Role.ADMINISTRATOR),
        code=region.code,
        name=region.name,
        parent_id=parent.pk if parent else None,
    )


def test_a_region_lies_one_level_below_its_parent():
    top = add_region(by=make_user(Role.ADMINISTRATOR), code="32", name="Jiangsu", name_zh="江苏省")
    below = add_region(by=make_user(Role.ADMINISTRATOR), code="3202", name="Wuxi", parent_id=top.pk)
    assert (top.level, below.level) == (1, 2)


@pytest.mark.parametrize("code", ["32", "new", "pick"])
def test_a_code_is_given_once(code: str):
    make_region(code="32")
    with pytest.raises(RuleBroken) as refused:
        add_region(by=make_user(Role.ADMINISTRATOR), code=code, name="Other")
    assert refused.value.field == "code"
    assert Region.objects.count() == 1


def test_what_lies_below_moves_along_with_its_levels():
    east, jiangsu = make_region(), make_region()
    wuxi = make_region(parent=jiangsu)
    binhu = make_region(parent=wuxi)
    moved(jiangsu, east)
    assert subtree_ids(east.pk) == [east.pk, jiangsu.pk, wuxi.pk, binhu.pk]
    assert list(Region.objects.order_by("pk").values_list("level", flat=True)) == [1, 2, 3, 4]
    moved(Region.objects.get(pk=wuxi.pk), None)
    assert Region.objects.get(pk=binhu.pk).level == 2


def test_no_region_comes_to_lie_below_itself():
    jiangsu = make_region()
    wuxi = make_region(parent=jiangsu)
    binhu = make_region(parent=wuxi)
    for target in (jiangsu, wuxi, binhu):
        with pytest.raises(RuleBroken):
            moved(jiangsu, target)
    assert Region.objects.get(pk=jiangsu.pk).parent is None


def test_a_region_that_is_used_stays():
    regions = {name: make_region(name) for name in ("parent", "customer", "territory", "team", "person")}
    make_region(parent=regions["parent"])
    make_customer(region=regions["customer"])
    make_customer(region=regions["customer"]).territory.add(regions["territory"])
    make_team(region=regions["team"])
    admin = make_user(Role.ADMINISTRATOR, region=regions["person"])
    for region in regions.values():
        with pytest.raises(RuleBroken) as refused:
            delete_region(region.pk, by=admin)
        assert refused.value.rule == "in use"
        assert Region.objects.filter(pk=region.pk).exists()


def test_a_region_that_nothing_belongs_to_goes():
    region = make_region()
    delete_region(region.pk, by=make_user(Role.ADMINISTRATOR))
    assert not Region.objects.exists()


def test_regions_are_found_by_code_and_any_part_of_a_name():
    jiangsu = make_region("Jiangsu", code="32", name_zh="江苏省")
    wuxi = make_region("Wuxi", code="3202", name_zh="无锡市", parent=jiangsu)
    assert list(find_regions("320")) == [wuxi]
    assert list(find_regions("uxi")) == [wuxi]
    assert list(find_regions("苏")) == [jiangsu]
    assert str(paths_of([wuxi])[wuxi.pk]) == "Jiangsu"
    assert children_of(None).get().below == 1


def test_paths_cost_one_query_a_level(django_assert_num_queries):
    top = make_region()
    middle = make_region(parent=top)
    leaves = [make_region(parent=middle) for _ in range(10)]
    with django_assert_num_queries(2):
        paths = paths_of(leaves)
    assert all(str(path) == f"{top} / {middle}" for path in paths.values())
