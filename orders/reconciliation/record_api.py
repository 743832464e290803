"""One reconciliation over the API: the formula, what differs, who signed; and what both sides do."""

from typing import Any

from django.http.response import HttpResponseBase
from django.urls import path
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from salesops.api.fields import Amount, Input, Named, NoInput, Person, ReasonInput
from salesops.api.schema import page_of_rows
from salesops.api.views import Api, ListApi, described
from salesops.users.people.queries import people_visible_to

from .models import DifferenceKind, DifferenceReason, DifferenceState, Reconciliation, ReconciliationState
from .postings import PostingState
from .record_views import (
    AcceptUnexplained,
    Evidence,
    Explain,
    Letter,
    NewDifference,
    ReconciliationRecord,
    Reopen,
    Sign,
    StateClosing,
    Unsign,
    Withdraw,
)
from .services import (
    accept_unexplained,
    explain_difference,
    reopen_difference,
    sign,
    state_closing,
    state_difference,
    take_signature_back,
    withdraw_difference,
)
from .statement_api import FileApi, file_of
from .views import ReconciliationList


class ReconciliationRow(serializers.Serializer[Any]):
    """One account of a round. Figures are null before its statement is sent."""

    number = serializers.CharField()
    round = serializers.CharField(source="round.number")
    customer = Named()
    first_day = serializers.DateField(source="round.first_day")
    last_day = serializers.DateField(source="round.last_day")
    answer_by = serializers.DateField(source="round.answer_by")
    statement = serializers.CharField(source="statement.number", allow_null=True, default=None)
    state = serializers.ChoiceField(choices=ReconciliationState.choices)
    is_overdue = serializers.BooleanField(source="is_late", help_text="not answered, and the day for it is over")
    sent_at = serializers.DateTimeField(allow_null=True)
    seen_at = serializers.DateTimeField(allow_null=True, help_text="by somebody of the customer")
    reminded_at = serializers.DateTimeField(allow_null=True)
    closing = Amount(allow_null=True, help_text="ours")
    difference = Amount(allow_null=True, help_text="theirs less ours")
    unexplained = Amount(allow_null=True, help_text="what of it nothing explains")
    open_differences = serializers.IntegerField(source="open_count")


class TermOut(serializers.Serializer[Any]):
    """Explained differences of one reason, added up."""

    reason = serializers.ChoiceField(choices=DifferenceReason.choices)
    amount = Amount()
    count = serializers.IntegerField()


class ReconciliationFormulaOut(serializers.Serializer[Any]):
    """ours + all terms + unexplained = theirs."""

    ours = Amount()
    terms = TermOut(many=True)
    unexplained = Amount()
    theirs = Amount()
    is_settled = serializers.BooleanField(help_text="both sides may sign")


class PutRightOut(serializers.Serializer[Any]):
    """The document of ours that put a difference right."""

    number = serializers.CharField()
    state = serializers.ChoiceField(choices=PostingState.choices)


class DifferenceOut(serializers.Serializer[Any]):
    """What lies between our closing balance and theirs."""

    position = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=DifferenceKind.choices)
    amount = Amount(help_text="added to our closing balance it comes nearer to theirs")
    entry = serializers.IntegerField(source="entry_id", allow_null=True, help_text="of the statement")
    document = serializers.CharField(source="at", help_text="ours where it is about an entry, else theirs")
    text = serializers.CharField()
    evidence = serializers.CharField(source="file_name", help_text="empty: none")
    stated_by = Person()
    stated_at = serializers.DateTimeField()
    state = serializers.ChoiceField(choices=DifferenceState.choices)
    reason = serializers.ChoiceField(choices=DifferenceReason.choices, allow_blank=True)
    owner = Person(allow_null=True)
    note = serializers.CharField()
    resolution = serializers.CharField(help_text="the document that put it right; empty: none yet")
    put_right = PutRightOut(
        allow_null=True, help_text="that document where it is one of ours, as the person may know it"
    )
    explained_by = Person(allow_null=True)


class SignatureOut(serializers.Serializer[Any]):
    """Who signed, when, from where."""

    by = Person()
    at = serializers.DateTimeField()
    address = serializers.CharField()


class AcceptanceOut(serializers.Serializer[Any]):
    """What was accepted without explanation."""

    amount = Amount()
    reason = serializers.CharField()
    by = Person()


