"""Somebody at the browser, without a browser."""

from typing import Any

from django.test import Client

from salesops.users.models import User
from tests.support.build import make_user


def signed_in(user: User) -> Client:
    """A client in which the person is signed in."""
    client = Client()
    client.force_login(user)
    return client


def client_of(role: str, **fields: Any) -> Client:
    """A client in which somebody of that role is signed in."""
    return signed_in(make_user(role, **fields))
