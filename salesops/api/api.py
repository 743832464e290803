"""Tokens over the API: made with user name and password, listed and revoked by their owner."""

from typing import Any

from django.http import Http404
from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from salesops.users.signin.events import where_of

from .fields import Input
from .models import Token
from .pages import TokenList
from .schema import page_of_rows
from .services import create_token, revoke_token
from .signin import person_who_signs_in
from .views import Api, ListApi, described


class TokenInput(Input):
    """What the sign-in page asks for."""

    username = serializers.CharField(max_length=150)
    password = serializers.CharField(max_length=200, trim_whitespace=False, style={"input_type": "password"})
    name = serializers.CharField(max_length=60, default="", allow_blank=True, help_text="what it is for")
    otp = serializers.CharField(
        max_length=20, default="", allow_blank=True, help_text="the code of the second factor, where one is required"
    )


class TokenOut(serializers.Serializer[Any]):
    """A token, without its secret."""

    prefix = serializers.CharField(help_text="how the secret begins; it names the token")
    name = serializers.CharField()
    created_at = serializers.DateTimeField()
    last_used_at = serializers.DateTimeField(allow_null=True, help_text="to within five minutes")


class NewTokenOut(TokenOut):
    """A token with its secret, which is shown this once."""

    token = serializers.CharField(help_text="the secret: keep it, nobody can show it again")


class Tokens(ListApi):
    """The tokens of the person, and the way to the first one."""

    pages = {"GET": TokenList}
    order = ("-created_at", "-pk")
    row = TokenOut
    keeps_answers = False

    def initialize_request(self, request: Any, *args: Any, **kwargs: Any) -> Request:
        """Let whoever has no token yet ask for one."""
        self.open_to_all = request.method == "POST"  # type: ignore[misc]
        return super().initialize_request(request, *args, **kwargs)

    def get_authenticators(self) -> Any:
        """A sign-in proves itself; an old token brought along does not matter."""
        return [] if self.open_to_all else super().get_authenticators()

    @described("List one's own tokens", answer=page_of_rows(TokenOut))
    def get(self, request: Request) -> Response:
        """The live ones, the latest first."""
        return self.list()

    @described(
        "Sign in and get a token",
        "User name and password as on the sign-in page, with the same limit of tries. An `Idempotency-Key` does not"
        " count here, as no secret is ever kept.",
        request=TokenInput,
        answer=NewTokenOut,
        status=201,
        auth=[],
    )
    def post(self, request: Request) -> Response:
        """Check them, and make one."""
        given = self.given(TokenInput)
        name = given.pop("name")
        person = person_who_signs_in(self.http, **given)
        made = create_token(by=person, name=name, where=where_of(self.http))
        shown = {**TokenOut(made.token).data, "token": made.secret}
        return Response(shown, status=201, headers={"Cache-Control": "no-store"})


class OneToken(Api):
    """One token."""

    @described("Revoke a token", "It opens nothing any more, from the next request on.", answer=None, status=204)
    def delete(self, request: Request, prefix: str) -> Response:
        """End it; only one's own is there."""
        token = Token.objects.live().filter(user=self.person, prefix=prefix).first()
        if token is None:
            raise Http404
        revoke_token(token.pk, by=self.person, where=where_of(self.http))
        return Response(status=204)


urlpatterns = [
    path("tokens/", Tokens.as_view(), name="tokens"),
    path("tokens/<str:prefix>/", OneToken.as_view(), name="token"),
]
