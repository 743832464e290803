"""Pages of temporary limits: the list, asking for one, and what became of it."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers.files.models import Customer
from salesops.approvals.models import Request
from salesops.approvals.queries import decides_as
from salesops.users.models import User
from salesops.web.pages import Action, ActionPage, Empty, FormPage, ListPage, Page, RecordPage

from .filters import TemporaryLimitFilters
from .forms import TemporaryLimitForm
from .models import LimitState, TemporaryLimit
from .queries import credit_picture
from .services import ask_again, ask_temporary_limit, revoke_temporary_limit, withdraw_temporary_limit
from .tables import TemporaryLimitTable, limit_badge

ASK = "orders.ask_temporary_limit"
TERMS = "customers.set_credit_terms"
SEE = (ASK, TERMS)


def limits_for(user: Any) -> Any:
    """Return the temporary limits that a person may see."""
    return TemporaryLimit.objects.visible_to(user).select_related("customer", "created_by")


class TemporaryLimitList(ListPage):
    """All temporary limits in scope."""

    title = gettext_lazy("Temporary limits")
    permission_required = SEE
    menu_key = "temporary_limits"
    table = TemporaryLimitTable
    filters = TemporaryLimitFilters
    search_fields = ("number", "customer__name", "customer__name_zh", "customer__code")
    search_label = gettext_lazy("Number or customer")

    def rows(self) -> Any:
        return limits_for(self.request.user)

    def actions(self) -> Sequence[Action]:
        return [ask_action()]

    @property
    def empty(self) -> Empty:  # type: ignore[override]
        """What an empty list says."""
        return Empty(
            gettext_lazy("No temporary limits"),
            gettext_lazy("More credit for a span of days, decided on by an approval of its own."),
            ask_action() if self.request.user.has_perm(ASK) else None,
            icon="gauge",
        )


def ask_action(customer_code: str = "") -> Action:
    """Return the button that asks for a temporary limit, for a customer where one is named."""
    url = reverse("orders:temporary_limit_new")
    return Action(
        _("Ask for a limit"),
        f"{url}?customer={customer_code}" if customer_code else url,
        icon="plus",
        primary=True,
        permission=ASK,
    )


class OfBorrower(Page):
    """What the form and the account beside it share."""

    permission_required: str | tuple[str, ...] | None = ASK

    @property
    def user(self) -> User:
        """Who asks."""
        user: Any = self.request.user
        return user

    def account_context(self, customer: Customer | None) -> dict[str, Any]:
        """The account of the customer chosen so far."""
        return {"customer": customer, "picture": credit_picture(customer.pk) if customer else None}


class AskTemporaryLimit(OfBorrower, FormPage):
    """An application for more credit; it counts once it is approved."""

    title = gettext_lazy("Ask for a temporary limit")
    menu_key = "temporary_limits"
    form_class = TemporaryLimitForm
    template_name = "orders/credit/form.html"
    submit_label = gettext_lazy("Submit")

    @cached_property
    def returned(self) -> TemporaryLimit | None:
        """The person's own application that was returned for change, if the address names one."""
        own = TemporaryLimit.objects.visible_to(self.user).filter(created_by=self.user, state=LimitState.RETURNED)
        return own.filter(number=self.request.GET.get("again", "")).first()

    def get_initial(self) -> dict[str, Any]:
        if self.returned:
            limit = self.returned
            names = ("customer", "amount", "first_day", "last_day", "reason")
            return {name: getattr(limit, name) for name in names}
        code = self.request.GET.get("customer", "")
        customer = Customer.objects.visible_to(self.user).active().filter(code=code).first() if code else None
        return {"customer": customer} if customer else {}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "user": self.user}

    def perform(self, form: Any) -> str:
        given = {name: form.cleaned_data[name] for name in ("amount", "first_day", "last_day", "reason")}
        if self.returned:
            limit = ask_again(self.returned.pk, by=self.user, **given)
        else:
            limit = ask_temporary_limit(by=self.user, customer_id=form.cleaned_data["customer"].pk, **given)
        self.message = _("%(number)s is submitted.") % {"number": limit.number}
        return limit.get_absolute_url()

    def context(self, **more: Any) -> dict[str, Any]:
        return super().context(**self.account_context(more["form"].customer_so_far), **more)


