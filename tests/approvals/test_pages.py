"""The inbox in a browser's terms: who sees what, what a click does, what a foreign id gets."""

import pytest
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from customers.accounts.services import put_on_hold
from orders.models import Delivery
from salesops.approvals.models import PolicyVersion, Request
from salesops.users.models import Delegation, User
from salesops.users.roles import Role
from tests.support.build import make_sales, make_user
from tests.support.queries import queries_of
from tests.support.signed_in import client_of, signed_in

pytestmark = pytest.mark.django_db


def url(name: str, request: Request) -> str:
    return reverse(f"approvals:{name}", args=[request.pk])


def test_the_inbox_shows_the_queue_and_the_first_case() -> None:
    sales = make_sales()
    request = sales.submitted(sales.customer("Lakeside Home", name_zh="湖畔家居", limit=500))
    text = signed_in(sales.supervisor).get(reverse("approvals:inbox")).content.decode()
    for said in ("Lakeside Home", "湖畔家居", request.number, "1,000", "Over the limit by", "100.0%"):
        assert said in text
    assert "More than you decide alone" in text


def test_the_page_says_within_whose_right_it_is() -> None:
    sales = make_sales()
    sales.submitted(sales.customer())
    text = signed_in(sales.supervisor).get(reverse("approvals:inbox")).content.decode()
    assert "Within your right:" in text
    assert "nothing is exceeded" in text


def test_an_empty_inbox_says_so() -> None:
    sales = make_sales()
    text = signed_in(sales.supervisor).get(reverse("approvals:inbox")).content.decode()
    assert "Nothing waits for you" in text


def test_an_approval_by_click_leads_to_the_next_case() -> None:
    sales = make_sales()
    first, second = sales.submitted(sales.customer()), sales.submitted(sales.customer())
    client = signed_in(sales.supervisor)
    response = client.post(url("approval", first))
    assert response.status_code == 302
    assert response["Location"] == url("case", second)
    assert Delivery.objects.get(pk=first.object_id).state == "approved"
    assert client.post(url("approval", second))["Location"] == reverse("approvals:inbox")


def test_a_second_click_is_told_that_it_is_decided() -> None:
    sales = make_sales()
    request = sales.submitted(sales.customer())
    client = signed_in(sales.supervisor)
    client.post(url("approval", request))
    again = client.post(url("approval", request))
    assert again.status_code == 409
    assert "already decided" in again.content.decode()


def test_a_rejection_without_a_reason_is_refused_and_with_one_is_done() -> None:
    sales = make_sales()
    request = sales.submitted(sales.customer())
    client = signed_in(sales.supervisor)
    assert client.post(url("rejection", request), {"note": ""}).status_code == 409
    assert client.post(url("rejection", request), {"note": "Too large"}).status_code == 302
    assert Delivery.objects.get(pk=request.object_id).state == "rejected"


def test_trimming_proposes_what_fits_and_approves_it() -> None:
    sales = make_sales()
    request = sales.submitted(sales.customer(limit=10_000), 120)
    line = Delivery.objects.get(pk=request.object_id).lines.get()
    client = signed_in(sales.supervisor)
    text = client.get(url("case", request), {"trim": "fit"}).content.decode()
    assert f'name="pieces_{line.pk}" value="100"' in text
    assert "Trimmed to" in text
    client.post(url("approval", request), {f"pieces_{line.pk}": "90"})
    assert Delivery.objects.get(pk=request.object_id).approved_amount == 9_000


@pytest.mark.parametrize("typed", ["-1", "many", "121", "1.5", "", "9" * 30])
def test_a_trim_that_is_no_quantity_changes_nothing(typed: str) -> None:
    sales = make_sales()
    request = sales.submitted(sales.customer(limit=50_000), 120)
    line = Delivery.objects.get(pk=request.object_id).lines.get()
    client = signed_in(sales.supervisor)
    assert client.get(url("case", request), {"trim": "typed", f"pieces_{line.pk}": typed}).status_code == 200
    assert client.post(url("approval", request), {f"pieces_{line.pk}": typed}).status_code == 409
    assert Delivery.objects.get(pk=request.object_id).state == "submitted"


def test_stock_that_is_short_is_trimmed_first() -> None:
    sales = make_sales(stock=30)
    request = sales.submitted(sales.customer(), 50)
    text = signed_in(sales.supervisor).get(url("case", request), {"trim": "fit"}).content.decode()
    assert 'value="30"' in text
    assert "short 20" in signed_in(sales.supervisor).get(url("case", request)).content.decode()


def test_several_are_approved_together_and_the_result_says_why_not() -> None:
    sales = make_sales()
    held = sales.customer("Held Trading")
    fits, stopped = sales.submitted(sales.customer()), sales.submitted(held)
    put_on_hold(held.pk, by=sales.finance, reason="Cheque bounced")
    response = signed_in(sales.supervisor).post(
        reverse("approvals:together"), {"selected": [fits.pk, stopped.pk, 999_999]}
    )
    text = response.content.decode()
    assert "1 approved, 1 not" in text
    assert "Cheque bounced" in text
    assert Delivery.objects.filter(state="approved").count() == 1


def test_nothing_selected_is_said() -> None:
    sales = make_sales()
    assert signed_in(sales.supervisor).post(reverse("approvals:together")).status_code == 409


