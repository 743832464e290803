"""Every change to the file of a customer itself; its parts have services of their own."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import connection, transaction
from django.utils.translation import gettext as _

from customers.accounts.models import CreditAccount
from salesops.kernel.errors import RuleBroken, require
from salesops.kernel.numbering import next_number
from salesops.users.models import User
from salesops.users.people.queries import SALES_ROLES
from salesops.web.history import recorded

from .duplicates import find_duplicates
from .models import Customer, Grade, Kind

CODE = re.compile(r"[\w.-]{1,20}")
ADDRESSES = frozenset({"new", "pick", "pick-representative", "duplicates", "own", ".", ".."})
"""Addresses below /customers/ that are not customers."""


@dataclass(frozen=True)
class CustomerInput:
    """What is written about a customer; representative and parent may be None, an empty code takes the next one."""

    name: str
    region_id: int
    kind: str = Kind.AGENT
    code: str = ""
    name_zh: str = ""
    tax_number: str = ""
    phone: str = ""
    email: str = ""
    territory_ids: Iterable[int] = field(default_factory=tuple)
    grade: str = Grade.B
    representative_id: int | None = None
    parent_id: int | None = None
    is_active: bool = True


@transaction.atomic
@recorded
def create_customer(given: CustomerInput, *, by: User, despite_duplicates: bool = False) -> Customer:
    """File a customer with an account whose limit is 0: goods only against prepayment, until terms are set.

    Afterwards whoever filed it sees it. RuleBroken with rule "duplicate" where it may be on file already, unless that
    was confirmed; with rule "scope" where it would lie outside of the person's own scope.
    """
    _check(given, by=by)
    if not despite_duplicates:
        _refuse_duplicates(given, by=by)
    code = given.code.strip()
    if code:
        _check_code_is_free(code)
    customer = Customer(**_columns(given), created_by=by)
    customer.code = code or _next_code()
    customer.save()
    customer.territory.set(given.territory_ids)
    CreditAccount.objects.create(customer=customer, limit=0)
    _stay_in_scope(customer, by=by)
    return customer


@transaction.atomic
@recorded
def change_customer(
    customer_id: int, given: CustomerInput, *, by: User, despite_duplicates: bool = False, seen: int | None = None
) -> Customer:
    """Write the file anew. `seen` is the version that the person had before them: a later change of it refuses.

    Duplicates are looked for only where name, tax number or telephone change.
    """
    if given.parent_id:
        _take_turns_with_parents()
    customer = Customer.objects.select_for_update(of=("self",)).get(pk=customer_id)
    require(
        seen is None or seen == file_version(customer),
        _("Somebody else has changed this file since you opened it. Open it again, and enter your changes on top."),
        rule="changed meanwhile",
    )
    _check(given, by=by, customer=customer)
    identity = ("name", "name_zh", "tax_number", "phone")
    columns = _columns(given)
    if not despite_duplicates and any(columns[name] != getattr(customer, name) for name in identity):
        _refuse_duplicates(given, by=by, besides=customer.pk)
    code = given.code.strip() or customer.code
    if code != customer.code:
        _check_code_is_free(code)
    for name, value in columns.items():
        setattr(customer, name, value)
    customer.code = code
    customer.save(update_fields=[*columns, "code"])
    customer.territory.set(given.territory_ids)
    _stay_in_scope(customer, by=by)
    return customer


def file_version(customer: Customer) -> int:
    """Return a number that grows with every change of the file itself."""
    events = Customer.pgh_event_model.objects.filter(pgh_obj=customer.pk)  # type: ignore[attr-defined]
    return events.order_by("-pgh_id").values_list("pgh_id", flat=True).first() or 0


def _columns(given: CustomerInput) -> dict[str, object]:
    return {
        "kind": given.kind,
        "name": given.name.strip(),
        "name_zh": given.name_zh.strip(),
        "tax_number": given.tax_number.strip(),
        "phone": given.phone.strip(),
        "email": given.email.strip(),
        "region_id": given.region_id,
        "grade": given.grade,
        "representative_id": given.representative_id,
        "parent_id": given.parent_id,
        "is_active": given.is_active,
    }


def may_grade(user: User) -> bool:
    """Whether a person decides on grades, and so on prices: those who set credit terms or look after price lists."""
    return user.has_perm("customers.set_credit_terms") or user.has_perm("orders.manage_catalogue")


def ungraded(customer: Customer | None) -> set[str]:
    """Return the grades that are nobody's decision: the one a file has; for a new one all but the best."""
    return {customer.grade} if customer else {Grade.B, Grade.C}


