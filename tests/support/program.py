"""A program at the API: a test client that brings somebody's token."""

import json
from typing import Any

from django.test import Client

from salesops.api.services import create_token
from salesops.users.models import User

V1 = "/api/v1/"


class Program:
    """Sends and receives JSON below /api/v1/ as one person."""

    def __init__(self, person: User | None = None, **headers: str) -> None:
        self.client = Client()
        self.secret = create_token(by=person, name="test").secret if person else ""
        self.headers = {**({"Authorization": f"Token {self.secret}"} if person else {}), **headers}

    def send(self, method: str, path: str, body: Any = None, *, key: str = "", **headers: str) -> Any:
        """Send a request; `key` is its Idempotency-Key."""
        sent = {**self.headers, **headers, **({"Idempotency-Key": key} if key else {})}
        address = path if path.startswith(("/", "http")) else V1 + path
        more = {} if body is None else {"data": body, "content_type": "application/json"}
        return self.client.generic(method, address, headers=sent, **_as_bytes(more))

    def get(self, path: str, **headers: str) -> Any:
        """Ask for something."""
        return self.send("GET", path, **headers)

    def post(self, path: str, body: Any = None, *, key: str = "", **headers: str) -> Any:
        """Do something."""
        return self.send("POST", path, {} if body is None else body, key=key, **headers)

    def put(self, path: str, body: Any) -> Any:
        """Write something anew."""
        return self.send("PUT", path, body)

    def delete(self, path: str) -> Any:
        """End something."""
        return self.send("DELETE", path)


def _as_bytes(more: dict[str, Any]) -> dict[str, Any]:
    if "data" in more and not isinstance(more["data"], str | bytes):
        more["data"] = json.dumps(more["data"], default=str)
    return more


def made(response: Any, status: int = 200) -> Any:
    """Return what was answered; it must have this status."""
    assert response.status_code == status, response.content.decode()[:2_000]
    return response.json() if response.content else None
