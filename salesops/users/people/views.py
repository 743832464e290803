"""Pages about people who sign in."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from salesops.users.models import User
from salesops.users.roles import Role
from salesops.users.secondfactor.queries import with_second_factor
from salesops.users.signin.events import where_of
from salesops.web.pages import Action, ActionPage, Autocomplete, Badge, Empty, FormPage, ListPage, Page, RecordPage

from .filters import PeopleFilters
from .forms import NewPersonForm, PersonForm, SetPasswordForm
from .queries import colleagues, find_people, people_visible_to, with_role_list
from .services import change_person, create_person, deactivate_person, reactivate_person, set_password
from .tables import PeopleTable

MANAGE = "users.manage_users"
SEE = ("users.view_user", MANAGE)


class PeopleList(ListPage):
    """Everybody who signs in, in the reader's scope."""

    title = gettext_lazy("People")
    permission_required = SEE
    menu_key = "people"
    table = PeopleTable
    filters = PeopleFilters
    search_fields = ("username", "full_name", "full_name_zh", "email", "phone")
    search_label = gettext_lazy("Name, user name, phone")
    empty = Empty(gettext_lazy("Nobody signs in yet"))

    def rows(self) -> QuerySet[User]:
        return with_role_list(people_visible_to(self.request.user))

    def actions(self) -> Sequence[Action]:
        return [Action(_("New person"), reverse("users:person_new"), "plus", primary=True, permission=MANAGE)]


class PersonPage(RecordPage):
    """Somebody who signs in."""

    permission_required = SEE
    menu_key = "people"
    lookup = "username"
    record_key = "person"

    def rows(self) -> QuerySet[User]:
        return with_second_factor(people_visible_to(self.request.user)).select_related("region", "team", "customer")

    def headline(self, record: User) -> dict[str, Any]:
        badge = None if record.is_active else Badge("warn", "lock", _("Access ended"))
        return {
            "title": record.full_name,
            "title_zh": record.full_name_zh,
            "badge": badge,
            "meta": [record.username, record.role_names, record.team or "", record.region or ""],
        }

    def actions(self, record: User) -> Sequence[Action]:
        own = record.pk == self.request.user.pk
        name = record.username
        if not record.is_active:
            return [
                Action(
                    _("Give access again"),
                    reverse("users:person_access", args=[name]),
                    "undo",
                    method="post",
                    permission=MANAGE,
                )
            ]
        return [
            Action(
                _("End access"),
                reverse("users:person_access_end", args=[name]),
                "lock",
                method="post",
                permission=MANAGE,
                danger=True,
                confirm=_("%(name)s will be signed out at once.") % {"name": record},
                refused=_("Nobody ends their own access; ask another administrator.") if own else "",
            ),
            self._reset_action(record),
            Action(_("Set password"), reverse("users:person_password", args=[name]), "lock", permission=MANAGE),
            Action(_("Change"), reverse("users:person_change", args=[name]), "pen", primary=True, permission=MANAGE),
        ]

    def _reset_action(self, record: User) -> Action:
        """The button for somebody who has lost the phone."""
        url = reverse("users:person_second_factor", args=[record.username])
        refused = ""
        if record.pk == self.request.user.pk:
            refused = _("Nobody resets their own second factor; end it under your own name.")
        elif not record.has_second_factor:
            refused = _("%(name)s has no second factor.") % {"name": record}
        return Action(_("Reset second factor"), url, "shield", permission=MANAGE, danger=True, refused=refused)


class OfPerson(Page):
    """A page of the person that the address names."""

    @cached_property
    def person(self) -> User:
        """The person; Http404 where there is none."""
        found = User.objects.filter(username=self.kwargs["username"]).first()
        if found is None:
            raise Http404
        return found

    @property
    def person_url(self) -> str:
        """The page of the person."""
        return self.person.get_absolute_url()


class NewPerson(FormPage):
    """Let somebody sign in."""

    title = gettext_lazy("New person")
    permission_required = MANAGE
    menu_key = "people"
    form_class = NewPersonForm
    submit_label = gettext_lazy("Create")
    message = gettext_lazy("The person may sign in.")

    def get_initial(self) -> dict[str, Any]:
        return {"language": self.request.user.language, "team": self.request.GET.get("team")}

    def perform(self, form: NewPersonForm) -> str:
        person = create_person(form.as_input(), by=self.request.user, password=form.cleaned_data["password"])
        return person.get_absolute_url()


class ChangePerson(OfPerson, FormPage):
    """Who somebody is, where they belong, what they may do."""

    permission_required = MANAGE
    menu_key = "people"
    form_class = PersonForm
    message = gettext_lazy("Saved.")

    def heading(self) -> str:
        return _("Change %(name)s") % {"name": self.person}

    def crumbs(self) -> Sequence[tuple[Any, str | None]]:
        return [(_("People"), reverse("users:people")), (self.person, self.person_url), (_("Change"), None)]

    def get_initial(self) -> dict[str, Any]:
        return PersonForm.initial_of(self.person)

    def perform(self, form: PersonForm) -> str:
        person = change_person(self.person.pk, form.as_input(), by=self.request.user)
        return person.get_absolute_url()


class SetPassword(OfPerson, FormPage):
    """A new password for somebody who has none or forgot it."""

    permission_required = MANAGE
    menu_key = "people"
    form_class = SetPasswordForm
    submit_label = gettext_lazy("Set password")
    message = gettext_lazy("The password is set. Tell it to the person, who changes it after signing in.")

    def heading(self) -> str:
        return _("A password for %(name)s") % {"name": self.person}

    def crumbs(self) -> Sequence[tuple[Any, str | None]]:
        return [(_("People"), reverse("users:people")), (self.person, self.person_url), (_("Password"), None)]

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"user": self.person, **super().get_form_kwargs()}

    def perform(self, form: SetPasswordForm) -> str:
        password = form.cleaned_data["new_password1"]
        set_password(self.person.pk, by=self.request.user, password=password, where=where_of(self.request))
        return self.person_url


class EndAccess(OfPerson, ActionPage):
    """Somebody's access ends."""

    permission_required = MANAGE

    def perform(self) -> str:
        person = deactivate_person(self.person.pk, by=self.request.user, where=where_of(self.request))
        return _("%(name)s has no access any more.") % {"name": person}


class GiveAccess(OfPerson, ActionPage):
    """Somebody may sign in again."""

    permission_required = MANAGE

    def perform(self) -> str:
        person = reactivate_person(self.person.pk, by=self.request.user)
        return _("%(name)s may sign in again.") % {"name": person}


class PickPeople(Autocomplete):
    """Colleagues, by any part of their names; not for agents, who know their own representative only."""

    def allowed(self) -> bool:
        return not self.request.user.has_role(Role.AGENT)

    def rows(self) -> QuerySet[User]:
        return with_role_list(colleagues()).order_by("full_name")

    def search(self, rows: QuerySet[User], text: str) -> QuerySet[User]:
        return find_people(rows, text)

    def item(self, record: Any) -> dict[str, Any]:
        return {"value": str(record.pk), "text": str(record), "sub": in_words(record)}


def in_words(person: Any) -> str:
    """Roles and place of somebody, as the second line of a choice."""
    roles = ", ".join(str(Role(name).label) for name in Role.values if name in person.role_list)
    return " · ".join(str(part) for part in (roles, person.team or person.region) if part)