def _check(given: CustomerInput, *, by: User, customer: Customer | None = None) -> None:
    require(given.name.strip() or given.name_zh.strip(), _("A customer has a name."), field="name", rule="name")
    require(given.kind in Kind.values, _("There is no such kind of customer."), field="kind", rule="kind")
    require(given.grade in Grade.values, _("There is no such grade."), field="grade", rule="grade")
    require(
        given.grade in ungraded(customer) or may_grade(by),
        _("The grade decides which prices hold: only who sets credit terms or prices changes it."),
        field="grade",
        rule="grade",
    )
    if given.code.strip():
        require(
            CODE.fullmatch(given.code.strip()) and given.code.strip() not in ADDRESSES,
            _("A code has up to 20 letters, digits, points and hyphens, and no blanks."),
            field="code",
            rule="code",
        )
    if given.representative_id and (customer is None or given.representative_id != customer.representative_id):
        _check_representative(given.representative_id)
    if given.parent_id and (customer is None or given.parent_id != customer.parent_id):
        _check_parent(given.parent_id, by=by, customer=customer)


def _check_representative(user_id: int) -> None:
    person = User.objects.filter(pk=user_id, is_active=True).first()
    require(
        person is not None and person.has_role(*SALES_ROLES),
        _("Only somebody in sales who may sign in looks after customers."),
        field="representative",
        rule="representative",
    )


def _take_turns_with_parents() -> None:
    """Let changes of who belongs to whom follow one another: two at once could make a circle that neither sees."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('customers.parent'))")


def _check_parent(parent_id: int, *, by: User, customer: Customer | None) -> None:
    parent = Customer.objects.visible_to(by).filter(pk=parent_id).first()
    require(parent, _("There is no such customer in your scope."), field="parent", rule="scope")
    if customer is None:
        return
    above: int | None = parent_id
    met: set[int] = set()
    while above is not None and above not in met:
        require(
            above != customer.pk,
            _("A customer cannot belong to itself, nor to one that belongs to it."),
            field="parent",
            rule="circle",
        )
        met.add(above)
        above = Customer.objects.filter(pk=above).values_list("parent", flat=True).first()


def _refuse_duplicates(given: CustomerInput, *, by: User, besides: int | None = None) -> None:
    found = find_duplicates(
        by=by,
        name=given.name,
        name_zh=given.name_zh,
        tax_number=given.tax_number,
        phone=given.phone,
        besides=besides,
    )
    if found:
        raise RuleBroken(
            _("This customer may be on file already. Look below; if it is another one, say so and save again."),
            rule="duplicate",
            field="despite_duplicates",
        )


def _stay_in_scope(customer: Customer, *, by: User) -> None:
    """Refuse what would put the file out of the person's own sight; the transaction takes everything back."""
    require(
        Customer.objects.visible_to(by).filter(pk=customer.pk).exists(),
        _("With this representative and region the customer would lie outside of your own scope."),
        rule="scope",
        field="representative",
    )


def _check_code_is_free(code: str) -> None:
    require(
        not Customer.objects.filter(code__iexact=code).exists(),
        _("There is a customer of this code already."),
        field="code",
        rule="code",
    )


def _next_code() -> str:
    """Take the next number, C-000123, leaving out those that were given by hand."""
    while True:
        code = f"C-{next_number('C', 0).rsplit('-', 1)[1]}"
        if not Customer.objects.filter(code=code).exists():
            return code
