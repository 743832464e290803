"""The kinds of notices: each app names its own, so that people can choose how each kind reaches them.

notice_kinds.add(NoticeKind("approval.waiting", _("An approval waits for you"), email_by_default=True))
"""

from dataclasses import dataclass
from typing import Any

from salesops.web.registry import Registry


@dataclass(frozen=True)
class NoticeKind:
    """What a notice is about, in the words of the settings page.

    `permission` keeps the kind out of the settings of people whom it never concerns.
    """

    key: str
    label: Any
    email_by_default: bool = False
    permission: str | tuple[str, ...] = ""
    order: int = 50


notice_kinds: Registry[NoticeKind] = Registry()
