"""Growth is taken apart without a rest: effects add up to each cell's growth, cells to the whole."""

from collections import defaultdict
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.insight.growth import Effects, cells_of, falling_here, growth_map, together
from reports.statistics.questions import Question, read_period
from tests.reports.statistics.test_answers import fact
from tests.support.build import Sales, make_product, make_region, make_sales

money = st.decimals(min_value="0.01", max_value="999999", places=2)
side = st.dictionaries(
    st.tuples(st.integers(0, 4), st.integers(0, 3)), st.tuples(money, st.integers(1, 5000)), max_size=20
)


def figures(rows: dict[tuple[int, int], tuple[Decimal, int]]) -> dict[tuple[object, ...], dict[str, Decimal]]:
    return {key: {"delivered": amount, "pieces": Decimal(pieces)} for key, (amount, pieces) in rows.items()}


@settings(max_examples=200)
@given(now=side, then=side)
def test_effects_add_up_to_the_cent(
    now: dict[tuple[int, int], tuple[Decimal, int]], then: dict[tuple[int, int], tuple[Decimal, int]]
) -> None:
    cells = cells_of(figures(now), figures(then))
    for cell in cells.values():
        assert cell.effects.growth == cell.now - cell.then
        assert all(abs(part.as_tuple().exponent) <= 2 for part in vars(cell.effects).values())
    whole = together(cells.values())
    assert whole.effects.growth == sum((amount for amount, _pieces in now.values()), Decimal(0)) - sum(
        (amount for amount, _pieces in then.values()), Decimal(0)
    )


def test_each_effect_is_what_its_name_says() -> None:
    then = figures({(1, 1): (Decimal(1000), 100), (2, 1): (Decimal(500), 50), (3, 1): (Decimal(70), 7)})
    now = figures({(1, 1): (Decimal(2400), 200), (2, 1): (Decimal(500), 50), (4, 1): (Decimal(30), 3)})
    cells = cells_of(now, then)
    # of both there were 150 pieces and are 250: two thirds more of everything
    assert cells[1, 1].effects == Effects(volume=Decimal("666.67"), mix=Decimal("333.33"), price=Decimal("400.00"))
    assert cells[2, 1].effects == Effects(volume=Decimal("333.33"), mix=Decimal("-333.33"))
    assert cells[3, 1].effects == Effects(lost=Decimal(-70))
    assert cells[4, 1].effects == Effects(new=Decimal(30))
    assert cells[1, 1].percent == 140
    assert cells[4, 1].percent is None


@pytest.fixture
def sales() -> Sales:
    return make_sales()


@pytest.mark.django_db
def test_a_map_of_products_and_regions_adds_up_and_names_what_falls_here(sales: Sales) -> None:
    customer, other = sales.customer(), make_product()
    east, west = make_region("East", code="E"), make_region("West", code="W")
    sold: dict[str, list[tuple[object, object, int]]] = defaultdict(list)
    sold["2024-05"] = [(sales.product, east, 100), (sales.product, west, 100), (other, east, 50)]
    sold["2025-05"] = [(sales.product, east, 50), (sales.product, west, 200), (other, west, 30)]
    for month, rows in sold.items():
        for product, region, amount in rows:
            fact(sales, customer, month, amount, product=product, region=region)
    question = Question(read_period("2025-05"), by="product", across="region", measures=("delivered", "pieces"))

    found = growth_map(question, sales.sales_manager)

    assert [head.code for head in found.columns] == ["E", "W"]
    assert found.rows[0].code == sales.product.sku
    whole = found.of()
    assert [int(one) for one in (whole.now, whole.then, whole.effects.growth)] == [280, 250, 30]
    assert sum(found.of(row=row).effects.growth for row in found.rows) == 30
    assert sum(found.of(column=column).effects.growth for column in found.columns) == 30
    assert [int(one) for one in (whole.effects.new, whole.effects.lost)] == [30, -50]
    (falling,) = falling_here(found)
    assert (falling.row.code, falling.column.code) == (sales.product.sku, "E")
    assert [falling.here.percent, falling.elsewhere.percent] == [Decimal(-50), Decimal(100)]


@pytest.mark.django_db
def test_a_map_holds_the_customers_of_who_asks(sales: Sales) -> None:
    stranger = make_sales()
    fact(stranger, stranger.customer(), "2025-05", 100)
    question = Question(read_period("2025-05"), by="product", across="region", measures=("delivered", "pieces"))
    assert growth_map(question, sales.representative).cells == {}
    assert len(growth_map(question, sales.sales_manager).cells) == 1
