"""Reads about customers."""

from django.db.models import Case, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When

from customers.accounts.models import CreditAccount
from customers.accounts.queries import available
from salesops.users.models import User
from salesops.users.people.queries import in_sales, people_visible_to

from .models import Customer


def customers_for_list(user: User) -> QuerySet[Customer]:
    """Return the customers in a person's scope with all that the list shows; `available` is what the limit leaves."""
    left = CreditAccount.objects.filter(pk=OuterRef("pk")).annotate(left=available()).values("left")
    return Customer.objects.visible_to(user).with_account().annotate(available=Subquery(left))


def find_customers(customers: QuerySet[Customer], text: str) -> QuerySet[Customer]:
    """Keep customers in which every word stands in code, name, tax number or telephone, the likeliest first."""
    for word in text.replace("\x00", "").split()[:6]:
        condition = Q()
        for name in ("code", "name", "name_zh", "tax_number", "phone"):
            condition |= Q(**{f"{name}__icontains": word})
        customers = customers.filter(condition)
    whole = text.replace("\x00", "").strip()
    rank = Case(
        When(code__iexact=whole, then=Value(0)),
        When(Q(code__istartswith=whole) | Q(name__istartswith=whole) | Q(name_zh__startswith=whole), then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    return customers.annotate(rank=rank).order_by("rank", "code")


def possible_representatives(user: User) -> QuerySet[User]:
    """Return the people in somebody's scope who may look after customers."""
    return in_sales(people_visible_to(user))
