"""What users add to the shell."""

from typing import Any

from django.contrib.auth.models import Permission
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from salesops.web import registry
from salesops.web.history import Links, Parts, history_panel

from .delegation.queries import delegations_visible_to
from .delegation.tables import state_of
from .models import Delegation, SignInEvent, User, UserRole
from .people.queries import find_people, people_visible_to, with_role_list
from .people.views import MANAGE, SEE, in_words
from .rights.queries import rights_shown, role_label
from .signin.browsers import browser_in_words
from .signin.tables import outcome_badge

registry.menu.add(registry.MenuEntry("people", _("People"), "users:people", "users", "settings", SEE, order=10))
registry.menu.add(registry.MenuEntry("roles", _("Roles and rights"), "users:roles", "shield", "settings", MANAGE, 20))
registry.menu.add(
    registry.MenuEntry("regions", _("Regions"), "users:regions", "map", "settings", "users.manage_regions", 30)
)
registry.menu.add(
    registry.MenuEntry("teams", _("Teams"), "users:teams", "grid", "settings", "users.manage_regions", 40)
)
registry.menu.add(registry.MenuEntry("sign_ins", _("Sign-ins"), "users:sign_ins", "key", "settings", MANAGE, 25))
registry.account.add(
    registry.AccountLink("delegation", _("Delegation"), "users:delegation", "swap", "users.delegate", 10)
)
registry.account.add(registry.AccountLink("sign_ins", _("My sign-ins"), "users:own_sign_ins", "history", order=80))
registry.account.add(
    registry.AccountLink("second_factor", _("Second factor"), "users:second_factor", "shield", order=85)
)
registry.account.add(registry.AccountLink("password", _("Change my password"), "users:password", "key", order=90))


def find(user: User, text: str, limit: int) -> list[registry.Hit]:
    """Find people for whoever may see them."""
    found = find_people(with_role_list(people_visible_to(user)), text).order_by("full_name")[:limit]
    return [
        registry.Hit(one.full_name, in_words(one), one.get_absolute_url(), title_zh=one.full_name_zh) for one in found
    ]


registry.search.add(registry.SearchProvider("people", _("People"), "users", find, permission=SEE, order=80))


def rights_of(request: Any, person: User) -> dict[str, Any]:
    """What somebody may do, in words, by the roles that give it."""
    held = Permission.objects.filter(Q(group__user=person)).values_list(
        "content_type__app_label", "codename", "group__name"
    )
    givers: dict[str, list[str]] = {}
    for label, codename, role in held:
        givers.setdefault(f"{label}.{codename}", []).append(role_label(role))
    rights = [(right.label, ", ".join(sorted(givers[right.key]))) for right in rights_shown() if right.key in givers]
    return {"rights": rights, "several": len(person.roles) > 1, "person": person}


def delegations_of(request: Any, person: User) -> dict[str, Any]:
    """For whom somebody decides, and who decides for them, as far as the reader may know."""
    seen = delegations_visible_to(request.user).filter(Q(giver=person) | Q(taker=person))[:10]
    return {"delegations": [(one, state_of(one)) for one in seen], "head_url": reverse("users:delegation")}


def sign_ins_of(request: Any, person: User) -> dict[str, Any]:
    """The latest of what happened when somebody signed in, or tried to."""
    events = SignInEvent.objects.filter(user=person).select_related("by")[:8]
    return {
        "events": [(event, outcome_badge(event), browser_in_words(event.browser)) for event in events],
        "head_url": f"{reverse('users:sign_ins')}?person={person.pk}",
    }


def history_of_person(request: Any, person: User) -> dict[str, Any]:
    """Who changed what of somebody's data, roles and delegations."""
    roles = Links(UserRole, "group", _("role"), lambda group: role_label(group.name), user=person)
    return history_panel(person, roles, Parts(Delegation, giver=person))


registry.panels.add(
    registry.Panel(
        "person", "details", _("Person"), 10, "users/person_details.html", lambda request, person: {}, eager=True
    )
)
registry.panels.add(registry.Panel("person", "rights", _("May do"), 20, "users/person_rights.html", rights_of))
registry.panels.add(
    registry.Panel(
        "person", "delegations", _("Delegation"), 30, "users/person_delegations.html", delegations_of, side=True
    )
)
registry.panels.add(
    registry.Panel("person", "sign_ins", _("Sign-ins"), 40, "users/person_sign_ins.html", sign_ins_of, MANAGE)
)
registry.panels.add(registry.Panel("person", "history", _("History"), 900, "web/history.html", history_of_person))