class ReconciliationOut(ReconciliationRow):
    """A reconciliation with its formula, its differences and its signatures."""

    their_closing = Amount(allow_null=True, help_text="null: it follows from the differences")
    formula = ReconciliationFormulaOut()
    differences = DifferenceOut(source="stated", many=True)
    acceptance = serializers.SerializerMethodField()
    our_signature = serializers.SerializerMethodField()
    their_signature = serializers.SerializerMethodField()
    is_frozen = serializers.BooleanField(help_text="both sides have signed; there is a letter")

    @extend_schema_field(AcceptanceOut(allow_null=True))
    def get_acceptance(self, one: Reconciliation) -> Any:
        """What was accepted."""
        if one.accepted_amount is None:
            return None
        accepted = {"amount": one.accepted_amount, "reason": one.accepted_reason, "by": one.accepted_by}
        return AcceptanceOut(accepted).data

    @extend_schema_field(SignatureOut(allow_null=True))
    def get_our_signature(self, one: Reconciliation) -> Any:
        """For the company."""
        return _signature(one.our_signer, one.our_signed_at, one.our_signed_from)

    @extend_schema_field(SignatureOut(allow_null=True))
    def get_their_signature(self, one: Reconciliation) -> Any:
        """For the customer."""
        return _signature(one.their_signer, one.their_signed_at, one.their_signed_from)


def _signature(by: Any, at: Any, address: str) -> Any:
    return SignatureOut({"by": by, "at": at, "address": address}).data if at else None


class DifferenceInput(Input):
    """What differs; it is about an entry of the statement, a document of theirs, or said in words."""

    kind = serializers.ChoiceField(choices=DifferenceKind.choices)
    amount = Amount(help_text="added to our closing balance it comes nearer to theirs")
    entry = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, max_value=2**63 - 1, help_text="of the statement's lines"
    )
    document = serializers.CharField(max_length=60, default="", allow_blank=True)
    text = serializers.CharField(max_length=500, default="", allow_blank=True)


class ExplanationInput(Input):
    """What explains it, whose it is to see to, under which number it was posted."""

    reason = serializers.ChoiceField(choices=DifferenceReason.choices)
    note = serializers.CharField(max_length=500, default="", allow_blank=True)
    owner = serializers.CharField(max_length=150, default="", allow_blank=True, help_text="a user name")
    resolution = serializers.CharField(
        max_length=40,
        default="",
        allow_blank=True,
        help_text="of what is posted to this account; of what is theirs to post, any number of theirs",
    )


class TheirClosingInput(Input):
    """What their books close with."""

    amount = Amount(allow_null=True, help_text="null: it follows from the differences")


class SignatureInput(Input):
    """What one has read."""

    closing = Amount(
        required=False,
        allow_null=True,
        default=None,
        help_text="their closing balance as it was read: where it has become another, it is refused",
    )


class Reconciliations(ListApi):
    """Accounts of all rounds; an agent's own."""

    pages = {"GET": ReconciliationList}
    order = ("-pk",)
    row = ReconciliationRow

    @described(
        "List reconciliations",
        "Those of accounts in scope, the latest first; an agent's own once they are sent. `round` keeps those of one"
        " round, `silent=7` those who have not answered for 7 days, `state=late` those whose answer is overdue.",
        answer=page_of_rows(ReconciliationRow),
    )
    def get(self, request: Request) -> Response:
        """A page of them."""
        return self.list()


class OneReconciliation(Api):
    """What resources of one reconciliation share."""

    answers = ReconciliationRecord

    def tell(self, number: str, status: int = 200) -> Response:
        """Answer with it as it is now."""
        page = self.open(ReconciliationRecord, number=number)
        page.note_first_look()
        one = page.record
        one.formula, one.stated = page.formula, page.differences
        for difference in page.differences:
            difference.put_right = page.put_right.get(difference.pk)
        return self.answer(ReconciliationOut, one, status=status)


class ReadReconciliation(OneReconciliation):
    """One reconciliation."""

    pages = {"GET": ReconciliationRecord}

    @described(
        "Read a reconciliation",
        "The first time somebody of the customer reads it, it is noted as seen.",
        answer=ReconciliationOut,
    )
    def get(self, request: Request, number: str) -> Response:
        """It, with its formula."""
        return self.tell(number)


class Differences(OneReconciliation):
    """What differs."""

    pages = {"POST": NewDifference}

    @described(
        "State a difference",
        "By the customer's people or by finance; until somebody signs. Evidence is added in the browser.",
        request=DifferenceInput,
        answer=ReconciliationOut,
        status=201,
    )
    def post(self, request: Request, number: str) -> Response:
        """State it."""
        one, given = self.page.reconciliation, self.given(DifferenceInput)
        state_difference(one.pk, by=self.person, entry_id=given.pop("entry", None), **given)
        return self.tell(number, status=201)


class Explanation(OneReconciliation):
    """What explains a difference."""

    pages = {"POST": Explain}

    @described("Explain a difference", request=ExplanationInput, answer=ReconciliationOut)
    def post(self, request: Request, number: str, position: int) -> Response:
        """Explain it."""
        difference, given = self.page.difference, self.given(ExplanationInput)
        owner = given.pop("owner")
        person = people_visible_to(self.person).filter(username=owner).first() if owner else None
        key = (person.pk if person else 0) if owner else None
        explain_difference(self.page.reconciliation.pk, difference.position, by=self.person, owner_id=key, **given)
        return self.tell(number)


