"""Who a request comes from: the person whose token it brings."""

from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from salesops.users.models import User

from .models import Token
from .services import token_of

KEYWORD = "Token"


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Token so_…`. A browser's session opens nothing here, so no page can make it act."""

    def authenticate(self, request: Request) -> tuple[User, Token] | None:
        """Return the person and the token; None where the request brings none."""
        parts = get_authorization_header(request).split()
        if not parts or parts[0].lower() != KEYWORD.lower().encode():
            return None
        token = token_of(parts[1].decode("latin-1")) if len(parts) == 2 else None
        if token is None:
            raise AuthenticationFailed(_("This token opens nothing: it is wrong, revoked, or its owner has no access."))
        return token.user, token


class TokenScheme(OpenApiAuthenticationExtension):
    """The token in the schema."""

    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        """Describe the header."""
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Token so_…`: the word Token, a space, the secret.",
        }
