"""Telling people things: notices in the bell, mails for those who want them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.http import url_has_allowed_host_and_scheme

from salesops.users.models import User

from .letters import Letter, letter_of_notice
from .models import TITLE_LENGTH, Email, Notice
from .outbox import queue_mails
from .registry import NoticeKind, notice_kinds
from .text import Text, language_of, spoken_in
from .wishes import Wish, wishes_for


@dataclass(frozen=True)
class Message:
    """What some people are told; `title` and `text` may be lazy or functions, `url` is a page of ours."""

    to: Collection[User]
    title: Text
    url: str
    text: Text = ""


def notify(kind: str, *, to: Iterable[User], title: Text, text: Text = "", url: str, dedupe: str = "") -> None:
    """Tell people something: a notice each in the bell and by mail, as each of them wishes, in their own languages.

    `title` and `text` may be lazy or functions: they are said in each recipient's language. The text says what to
    do; `url` is the page of ours where it is done. With `dedupe`, a person who has not yet read a notice of the same
    key gets no second one, nor a mail. Belongs into the transaction of what it tells: mails leave after its commit.
    The number of queries does not grow with the recipients.
    """
    notify_each(kind, [Message(list(to), title, url, text)], dedupe=dedupe)


def notify_each(kind: str, messages: Iterable[Message], *, dedupe: str = "") -> None:
    """Tell people different things of one kind, as `notify` does; in as many queries as it takes for one."""
    known = notice_kinds.get(kind)
    if known is None:
        raise LookupError(f"no notice kind {kind!r}: add it to notice_kinds")
    told = [(message, [user for user in message.to if user.is_active]) for message in messages]
    for message, _people in told:
        if not message.url.startswith("/") or not url_has_allowed_host_and_scheme(message.url, allowed_hosts=None):
            raise ValueError(f"a notice leads to a page of ours, not to {message.url!r}")
    people = {user.pk: user for _message, users in told for user in users}
    if not people:
        return
    wishes = wishes_for(known, people.values())
    notices: list[Notice] = []
    letters: list[tuple[Notice, tuple[int, str]]] = []
    for at, (message, users) in enumerate(told):
        words = _words_by_language(users, message.title, message.text)
        for user in {user.pk: user for user in users}.values():
            wish, language = wishes[user.pk], language_of(user)
            if wish.in_app or wish.email != Email.OFF:
                notice = _notice(known, user, *words[language], url=message.url, dedupe=dedupe, wish=wish)
                notices.append(notice)
                letters.append((notice, (at, language)))
    with transaction.atomic(savepoint=False):
        written = {notice.pk for notice in _write(notices, dedupe=dedupe)}
        _mail([one for one in letters if one[0].pk in written and wishes[one[0].user_id].email == Email.NOW], people)


def _words_by_language(people: Iterable[User], title: Text, text: Text) -> dict[str, tuple[str, str]]:
    languages = {language_of(user) for user in people}
    return {one: (_one_line(spoken_in(one, title)), spoken_in(one, text)) for one in languages}


def _one_line(title: str) -> str:
    line = " ".join(title.split())
    return line if len(line) <= TITLE_LENGTH else f"{line[: TITLE_LENGTH - 1]}…"


def _notice(kind: NoticeKind, user: User, title: str, text: str, *, url: str, dedupe: str, wish: Wish) -> Notice:
    return Notice(
        user=user,
        kind=kind.key,
        title=title,
        text=text,
        url=url,
        dedupe=dedupe,
        in_bell=wish.in_app,
        waits_for_digest=wish.email == Email.DIGEST,
    )


def _write(notices: Sequence[Notice], *, dedupe: str) -> list[Notice]:
    """Write the notices and return the new ones: the database leaves out people with an unread one of the same key."""
    Notice.objects.bulk_create(notices, ignore_conflicts=bool(dedupe))
    if not dedupe:
        return list(notices)
    written = set(Notice.objects.filter(pk__in=[notice.pk for notice in notices]).values_list("pk", flat=True))
    return [notice for notice in notices if notice.pk in written]


def _mail(notices: Sequence[tuple[Notice, tuple[int, str]]], people: Mapping[int, User]) -> None:
    """Queue a mail for each notice; a letter is written once for each message and language."""
    letters: dict[tuple[int, str], Letter] = {}
    mails: list[tuple[User, Letter]] = []
    for notice, key in notices:
        if key not in letters:
            letters[key] = letter_of_notice(notice, key[1])
        mails.append((people[notice.user_id], letters[key]))
    queue_mails(mails)
