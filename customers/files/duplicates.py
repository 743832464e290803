"""Finding out that a customer is on file already, also where the reader may not see that file."""

from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, Q, Value
from django.utils.translation import gettext as _

from salesops.users.models import User

from .matching import SHORTEST_PHONE, NameKey, PhoneKey
from .models import Contact, Customer

MOST = 5


@dataclass(frozen=True)
class Duplicate:
    """A customer that may be the same; `customer` is None where the reader may not see it: `owner` says whom to ask."""

    reasons: tuple[str, ...]
    customer: Customer | None
    owner: str


def find_duplicates(
    *, by: User, name: str = "", name_zh: str = "", tax_number: str = "", phone: str = "", besides: int | None = None
) -> list[Duplicate]:
    """Return customers with the same tax number, telephone or name, among all there are, at most MOST.

    Names are compared without case, width, punctuation and the word for "company", numbers by their last eleven digits.
    Where the reader's scope ends, only the responsible person or the region is told, nothing of the file.
    """
    conditions = _conditions(name, name_zh, tax_number, phone)
    if not conditions:
        return []
    anything = Q()
    for condition in conditions.values():
        anything |= condition
    marks = {f"same_{key}": condition for key, condition in conditions.items()}
    rows = _with_keys().filter(anything).exclude(pk=besides).select_related("representative", "region")
    rows = rows.annotate(**{key: _whether(condition) for key, condition in marks.items()})
    found = list(rows.order_by("code")[:MOST])
    seen = set(Customer.objects.visible_to(by).filter(pk__in=[row.pk for row in found]).values_list("pk", flat=True))
    return [_duplicate(row, list(conditions), row.pk in seen) for row in found]


def _conditions(name: str, name_zh: str, tax_number: str, phone: str) -> dict[str, Q]:
    conditions: dict[str, Q] = {}
    if tax_number.strip():
        conditions["tax_number"] = Q(tax_number__iexact=tax_number.strip())
    digits = [sign for sign in phone if sign.isdigit()]
    if len(digits) >= SHORTEST_PHONE:
        contacts = Contact.objects.annotate(key=PhoneKey("phone")).filter(key=PhoneKey(Value(phone)))
        conditions["phone"] = Q(phone_key=PhoneKey(Value(phone))) | Q(pk__in=contacts.values("customer"))
    names = Q()
    for text in filter(None, (name.strip(), name_zh.strip())):
        for column in ("name_key", "name_zh_key"):
            names |= Q(**{column: NameKey(Value(text))}) & ~Q(**{column: ""})
    if names:
        conditions["name"] = names
    return conditions


def _with_keys() -> Any:
    return Customer.objects.annotate(
        name_key=NameKey("name"), name_zh_key=NameKey("name_zh"), phone_key=PhoneKey("phone")
    )


def _whether(condition: Q) -> Any:
    return ExpressionWrapper(condition, output_field=BooleanField())


def _duplicate(row: Any, keys: list[str], is_seen: bool) -> Duplicate:
    words = {"tax_number": _("same tax number"), "phone": _("same telephone"), "name": _("same name")}
    reasons = tuple(words[key] for key in keys if getattr(row, f"same_{key}"))
    owner = str(row.representative) if row.representative else str(row.region)
    return Duplicate(reasons, row if is_seen else None, owner)
