"""When two names, or two telephone numbers, are probably the same: computed by the database, and indexed there."""

from django.db.models import CharField, Func


class NameKey(Func):
    """A name without case, width, punctuation and the word for "company", so that "ABC Co., Ltd." is "abc"."""

    output_field = CharField()
    arity = 1
    template = (
        "regexp_replace("
        "regexp_replace(lower(normalize(%(expressions)s, NFKC)), '[[:punct:][:space:]·、，。]+', '', 'g'),"
        " '(股份有限公司|有限责任公司|有限公司|公司|coltd|companylimited|limited|ltd|inc|llc|corp|gmbh)$', '')"
    )


class PhoneKey(Func):
    """The last eleven digits of a telephone number: a country code or a leading zero make no difference."""

    output_field = CharField()
    arity = 1
    template = r"right(regexp_replace(%(expressions)s, '\D', '', 'g'), 11)"


SHORTEST_PHONE = 7
"""Fewer digits than these are no telephone number worth comparing."""