@pytest.mark.parametrize("name", ["approval", "rejection", "return", "parking", "withdrawal"])
def test_a_foreign_request_is_not_there(name: str) -> None:
    sales, other = make_sales(), make_sales()
    request = sales.submitted(sales.customer())
    client = signed_in(other.supervisor)
    assert client.post(url(name, request), {"note": "x"}).status_code == 404
    assert client.get(url("case", request)).status_code == 404
    assert Delivery.objects.get(pk=request.object_id).state == "submitted"


def test_agents_have_no_inbox() -> None:
    sales = make_sales()
    customer = sales.customer()
    request = sales.submitted(customer)
    agent = signed_in(make_user(Role.AGENT, customer=customer))
    assert agent.get(reverse("approvals:inbox")).status_code == 403
    assert agent.get(url("case", request)).status_code == 403
    assert agent.post(url("approval", request)).status_code == 403


def test_who_reads_without_the_right_sees_who_decides() -> None:
    sales = make_sales()
    request = sales.submitted(sales.customer())
    text = signed_in(sales.representative).get(url("case", request)).content.decode()
    assert "Nobody decides on their own document." in text
    text = signed_in(sales.finance).get(url("case", request)).content.decode()
    assert "This waits for: Sales supervisor." in text
    assert 'type="submit" data-approve' not in text


def test_who_may_not_see_accounts_sees_no_cases_of_others() -> None:
    sales = make_sales()
    request = sales.submitted(sales.customer())
    for role in (Role.SUPPLY, Role.PERSONNEL, Role.MARKETING):
        client = client_of(role)
        assert client.get(url("case", request)).status_code == 404
        assert request.number not in client.get(reverse("approvals:inbox") + "?whose=team").content.decode()


def test_a_delegate_is_told_in_whose_place() -> None:
    from django.utils import timezone

    sales = make_sales()
    sales.submitted(sales.customer())
    delegate = make_user(Role.REPRESENTATIVE, team=sales.team)
    today = timezone.localdate()
    Delegation.objects.create(giver=sales.supervisor, taker=delegate, first_day=today, last_day=today)
    text = signed_in(delegate).get(reverse("approvals:inbox")).content.decode()
    assert f"in place of {sales.supervisor}" in text


def test_a_long_queue_costs_no_more_queries(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    sales = make_sales()
    client = signed_in(sales.supervisor)
    for _n in range(3):
        sales.submitted(sales.customer())
    client.get(reverse("approvals:inbox"))
    with django_assert_max_num_queries(60) as few:
        client.get(reverse("approvals:inbox"))
    for _n in range(12):
        sales.submitted(sales.customer())
    with django_assert_max_num_queries(len(few)):
        client.get(reverse("approvals:inbox"))


def test_policies_are_published_from_the_browser() -> None:
    admin = client_of(Role.ADMINISTRATOR)
    page = admin.get(reverse("approvals:policy_change", args=["delivery"]))
    assert page.status_code == 200
    sent = {
        "name": "Deliveries",
        "note": "Finance looks at large ones",
        "role_1": "supervisor",
        "hours_1": "8",
        "role_2": "finance",
        "hours_2": "24",
        "amount_2": "100000",
        "stop_on_hold": "on",
    }
    response = admin.post(reverse("approvals:policy_change", args=["delivery"]), sent)
    assert response.status_code == 302
    newest = PolicyVersion.objects.filter(policy__document_type="delivery").order_by("-number")[0]
    assert [(stage.role, stage.hours, stage.conditions) for stage in newest.stages.all()] == [
        ("supervisor", 8, []),
        ("finance", 24, [{"fact": "amount", "op": "above", "value": "100000"}]),
    ]
    assert newest.stops == [{"fact": "on_hold", "op": "is"}]
    text = admin.get(reverse("approvals:policy", args=["delivery"])).content.decode()
    assert "Amount above 100,000.00" in text


def test_a_policy_without_stages_keeps_what_was_typed() -> None:
    admin = client_of(Role.ADMINISTRATOR)
    response = admin.post(reverse("approvals:policy_change", args=["delivery"]), {"name": "Mine", "note": "Typed"})
    assert response.status_code == 422
    assert "Typed" in response.content.decode()
    assert PolicyVersion.objects.filter(policy__document_type="delivery").count() == 1


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMINISTRATOR])
def test_only_administrators_edit_policies(role: str) -> None:
    client = client_of(role)
    for name, args in (("policies", []), ("policy", ["delivery"]), ("policy_change", ["delivery"])):
        assert client.get(reverse(f"approvals:{name}", args=args)).status_code == 403


def test_inbox_and_waiting_delivery_ask_as_often_for_several_requests_in_every_role() -> None:
    sales = make_sales()
    people = [sales.supervisor, sales.regional_manager, sales.sales_manager, sales.representative]
    first = sales.submitted(sales.customer(limit=500), 10, discount=20)
    pages = (reverse("approvals:inbox"), Delivery.objects.get(pk=first.object_id).get_absolute_url())
    few = _queries_by_page(people, pages)
    for _each in range(4):
        sales.submitted(sales.customer(limit=500), 10)

    assert _queries_by_page(people, pages) == few
    assert max(few[pages[0]]) <= 12
    assert max(few[pages[1]]) <= 12


def _queries_by_page(people: list[User], pages: tuple[str, ...]) -> dict[str, list[int]]:
    """How often each page asks for each person, once the process has read the policy."""
    clients = [signed_in(person) for person in people]
    for client in clients:
        client.get(pages[1])
    return {page: [queries_of(client, page) for client in clients] for page in pages}
