"""Pages of collections: the worklist, promises, disputes, reminders and their levels."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from customers.files.models import Customer
from orders.receivables.search import with_words
from orders.reconciliation.models import IssuedStatement
from salesops.users.models import User
from salesops.web.pages import Action, ActionPage, Empty, FormPage, ListPage, Page, RecordPage
from salesops.web.pdf import pdf_response

from .filters import DisputeFilters, PromiseFilters, ReminderFilters, WorklistFilters
from .forms import DisputeForm, LevelForm, OutcomeForm, PromiseForm, RemindForm
from .letters import DueLetter, Preview, due_letters, preview
from .models import Dispute, Reminder, ReminderLevel
from .papers import reminder_pdf
from .queries import disputes_for, items_to_dispute, promises_for, reminders_for, worklist_for
from .reminding import start_reminders
from .services import COLLECT, REMIND, close_dispute, open_dispute, record_promise, set_level, withdraw_promise
from .tables import DisputeTable, PromiseTable, ReminderTable, WorklistTable, sending_badge

SEE = (COLLECT, REMIND)


class Collections(Page):
    """What all these pages share."""

    permission_required: str | tuple[str, ...] | None = COLLECT
    menu_key = "collections"

    @property
    def user(self) -> User:
        """Who is here."""
        user: Any = self.request.user
        return user


def tabs() -> list[Action]:
    """Return the ways from the worklist to what belongs to it."""
    return [
        Action(_("Promises"), reverse("orders:promises"), icon="promise", permission=COLLECT),
        Action(_("Disputes"), reverse("orders:disputes"), icon="chat", permission=COLLECT),
        Action(_("Letters"), reverse("orders:reminders"), icon="mail", permission=SEE),
    ]


class Worklist(Collections, ListPage):
    """Whom to call first: what is overdue, times how late, times broken promises."""

    title = gettext_lazy("Collections")
    permission_required = SEE
    table = WorklistTable
    filters = WorklistFilters
    search_fields = ("customer__name", "customer__name_zh", "customer__code")
    search_label = gettext_lazy("Customer")
    intro = gettext_lazy("Sorted by urgency: overdue × days late × (1 + promises broken within a year), in thousands.")
    empty = Empty(gettext_lazy("Nothing is overdue"), gettext_lazy("Everybody has paid in time."), icon="check")

    def rows(self) -> Any:
        return worklist_for(self.user)

    def actions(self) -> Sequence[Action]:
        remind = Action(_("Remind"), reverse("orders:reminder_new"), icon="mail", primary=True, permission=REMIND)
        return [*tabs(), remind]


class PromiseList(Collections, ListPage):
    """What customers promised."""

    title = gettext_lazy("Promises to pay")
    table = PromiseTable
    filters = PromiseFilters
    search_fields = ("customer__name", "customer__name_zh", "customer__code", "given_by")
    search_label = gettext_lazy("Customer or who promised")
    empty = Empty(
        gettext_lazy("No promises"), gettext_lazy("They are recorded on the page of a customer."), icon="promise"
    )

    def rows(self) -> Any:
        return promises_for(self.user)

    def search(self, rows: Any, text: str) -> Any:
        return with_words(rows, text)


class DisputeList(Collections, ListPage):
    """What customers do not accept."""

    title = gettext_lazy("Disputes")
    table = DisputeTable
    filters = DisputeFilters
    search_fields = ("item__entry__document", "item__customer__name", "item__customer__name_zh", "text")
    search_label = gettext_lazy("Document, customer or words")
    empty = Empty(gettext_lazy("No disputes"), gettext_lazy("They are opened from an item of an account."), icon="chat")

    def rows(self) -> Any:
        return disputes_for(self.user)


class ReminderList(Collections, ListPage):
    """Letters that were sent."""

    title = gettext_lazy("Reminders")
    permission_required = SEE
    table = ReminderTable
    filters = ReminderFilters
    search_fields = ("number", "customer__name", "customer__name_zh", "customer__code")
    search_label = gettext_lazy("Number or customer")
    empty = Empty(gettext_lazy("Nobody was reminded yet"), icon="mail")

    def rows(self) -> Any:
        return reminders_for(self.user)

    def search(self, rows: Any, text: str) -> Any:
        return with_words(rows, text)

    def actions(self) -> Sequence[Action]:
        return [
            Action(_("Levels"), reverse("orders:reminder_levels"), icon="gear", permission=REMIND),
            Action(_("Remind"), reverse("orders:reminder_new"), icon="mail", primary=True, permission=REMIND),
        ]


class OfCustomer(Collections):
    """The customer that the address names, in scope."""

    @cached_property
    def customer(self) -> Customer:
        """The customer."""
        found = Customer.objects.visible_to(self.user).filter(code=self.kwargs["code"]).first()
        if found is None:
            raise Http404
        return found

    def crumbs(self) -> Sequence[tuple[Any, str | None]]:
        above = [(self.menu_entry.label, self.menu_entry.url)] if self.menu_entry else []
        return [*above, (self.customer.code, self.customer.get_absolute_url()), (self.heading(), None)]


class NewPromise(OfCustomer, FormPage):
    """A customer says when it will pay."""

    title = gettext_lazy("Record a promise")
    form_class = PromiseForm
    submit_label = gettext_lazy("Record")

    def get_initial(self) -> dict[str, Any]:
        row = worklist_for(self.user).filter(customer=self.customer).first()
        return {"amount": row.overdue} if row else {}

    def perform(self, form: PromiseForm) -> str:
        made = record_promise(by=self.user, customer_id=self.customer.pk, **form.cleaned_data)
        self.message = _("%(amount)s is promised for %(day)s.") % {
            "amount": f"{made.amount:,.2f}",
            "day": made.promised_for,
        }
        return self.customer.get_absolute_url()


class WithdrawPromise(Collections, ActionPage):
    """A promise that was a mistake."""

    def perform(self) -> str:
        row = promises_for(self.user).filter(pk=self.kwargs["pk"]).first()
        if row is None:
            raise Http404
        withdraw_promise(row.pk, by=self.user)
        return _("The promise is withdrawn.")


class NewDispute(Collections, FormPage):
    """A customer does not accept an item, or a part of it."""

    title = gettext_lazy("Open a dispute")
    form_class = DisputeForm
    submit_label = gettext_lazy("Open the dispute")

    @cached_property
    def item(self) -> Any:
        """The item that the address names."""
        found = items_to_dispute(self.user).filter(pk=self.kwargs["item"]).first()
        if found is None:
            raise Http404
        return found

    def heading(self) -> str:
        return _("Dispute of %(document)s") % {"document": self.item.entry.document}

    def crumbs(self) -> Sequence[tuple[Any, str | None]]:
        above = [(self.menu_entry.label, self.menu_entry.url)] if self.menu_entry else []
        account = reverse("orders:account", args=[self.item.customer.code])
        return [*above, (self.item.customer.code, account), (self.heading(), None)]

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "undisputed": self.item.undisputed, "user": self.user}

    def perform(self, form: DisputeForm) -> str:
        given = form.cleaned_data
        open_dispute(
            by=self.user,
            item_id=self.item.pk,
            kind=given["kind"],
            amount=given["amount"],
            text=given["text"],
            owner_id=given["owner"].pk if given["owner"] else None,
        )
        self.message = _("%(document)s is disputed; it is not reminded of until that is closed.") % {
            "document": self.item.entry.document
        }
        return reverse("orders:account", args=[self.item.customer.code])


class CloseDispute(Collections, FormPage):
    """A dispute ends."""

    title = gettext_lazy("Close the dispute")
    form_class = OutcomeForm
    submit_label = gettext_lazy("Close it")

    @cached_property
    def dispute(self) -> Dispute:
        """The dispute that the address names."""
        found: Dispute | None = disputes_for(self.user).filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise Http404
        return found

    @property
    def intro(self) -> str:
        """What it is about."""
        return f"{self.dispute.item.entry.document}, {self.dispute.amount:,.2f}: {self.dispute.text}"

    def perform(self, form: OutcomeForm) -> str:
        closed = close_dispute(self.dispute.pk, by=self.user, outcome=form.cleaned_data["outcome"])
        account = closed.item.customer.account
        self.message = (
            _("The dispute is closed. The account is on hold: %(why)s") % {"why": account.hold_reason}
            if account.is_on_hold
            else _("The dispute is closed.")
        )
        return reverse("orders:disputes")


class NewReminders(Collections, FormPage):
    """Whom one reminds today: every letter that is due, to be looked at before it leaves."""

    title = gettext_lazy("Remind")
    permission_required = REMIND
    form_class = RemindForm
    template_name = "orders/collections/remind.html"
    submit_label = gettext_lazy("Send the letters")

    @cached_property
    def due(self) -> list[DueLetter]:
        """The letters that are due."""
        return due_letters(self.user, timezone.localdate())

    def perform(self, form: RemindForm) -> HttpResponseBase:
        job = start_reminders(by=self.user, customer_ids=form.chosen())
        return self.go(reverse("jobs:record", args=[job.pk]))

    def context(self, **more: Any) -> dict[str, Any]:
        chosen = set(more["form"].chosen()) if more["form"].is_bound else {one.customer.pk for one in self.due}
        return super().context(
            due=self.due,
            chosen=chosen,
            amount=sum((one.proposal.amount for one in self.due), 0),
            summary=ngettext("%(n)d letter is due", "%(n)d letters are due", len(self.due)) % {"n": len(self.due)},
            **more,
        )


class PreviewReminder(OfCustomer):
    """The letter as it would leave today."""

    permission_required = REMIND

    @cached_property
    def preview(self) -> Preview:
        """What it says; Http404 where there is nothing to remind of."""
        found = preview(self.customer, timezone.localdate())
        if found is None:
            raise Http404
        return found

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Print it without keeping anything."""
        letter = self.preview.letter
        letter.number, letter.statement = _("Preview"), IssuedStatement(number="–")
        return pdf_response(reminder_pdf(letter, self.preview.lines), f"{self.customer.code}.pdf")


