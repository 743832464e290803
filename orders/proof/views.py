"""Pages of proofs: the list, one proof with every difference and its documents, the button that proves now."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from salesops.jobs.words import in_words
from salesops.web.figures import moment_text
from salesops.web.pages import Action, ActionPage, Empty, ListPage, RecordPage

from .claims import CLAIMS
from .jobs import VERIFY, start_proof
from .models import Proof
from .tables import ProofTable, outcome_badge


def prove_action() -> Action:
    """Return the button that proves the books now."""
    return Action(_("Prove now"), reverse("orders:proof_new"), "play", True, "post")


class Proofs(ListPage):
    """Every proof, and whether the books added up."""

    permission_required = VERIFY
    title = gettext_lazy("Proof of the books")
    menu_key = "proofs"
    table = ProofTable
    intro = gettext_lazy("Each night every kept figure is compared with the rows that it is the sum of.")

    def rows(self) -> QuerySet[Proof]:
        return Proof.objects.with_cut().select_related("asked_by").defer("found")

    def actions(self) -> Sequence[Action]:
        return [prove_action()]

    @property
    def empty(self) -> Empty:  # type: ignore[override]
        """What will stand here."""
        words = _("The first proof is made tonight. You can have one now.")
        return Empty(_("The books have not been proved yet"), words, prove_action(), icon="check")


class ProofRecord(RecordPage):
    """One proof: when, how long, what differed, each difference with its documents."""

    permission_required = VERIFY
    menu_key = "proofs"
    lookup = "pk"
    template_name = "orders/proof/record.html"

    def rows(self) -> QuerySet[Proof]:
        return Proof.objects.with_cut().select_related("asked_by")

    def headline(self, record: Proof) -> dict[str, Any]:
        return {
            "kind": _("Proof of the books"),
            "title": moment_text(record.started_at),
            "badge": outcome_badge(record),
            "meta": [
                str(record.asked_by) if record.asked_by else _("each night"),
                _("took %(time)s") % {"time": in_words(record.duration)},
            ],
        }

    def actions(self, record: Proof) -> Sequence[Action]:
        return [prove_action()]

    def context(self, **more: Any) -> dict[str, Any]:
        return super().context(differences=self.record.differences, claims=len(CLAIMS), **more)


class ProofNew(ActionPage):
    """Prove the books now."""

    permission_required = VERIFY

    def perform(self) -> str:
        self.success_url = start_proof(by=self.request.user).get_absolute_url()
        return ""
