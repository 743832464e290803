"""A kind of notice of the tests, and a real mail server."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.utils.translation import gettext_lazy as _
from environ import Env

from salesops.notify.registry import NoticeKind, notice_kinds

KIND = "test.thing"


@pytest.fixture(autouse=True)
def kind() -> Iterator[str]:
    """A kind that comes by mail unless somebody does not want it so."""
    notice_kinds.add(NoticeKind(KIND, _("Delivery"), email_by_default=True))
    yield KIND
    notice_kinds._things.pop(KIND)


class Postbox:
    """Keeps what a mail server is given; `answers` are given to the next recipients instead of a yes."""

    def __init__(self) -> None:
        self.messages: list[Any] = []
        self.answers: list[str] = []

    async def handle_RCPT(  # noqa: N802  the name that aiosmtpd asks for
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.answers:
            return self.answers.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        from email import message_from_bytes, policy

        self.messages.append(message_from_bytes(envelope.content or b"", policy=policy.default))  # type: ignore[arg-type]
        return "250 OK"


class Server(Controller):
    """A mail server on a port that the system chooses."""

    postbox: Postbox

    @property
    def url(self) -> str:
        """Its address as a deployment sets it."""
        return f"smtp://127.0.0.1:{self.port}"

    def _trigger_server(self) -> None:
        server: Any = self.server
        self.port = server.sockets[0].getsockname()[1]
        super()._trigger_server()


UseServer = Callable[[str], None]


@pytest.fixture
def use_mail_server(settings: Any) -> UseServer:
    """Set EMAIL_URL as a deployment would."""

    def use(url: str) -> None:
        settings.EMAIL_URL = url
        for name, value in Env.email_url_config(url).items():
            setattr(settings, name, value)

    return use


@contextmanager
def serving() -> Iterator[Server]:
    """Within the block a real SMTP server listens on a free port of this machine."""
    postbox = Postbox()
    server = Server(postbox, hostname="127.0.0.1", port=0)
    server.postbox = postbox
    server.start()
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture
def mail_server(use_mail_server: UseServer) -> Iterator[Server]:
    """A real SMTP server, set as the product's own."""
    with serving() as server:
        use_mail_server(server.url)
        yield server