class ReminderRecord(Collections, RecordPage):
    """One letter as it was sent."""

    permission_required = SEE
    record_key = "reminder"
    template_name = "orders/collections/reminder.html"

    def rows(self) -> Any:
        return reminders_for(self.user)

    def headline(self, record: Reminder) -> dict[str, Any]:
        return {
            "kind": _("Reminder, level %(level)s") % {"level": record.level},
            "number": record.number,
            "title": record.name,
            "title_zh": record.name_zh,
            "badge": sending_badge(record),
        }

    def crumbs(self) -> Sequence[tuple[Any, str | None]]:
        above = [(self.menu_entry.label, self.menu_entry.url)] if self.menu_entry else []
        return [*above, (_("Reminders"), reverse("orders:reminders")), (self.record.number, None)]

    def actions(self, record: Reminder) -> Sequence[Action]:
        account = reverse("orders:account", args=[record.customer.code])
        letter = reverse("orders:reminder_letter", args=[record.number])
        return [
            Action(_("Open the account"), account, icon="wallet", permission="orders.view_accounts"),
            Action(_("Letter"), letter, icon="print", primary=True),
        ]

    def context(self, **more: Any) -> dict[str, Any]:
        return super().context(lines=self.record.lines.select_related("item"), **more)


class ReminderLetter(ReminderRecord):
    """The letter as PDF."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Print it as it was sent."""
        return pdf_response(reminder_pdf(self.record, self.record.lines.all()), f"{self.record.number}.pdf")