class BorrowerAccount(OfBorrower):
    """The account of the customer that is being chosen."""

    template_name = "orders/credit/account.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer with the part of the form beside the fields."""
        given = request.GET.get("customer", "")
        customers = Customer.objects.visible_to(self.user)
        customer = customers.filter(pk=int(given)).first() if given.isdecimal() and len(given) < 19 else None
        return self.render(**self.account_context(customer))


class TemporaryLimitRecord(RecordPage):
    """One temporary limit: how much, until when, who decided."""

    permission_required = SEE
    menu_key = "temporary_limits"
    record_key = "temporary_limit"

    def rows(self) -> Any:
        return limits_for(self.request.user).select_related("customer__account")

    def headline(self, record: TemporaryLimit) -> dict[str, Any]:
        return {
            "kind": _("Temporary limit"),
            "number": record.number,
            "title": record.customer.name,
            "title_zh": record.customer.name_zh,
            "badge": limit_badge(record),
        }

    def actions(self, record: TemporaryLimit) -> Sequence[Action]:
        if record.state == LimitState.SUBMITTED:
            return self._while_it_waits(record)
        if record.state == LimitState.RETURNED and record.created_by_id == self.request.user.pk:
            url = f"{reverse('orders:temporary_limit_new')}?again={record.number}"
            return [Action(_("Change and submit again"), url, icon="pen", primary=True, permission=ASK)]
        if record.state == LimitState.APPROVED and record.last_day >= timezone.localdate():
            return [
                Action(
                    _("Revoke"),
                    reverse("orders:temporary_limit_revocation", args=[record.number]),
                    icon="x",
                    method="post",
                    permission=TERMS,
                    danger=True,
                    confirm=_("It ends at once. What was approved under it stays approved."),
                )
            ]
        return []

    def _while_it_waits(self, record: TemporaryLimit) -> list[Action]:
        user: Any = self.request.user
        waiting = Request.objects.waiting().filter(document_type="temporary_limit", object_id=record.pk)
        request = waiting.select_related("version", "stage", "region").first()
        found = []
        if request is not None and decides_as(request, user):
            found.append(Action(_("Decide"), request.get_absolute_url(), icon="inbox", primary=True))
        if record.created_by_id == user.pk:
            url = reverse("orders:temporary_limit_withdrawal", args=[record.number])
            found.append(Action(_("Withdraw"), url, icon="undo", method="post", permission=ASK))
        return found


class TemporaryLimitAction(ActionPage):
    """Something that is done with one temporary limit by a button."""

    @cached_property
    def limit(self) -> TemporaryLimit:
        """The temporary limit that the address names."""
        found: TemporaryLimit | None = limits_for(self.request.user).filter(number=self.kwargs["number"]).first()
        if found is None:
            raise Http404
        return found

    def get_success_url(self) -> str:
        return self.limit.get_absolute_url()


class WithdrawTemporaryLimit(TemporaryLimitAction):
    """Back from those who decide."""

    permission_required = ASK

    def perform(self) -> str:
        user: Any = self.request.user
        withdraw_temporary_limit(self.limit.pk, by=user)
        return _("%(number)s is withdrawn.") % {"number": self.limit.number}


class RevokeTemporaryLimit(TemporaryLimitAction):
    """It ends at once."""

    permission_required = TERMS

    def perform(self) -> str:
        user: Any = self.request.user
        revoke_temporary_limit(self.limit.pk, by=user)
        return _("%(number)s does not count any more.") % {"number": self.limit.number}
