"""Whose request it is: the address of the client, taken from a proxy's word only where we trust the proxy."""

from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

Address = IPv4Address | IPv6Address
SOCKET = "unix"
"""In TRUSTED_PROXIES: whoever comes over a Unix socket, who has no address."""
SAID_BY_PROXIES = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST", "HTTP_FORWARDED")


class TrustedProxies:
    """Puts the client's own address into REMOTE_ADDR, and forgets what somebody else than our proxies says.

    Everything below reads REMOTE_ADDR: throttles, the record of sign-ins, logs. Stands before all other middleware,
    because the redirect to TLS believes X-Forwarded-Proto.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        peer = str(request.META.get("REMOTE_ADDR", ""))
        if is_trusted(peer):
            request.META["REMOTE_ADDR"] = client_behind(peer, request.META.get("HTTP_X_FORWARDED_FOR", ""))
        else:
            for header in SAID_BY_PROXIES:
                request.META.pop(header, None)
        return self.get_response(request)


def is_trusted(peer: str) -> bool:
    """Whether the settings name this address, or a network around it, as a proxy of ours."""
    if not peer:
        return SOCKET in settings.TRUSTED_PROXIES
    address = address_in(peer)
    networks = [ip_network(one, strict=False) for one in settings.TRUSTED_PROXIES if one != SOCKET]
    return address is not None and any(address in network for network in networks)


def client_behind(peer: str, forwarded: str) -> str:
    """Return the address of the client: the last one in the chain that is not a proxy of ours.

    Each proxy appends whom it heard; what stands before the first one that we do not trust is anybody's invention.
    """
    client = peer
    for said in reversed(forwarded.split(",")):
        address = address_in(said)
        if address is None:
            break
        client = str(address)
        if not is_trusted(client):
            break
    return client


def address_in(text: str) -> Address | None:
    """Return the address that a text is, an IPv4 address also where it is written as an IPv6 one; None for others."""
    try:
        address = ip_address(text.strip().strip("[]"))
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        return address.ipv4_mapped or address
    return address
