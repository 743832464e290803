"""Pages about the papers of a customer's file."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers.files.models import Attachment
from customers.files.views import FILE, SEE
from customers.parts.views import OfPart, PartForm
from salesops.web.downloads import kept_file_response
from salesops.web.pages import Action, ActionPage, Page

from .forms import PaperForm
from .services import add_attachment, change_attachment, remove_attachment


class OfAttachment(OfPart):
    """The paper that an address names, in the reader's scope."""

    part_model = Attachment


class NewAttachment(PartForm):
    """A paper more."""

    title = gettext_lazy("New paper")
    form_class = PaperForm
    message = gettext_lazy("The paper is in the file.")

    def get_initial(self) -> dict[str, Any]:
        paper = self.request.GET.get("paper", "")
        return {"paper": paper} if paper in Attachment.Paper.values else {}

    def perform(self, form: PaperForm) -> str:
        file = form.cleaned_data["file"]
        add_attachment(self.customer.pk, form.as_input(), by=self.request.user, file=file)
        return f"{self.customer.get_absolute_url()}#panel-attachments"


class ChangeAttachment(OfAttachment, PartForm):
    """A paper's data, or a new scan of it."""

    form_class = PaperForm
    template_name = "web/form_with_actions.html"
    message = gettext_lazy("Saved.")

    def heading(self) -> str:
        return str(self.part)

    def actions(self) -> Sequence[Action]:
        """Buttons in the head."""
        url = reverse("customers:attachment_deletion", args=[self.part.pk])
        question = _("The file goes for good; the history keeps that it was there.")
        return [Action(_("Remove"), url, "trash", method="post", danger=True, confirm=question)]

    def get_initial(self) -> dict[str, Any]:
        return PaperForm.initial_of(self.part)

    def perform(self, form: PaperForm) -> str:
        change_attachment(self.part.pk, form.as_input(), by=self.request.user, file=form.cleaned_data["file"])
        return f"{self.customer.get_absolute_url()}#panel-attachments"


class RemoveAttachment(OfAttachment, ActionPage):
    """A paper less."""

    permission_required = FILE

    def get_success_url(self) -> str:
        return self.customer.get_absolute_url()

    def perform(self) -> str:
        name = str(self.part)
        remove_attachment(self.part.pk, by=self.request.user)
        return _("“%(name)s” is removed.") % {"name": name}


class Download(OfAttachment, Page):
    """The file of a paper, to keep; never shown inside a page of ours."""

    permission_required = SEE

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        attachment: Attachment = self.part
        return kept_file_response(
            attachment.file, attachment.file_name, attachment.file_type or "application/octet-stream"
        )
