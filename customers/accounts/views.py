"""Pages about the terms of an account."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy

from customers.files.views import TERMS, OfCustomer
from salesops.web.pages import FormPage

from .forms import HoldForm, ReleaseForm, TermsForm
from .services import lift_hold, put_on_hold, set_credit_terms


class AccountForm(OfCustomer, FormPage):
    """A form about an account; it leads back to the file."""

    permission_required = TERMS
    menu_key = "customers"

    def crumbs(self) -> Sequence[tuple[Any, str | None]]:
        return self.steps(self.title)


class CreditTerms(AccountForm):
    """Limit, payment terms, tolerance. Deliveries that wait are considered again."""

    title = gettext_lazy("Credit terms")
    form_class = TermsForm
    submit_label = gettext_lazy("Set terms")
    message = gettext_lazy("The terms hold from now on; what waits is considered again.")

    def get_initial(self) -> dict[str, Any]:
        return TermsForm.initial_of(self.customer.account)

    def perform(self, form: TermsForm) -> str:
        set_credit_terms(self.customer.pk, by=self.request.user, **form.cleaned_data)
        return self.customer.get_absolute_url()


class Hold(AccountForm):
    """Nothing is approved or shipped until the hold is lifted."""

    title = gettext_lazy("Put on hold")
    form_class = HoldForm
    submit_label = gettext_lazy("Put on hold")
    intro = gettext_lazy("Nothing is approved or shipped for this customer until the hold is lifted.")
    message = gettext_lazy("The account is on hold.")

    def perform(self, form: HoldForm) -> str:
        put_on_hold(self.customer.pk, by=self.request.user, reason=form.cleaned_data["reason"])
        return self.customer.get_absolute_url()


class Release(AccountForm):
    """Business goes on."""

    title = gettext_lazy("Lift hold")
    form_class = ReleaseForm
    submit_label = gettext_lazy("Lift hold")
    message = gettext_lazy("The hold is lifted; what waits is considered again.")

    def context(self, **more: Any) -> dict[str, Any]:
        self.intro = self.customer.account.hold_reason
        return super().context(**more)

    def perform(self, form: ReleaseForm) -> str:
        lift_hold(self.customer.pk, by=self.request.user, note=form.cleaned_data["note"])
        return self.customer.get_absolute_url()
