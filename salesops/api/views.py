"""What the API's views are made of. A feature's api.py imports from here:

    class DeliverySubmission(Api):
        pages = {"POST": SubmitDelivery}

        @described("Submit a delivery", request=NoteInput, answer=DeliveryOut)
        def post(self, request, number):
            submit_delivery(self.page.delivery.pk, by=self.person, note=self.given(NoteInput)["note"])
            return self.answer(...)

The page that does the same in the browser stands behind each method: its right, its rows, its filters are those of the
API, so that no rule is written twice.
"""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotAuthenticated, PermissionDenied
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from salesops.users.models import User
from salesops.web.page import Page

from .authentication import KEYWORD
from .errors import SecondFactorMissing
from .filters import checked, search_in
from .idempotency import answer_once, key_of
from .paging import NAMES as PAGING
from .paging import page_of, size_in
from .throttling import count_address, count_person


def described(
    summary: str, description: str = "", *, request: Any = None, answer: Any = None, status: int = 200, **more: Any
) -> Callable[[Any], Any]:
    """Say in the schema what a method does, takes and answers; the errors are added for all alike."""
    return extend_schema(
        summary=summary, description=description or summary, request=request, responses={status: answer}, **more
    )


class Api(APIView):
    """A resource. `pages` names, for each method, the page that does the same in the browser."""

    http_method_names = ["get", "head", "post", "put", "delete"]
    pages: ClassVar[dict[str, type[Page]]] = {}
    open_to_all: ClassVar[bool] = False
    keeps_answers: ClassVar[bool] = True
    """Whether an Idempotency-Key counts; not where the answer is a secret."""
    answers: ClassVar[type[Page] | None] = None
    """The page of what a change is answered with: who may not open it makes no change."""
    page: Any = None

    @property
    def person(self) -> User:
        """Who asks."""
        user = self.request.user
        assert isinstance(user, User)
        return user

    @property
    def http(self) -> HttpRequest:
        """The request as pages know it."""
        request: HttpRequest = self.request._request
        return request

    # ---- before the method ----
    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Count the request, learn who asks and what for, and open the page that stands behind the method."""
        count_address(request._request)
        super().initial(request, *args, **kwargs)
        if not self.open_to_all:
            if not request.user or not request.user.is_authenticated:
                raise NotAuthenticated(_("Bring a token: Authorization: Token …"))
            count_person(self.person.pk)
            self._speak()
            if self.person.needs_second_factor and not self.person.has_second_factor:
                raise SecondFactorMissing(_("Your role needs a second factor: set it up in the browser first."))
        page_class = self.pages.get("GET" if request.method == "HEAD" else str(request.method))
        if page_class is not None:
            self.page = self.open(page_class)
            if self.answers is not None and request.method not in SAFE_METHODS:
                self.open(self.answers)

    def _speak(self) -> None:
        """The language that the request asks for, else the person's."""
        if "Accept-Language" not in self.request.headers:
            translation.activate(self.person.language)
            self.http.LANGUAGE_CODE = translation.get_language() or self.person.language

    def open(self, page_class: type[Page], **kwargs: Any) -> Any:
        """Return a page as this person would open it; PermissionDenied where the role does not include it."""
        page = page_class()
        page.setup(self.http, **{**self.kwargs, **kwargs})
        if not page.allowed():
            raise PermissionDenied(_("Your role does not include this."))
        return page

    def get_authenticate_header(self, request: Request) -> str:
        """Say how to come in, also where a sign-in failed."""
        return KEYWORD

    # ---- the method ----
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """As APIView's, but a POST with a key is carried out once, in one transaction with its answer."""
        self.args, self.kwargs = args, kwargs
        self.request = self.initialize_request(request, *args, **kwargs)
        self.headers = self.default_response_headers
        try:
            self.initial(self.request, *args, **kwargs)
            name = str(request.method).lower()
            is_known = name in self.http_method_names
            handler = getattr(self, name, self.http_method_not_allowed) if is_known else self.http_method_not_allowed
            response = self._carry_out(handler, *args, **kwargs)
        except Exception as error:  # noqa: BLE001  handle_exception raises again what is our mistake
            response = self.handle_exception(error)
        self.response = self.finalize_response(self.request, response, *args, **kwargs)
        return self.response

    def _carry_out(self, handler: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        def work() -> Any:
            return handler(self.request, *args, **kwargs)

        if self.request.method in ("POST", "PUT"):
            self.http.body  # noqa: B018  read at once, and no longer than settings.DATA_UPLOAD_MAX_MEMORY_SIZE allows
        key = key_of(self.http) if self.request.method == "POST" and self.keeps_answers else ""
        return answer_once(key, by=self.person, request=self.http, work=work) if key else work()

    def given(self, serializer_class: type[serializers.Serializer[Any]], **context: Any) -> dict[str, Any]:
        """Return what was sent, checked; ValidationError names what is wrong."""
        made = serializer_class(data=self.request.data, context={"person": self.request.user, **context})
        made.is_valid(raise_exception=True)
        checked_data: dict[str, Any] = made.validated_data
        return checked_data

    def answer(
        self, serializer_class: type[serializers.Serializer[Any]], thing: Any, *, status: int = 200, location: str = ""
    ) -> Response:
        """Return a thing as the serializer writes it for this person."""
        made = serializer_class(thing, context={"person": self.person, "request": self.request})
        headers = {"Location": self.request.build_absolute_uri(location)} if location else {}
        return Response(made.data, status=status, headers=headers)


class ListApi(Api):
    """A list: the rows, filters and search of its page, a page of rows at a time."""

    order: ClassVar[Sequence[str]] = ()
    row: ClassVar[type[serializers.Serializer[Any]]]
    """How a row is written."""
    names: ClassVar[frozenset[str]] = frozenset()
    """What its address may say beside filters, search and page."""

    @property
    def name(self) -> str:
        """What a cursor is good for: this list, whatever filters it."""
        return self.http.path

    def rows(self) -> QuerySet[Any]:
        """The rows of the page that the filters and the search leave."""
        page = self.page
        rows = self.filtered(page.rows(), page.filters)
        text = search_in(page)
        return page.search(rows, text) if text else rows

    def filtered(self, rows: QuerySet[Any], filters: Any) -> QuerySet[Any]:
        """Keep the rows that filters leave, if any; ValidationError where one is unknown or makes no sense."""
        filterset = checked(self.page, filters, rows, also=PAGING | self.names)
        found: QuerySet[Any] = filterset.qs if filterset else rows
        return found

    def dress(self, rows: list[Any]) -> list[Any]:
        """Add to the rows of one page what belongs to them, in a constant number of queries."""
        return rows

    def list(self) -> Response:
        """Return the page of rows that the address asks for."""
        size, cursor = size_in(self.http), self.http.GET.get("cursor", "")
        found = page_of(self.rows(), self.order, name=self.name, cursor=cursor, size=size)
        made = self.row(self.dress(found.rows), many=True, context={"person": self.person, "request": self.request})
        return Response({"results": made.data, "next": self._next(found.next_cursor)})

    def _next(self, cursor: str) -> str | None:
        if not cursor:
            return None
        query = self.http.GET.copy()
        query["cursor"] = cursor
        return self.request.build_absolute_uri(f"{self.http.path}?{query.urlencode()}")
