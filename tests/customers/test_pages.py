"""Pages about customers."""

from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from python_calamine import load_workbook

from customers.attachments.services import PaperInput, add_attachment
from customers.files.completeness import completeness_of
from customers.models import Attachment, CreditAccount, Customer, Note
from customers.parts.services import AddressInput, ContactInput, add_address, add_contact, add_note
from customers.registry import expiring_papers
from salesops.users.models import User
from salesops.users.roles import Role
from tests.support.build import make_customer, make_region, make_team, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def rep(client: Client) -> User:
    """A representative, signed in."""
    user = make_user(Role.REPRESENTATIVE, team=make_team(), full_name="Gao Lei")
    client.force_login(user)
    return user


def names_shown(client: Client, query: str, names: set[str]) -> set[str]:
    text = client.get(f"/customers/?{query}").content.decode().split('id="list"')[1]
    return {name for name in names if name in text}


# ---- the list ----
def test_a_long_list_asks_as_often_as_a_short_one(client: Client, rep: User, django_assert_max_num_queries: Any):
    for _ in range(40):
        make_customer(region=make_region(), representative=rep, limit=Decimal(100))
    client.get("/customers/")
    with django_assert_max_num_queries(14):
        response = client.get("/customers/")
    assert response.content.count(b"Gao Lei") >= 40


def test_the_list_shows_what_lies_in_scope_with_what_the_limit_leaves(client: Client, rep: User):
    make_customer("Own", representative=rep, limit=Decimal(900), balance=Decimal(742), committed=Decimal(96))
    make_customer("Foreign")
    page = client.get("/customers/").content.decode()
    assert "Own" in page
    assert "Foreign" not in page
    assert "62<small>.00</small>" in page


def test_customers_are_filtered_searched_and_sorted(client: Client):
    client.force_login(make_user(Role.SALES_MANAGER))
    rep, region = make_user(full_name="Gao Lei"), make_region()
    below = make_region(parent=region)
    make_customer("Anna", code="A-1", kind="retailer", grade="A", region=below, representative=rep, tax_number="913206")
    make_customer("Bert", code="B-2", is_on_hold=True, hold_reason="late", limit=Decimal(10), balance=Decimal(9))
    make_customer("Carl", code="C-3", limit=Decimal(10), balance=Decimal(11), is_active=False, name_zh="卡尔")
    names = {"Anna", "Bert", "Carl"}
    for query, expected in {
        "kind=retailer": {"Anna"},
        "grade=A": {"Anna"},
        f"region={region.pk}": {"Anna"},
        f"representative={rep.pk}": {"Anna"},
        "credit=hold": {"Bert"},
        "credit=over": {"Carl"},
        "credit=owing": {"Bert", "Carl"},
        "file=active": {"Anna", "Bert"},
        "file=inactive": {"Carl"},
        "q=b-2": {"Bert"},
        "q=卡": {"Carl"},
        "q=3206": {"Anna"},
        "": names,
    }.items():
        assert names_shown(client, query, names) == expected, query
    listed = client.get("/customers/?sort=-balance").content.decode()
    assert listed.index("Carl") < listed.index("Bert") < listed.index("Anna")


def test_a_temporary_limit_counts_where_the_list_says_what_is_available(client: Client):
    from orders.credit.models import LimitState, TemporaryLimit

    client.force_login(make_user(Role.SALES_MANAGER))
    customer = make_customer("Own", limit=Decimal(100), balance=Decimal(90))
    today = timezone.localdate()
    limit = TemporaryLimit.objects.create(
        number="TL-1",
        customer=customer,
        amount=Decimal(500),
        first_day=today,
        last_day=today,
        reason="fair",
        created_by=make_user(),
    )
    TemporaryLimit.objects.filter(pk=limit.pk).update(state=LimitState.APPROVED)
    assert "510<small>.00</small>" in client.get("/customers/").content.decode()


@pytest.mark.parametrize("role", [Role.SUPPLY, Role.MARKETING])
def test_what_customers_owe_is_shown_only_to_those_who_see_accounts(client: Client, role: str):
    client.force_login(make_user(role))
    make_customer("Own", limit=Decimal(4321), balance=Decimal(1234))
    for url in ("/customers/", "/customers/?sort=-balance", "/customers/?credit=owing"):
        page = client.get(url).content.decode()
        assert "Own" in page
        assert "1,234" not in page
        assert "4,321" not in page
    rows = load_workbook(BytesIO(client.get("/customers/?export=xlsx").content)).get_sheet_by_index(0).to_python()
    assert not [cell for row in rows for cell in row if cell in (1234, 4321)]


