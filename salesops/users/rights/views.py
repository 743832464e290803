"""The page of roles: what each of them may do."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from salesops.kernel.errors import RuleBroken
from salesops.users.models import RoleRight, SecondFactorRole
from salesops.users.roles import Role
from salesops.users.secondfactor.queries import roles_that_require_it
from salesops.web.history import Links, history_panel
from salesops.web.pages import Page

from .queries import APPS, people_by_role, rights_held, rights_shown, role_label
from .services import MANAGE, Right, change_rights


class RolesPage(Page):
    """A table of check boxes: a line for each right, a column for each role."""

    title = gettext_lazy("Roles and rights")
    permission_required = MANAGE
    menu_key = "roles"
    template_name = "users/roles.html"
    refusal: RuleBroken | None = None

    def context(self, **more: Any) -> dict[str, Any]:
        held, factor = more.pop("ticked", None), more.pop("factor_ticked", None)
        was = rights_held()
        now = was if held is None else held
        people = people_by_role()
        roles = [(name, role_label(name), people.get(name, 0)) for name in Role.values]
        rights = rights_shown()
        groups = []
        for app, of_app in groupby(rights, key=lambda right: right.app):
            lines = []
            for right in of_app:
                cells = [(name, label, (name, right.key) in now, (name, right.key) in was) for name, label, _n in roles]
                lines.append((right, cells))
            groups.append((APPS[app], lines))
        required = roles_that_require_it()
        shown = required if factor is None else factor
        factors = [(name, label, name in shown, name in required) for name, label, _n in roles]
        words = {right.pk: right.label for right in rights}
        history = history_panel(
            Links(
                RoleRight,
                "permission",
                _("right"),
                lambda permission: words.get(permission.pk, permission.name),
                owner="group",
                owner_words=lambda role: role_label(role.name),
                pgh_context__isnull=False,
            ),
            Links(SecondFactorRole, "group", _("second factor required:"), lambda role: role_label(role.name)),
            limit=30,
        )
        return super().context(roles=roles, factors=factors, groups=groups, refusal=self.refusal, **history, **more)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Give and take what was ticked and unticked since the page was shown; what others changed meanwhile stays."""
        was, now = _pairs(request.POST.getlist("was")), _pairs(request.POST.getlist("right"))
        factor_was, factor_now = set(request.POST.getlist("factor_was")), set(request.POST.getlist("factor"))
        try:
            change_rights(
                by=self.request.user,
                give=now - was,
                take=was - now,
                require_factor_of=factor_now - factor_was,
                release_from_factor=factor_was - factor_now,
            )
        except RuleBroken as refusal:
            self.refusal = refusal
            return self.render(status=422, **self.context(ticked=now, factor_ticked=factor_now))
        messages.success(request, _("Saved. It holds from the next page that each person opens."))
        return self._done()

    def _done(self) -> HttpResponse:
        return HttpResponseRedirect(reverse("users:roles"))


def _pairs(values: Sequence[str]) -> set[Right]:
    pairs: set[Right] = set()
    for value in values:
        role, _colon, key = value.partition(":")
        pairs.add((role, key))
    return pairs
