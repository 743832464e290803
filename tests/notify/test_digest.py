"""The digest: one mail a day, at the person's hour, with what was told since the last one and is still unread."""

from datetime import UTC, datetime

import pytest

from salesops.notify.digest import make_digests
from salesops.notify.models import Notice, OutgoingMail
from salesops.notify.reading import open_notice, read_all_notices
from salesops.notify.services import notify
from salesops.notify.wishes import Wish, set_wishes
from tests.support.build import make_user

from .conftest import KIND

pytestmark = pytest.mark.django_db

# Shanghai's clock is eight hours before UTC: the default hour, eight, is midnight UTC
EVENING = datetime(2026, 11, 22, 12, tzinfo=UTC)
BEFORE_THE_HOUR = datetime(2026, 11, 22, 23, 59, tzinfo=UTC)
THE_HOUR = datetime(2026, 11, 23, 0, tzinfo=UTC)


def reader(email="lin@example.com", hour=8, in_app=True, **fields):
    user = make_user(email=email, **fields)
    set_wishes(by=user, wishes={KIND: Wish(in_app, "digest")}, quiet=None, digest_hour=hour)
    return user


def tell(*people, moment=EVENING, **more):
    told = list(Notice.objects.values_list("pk", flat=True))
    notify(KIND, to=people, **{"title": "T", "text": "Do it.", "url": "/x/", **more})
    Notice.objects.exclude(pk__in=told).update(created_at=moment)


def test_notices_of_a_day_come_in_one_mail_at_the_hour(settings):
    settings.SITE_URL = "https://sales.example.com"
    one = reader()
    tell(one, title="DL-1 waits", url="/deliveries/DL-1/")
    tell(one, title="DL-2 waits", url="/deliveries/DL-2/")
    assert not OutgoingMail.objects.exists()
    assert make_digests(BEFORE_THE_HOUR) == 0
    assert make_digests(THE_HOUR) == 1
    mail = OutgoingMail.objects.get()
    assert (mail.to, mail.subject) == ("lin@example.com", "2 notices for you")
    assert mail.body.index("DL-1 waits") < mail.body.index("DL-2 waits")
    assert "https://sales.example.com/deliveries/DL-2/" in mail.body
    assert "Do it." in mail.body


def test_a_second_run_sends_nothing_more():
    tell(reader())
    assert make_digests(THE_HOUR) == 1
    assert make_digests(THE_HOUR) == 0
    assert OutgoingMail.objects.count() == 1


def test_what_comes_after_the_hour_waits_for_the_next_day():
    one = reader()
    tell(one, moment=datetime(2026, 11, 23, 0, 1, tzinfo=UTC))
    assert make_digests(datetime(2026, 11, 23, 12, tzinfo=UTC)) == 0
    assert make_digests(datetime(2026, 11, 24, 0, tzinfo=UTC)) == 1


def test_a_run_that_comes_late_sends_what_the_hour_missed():
    tell(reader())
    assert make_digests(datetime(2026, 11, 25, 7, 45, tzinfo=UTC)) == 1


def test_each_has_an_own_hour_and_an_own_mail():
    early, late = reader("early@example.com", hour=8), reader("late@example.com", hour=18)
    tell(early, late)
    assert make_digests(THE_HOUR) == 1
    assert OutgoingMail.objects.get().to == "early@example.com"
    assert make_digests(datetime(2026, 11, 23, 10, tzinfo=UTC)) == 1
    assert late.notices.for_digest().count() == 0


def test_what_was_read_in_the_bell_is_not_sent_again():
    one = reader()
    tell(one, title="read")
    tell(one, title="unread")
    open_notice(Notice.objects.get(title="read").pk, by=one)
    make_digests(THE_HOUR)
    body = OutgoingMail.objects.get().body
    assert "* unread" in body
    assert "* read" not in body


def test_when_all_was_read_no_mail_comes():
    one = reader()
    tell(one)
    read_all_notices(by=one)
    assert make_digests(THE_HOUR) == 0
    assert not OutgoingMail.objects.exists()


def test_people_without_the_bell_get_the_digest_all_the_same():
    tell(reader(in_app=False))
    assert make_digests(THE_HOUR) == 1


def test_nobody_who_has_left_gets_a_digest():
    one = reader()
    tell(one)
    one.is_active = False
    one.save()
    make_digests(THE_HOUR)
    assert not OutgoingMail.objects.exists()


def test_the_digest_speaks_the_readers_language():
    tell(reader(language="zh-hans"))
    make_digests(THE_HOUR)
    assert OutgoingMail.objects.get().subject  # translated where the catalogue has the words
