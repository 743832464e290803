"""Policies: read, and published anew as the next version."""

from collections.abc import Sequence
from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from salesops.users.models import User
from salesops.web.pages import Action, FormPage, Page

from . import forms
from .conditions import in_words
from .documents import DocumentType, document_type, document_types
from .models import PolicyVersion
from .policies import publish_policy


def versions_of(key: str) -> list[PolicyVersion]:
    """The versions of a document type's policy, newest first, with their stages."""
    versions = PolicyVersion.objects.filter(policy__document_type=key).select_related("policy", "published_by")
    return list(versions.prefetch_related("stages").order_by("-number"))


def _said(known: DocumentType, version: PolicyVersion) -> dict[str, Any]:
    return {
        "version": version,
        "stages": [(stage, [in_words(c, known.facts) for c in stage.conditions]) for stage in version.stages.all()],
        "stops": [in_words(c, known.facts) for c in version.stops],
    }


class PoliciesPage(Page):
    """Every kind of document with the policy that is in force."""

    permission_required = "approvals.manage_policies"
    title = gettext_lazy("Approval policies")
    menu_key = "policies"
    template_name = "approvals/policies.html"

    def context(self, **more: Any) -> dict[str, Any]:
        rows = []
        newest = {v.policy.document_type: v for known in document_types() for v in versions_of(known.key)[:1]}
        for known in document_types():
            version = newest.get(known.key)
            rows.append((known, _said(known, version) if version else None))
        return super().context(rows=rows, **more)


class _OnePolicy(Page):
    permission_required = "approvals.manage_policies"
    menu_key = "policies"

    @cached_property
    def document(self) -> DocumentType:
        """The kind of document that the address names."""
        try:
            return document_type(self.kwargs["key"])
        except KeyError:
            raise Http404(_("There is no such kind of document.")) from None

    def heading(self) -> Any:
        return self.document.plural


class PolicyPage(_OnePolicy):
    """One policy: what is in force, and every version before it."""

    template_name = "approvals/policy.html"

    def context(self, **more: Any) -> dict[str, Any]:
        return super().context(versions=[_said(self.document, v) for v in versions_of(self.document.key)], **more)

    def actions(self) -> Sequence[Action]:
        """Publish the next version."""
        url = reverse("approvals:policy_change", args=[self.document.key])
        return [Action(_("Change"), url, "pen", primary=True)]


class PolicyForm(_OnePolicy, FormPage):
    """Publish the next version of a policy."""

    form_class = forms.PolicyForm
    template_name = "approvals/policy_form.html"
    submit_label = gettext_lazy("Publish")
    message = gettext_lazy("Published. New requests follow it from now on; running ones keep their version.")

    def crumbs(self) -> Sequence[tuple[Any, str | None]]:
        return [
            (_("Approval policies"), reverse("approvals:policies")),
            (self.document.plural, reverse("approvals:policy", args=[self.document.key])),
            (_("Next version"), None),
        ]

    def get_form_kwargs(self) -> dict[str, Any]:
        newest = versions_of(self.document.key)[:1]
        return {**super().get_form_kwargs(), "document": self.document, "version": newest[0] if newest else None}

    def perform(self, form: forms.PolicyForm) -> str:
        by = self.request.user
        assert isinstance(by, User)
        publish_policy(
            self.document.key,
            stages=form.stages(),
            stops=form.stops(),
            name=form.cleaned_data["name"],
            note=form.cleaned_data["note"],
            seen=form.cleaned_data["seen"],
            by=by,
        )
        return reverse("approvals:policy", args=[self.document.key])