def test_the_file_holds_what_the_list_shows(client: Client, rep: User):
    make_customer("Own", code="A-1", name_zh="自己", representative=rep, limit=Decimal(900), balance=Decimal("742.18"))
    make_customer("Foreign", code="F-1")
    rows = load_workbook(BytesIO(client.get("/customers/?export=xlsx").content)).get_sheet_by_index(0).to_python()
    found = next(row for row in rows if "A-1" in row)
    assert "自己" in found
    assert 742.18 in found
    assert not any("F-1" in row for row in rows)


def test_an_agent_comes_to_its_own_file(client: Client):
    customer = make_customer("Own", code="A-1")
    client.force_login(make_user(Role.AGENT, customer=customer))
    assert client.get("/customers/")["Location"] == "/customers/A-1/"


# ---- the file ----
def test_the_page_says_who_where_and_how_it_stands(client: Client, rep: User):
    make_customer(
        "Jianghai", code="A-1", name_zh="江海", representative=rep, is_on_hold=True, hold_reason="late", due_days=45
    )
    page = client.get("/customers/A-1/").content.decode()
    for words in ("Jianghai", "江海", "A-1", "Terms 45 days", "Rep. Gao Lei", "On hold"):
        assert words in page


def test_an_agent_is_offered_nothing_to_write_into_its_file(client: Client, settings: Any, tmp_path: Path):
    customer = make_customer(code="A-1", is_on_hold=True, hold_reason="Suspected of fraud")
    contact = add_contact(customer.pk, ContactInput("Cao"), by=make_user())
    add_note(customer.pk, by=make_user(), text="Never trust them")
    client.force_login(make_user(Role.AGENT, customer=customer))
    pages = [client.get("/customers/A-1/")]
    pages += [client.get(f"/panels/customer/{key}/A-1/") for key in ("terms", "contacts", "addresses", "attachments")]
    text = "".join(page.content.decode() for page in pages)
    assert "Cao" in text
    written_about = ("Suspected", "Never trust", "Completeness", "panel-history")
    ways_in = ("/change/", f'"/contacts/{contact.pk}/"', "/contacts/new/", "/papers/new/", "/hold/", "/credit-terms/")
    assert [words for words in (*written_about, *ways_in) if words in text] == []


def test_the_score_names_what_is_missing_and_where_it_is_filled_in(settings: Any, tmp_path: Path):
    settings.MEDIA_ROOT = tmp_path
    rep = make_user()
    customer = make_customer(code="A-1")
    empty = completeness_of(customer)
    assert (empty.percent, len(empty.missing)) == (0, 10)
    assert {item.url for item in empty.missing} >= {
        "/customers/A-1/change/#id_tax_number",
        "/customers/A-1/contacts/new/",
    }
    Customer.objects.filter(pk=customer.pk).update(
        tax_number="9132", phone="0513", email="a@b.example", representative=rep
    )
    customer.territory.add(make_region())
    add_contact(customer.pk, ContactInput("Cao", phone="138"), by=rep)
    add_address(customer.pk, AddressInput("Shop", "Road"), by=rep)
    add_attachment(customer.pk, PaperInput("Agreement", "agreement"), by=rep)
    yesterday = timezone.localdate() - timedelta(1)
    licence = add_attachment(customer.pk, PaperInput("Licence", "licence", valid_until=yesterday), by=rep)
    customer = Customer.objects.get(pk=customer.pk)
    assert [str(item.label) for item in completeness_of(customer).missing] == ["Valid licence"]
    Attachment.objects.filter(pk=licence.pk).update(valid_until=timezone.localdate())
    assert completeness_of(customer).percent == 100


# ---- the form ----
def filled(rep: User, **changes: Any) -> dict[str, Any]:
    region = rep.team.region_id if rep.team else None
    return {
        "name": "Jianghai",
        "kind": "agent",
        "grade": "B",
        "region": region,
        "representative": rep.pk,
        "is_active": "on",
        **changes,
    }


