"""The company behind the books: places, people, goods and customers, all with one password."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.db import transaction
from django.utils import timezone

from customers.models import Address, Contact, CreditAccount, Customer
from orders.models import Category, Price, PriceList, Product, Stock, Warehouse
from salesops.users.models import Region, Team, User
from salesops.users.roles import Role

from .size import Size

PASSWORD = "made-for-measuring-only"  # noqa: S105  of people who exist while we measure
TAX_PERCENT = 13
TERMS_DAYS = 30

PLACES = (
    ("Suzhou", "苏州"), ("Ningbo", "宁波"), ("Wuhan", "武汉"), ("Xiamen", "厦门"), ("Jinan", "济南"),
    ("Dalian", "大连"),
    ("Foshan", "佛山"), ("Hefei", "合肥"), ("Kunming", "昆明"), ("Lanzhou", "兰州"), ("Tianjin", "天津"),
    ("Harbin", "哈尔滨"), ("Guilin", "桂林"), ("Zibo", "淄博"), ("Weifang", "潍坊"),
)  # fmt: skip
WORDS = (
    ("Hengtai", "恒泰"), ("Jinxiu", "锦绣"), ("Ruifeng", "瑞丰"), ("Wanjia", "万家"), ("Huayi", "华艺"),
    ("Xinghe", "星河"),
    ("Yongsheng", "永盛"), ("Dongfang", "东方"), ("Baoli", "宝利"), ("Changxing", "长兴"), ("Tianhong", "天虹"),
    ("Mingda", "明达"), ("Kaiyuan", "开元"),
)  # fmt: skip
TRADES = (
    ("Home Furnishing", "家居"), ("Building Materials", "建材"), ("Kitchen & Bath", "厨卫"), ("Trading", "商贸"),
    ("Hardware", "五金"), ("Lighting", "照明"), ("Household", "日用"),
)  # fmt: skip


@dataclass
class Company:
    """Who and what the deliveries are about, as rows that are in the database."""

    size: Size
    areas: list[Region] = field(default_factory=list)
    cities: list[Region] = field(default_factory=list)
    teams: list[Team] = field(default_factory=list)
    supervisors: list[User] = field(default_factory=list)
    managers: dict[int, User] = field(default_factory=dict)
    representatives: list[User] = field(default_factory=list)
    company_people: dict[str, User] = field(default_factory=dict)
    customers: list[Customer] = field(default_factory=list)
    products: list[Product] = field(default_factory=list)
    prices: list[int] = field(default_factory=list)
    """In cents, tax included, one for each product."""
    warehouses: list[Warehouse] = field(default_factory=list)
    stock: dict[tuple[int, int], Stock] = field(default_factory=dict)


@transaction.atomic
def make_company(size: Size, rng: Random, today: date) -> Company:
    """Make the company of a size in an empty database that is migrated."""
    company = Company(size)
    _make_places(company)
    _make_people(company)
    _make_goods(company, rng, today)
    _make_customers(company, rng)
    return company


def _make_places(company: Company) -> None:
    top = Region.objects.create(code="ALL", name="Whole company", name_zh="全公司", level=1)
    for at in range(company.size.areas):
        company.areas.append(Region.objects.create(code=f"A{at}", name=f"Area {at}", level=2, parent=top))
    for area in company.areas:
        for at in range(5):
            place = (len(company.cities)) % len(PLACES)
            name, name_zh = f"{PLACES[place][0]} {at}", f"{PLACES[place][1]}{at}"
            city = Region.objects.create(code=f"{area.code}-{at}", name=name, name_zh=name_zh, level=3, parent=area)
            company.cities.append(city)
    company.teams = Team.objects.bulk_create(
        Team(name=f"Team {at}", region=company.areas[at % len(company.areas)]) for at in range(company.size.teams)
    )


def _make_people(company: Company) -> None:
    hashed = make_password(PASSWORD)

    def person(username: str, name: str, region: Region | None = None, team: Team | None = None) -> User:
        address = f"{username}@example.invalid"
        return User(username=username, full_name=name, email=address, password=hashed, region=region, team=team)

    teams = company.teams
    company.supervisors = [person(f"supervisor-{at}", f"Supervisor {at}", None, team) for at, team in enumerate(teams)]
    company.representatives = [
        person(f"representative-{at}", f"Representative {at}", teams[at % len(teams)].region, teams[at % len(teams)])
        for at in range(company.size.representatives)
    ]
    managers = [person(f"manager-{area.code}", f"Manager of {area.name}", area) for area in company.areas]
    roles = (Role.SALES_MANAGER, Role.FINANCE, Role.SUPPLY, Role.ADMINISTRATOR)
    company.company_people = {role: person(role.value.replace("_", "-"), str(role.label)) for role in roles}
    of_company = list(company.company_people.values())
    User.objects.bulk_create([*company.supervisors, *company.representatives, *managers, *of_company])
    company.managers = {area.pk: manager for area, manager in zip(company.areas, managers, strict=True)}
    _give(Role.SUPERVISOR, company.supervisors)
    _give(Role.REPRESENTATIVE, company.representatives)
    _give(Role.REGIONAL_MANAGER, managers)
    for role, one in company.company_people.items():
        _give(role, [one])


def _give(role: str, people: list[User]) -> None:
    group = Group.objects.get(name=role)
    through = User.groups.through
    through.objects.bulk_create(through(user=one, group=group) for one in people)


def _make_goods(company: Company, rng: Random, today: date) -> None:
    categories = Category.objects.bulk_create(Category(name=f"Category {at}") for at in range(12))
    company.products = Product.objects.bulk_create(
        Product(
            sku=f"P{at:05d}",
            name=f"{WORDS[at % len(WORDS)][0]} article {at}",
            name_zh=f"{WORDS[at % len(WORDS)][1]}商品{at}",
            category=categories[at % len(categories)],
            tax_rate=TAX_PERCENT,
        )
        for at in range(company.size.products)
    )
    company.prices = [rng.randrange(1_000, 80_000) for _product in company.products]
    start = today - timedelta(days=company.size.days + 30)
    price_list = PriceList.objects.create(name="General", valid_from=start)
    Price.objects.bulk_create(
        Price(price_list=price_list, product=product, amount=f"{cents / 100:.2f}")
        for product, cents in zip(company.products, company.prices, strict=True)
    )
    company.warehouses = Warehouse.objects.bulk_create(
        Warehouse(code=f"W{at}", name=f"Warehouse {at}") for at in range(company.size.warehouses)
    )
    stock = Stock.objects.bulk_create(
        Stock(warehouse=warehouse, product=product) for warehouse in company.warehouses for product in company.products
    )
    company.stock = {(row.warehouse_id, row.product_id): row for row in stock}


def _make_customers(company: Company, rng: Random) -> None:
    made = timezone.now() - timedelta(days=company.size.days)
    for at in range(company.size.customers):
        place, word, trade = at % len(PLACES), at // len(PLACES) % len(WORDS), rng.randrange(len(TRADES))
        representative = company.representatives[at % len(company.representatives)]
        cities = [city for city in company.cities if city.parent_id == representative.region_id]
        company.customers.append(
            Customer(
                code=f"C{at:06d}",
                name=f"{PLACES[place][0]} {WORDS[word][0]} {TRADES[trade][0]} {at}",
                name_zh=f"{PLACES[place][1]}{WORDS[word][1]}{TRADES[trade][1]}{at}号",
                tax_number=f"91{rng.randrange(10**15):016d}",
                phone=f"13{rng.randrange(10**9):09d}",
                region=cities[at % len(cities)],
                grade="ABC"[at % 3],
                representative=representative,
                created_at=made,
            )
        )
    Customer.objects.bulk_create(company.customers, batch_size=2000)
    CreditAccount.objects.bulk_create(
        [CreditAccount(customer=customer, due_days=TERMS_DAYS) for customer in company.customers], batch_size=2000
    )
    Contact.objects.bulk_create(
        [Contact(customer=one, name="Front desk", phone=one.phone, is_main=True) for one in company.customers],
        batch_size=2000,
    )
    Address.objects.bulk_create(
        [Address(customer=one, label="Shop", text=f"{one.name}, 1 Main Street") for one in company.customers],
        batch_size=2000,
    )
