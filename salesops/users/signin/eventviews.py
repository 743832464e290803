"""Pages of what happened at the door: everybody's for administrators, one's own for each."""

from collections.abc import Sequence

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from salesops.users.models import User
from salesops.users.people.queries import with_role_list
from salesops.users.people.views import MANAGE, PickPeople
from salesops.web.pages import Action, Empty, ListPage, Page

from .filters import SignInFilters
from .models import SignInEvent
from .tables import OwnSignInTable, SignInTable

NOTHING = Empty(gettext_lazy("Nobody has signed in yet"), icon="key")


class SignInList(ListPage):
    """Who came, who tried, from where; and every change of what people sign in with."""

    title = gettext_lazy("Sign-ins")
    permission_required = MANAGE
    menu_key = "sign_ins"
    table = SignInTable
    filters = SignInFilters
    search_fields = ("name", "user__full_name", "user__full_name_zh", "note")
    search_label = gettext_lazy("Name, user name, reason")
    empty = NOTHING

    def rows(self) -> QuerySet[SignInEvent]:
        return SignInEvent.objects.select_related("user", "by")


class OwnSignIns(ListPage):
    """One's own: was this you?"""

    title = gettext_lazy("My sign-ins")
    table = OwnSignInTable
    intro = gettext_lazy("Was this you? If not, change your password: everybody else is signed out then.")
    empty = NOTHING

    def rows(self) -> QuerySet[SignInEvent]:
        return SignInEvent.objects.filter(user=self.request.user.pk)

    def actions(self) -> Sequence[Action]:
        return [Action(_("Change my password"), reverse("users:password"), "key")]


class PickAnybody(PickPeople):
    """Everybody who signs in or did, agents and those whose access ended too; for administrators."""

    permission_required = MANAGE

    def allowed(self) -> bool:
        return Page.allowed(self)

    def rows(self) -> QuerySet[User]:
        return with_role_list(User.objects.all()).order_by("full_name")
