"""Mails leave through a real SMTP server, once each, when they may; without one they are kept."""

import threading
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from salesops.notify.letters import Letter
from salesops.notify.models import MailSettings, OutgoingMail
from salesops.notify.outbox import queue_mails
from salesops.notify.sending import RETRY_MINUTES, send_due_mails
from salesops.notify.services import notify
from tests.support.broker import dead_broker
from tests.support.build import make_user

from .conftest import KIND, serving

pytestmark = pytest.mark.django_db


def tell(*people, **more):
    notify(KIND, to=people, **{"title": "DL-1 waits", "text": "Decide on it.", "url": "/deliveries/DL-1/", **more})


def test_a_notice_reaches_the_persons_mailbox_with_what_to_do_and_a_link(run_tasks, mail_server, settings):
    settings.SITE_URL = "https://sales.example.com"
    with run_tasks() as done:
        tell(make_user(email="lin@example.com"))
    assert done.names == ["salesops.notify.tasks.send_waiting_mail"]
    (message,) = mail_server.postbox.messages
    assert message["To"] == "lin@example.com"
    assert message["Subject"] == "DL-1 waits"
    text = message.get_content()
    assert "Decide on it." in text
    assert "https://sales.example.com/deliveries/DL-1/" in text
    assert "https://sales.example.com/notices/settings/" in text
    mail = OutgoingMail.objects.get()
    assert (mail.state, mail.attempts, mail.error) == ("sent", 1, "")
    assert mail.sent_at


def test_chinese_arrives_as_it_was_written(run_tasks, mail_server):
    with run_tasks():
        tell(
            make_user(email="lin@example.com", language="zh-hans"), title="送货申请待审批", text="请审批：<林悦> & 公司"
        )
    (message,) = mail_server.postbox.messages
    assert message["Subject"] == "送货申请待审批"
    assert "请审批：<林悦> & 公司" in message.get_content()


def test_sending_again_sends_nothing_more(mail_server):
    tell(make_user(email="lin@example.com"))
    assert send_due_mails() == 1
    assert send_due_mails() == 0
    assert len(mail_server.postbox.messages) == 1


def test_many_mails_leave_in_one_go_in_the_order_in_which_they_were_written(mail_server):
    people = [make_user((), email=f"p{at}@example.com") for at in range(5)]
    tell(*people)
    assert send_due_mails() == 5
    assert [message["To"] for message in mail_server.postbox.messages] == [person.email for person in people]


def test_no_mail_arrives_in_quiet_hours(run_tasks, mail_server):
    one = make_user(email="lin@example.com")
    now = timezone.localtime()
    MailSettings.objects.create(
        user=one, quiet_from=(now - timedelta(hours=1)).time(), quiet_until=(now + timedelta(hours=1)).time()
    )
    with run_tasks() as done:
        tell(one)
    assert done.names == []
    assert send_due_mails() == 0
    assert mail_server.postbox.messages == []
    OutgoingMail.objects.update(not_before=timezone.now())  # the hour has passed
    assert send_due_mails() == 1


def test_an_address_that_the_server_refuses_for_good_fails_and_says_why(mail_server):
    mail_server.postbox.answers = ["550 No such user"]
    tell(make_user(email="gone@example.com"), make_user(email="lin@example.com"))
    assert send_due_mails() == 1
    refused, sent = OutgoingMail.objects.order_by("pk")
    assert (refused.state, refused.error) == ("failed", "550 No such user")
    assert refused.sent_at is None
    assert sent.state == "sent"


def test_a_refusal_for_now_is_tried_again_later_and_not_for_ever(mail_server):
    tell(make_user(email="full@example.com"))
    for minutes in RETRY_MINUTES:
        mail_server.postbox.answers = ["452 Mailbox full"]
        before = timezone.now()
        assert send_due_mails() == 0
        mail = OutgoingMail.objects.get()
        assert mail.state == "waiting"
        assert mail.error == "452 Mailbox full"
        assert mail.not_before - before >= timedelta(minutes=minutes)
        OutgoingMail.objects.update(not_before=timezone.now())
    mail_server.postbox.answers = ["452 Mailbox full"]
    assert send_due_mails() == 0
    assert OutgoingMail.objects.get().state == "failed"


def test_while_the_server_cannot_be_reached_mails_wait_and_no_attempt_counts(use_mail_server):
    use_mail_server("smtp://127.0.0.1:1")  # nobody listens there
    tell(make_user(email="lin@example.com"))
    assert send_due_mails() == 0
    mail = OutgoingMail.objects.get()
    assert (mail.state, mail.attempts) == ("waiting", 0)
    assert mail.error
    with serving() as again:
        use_mail_server(again.url)
        OutgoingMail.objects.update(not_before=timezone.now())
        assert send_due_mails() == 1
    assert OutgoingMail.objects.get().error == ""


def test_without_a_mail_server_mails_are_kept_and_never_sent_later(use_mail_server, request, settings):
    settings.EMAIL_URL = ""
    tell(make_user(email="lin@example.com"))
    assert send_due_mails() == 1
    assert OutgoingMail.objects.get().state == "kept"
    server = request.getfixturevalue("mail_server")
    assert send_due_mails() == 0
    assert server.postbox.messages == []


def test_a_mail_that_left_stays_sent():
    mail = OutgoingMail.objects.create(to="x@example.com", subject="x", body="x", state="sent", sent_at=timezone.now())
    with pytest.raises(DatabaseError, match="Invalid transition"), transaction.atomic():
        OutgoingMail.objects.filter(pk=mail.pk).update(state="waiting", sent_at=None)


def test_people_without_an_address_get_no_mail():
    assert queue_mails([(make_user(email=""), Letter("x", "x"))]) == []
    assert not OutgoingMail.objects.exists()


def test_where_the_broker_is_down_the_mail_waits_for_the_schedule(django_capture_on_commit_callbacks, mail_server):
    with dead_broker(), django_capture_on_commit_callbacks(execute=True):
        tell(make_user(email="lin@example.com"))
    assert OutgoingMail.objects.get().state == "waiting"
    assert send_due_mails() == 1


@pytest.mark.django_db(transaction=True)
def test_two_senders_at_once_send_each_mail_once(mail_server):
    people = [make_user((), email=f"p{at}@example.com") for at in range(12)]
    tell(*people)
    start = threading.Barrier(3)

    def send():
        start.wait()
        try:
            send_due_mails()
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(message["To"] for message in mail_server.postbox.messages) == sorted(p.email for p in people)
    assert set(OutgoingMail.objects.values_list("state", "attempts")) == {("sent", 1)}
