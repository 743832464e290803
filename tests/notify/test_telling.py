"""notify(): who is told what, once, in which language, in how many queries."""

import pytest
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from salesops.notify.models import Email, Notice, NoticePreference, OutgoingMail
from salesops.notify.reading import open_notice, settle_notices
from salesops.notify.services import notify
from tests.support.build import make_user

from .conftest import KIND

pytestmark = pytest.mark.django_db


def tell(*people, **more):
    notify(KIND, to=people, **{"title": "DL-1 waits", "text": "Decide on it.", "url": "/deliveries/DL-1/", **more})


def test_a_notice_stands_in_the_bell_of_each_person_told():
    one, two, other = make_user(), make_user(), make_user()
    tell(one, two)
    assert {notice.user for notice in Notice.objects.all()} == {one, two}
    assert not Notice.objects.of(other).exists()
    notice = Notice.objects.of(one).get()
    assert (notice.title, notice.text, notice.url, notice.read_at) == (
        "DL-1 waits",
        "Decide on it.",
        "/deliveries/DL-1/",
        None,
    )


def test_somebody_named_twice_is_told_once():
    one = make_user()
    tell(one, one)
    assert Notice.objects.of(one).count() == 1


def test_nobody_inactive_is_told():
    tell(make_user(is_active=False, email="gone@example.com"))
    assert not Notice.objects.exists()
    assert not OutgoingMail.objects.exists()


def test_an_unread_notice_of_the_same_key_is_not_repeated_and_not_mailed_again():
    one = make_user(email="one@example.com")
    tell(one, dedupe="DL-1")
    tell(one, dedupe="DL-1")
    assert Notice.objects.of(one).count() == 1
    assert OutgoingMail.objects.count() == 1


def test_a_person_without_an_unread_notice_of_the_key_is_told_beside_one_who_has_it():
    one, two = make_user(email="one@example.com"), make_user(email="two@example.com")
    tell(one, dedupe="DL-1")
    tell(one, two, dedupe="DL-1")
    assert Notice.objects.of(two).count() == 1
    assert list(OutgoingMail.objects.order_by("pk").values_list("to", flat=True)) == [
        "one@example.com",
        "two@example.com",
    ]


def test_once_read_the_same_key_is_told_again():
    one = make_user()
    tell(one, dedupe="DL-1")
    open_notice(Notice.objects.of(one).get().pk, by=one)
    tell(one, dedupe="DL-1")
    assert Notice.objects.of(one).count() == 2


def test_the_database_itself_refuses_a_second_unread_notice_of_a_key():
    one = make_user()
    tell(one, dedupe="DL-1")
    with pytest.raises(IntegrityError, match="nobody_is_told_twice_before_reading"), transaction.atomic():
        Notice.objects.create(user=one, kind=KIND, title="x", url="/x/", dedupe="DL-1")


def test_notices_without_a_key_are_all_told():
    one = make_user()
    tell(one)
    tell(one)
    assert Notice.objects.of(one).count() == 2


def test_settling_reads_every_unread_notice_of_a_key_and_no_other():
    one, two = make_user(), make_user()
    tell(one, two, dedupe="DL-1")
    tell(one, dedupe="DL-2")
    assert settle_notices("DL-1") == 2
    assert list(Notice.objects.unread().values_list("dedupe", flat=True)) == ["DL-2"]


def test_each_is_told_in_their_own_language():
    english, chinese = make_user(email="e@example.com"), make_user(email="c@example.com", language="zh-hans")
    tell(english, chinese, title=gettext_lazy("January"), text=lambda: _("%(number)s: January") % {"number": "DL-1"})
    # Words that Django itself brings in both languages
    assert Notice.objects.of(english).get().title == "January"
    assert Notice.objects.of(chinese).get().title == "一月"
    assert OutgoingMail.objects.get(user=chinese).subject == "一月"
    assert OutgoingMail.objects.get(user=english).subject == "January"


def test_a_long_title_in_lines_becomes_one_line_that_fits():
    one = make_user(email="one@example.com")
    tell(one, title="first\nBcc: everybody@example.com " + "x" * 300)
    title = Notice.objects.of(one).get().title
    assert "\n" not in title
    assert len(title) == 200
    assert OutgoingMail.objects.get().subject == title


@pytest.mark.parametrize(
    "url", ["https://evil.example/", "//evil.example/", "/\\evil.example/", "javascript:alert(1)", ""]
)
def test_a_notice_never_leads_away_from_the_product(url):
    one = make_user()
    with pytest.raises(ValueError, match="a page of ours"):
        tell(one, url=url)
    assert not Notice.objects.exists()


def test_an_unknown_kind_is_a_mistake_of_ours():
    with pytest.raises(LookupError):
        notify("no.such", to=[make_user()], title="x", url="/x/")


def test_what_is_told_in_a_transaction_that_fails_is_not_told(run_tasks):
    one = make_user(email="one@example.com")
    with run_tasks() as done, pytest.raises(ZeroDivisionError), transaction.atomic():
        tell(one)
        _ = 1 / 0
    assert not Notice.objects.exists()
    assert not OutgoingMail.objects.exists()
    assert done.names == []


def test_the_queries_do_not_grow_with_the_people(django_assert_num_queries):
    for number in (3, 60):
        people = [make_user((), email=f"p{number}-{at}@example.com") for at in range(number)]
        NoticePreference.objects.create(user=people[0], kind=KIND, in_app=False, email=Email.NOW)
        # savepoint, preferences, insert, which are new, mail settings, mails, release
        with django_assert_num_queries(5):
            tell(*people, dedupe="many")
        assert OutgoingMail.objects.filter(user__in=people).count() == number
