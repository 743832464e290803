"""How each person wants to be told."""

from datetime import time

import pytest
from django.db import IntegrityError, transaction

from salesops.kernel.errors import RuleBroken
from salesops.notify.models import MailSettings, Notice, NoticePreference, OutgoingMail
from salesops.notify.registry import NoticeKind, notice_kinds
from salesops.notify.services import notify
from salesops.notify.wishes import QuietHours, Wish, set_wishes, wishes_of
from tests.support.build import make_user

from .conftest import KIND

pytestmark = pytest.mark.django_db


def wish(user, in_app, email):
    set_wishes(by=user, wishes={KIND: Wish(in_app, email)}, quiet=None, digest_hour=8)


def tell(*people, **more):
    notify(KIND, to=people, **{"title": "T", "url": "/x/", **more})


def test_without_a_wish_the_kind_decides_about_mail():
    one = make_user(email="one@example.com")
    notice_kinds.add(NoticeKind("test.quiet", "Quiet"))
    try:
        tell(one)
        notify("test.quiet", to=[one], title="T", url="/x/")
    finally:
        notice_kinds._things.pop("test.quiet")
    assert Notice.objects.of(one).count() == 2
    assert OutgoingMail.objects.count() == 1


def test_somebody_without_an_address_is_never_mailed():
    one = make_user(email="")
    wish(one, True, "now")
    tell(one)
    assert Notice.objects.of(one).count() == 1
    assert not OutgoingMail.objects.exists()


def test_mail_only_leaves_the_bell_alone_and_comes_each_time():
    one = make_user(email="one@example.com")
    wish(one, False, "now")
    tell(one, dedupe="same")
    tell(one, dedupe="same")
    assert not Notice.objects.of(one).exists()
    assert OutgoingMail.objects.count() == 2


def test_neither_bell_nor_mail_writes_nothing():
    one = make_user(email="one@example.com")
    wish(one, False, "off")
    tell(one)
    assert not Notice.objects.exists()
    assert not OutgoingMail.objects.exists()


def test_a_wish_may_be_changed_as_often_as_one_likes():
    one = make_user(email="one@example.com")
    wish(one, False, "off")
    wish(one, True, "digest")
    assert wishes_of(one)[KIND] == Wish(True, "digest")
    assert NoticePreference.objects.filter(user=one).count() == 1


def test_wishes_are_ones_own():
    one, two = make_user(email="one@example.com"), make_user(email="two@example.com")
    wish(one, False, "off")
    assert wishes_of(two)[KIND] == Wish(True, "now")


def test_quiet_hours_that_never_end_are_refused():
    one = make_user()
    with pytest.raises(RuleBroken) as refused:
        set_wishes(by=one, wishes={}, quiet=QuietHours(time(8), time(8)), digest_hour=8)
    assert refused.value.field == "quiet_until"
    assert not MailSettings.objects.exists()


def test_an_hour_that_no_clock_has_is_refused():
    one = make_user()
    with pytest.raises(RuleBroken):
        set_wishes(by=one, wishes={KIND: Wish(False, "off")}, quiet=None, digest_hour=24)
    assert not NoticePreference.objects.exists()


def test_the_database_refuses_quiet_hours_with_one_end():
    with pytest.raises(IntegrityError, match="quiet_hours_have_two_ends"), transaction.atomic():
        MailSettings.objects.create(user=make_user(), quiet_from=time(22))


def test_the_database_refuses_a_way_of_mail_that_does_not_exist():
    with pytest.raises(IntegrityError, match="a_preference_names_a_known_way"), transaction.atomic():
        NoticePreference.objects.create(user=make_user(), kind=KIND, email="pigeon")


def test_kinds_that_never_concern_a_person_are_not_offered():
    notice_kinds.add(NoticeKind("test.books", "Books", permission="imports.import_books"))
    try:
        assert "test.books" not in wishes_of(make_user("representative"))
        assert "test.books" in wishes_of(make_user(is_superuser=True))
    finally:
        notice_kinds._things.pop("test.books")
