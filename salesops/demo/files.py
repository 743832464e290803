"""The files of customers: who they are, whom to call, where goods go, which papers end when, what to know."""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from customers.models import Address, Attachment, Contact, CreditAccount, Customer, Note
from salesops.users.models import Region

from .cast import Cast
from .clock import acting, clock_at
from .plan import Agent, Plan
from .tables.places import CITIES
from .tables.words import GIVEN, NOTES, POSTS, STREETS, SURNAMES

PREFIXES = {code: prefix for rows in CITIES.values() for code, _name, _zh, prefix in rows}

PAPERS_ENDING = {"A-0002": 9, "A-0003": 22, "A-0001": 27, "A-0008": -5, "A-0011": 14, "A-0021": 18, "A-0035": 11}
"""In how many days the agreement of a customer ends; of the others it is the end of next year."""

TINY_PDF = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F 4 0 R>>>>/Contents 5 0 R>>endobj
4 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj
5 0 obj<</Length 82>>stream
BT /F 20 Tf 72 740 Td (Hengyuan Home: a paper of the demo company) Tj ET
endstream endobj
trailer<</Root 1 0 R>>
%%EOF
"""


def make_customers(cast: Cast, plan: Plan, rng: Random) -> None:
    """File every customer of the plan with its account, people, places and papers, on the day it came to us."""
    saved = default_storage.save("attachments/demo/paper.pdf", ContentFile(TINY_PDF))
    by_months = sorted({agent.fortune.months for agent in plan.agents}, reverse=True)
    for months in by_months:
        came = plan.now - timedelta(days=round(months * 30.4) + 40)
        with acting(cast.people["admin"], came):
            _file([agent for agent in plan.agents if agent.fortune.months == months], cast, plan, saved, rng)


def _file(agents: list[Agent], cast: Cast, plan: Plan, saved: str, rng: Random) -> None:
    customers = [_customer(cast, agent, rng) for agent in agents]
    cast.customers |= {customer.code: customer for customer in customers}
    Customer.objects.bulk_create(one for one, agent in zip(customers, agents, strict=True) if not agent.row.parent)
    for customer, agent in zip(customers, agents, strict=True):
        if agent.row.parent:
            customer.parent = cast.customers[agent.row.parent]
            customer.save()
    territory = Customer.territory.through
    territory.objects.bulk_create(territory(customer=one, region=one.region) for one in customers)
    CreditAccount.objects.bulk_create(_account(one, agent) for one, agent in zip(customers, agents, strict=True))
    Contact.objects.bulk_create([one for customer in customers for one in _contacts(customer, rng)])
    addresses = [one for customer in customers for one in _addresses(customer, rng)]
    cast.addresses |= {one.customer.code: one.text for one in addresses if one.is_default}
    Address.objects.bulk_create(addresses)
    today = timezone.localdate(plan.now)
    Attachment.objects.bulk_create([one for customer in customers for one in _papers(customer, today, saved, rng)])


def write_notes(cast: Cast, plan: Plan, rng: Random) -> None:
    """Write what colleagues should know, over the last months."""
    moments = sorted(plan.now - timedelta(days=rng.randint(1, 200), minutes=rng.randint(0, 600)) for _n in range(90))
    for moment in moments:
        agent = rng.choice(plan.agents)
        customer, writer = cast.customers[agent.code], cast.people[agent.row.representative]
        with clock_at(moment):
            Note.objects.create(customer=customer, text=rng.choice(NOTES), written_by=writer)


def _customer(cast: Cast, agent: Agent, rng: Random) -> Customer:
    row = agent.row
    return Customer(
        code=agent.code,
        kind=row.kind,
        name=row.name,
        name_zh=row.name_zh,
        tax_number=f"91{rng.randint(110000, 659000)}MA{''.join(rng.choices('0123456789ABCDEFGHJKLMNPQRTUWXY', k=8))}",
        phone=f"{PREFIXES[row.city]}-5550 {rng.randint(1000, 9999)}",
        email=f"office@{agent.code.lower()}.example",
        region=cast.regions[row.city],
        grade=row.grade,
        representative=cast.people[row.representative],
        created_by=cast.people[row.representative],
    )


def _account(customer: Customer, agent: Agent) -> CreditAccount:
    fortune = agent.fortune
    return CreditAccount(
        customer=customer,
        limit=agent.limit,
        due_rule=fortune.due_rule,
        due_days=fortune.due_days,
        tolerance_days=fortune.tolerance,
    )


def _contacts(customer: Customer, rng: Random) -> Iterator[Contact]:
    for at in range(rng.choice([1, 2, 2, 3])):
        (surname, surname_zh), (given, given_zh) = rng.choice(SURNAMES), rng.choice(GIVEN)
        yield Contact(
            customer=customer,
            name=f"{surname} {given} {surname_zh}{given_zh}",
            post=POSTS[at],
            phone=f"138 0000 {rng.randint(1000, 9999)}",
            email=f"{given.lower()}.{surname.lower()}@{customer.code.lower()}.example",
            is_main=at == 0,
        )


def _addresses(customer: Customer, rng: Random) -> Iterator[Address]:
    for at, label in enumerate(["Main warehouse", "Store"][: rng.choice([1, 1, 2])]):
        street, street_zh = rng.choice(STREETS)
        city: Region = customer.region
        yield Address(
            customer=customer,
            label=label,
            text=f"No. {rng.randint(8, 988)} {street}, {city.name} {city.name_zh}市{street_zh}",
            recipient=customer.name_zh,
            phone=customer.phone,
            is_default=at == 0,
        )


def _papers(customer: Customer, today: date, saved: str, rng: Random) -> Iterator[Attachment]:
    """A business licence, and for most an agency agreement."""
    kept = {
        "file": saved,
        "file_name": "paper.pdf",
        "file_type": "application/pdf",
        "file_size": len(TINY_PDF),
        "added_by": customer.created_by,
    }
    yield Attachment(
        customer=customer,
        paper=Attachment.Paper.LICENCE,
        title="Business licence 营业执照",
        number=customer.tax_number,
        valid_from=today - timedelta(days=rng.randint(800, 3000)),
        valid_until=today + timedelta(days=rng.randint(300, 5000)),
        **kept,
    )
    ends = PAPERS_ENDING.get(customer.code)
    if ends is None and rng.random() < 0.15:
        return
    until = today + timedelta(days=ends) if ends is not None else date(today.year + 1, 12, 31)
    yield Attachment(
        customer=customer,
        paper=Attachment.Paper.AGREEMENT,
        title="Agency agreement 代理协议",
        number=f"HY-{customer.code[2:]}-{until.year}",
        valid_from=until - timedelta(days=730),
        valid_until=until,
        **kept,
    )