class Reopening(OneReconciliation):
    """An explanation does not hold."""

    pages = {"POST": Reopen}

    @described("Take an explanation back", request=NoInput, answer=ReconciliationOut)
    def post(self, request: Request, number: str, position: int) -> Response:
        """Take it back."""
        self.given(NoInput)
        reopen_difference(self.page.reconciliation.pk, self.page.difference.position, by=self.person)
        return self.tell(number)


class Withdrawal(OneReconciliation):
    """A difference is none."""

    pages = {"POST": Withdraw}

    @described("Withdraw a difference", "By the side that stated it.", request=NoInput, answer=ReconciliationOut)
    def post(self, request: Request, number: str, position: int) -> Response:
        """Withdraw it."""
        self.given(NoInput)
        withdraw_difference(self.page.reconciliation.pk, self.page.difference.position, by=self.person)
        return self.tell(number)


class EvidenceFile(FileApi):
    """What proves a difference."""

    pages = {"GET": Evidence}

    @file_of("Fetch the evidence of a difference", "*/*")
    def get(self, request: Request, number: str, position: int) -> HttpResponseBase:
        """Send it."""
        return self.send(number=number, position=position)


class Closing(OneReconciliation):
    """What their books close with."""

    pages = {"PUT": StateClosing}

    @described("Write their closing balance", request=TheirClosingInput, answer=ReconciliationOut)
    def put(self, request: Request, number: str) -> Response:
        """Write it."""
        one, given = self.page.reconciliation, self.given(TheirClosingInput)
        state_closing(one.pk, by=self.person, amount=given["amount"])
        return self.tell(number)


class Acceptance(OneReconciliation):
    """Somebody answers for what nobody explains."""

    pages = {"POST": AcceptUnexplained}

    @described(
        "Accept what is unexplained",
        "Exactly as it is now; any change of figures undoes it.",
        request=ReasonInput,
        answer=ReconciliationOut,
    )
    def post(self, request: Request, number: str) -> Response:
        """Accept it."""
        one, given = self.page.reconciliation, self.given(ReasonInput)
        accept_unexplained(one.pk, by=self.person, reason=given["reason"])
        return self.tell(number)


class Signature(OneReconciliation):
    """One side says that it agrees."""

    pages = {"POST": Sign, "DELETE": Unsign}

    @described(
        "Sign for one's own side",
        "With both signatures it is frozen and its letter is made.",
        request=SignatureInput,
        answer=ReconciliationOut,
    )
    def post(self, request: Request, number: str) -> Response:
        """Sign it."""
        one, given = self.page.reconciliation, self.given(SignatureInput)
        sign(one.pk, by=self.person, address=self.http.META.get("REMOTE_ADDR", ""), closing=given["closing"])
        return self.tell(number)

    @described("Take one's own side's signature back", "While the other side has not signed.", answer=ReconciliationOut)
    def delete(self, request: Request, number: str) -> Response:
        """Take it back."""
        take_signature_back(self.page.reconciliation.pk, by=self.person)
        return self.tell(number)


class LetterFile(FileApi):
    """The letter that both sides signed."""

    pages = {"GET": Letter}

    @file_of("Fetch the letter that both sides signed", "application/pdf")
    def get(self, request: Request, number: str) -> HttpResponseBase:
        """Send it."""
        return self.send(number=number)


ONE = "reconciliations/<str:number>/"
DIFFERENCE = f"{ONE}differences/<int:position>/"

urlpatterns = [
    path("reconciliations/", Reconciliations.as_view(), name="reconciliations"),
    path(ONE, ReadReconciliation.as_view(), name="reconciliation"),
    path(f"{ONE}differences/", Differences.as_view(), name="differences"),
    path(f"{DIFFERENCE}explanation/", Explanation.as_view(), name="difference_explanation"),
    path(f"{DIFFERENCE}reopening/", Reopening.as_view(), name="difference_reopening"),
    path(f"{DIFFERENCE}withdrawal/", Withdrawal.as_view(), name="difference_withdrawal"),
    path(f"{DIFFERENCE}evidence/", EvidenceFile.as_view(), name="difference_evidence"),
    path(f"{ONE}closing/", Closing.as_view(), name="reconciliation_closing"),
    path(f"{ONE}acceptance/", Acceptance.as_view(), name="unexplained_acceptance"),
    path(f"{ONE}signature/", Signature.as_view(), name="reconciliation_signature"),
    path(f"{ONE}letter/", LetterFile.as_view(), name="reconciliation_letter"),
]
