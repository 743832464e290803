"""The bell, the list of notices, one's wishes, the outbox."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from salesops.notify.models import MailSettings, Notice, OutgoingMail
from salesops.notify.services import notify
from salesops.notify.wishes import Wish, wishes_of
from tests.support.build import make_user
from tests.support.signed_in import client_of, signed_in

from .conftest import KIND

pytestmark = pytest.mark.django_db


@pytest.fixture
def person():
    return make_user("supervisor", email="lin@example.com")


@pytest.fixture
def client(person):
    return signed_in(person)


def tell(*people, **more):
    notify(KIND, to=people, **{"title": "DL-1 waits", "text": "Decide.", "url": "/notices/settings/", **more})


def test_the_bell_shows_the_latest_and_how_many_are_new(client, person):
    tell(person)
    tell(make_user(), title="not yours")
    page = client.get(reverse("web:bell")).content.decode()
    assert "DL-1 waits" in page
    assert "not yours" not in page
    assert 'aria-label="Notices, 1 new"' in client.get(reverse("notify:list")).content.decode()


def test_the_list_shows_ones_own_notices_only(client, person):
    tell(person)
    tell(make_user(), title="not yours")
    page = client.get(reverse("notify:list")).content.decode()
    assert "DL-1 waits" in page
    assert "not yours" not in page


def test_the_list_can_show_new_ones_and_one_kind(client, person):
    tell(person, title="was read")
    Notice.objects.update(read_at=timezone.now())
    tell(person, title="is new")
    page = client.get(reverse("notify:list"), {"new": "yes", "kind": KIND}).content.decode()
    assert "is new" in page
    assert "was read" not in page


def test_opening_a_notice_marks_it_as_read_and_goes_where_it_leads(client, person):
    tell(person)
    notice = Notice.objects.get()
    response = client.get(notice.get_absolute_url())
    assert (response.status_code, response["Location"]) == (302, "/notices/settings/")
    notice.refresh_from_db()
    assert notice.read_at


def test_nobody_opens_anothers_notice(client, person):
    tell(make_user())
    notice = Notice.objects.get()
    assert client.get(notice.get_absolute_url()).status_code == 404
    notice.refresh_from_db()
    assert notice.read_at is None


def test_a_notice_that_leads_away_goes_to_the_list_instead(client, person):
    tell(person)
    Notice.objects.update(url="/\\evil.example/")
    assert client.get(Notice.objects.get().get_absolute_url())["Location"] == reverse("notify:list")


def test_all_are_marked_as_read_but_nobody_elses(client, person):
    other = make_user()
    tell(person, other)
    response = client.post(reverse("notify:read_all"), follow=True)
    assert "1 notice marked as read." in response.content.decode()
    assert not Notice.objects.of(person).unread().exists()
    assert Notice.objects.of(other).unread().exists()


def test_a_link_cannot_mark_all_as_read(client, person):
    tell(person)
    assert client.get(reverse("notify:read_all")).status_code == 405
    assert Notice.objects.of(person).unread().exists()


def test_the_list_costs_the_same_for_few_and_for_many(client, person, django_assert_max_num_queries):
    url = reverse("notify:list")
    client.get(url)
    for _round in range(2):
        for number in range(20):
            tell(person, title=f"N{number}")
        with django_assert_max_num_queries(9):
            client.get(url)


# ---- wishes ----
def form_data(**changes):
    wishes = {f"{part}.{key}": value for key in wishes_keys() for part, value in (("in_app", "on"), ("email", "off"))}
    return {**wishes, "quiet_from": "", "quiet_until": "", "digest_hour": "8", **changes}


def wishes_keys():
    return list(wishes_of(make_user("supervisor")))


def test_wishes_are_kept(client, person):
    data = form_data(**{f"email.{KIND}": "digest", "quiet_from": "22:00", "quiet_until": "07:00", "digest_hour": "18"})
    del data[f"in_app.{KIND}"]
    assert client.post(reverse("notify:settings"), data).status_code == 302
    assert wishes_of(person)[KIND] == Wish(False, "digest")
    kept = MailSettings.objects.get(user=person)
    assert (str(kept.quiet_from), str(kept.quiet_until), kept.digest_hour) == ("22:00:00", "07:00:00", 18)
    page = client.get(reverse("notify:settings")).content.decode()
    assert 'value="22:00"' in page


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"quiet_from": "22:00"}, "Give both ends, or none."),
        ({"quiet_from": "22:00", "quiet_until": "22:00"}, "Quiet hours end at another time"),
        ({"quiet_from": "later", "quiet_until": "22:00"}, "valid time"),
        ({"digest_hour": "24"}, "valid choice"),
        ({f"email.{KIND}": "pigeon"}, "valid choice"),
    ],
)
def test_wishes_that_make_no_sense_are_refused_and_nothing_is_kept(client, person, changes, words):
    response = client.post(reverse("notify:settings"), form_data(**changes))
    assert response.status_code == 422
    assert words in response.content.decode()
    assert not MailSettings.objects.exists()


# ---- outbox ----
@pytest.fixture
def kept_mail():
    return OutgoingMail.objects.create(
        to="lin@example.com", subject="DL-1 waits", body="Open it: http://x/ <script>", state="kept"
    )


def test_the_outbox_shows_what_would_have_gone(kept_mail):
    client = client_of("administrator")
    page = client.get(reverse("notify:outbox")).content.decode()
    assert "DL-1 waits" in page
    assert "Kept here" in page
    assert "No mail server is set" in page
    text = client.get(kept_mail.get_absolute_url()).content.decode()
    assert "Open it:" in text
    assert "&lt;script&gt;" in text


@pytest.mark.parametrize("role", ["representative", "sales_manager", "agent", ()])
def test_the_outbox_is_closed_to_others(kept_mail, role):
    client = client_of(role)
    assert client.get(reverse("notify:outbox")).status_code == 403
    assert client.get(kept_mail.get_absolute_url()).status_code == 403


@pytest.mark.parametrize("name", ["list", "settings", "read_all", "outbox"])
def test_a_visitor_is_sent_to_sign_in(name):
    client = Client()
    response = client.post(reverse(f"notify:{name}")) if name == "read_all" else client.get(reverse(f"notify:{name}"))
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("users:sign_in"))


def test_the_outbox_costs_the_same_for_few_and_for_many(django_assert_max_num_queries):
    client = client_of("administrator")
    url = reverse("notify:outbox")
    client.get(url)
    for _round in range(2):
        OutgoingMail.objects.bulk_create(
            [OutgoingMail(to=f"{at}@example.com", user=make_user(), subject="S", body="B") for at in range(10)]
        )
        with django_assert_max_num_queries(9):
            client.get(url)
