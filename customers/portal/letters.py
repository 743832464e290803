"""The mail that invites somebody."""

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from salesops.notify.letters import Letter
from salesops.web.figures import moment_text

from .models import Invitation


def invitation_letter(invitation: Invitation, word: str) -> Letter:
    """Return the mail with the link, in the language that was chosen for the person."""
    with translation.override(invitation.language):
        context = {
            "invitation": invitation,
            "until": moment_text(invitation.expires_at),
            "url": settings.SITE_URL.rstrip("/") + reverse("customers:join", args=[word]),
            "company": settings.COMPANY_NAME,
        }
        text = render_to_string("customers/portal/invitation.txt", context).strip() + "\n"
        return Letter(_("Your access at %(company)s") % {"company": settings.COMPANY_NAME}, text)
