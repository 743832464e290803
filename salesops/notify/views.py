"""Pages: one's notices, opening one, one's wishes, and the mails that go out."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from salesops.web.figures import moment_text
from salesops.web.pages import Action, ActionPage, Badge, Empty, FormPage, ListPage, Page, RecordPage

from .filters import MailFilters, NoticeFilters
from .forms import WishesForm
from .models import MailState, Notice, OutgoingMail
from .reading import open_notice, read_all_notices
from .tables import MAIL_TONES, MailTable, NoticeTable
from .wishes import set_wishes


class NoticeList(ListPage):
    """All of one's own notices."""

    title = gettext_lazy("Notices")
    table = NoticeTable
    filters = NoticeFilters
    search_fields = ("title", "text")
    empty = Empty(
        gettext_lazy("No notices yet"), gettext_lazy("What you should know or do will stand here."), icon="bell"
    )

    def rows(self) -> QuerySet[Notice]:
        return Notice.objects.of(self.request.user)

    def actions(self) -> Sequence[Action]:
        return [
            Action(_("Choose what reaches you"), reverse("notify:settings"), "gear"),
            Action(_("Mark all as read"), reverse("notify:read_all"), "check", method="post"),
        ]


class OpenNotice(Page):
    """Marks one's own notice as read and goes where it leads; only to pages of ours."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Go there."""
        pk: UUID = kwargs["pk"]
        try:
            notice = open_notice(pk, by=self.request.user)
        except Notice.DoesNotExist:
            raise Http404(_("This is not there, or not in your scope.")) from None
        is_ours = url_has_allowed_host_and_scheme(notice.url, allowed_hosts=None)
        return HttpResponseRedirect(notice.url if is_ours else reverse("notify:list"))


class ReadAllNotices(ActionPage):
    """Marks all of one's notices as read."""

    def perform(self) -> str:
        count = read_all_notices(by=self.request.user)
        if not count:
            return _("Nothing was new.")
        return ngettext("%(n)d notice marked as read.", "%(n)d notices marked as read.", count) % {"n": count}


class Wishes(FormPage):
    """How each kind of notice reaches the person, and when mail may come."""

    title = gettext_lazy("What reaches you, and how")
    template_name = "notify/settings.html"
    form_class = WishesForm
    message = gettext_lazy("Kept. It holds from now on.")

    def crumbs(self) -> Sequence[tuple[Any, str | None]]:
        return [(_("Notices"), reverse("notify:list")), (self.title, None)]

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "user": self.request.user}

    def perform(self, form: WishesForm) -> str:
        set_wishes(
            by=self.request.user, wishes=form.wishes, quiet=form.quiet, digest_hour=form.cleaned_data["digest_hour"]
        )
        return reverse("notify:settings")


class Outbox(ListPage):
    """The mails that went, wait, or, where no mail server is set, would have gone."""

    title = gettext_lazy("Outgoing mail")
    permission_required = "notify.view_outbox"
    menu_key = "outbox"
    table = MailTable
    filters = MailFilters
    search_fields = ("to", "subject", "user__full_name")
    empty = Empty(
        gettext_lazy("No mail yet"), gettext_lazy("Mails to people stand here as they are written."), icon="mail"
    )

    @property
    def intro(self) -> str:
        """What happens to mails here."""
        if settings.EMAIL_URL:
            return ""
        return _("No mail server is set (EMAIL_URL): nothing leaves, mails are kept here.")

    def rows(self) -> QuerySet[OutgoingMail]:
        return OutgoingMail.objects.select_related("user")


class MailRecord(RecordPage):
    """One mail as it went, or would have gone."""

    permission_required = "notify.view_outbox"
    menu_key = "outbox"
    template_name = "notify/mail.html"
    lookup = "pk"

    def rows(self) -> QuerySet[OutgoingMail]:
        return OutgoingMail.objects.select_related("user")

    def headline(self, record: OutgoingMail) -> dict[str, Any]:
        tone = MAIL_TONES[record.state]
        badge = Badge(tone) if isinstance(tone, str) else Badge(*tone)
        return {
            "kind": _("Mail"),
            "title": record.subject,
            "badge": badge._replace(text=record.get_state_display()),
            "meta": [record.to, self._when(record)],
        }

    def _when(self, mail: OutgoingMail) -> str:
        if mail.sent_at:
            return _("sent %(moment)s") % {"moment": moment_text(mail.sent_at)}
        if mail.state == MailState.WAITING:
            return _("leaves at %(moment)s or later") % {"moment": moment_text(mail.not_before)}
        return _("written %(moment)s") % {"moment": moment_text(mail.created_at)}
