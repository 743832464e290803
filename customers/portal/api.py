"""An agent's people over the API: who signs in, who is invited; invited, taken back, access ended and given again.

The link of an invitation goes to the invited address alone, as from the page: no answer has it.
"""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.urls import path, reverse
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from customers.files.views import OfCustomer
from salesops.api.fields import Input, NoInput, Person
from salesops.api.schema import page_of_rows
from salesops.api.views import Api, ListApi, described
from salesops.users.models import User
from salesops.users.signin.events import where_of

from .models import Invitation, InvitationState
from .queries import LOOK_AFTER, people_of
from .services import end_access_of, give_access_again, invite_person, revoke_invitation, send_again
from .views import EndAccess, GiveAccess, InvitePerson, Revoke, SendAgain

LANGUAGES = User._meta.get_field("language").choices or []


class PersonRow(serializers.Serializer[Any]):
    """Somebody who signs in for a customer."""

    id = serializers.IntegerField()
    username = serializers.CharField()
    full_name = serializers.CharField()
    email = serializers.CharField()
    is_active = serializers.BooleanField(help_text="false: the access was ended")
    is_responsible = serializers.SerializerMethodField(help_text="may invite colleagues and end their access")
    last_sign_in = serializers.DateTimeField(source="last_login", allow_null=True)

    def get_is_responsible(self, person: User) -> bool:
        """As the invitation said, for those who came by one."""
        invitation = getattr(person, "invitation", None)
        return invitation is not None and invitation.is_responsible


class InvitationRow(serializers.Serializer[Any]):
    """An invitation; its link is in the mail alone."""

    id = serializers.IntegerField()
    full_name = serializers.CharField()
    email = serializers.CharField()
    language = serializers.ChoiceField(choices=LANGUAGES)
    is_responsible = serializers.BooleanField()
    state = serializers.ChoiceField(choices=InvitationState.choices)
    times_sent = serializers.IntegerField()
    invited_by = Person(source="made_by")
    invited_at = serializers.DateTimeField(source="made_at")
    expires_at = serializers.DateTimeField()


class InvitationInput(Input):
    """Whom to invite."""

    full_name = serializers.CharField(max_length=120)
    email = serializers.EmailField(max_length=150, help_text="the link goes there; it is the user name as well")
    language = serializers.ChoiceField(choices=LANGUAGES, required=False, help_text="yours where nothing is said")
    is_responsible = serializers.BooleanField(default=False, help_text="may invite colleagues and end their access")


class PeopleSeen(OfCustomer):
    """Who signs in for a customer: what the panel on its page shows to whoever sees that panel."""

    permission_required = LOOK_AFTER
    filters = None

    def rows(self) -> QuerySet[Any]:
        """The people."""
        return people_of(self.customer)


class InvitationsSeen(PeopleSeen):
    """The invitations of a customer that nobody answered."""

    def rows(self) -> QuerySet[Any]:
        """The invitations."""
        return Invitation.objects.filter(customer=self.customer).unanswered().select_related("made_by")


class OfOneCustomer(ListApi):
    """What both lists share: they have neither search nor filters."""

    def rows(self) -> QuerySet[Any]:
        return self.filtered(self.page.rows(), self.page.filters)


class People(OfOneCustomer):
    """Who signs in."""

    pages = {"GET": PeopleSeen}
    order = ("full_name", "pk")
    row = PersonRow

    @described("List the people who sign in for a customer", "By name.", answer=page_of_rows(PersonRow))
    def get(self, request: Request, code: str) -> Response:
        """A page of them."""
        return self.list()


class Invitations(OfOneCustomer):
    """Who is invited."""

    pages = {"GET": InvitationsSeen, "POST": InvitePerson}
    answers = InvitationsSeen
    order = ("-made_at", "-pk")
    row = InvitationRow

    @described(
        "List the invitations that nobody answered",
        "The newest first; some may have expired.",
        answer=page_of_rows(InvitationRow),
    )
    def get(self, request: Request, code: str) -> Response:
        """A page of them."""
        return self.list()

    @described(
        "Invite a person to sign in for a customer",
        "A mail brings a link that works once, for seven days. No answer has the link.",
        request=InvitationInput,
        answer=InvitationRow,
        status=201,
    )
    def post(self, request: Request, code: str) -> Response:
        """Invite them."""
        given = {"language": self.person.language, **self.given(InvitationInput)}
        invitation = invite_person(self.page.customer.pk, by=self.person, **given)
        return self.answer(InvitationRow, invitation, status=201, location=reverse("v1:invitations", args=[code]))


class InvitationSending(Api):
    """The same invitation with a new link."""

    pages = {"POST": SendAgain}

    @described(
        "Send an invitation again",
        "With a new link for seven days; the one before opens nothing any more.",
        request=NoInput,
        answer=InvitationRow,
    )
    def post(self, request: Request, pk: int) -> Response:
        """Send it."""
        self.given(NoInput)
        return self.answer(InvitationRow, send_again(self.page.invitation.pk, by=self.person))


class InvitationRevocation(Api):
    """An invitation that opens nothing any more."""

    pages = {"POST": Revoke}

    @described("Take an invitation back", "Its link opens nothing any more.", request=NoInput, answer=InvitationRow)
    def post(self, request: Request, pk: int) -> Response:
        """Take it back."""
        self.given(NoInput)
        return self.answer(InvitationRow, revoke_invitation(self.page.invitation.pk, by=self.person))


class OfPerson(Api):
    """What is done with the access of one of a customer's people."""

    answers: ClassVar[type[Any] | None] = PeopleSeen

    def tell(self, person: User) -> Response:
        """The person as it is now."""
        return self.answer(PersonRow, people_of(self.page.customer).get(pk=person.pk))


class AccessEnd(OfPerson):
    """One of the people signs in no more."""

    pages = {"POST": EndAccess}

    @described(
        "End the access of one of a customer's people",
        "Sessions and tokens end at once. Nobody ends their own access.",
        request=NoInput,
        answer=PersonRow,
    )
    def post(self, request: Request, code: str, pk: int) -> Response:
        """End it."""
        self.given(NoInput)
        return self.tell(end_access_of(self.page.customer.pk, pk, by=self.person, where=where_of(self.http)))


class Access(OfPerson):
    """One of the people signs in again."""

    pages = {"POST": GiveAccess}

    @described("Give one of a customer's people access again", request=NoInput, answer=PersonRow)
    def post(self, request: Request, code: str, pk: int) -> Response:
        """Give it."""
        self.given(NoInput)
        return self.tell(give_access_again(self.page.customer.pk, pk, by=self.person))


OF_CUSTOMER = "customers/<str:code>/"

urlpatterns = [
    path(f"{OF_CUSTOMER}people/", People.as_view(), name="people"),
    path(f"{OF_CUSTOMER}people/<int:pk>/access/", Access.as_view(), name="person_access"),
    path(f"{OF_CUSTOMER}people/<int:pk>/access-end/", AccessEnd.as_view(), name="person_access_end"),
    path(f"{OF_CUSTOMER}invitations/", Invitations.as_view(), name="invitations"),
    path("invitations/<int:pk>/sending/", InvitationSending.as_view(), name="invitation_sending"),
    path("invitations/<int:pk>/revocation/", InvitationRevocation.as_view(), name="invitation_revocation"),
]
