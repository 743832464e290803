"""What comes with a request may be anything: it is no reason to fail."""

from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import resolve

from tests.support.build import make_user
from tests.support.signed_in import signed_in


@pytest.fixture
def somebody(db: None) -> Client:
    client = signed_in(make_user((), is_superuser=True))
    client.raise_request_exception = False
    return client


@pytest.mark.parametrize("given", ["%00", "1%00", "%C2%B2", "9" * 5000, "1e200000"])
@pytest.mark.parametrize(
    "url",
    [
        "/deliveries/new/?customer=",
        "/deliveries/preview/?delivery=",
        "/deliveries/products/?customer=",
        "/payments/new/?customer=",
        "/payments/account/?customer=",
        "/temporary-limits/new/?customer=",
        "/temporary-limits/new/?delivery=",
        "/approvals/?kind=",
        "/products/pick/?customer=",
        "/products/pick/?warehouse=",
        "/price-lists/new/?copy=",
        "/stock/receipts/new/?product=",
        "/customers/?representative=",
        "/deliveries/?amount_min=",
        "/payments/?amount_max=",
        "/statistics/?period=",
        "/statistics/?by=",
        "/statistics/?measures=",
        "/statistics/?region=",
        "/statistics/?team=",
        "/statistics/?representative=none&category=",
        "/statistics/?period=2024&customer=",
        "/statistics/?sort=",
        "/statistics/?from=",
        "/statistics/documents/?period=",
        "/statistics/documents/?region==",
        "/statistics/pick/customer/?q=",
        "/statistics/pick/category/?q=",
        "/statistics/issued/?region=",
        "/statistics/issued/?team=",
        "/statistics/issued/?year=",
    ],
)
def test_no_address_makes_a_page_fail(somebody: Client, url: str, given: str) -> None:
    assert resolve(urlsplit(url).path)
    assert somebody.get(url + given).status_code < 500


@pytest.mark.parametrize("url", ["/deliveries/", "/payments/"])
@pytest.mark.parametrize("lower", ["x", "NaN", "sNaN"])
def test_no_two_ends_make_a_list_fail(somebody: Client, url: str, lower: str) -> None:
    assert somebody.get(f"{url}?amount_min={lower}&amount_max=sNaN").status_code == 200


@pytest.mark.parametrize("given", ["\x00", "²", "9" * 5000])
def test_no_field_makes_a_page_fail(somebody: Client, given: str) -> None:
    fields = {"customer": given, "warehouse": given, "lines-TOTAL_FORMS": "1", "lines-INITIAL_FORMS": "0"}
    fields |= {"lines-0-product": given, "lines-0-quantity": given, "note": given}
    assert somebody.post("/deliveries/new/", fields).status_code < 500
    assert somebody.post("/views/", {"name": f"a{given}", "page_key": f"b{given}"}).status_code < 500