class LevelList(Collections):
    """The levels of reminding."""

    title = gettext_lazy("Reminder levels")
    permission_required = REMIND
    template_name = "orders/collections/levels.html"

    def context(self, **more: Any) -> dict[str, Any]:
        return super().context(levels=ReminderLevel.objects.all(), **more)


class ChangeLevel(Collections, FormPage):
    """When a level is sent, and what it says."""

    permission_required = REMIND
    form_class = LevelForm
    message = gettext_lazy("Saved. It holds for letters from now on.")

    @cached_property
    def level(self) -> ReminderLevel:
        """The level that the address names."""
        found = ReminderLevel.objects.filter(number=self.kwargs["number"]).first()
        if found is None:
            raise Http404
        return found

    def heading(self) -> str:
        return _("Level %(number)s") % {"number": self.level.number}

    def crumbs(self) -> Sequence[tuple[Any, str | None]]:
        above = [(self.menu_entry.label, self.menu_entry.url)] if self.menu_entry else []
        return [*above, (_("Reminder levels"), reverse("orders:reminder_levels")), (self.heading(), None)]

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "instance": ReminderLevel.objects.get(pk=self.level.pk)}

    def perform(self, form: LevelForm) -> str:
        set_level(self.level.number, by=self.user, **form.cleaned_data)
        return reverse("orders:reminder_levels")
