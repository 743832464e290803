"""The inbox: a queue, the whole case beside it, and the decisions."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_htmx.http import HttpResponseClientRedirect

from salesops.kernel.errors import require
from salesops.users.models import User
from salesops.web.context import shell_of
from salesops.web.pages import ActionPage, Page

from .documents import Case
from .inbox import OF_A_CASE, inbox_of, readable_by, rows_of
from .models import Request
from .queries import right_of
from .services import approve, approve_many, put_aside, reject, send_back, withdraw
from .timeline import people_to_come, requests_of, steps_of

WHOSE = ("mine", "team", "aside", "decided")


def _number(text: str) -> int | None:
    """The number that a form sent, if it is one."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


def _selected(text: str) -> tuple[int, int | None]:
    """What a ticked box sends: the request and the stage that was seen, as 12-3; 0 for what is neither."""
    request, _dash, stage = text.partition("-")
    return _number(request) or 0, _number(stage)


class InboxPage(Page):
    """The queue, and the case that is open; a click brings the case without a page load."""

    permission_required = "approvals.view_decision"
    title = gettext_lazy("Approvals")
    menu_key = "approvals"
    template_name = "approvals/inbox.html"
    wide = True
    back_label = gettext_lazy("Back to the queue")

    @cached_property
    def reader(self) -> User:
        """Who is reading."""
        user = self.request.user
        assert isinstance(user, User)
        return user

    @cached_property
    def whose(self) -> str:
        """Which queue is open."""
        asked = self.request.GET.get("whose", "mine")
        return asked if asked in WHOSE else "mine"

    @cached_property
    def opened(self) -> Request | None:
        """The request whose case is open: the one in the address; 404 where the reader may not see it."""
        if "pk" not in self.kwargs:
            return None
        rows = readable_by(self.reader).select_related(*OF_A_CASE)
        request = rows.filter(pk=self.kwargs["pk"]).first()
        if request is None:
            raise Http404(_("This is not there, or not in your scope."))
        return request

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the inbox; for a click in the queue only the case."""
        target = request.htmx.target if getattr(request, "htmx", False) else ""  # type: ignore[attr-defined]
        if target == "case" and self.opened:
            return self.render("approvals/case_part.html", **self.case_context(self.opened))
        return self.render(**self.context())

    def context(self, **more: Any) -> dict[str, Any]:
        count = shell_of(self.request).count_along
        inbox = inbox_of(self.reader, whose=self.whose, kind=self.request.GET.get("kind", ""), count=count)
        opened = self.opened or next(iter(inbox.requests), None)
        return {
            **super().context(**more),
            "inbox": inbox,
            "opened": opened,
            "opened_by_address": "pk" in self.kwargs,
            "query": self.query(trim=None),
            **(self.case_context(opened) if opened else {}),
        }

    def case_context(self, request: Request) -> dict[str, Any]:
        """What the case shows: the document with its facts now, the reader's right, what others decided."""
        requests = requests_of(request.document_type, request.object_id, known=request)
        case: Case = request.document.case(request, self.reader, self.request.GET)
        right = right_of(request, self.reader, case.facts, case.document)
        people = people_to_come(requests[-1]) if requests[-1].is_waiting else {}
        return {
            "request_case": request,
            "case": case,
            "right": right,
            "timeline": steps_of(requests, people=people),
            "next_deciders": people.get(right.needs[0].pk, [])[:3] if right.needs else [],
            "is_own": self.reader.pk in request.own_people,
            "query": self.query(trim=None),
        }