def test_a_customer_is_filed_on_one_page(client: Client, rep: User):
    territory = make_region()
    response = client.post("/customers/new/", filled(rep, territory=[territory.pk], tax_number="913206"))
    customer = Customer.objects.get()
    assert response["Location"] == f"/customers/{customer.code}/"
    assert (customer.representative, customer.tax_number, list(customer.territory.all())) == (
        rep,
        "913206",
        [territory],
    )


def test_the_page_asks_before_filing_what_may_be_on_file(client: Client, rep: User):
    make_customer("Secret Trading", tax_number="913206", representative=make_user(full_name="Chen Siyuan"))
    data = filled(rep, tax_number="913206")
    refused = client.post("/customers/new/", data)
    page = refused.content.decode()
    assert refused.status_code == 422
    assert "owned by Chen Siyuan" in page
    assert "Secret" not in page
    assert 'name="despite_duplicates"' in page
    assert Customer.objects.count() == 1
    client.post("/customers/new/", {**data, "despite_duplicates": "on"})
    assert Customer.objects.count() == 2


def test_duplicates_are_told_while_the_form_is_filled_in(client: Client, rep: User):
    make_customer("Jianghai", code="A-1", representative=rep)
    assert b"/customers/A-1/" in client.get("/customers/duplicates/?name=JIANGHAI+Ltd.").content
    assert b"A-1" not in client.get("/customers/duplicates/?name=JIANGHAI+Ltd.&besides=A-1").content
    assert client.get("/customers/duplicates/").content.strip() == b""


def test_a_file_is_changed_and_a_stale_form_is_refused(client: Client, rep: User):
    customer = make_customer("Old", code="A-1", representative=rep, region=rep.team.region if rep.team else None)
    seen = client.get("/customers/A-1/change/").context["form"].initial["seen"]
    response = client.post("/customers/A-1/change/", filled(rep, name="New", code="A-1", seen=seen))
    assert response["Location"] == "/customers/A-1/"
    stale = client.post("/customers/A-1/change/", filled(rep, name="Newer", code="A-1", seen=seen))
    assert stale.status_code == 422
    customer.refresh_from_db()
    assert customer.name == "New"


def test_the_same_form_sent_twice_files_one_customer(client: Client, rep: User):
    key = client.get("/customers/new/").context["once_key"]
    first, second = (client.post("/customers/new/", filled(rep, once_key=key)) for _ in range(2))
    assert first["Location"] == second["Location"]
    assert Customer.objects.count() == 1


# ---- parts ----
def test_notes_contacts_and_addresses_are_written_in_place(client: Client, rep: User):
    customer = make_customer(code="A-1", representative=rep)
    client.post("/customers/A-1/notes/new/", {"text": "Pays after the fair"})
    client.post("/customers/A-1/contacts/new/", {"name": "Cao", "phone": "138"})
    client.post("/customers/A-1/addresses/new/", {"label": "Shop", "text": "Ring road"})
    contact = customer.contacts.get()
    client.post(f"/contacts/{contact.pk}/", {"name": "Cao Hong", "is_main": "on"})
    text = "".join(
        client.get(f"/panels/customer/{key}/A-1/").content.decode() for key in ("notes", "contacts", "addresses")
    )
    for words in ("Pays after the fair", "Cao Hong", "Ring road"):
        assert words in text
    assert client.post("/customers/A-1/notes/new/", {"text": " "}).status_code == 422
    assert Note.objects.count() == 1


def test_a_paper_is_uploaded_and_comes_back_as_a_download(client: Client, rep: User, settings: Any, tmp_path: Path):
    settings.MEDIA_ROOT = tmp_path
    make_customer(code="A-1", representative=rep)
    content = b"%PDF-1.7 <script>alert(1)</script>"
    data = {"paper": "licence", "title": "Licence", "file": SimpleUploadedFile("营业执照.pdf", content)}
    client.post("/customers/A-1/papers/new/", data)
    paper = Attachment.objects.get()
    response = client.get(f"/papers/{paper.pk}/file/")
    assert b"".join(response.streaming_content) == content  # type: ignore[attr-defined]
    assert response["Content-Disposition"].startswith("attachment")
    assert quote("营业执照.pdf") in response["Content-Disposition"]
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Type"] == "application/pdf"


