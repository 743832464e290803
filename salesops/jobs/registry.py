"""The kinds of background work: a function each, declared where it belongs.

    @job_kind("books", label=_("Import of books"), permission="imports.import_books")
    def run(job: Job, progress: Progress) -> Result | None:
        for row in progress.over(rows, total, saying=_("Reading the file")):
            ...
        with progress.finishing() as result:
            result.summary = {"customers": load(...)}

Import the module in the app's `ready()`, so that web processes and workers know the kind.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from salesops.web.registry import Registry, may

if TYPE_CHECKING:
    from salesops.users.models import User

    from .models import Job
    from .progress import Progress, Result

    Run = Callable[[Job, Progress], Result | None]
    Allows = Callable[[User, dict[str, Any]], bool]


@dataclass(frozen=True)
class JobKind:
    """What a job does, and who may have it done and fetch its result.

    `permission` is asked at the start, when the work begins, and at each download. Where it depends on the
    parameters, `allows(user, params)` is asked as well.
    """

    key: str
    run: "Run"
    label: Any
    permission: str | tuple[str, ...] = ""
    allows: "Allows | None" = None
    owner_only: bool = False
    """Whether the file holds what its owner's scope shows, so that nobody else fetches it."""

    def allowed_to(self, user: "User", params: dict[str, Any]) -> bool:
        """Whether a person has the right to this work with these parameters now."""
        return user.is_active and may(user, self.permission) and (self.allows is None or self.allows(user, params))


job_kinds: Registry[JobKind] = Registry()


def job_kind(
    key: str,
    *,
    label: Any = "",
    permission: str | tuple[str, ...] = "",
    allows: "Allows | None" = None,
    owner_only: bool = False,
) -> "Callable[[Run], Run]":
    """Declare the function that does the work of a kind; `label` is the kind in the words of the list of jobs."""

    def declare(run: "Run") -> "Run":
        job_kinds.add(JobKind(key, run, label or key, permission, allows, owner_only))
        return run

    return declare