class DecisionPage(ActionPage):
    """One decision on one request; leads on to the next case of the queue."""

    permission_required = "approvals.view_decision"

    def decide(self, request: Request, by: User) -> str:
        """Do it; return the words for the toast."""
        raise NotImplementedError

    @property
    def seen_stage(self) -> int | None:
        """The stage that the page showed; a second click meets another one and is told."""
        return _number(self.request.POST.get("stage", ""))

    @property
    def note(self) -> str:
        """The reason that was given."""
        return self.request.POST.get("note", "")

    def perform(self) -> HttpResponseBase:
        by = self.request.user
        assert isinstance(by, User)
        request = readable_by(by).filter(pk=self.kwargs["pk"]).first()
        if request is None:
            raise Http404(_("This is not there, or not in your scope."))
        messages.success(self.request, self.decide(request, by))
        url = self.after(request, by)
        if getattr(self.request, "htmx", False):
            return HttpResponseClientRedirect(url)
        return HttpResponseRedirect(url)

    def after(self, request: Request, by: User) -> str:
        """The next case on the desk, in the queue that the reader works through."""
        following = rows_of("mine", by).exclude(pk=request.pk)
        if kind := self.request.GET.get("kind", ""):
            following = following.filter(document_type=kind)
        later = following.filter(due_at__gte=request.due_at) if request.due_at else following
        order = ("due_at", "pk")
        found = later.order_by(*order).first() or following.order_by(*order).first()
        path = reverse("approvals:case", args=[found.pk]) if found else reverse("approvals:inbox")
        return f"{path}?{query}" if (query := self.request.GET.urlencode()) else path


class ApprovalPage(DecisionPage):
    """Approve, as it is or trimmed."""

    def decide(self, request: Request, by: User) -> str:
        sent = {name: str(value) for name, value in self.request.POST.items()}
        decided = approve(
            request.pk,
            by=by,
            note=self.note,
            changes=request.document.changes_from(sent) or None,
            seen_stage=self.seen_stage,
        )
        if decided.is_waiting:
            return _("%(number)s approved by you; now it waits for: %(role)s.") % {
                "number": decided.number,
                "role": decided.stage.get_role_display() if decided.stage else "",
            }
        return _("%(number)s approved: %(amount)s. %(who)s has been told.") % {
            "number": decided.number,
            "amount": f"{decided.amount:,.2f}" if decided.amount is not None else "",
            "who": decided.submitted_by,
        }


class RejectionPage(DecisionPage):
    """Reject, with a reason."""

    def decide(self, request: Request, by: User) -> str:
        reject(request.pk, by=by, note=self.note, seen_stage=self.seen_stage)
        return _("%(number)s rejected.") % {"number": request.number}


class ReturnPage(DecisionPage):
    """Return for change, with a reason."""

    def decide(self, request: Request, by: User) -> str:
        send_back(request.pk, by=by, note=self.note, seen_stage=self.seen_stage)
        return _("%(number)s returned for change.") % {"number": request.number}


class ParkingPage(DecisionPage):
    """Put aside until there is room."""

    def decide(self, request: Request, by: User) -> str:
        put_aside(request.pk, by=by, note=self.note)
        return _("%(number)s is put aside. It comes back when a payment or a limit makes room.") % {
            "number": request.number
        }


class WithdrawalPage(DecisionPage):
    """Withdraw one's own request."""

    def decide(self, request: Request, by: User) -> str:
        withdraw(request.pk, by=by, note=self.note)
        return _("%(number)s withdrawn.") % {"number": request.number}

    def after(self, request: Request, by: User) -> str:
        return request.get_absolute_url()


class BulkApprovalPage(Page):
    """Approve what is ticked: each one is checked again, and the result says which passed and why others did not."""

    permission_required = "approvals.view_decision"
    http_method_names = ["post", "options"]
    title = gettext_lazy("Approved together")
    menu_key = "approvals"
    template_name = "approvals/outcomes.html"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Approve each; answer with what became of each."""
        by = request.user
        assert isinstance(by, User)
        seen = dict(_selected(text) for text in request.POST.getlist("selected")[:100])
        require(any(seen), _("Select at least one."), rule="selection")
        mine = readable_by(by).filter(pk__in=[pk for pk in seen if pk]).values_list("pk", flat=True)
        outcomes = approve_many({pk: seen[pk] for pk in mine}, by=by)
        return self.render(
            outcomes=outcomes,
            approved=sum(1 for outcome in outcomes if not outcome.refusal),
            refused=sum(1 for outcome in outcomes if outcome.refusal),
            back=f"{reverse('approvals:inbox')}?{request.GET.urlencode()}".rstrip("?"),
        )