def test_a_file_that_is_something_else_is_refused_at_its_field(
    client: Client, rep: User, settings: Any, tmp_path: Path
):
    settings.MEDIA_ROOT = tmp_path
    make_customer(code="A-1", representative=rep)
    data = {"paper": "licence", "title": "Licence", "file": SimpleUploadedFile("a.pdf", b"MZ\x90 an exe")}
    response = client.post("/customers/A-1/papers/new/", data)
    assert response.status_code == 422
    assert "file" in response.context["form"].errors
    assert not Attachment.objects.exists()


def test_a_paper_without_a_file_has_nothing_to_download(client: Client, rep: User):
    paper = add_attachment(make_customer(representative=rep).pk, PaperInput("Licence"), by=rep)
    assert client.get(f"/papers/{paper.pk}/file/").status_code == 404


def test_the_home_card_shows_the_papers_of_ones_own_customers_that_expire(rep: User):
    today = timezone.localdate()
    mine, other = make_customer(representative=rep), make_customer()
    for customer in (mine, other):
        add_attachment(customer.pk, PaperInput("Soon", valid_until=today + timedelta(9)), by=rep)
        add_attachment(customer.pk, PaperInput("Later", valid_until=today + timedelta(90)), by=rep)
    papers = expiring_papers(rep)["papers"]
    assert [(paper.title, paper.customer, badge.text) for paper, badge in papers] == [("Soon", mine, "9 days left")]


# ---- terms ----
def test_terms_holds_and_releases_are_set_on_their_pages(client: Client):
    client.force_login(make_user(Role.FINANCE))
    make_customer(code="A-1", limit=Decimal(0))
    data = {"limit": "900000", "due_rule": "month_end", "due_days": "30", "tolerance_days": "10"}
    assert client.post("/customers/A-1/credit-terms/", data)["Location"] == "/customers/A-1/"
    client.post("/customers/A-1/hold/", {"reason": "cheque returned"})
    account = CreditAccount.objects.get()
    assert (account.limit, account.due_rule, account.is_on_hold) == (Decimal(900000), "month_end", True)
    assert client.post("/customers/A-1/hold/", {"reason": "again"}).status_code == 422
    client.post("/customers/A-1/release/", {"note": "paid"})
    assert not CreditAccount.objects.get().is_on_hold
    client.post("/customers/A-1/credit-terms/", {**data, "limit": ""})
    assert CreditAccount.objects.get().limit is None


# ---- finding ----
def test_customers_are_picked_and_found_by_any_part_of_name_or_code(client: Client, rep: User):
    make_customer("Nantong Jianghai", code="A-1031", name_zh="南通江海", representative=rep)
    make_customer("Nantong Closed", code="A-1032", representative=rep, is_active=False)
    make_customer("Nantong Foreign", code="A-1033")
    for text in ("jiang", "1031", "江海", "nantong", "hai nan"):
        assert [one["text"] for one in client.get("/customers/pick/", {"q": text}).json()["results"]] == [
            "Nantong Jianghai 南通江海"
        ]
    found = client.get("/find/", {"q": "江海"}).content.decode()
    assert "/customers/A-1031/" in found
    assert "Foreign" not in client.get("/find/", {"q": "nantong"}).content.decode()


def test_representatives_are_picked_within_ones_scope(client: Client, rep: User):
    make_user(Role.REPRESENTATIVE, full_name="Somebody Else")
    assert [one["text"] for one in client.get("/customers/pick-representative/").json()["results"]] == ["Gao Lei"]


@pytest.mark.parametrize(
    "url",
    [
        "/customers/%00/",
        "/customers/%00/change/",
        "/customers/duplicates/?besides=%00&name=a%00b",
        "/customers/pick/?q=a%00b",
        "/customers/?q=%00a&region=%00&representative=%00&sort=%00",
        "/customers/?region=99999999999999999999&page=99999",
        "/customers/A-1/papers/new/?paper=%00",
        "/people/%00/",
        "/people/pick/?q=%00",
        "/regions/%00/change/",
        "/regions/new/?in=%00",
        "/regions/?q=%00",
    ],
)
def test_addresses_that_nobody_would_write_find_nothing_and_break_nothing(client: Client, url: str):
    client.force_login(make_user([Role.SALES_MANAGER, Role.ADMINISTRATOR]))
    make_customer(code="A-1")
    assert client.get(url).status_code in {200, 404}
