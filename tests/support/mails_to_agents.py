"""Every kind of mail that the product sends to an agent, each made by what makes it in life."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from customers.models import Customer
from customers.portal.services import invite_person
from orders.collections.reminding import remind
from orders.models import Delivery, Reconciliation
from orders.reconciliation.rounds import open_round, send_all
from orders.reconciliation.services import sign
from salesops.approvals.services import approve, reject
from salesops.jobs.models import Job, JobState
from salesops.jobs.running import run_job
from salesops.jobs.services import start_job
from salesops.notify.digest import make_digests
from salesops.notify.models import OutgoingMail
from salesops.notify.wishes import Wish, set_wishes, wishes_of
from salesops.users.models import User
from salesops.users.roles import Role
from salesops.users.secondfactor.services import reset_second_factor
from tests.support.build import Sales, make_sales, make_user

DELIVERIES = {"path": "/deliveries/", "query": "", "title": "Deliveries", "filename": "deliveries.xlsx"}
"""What an export is asked for."""


@dataclass
class Corner:
    """An agent, its people's first, and the people of the company around it."""

    sales: Sales
    customer: Customer
    agent: User

    @property
    def words(self) -> set[str]:
        """What no other agent may read."""
        numbers = Delivery.objects.filter(customer=self.customer).values_list("number", flat=True)
        return {self.customer.code, self.customer.name, self.agent.full_name, *numbers}


def make_corner() -> Corner:
    """One whose person wishes a mail of everything, at once."""
    sales = make_sales()
    customer = sales.customer("Changshu Yushan", code="A-7001", email="books@yushan.example")
    agent = make_user(Role.AGENT, customer=customer, full_name="Fan Guohua", email="fan@yushan.example")
    wish_mails(agent, "now")
    return Corner(sales, customer, agent)


def wish_mails(agent: User, when: str) -> None:
    """Every kind of notice comes by mail, now or in a digest."""
    set_wishes(by=agent, wishes={kind: Wish(True, when) for kind in wishes_of(agent)}, quiet=None, digest_hour=8)


# ---- notices ----
def _decided(corner: Corner) -> None:
    request = corner.sales.submitted(corner.customer, 1, by=corner.agent)
    reject(request.pk, by=corner.sales.representative, note="Order the new model")


def _shipped(corner: Corner) -> None:
    request = corner.sales.submitted(corner.customer, 2, by=corner.agent)
    approve(request.pk, by=corner.sales.representative)
    approve(request.pk, by=corner.sales.supervisor)
    corner.sales.ship(Delivery.objects.get(pk=request.object_id), 1)


def _published(corner: Corner) -> None:
    today = timezone.localdate()
    rows = Customer.objects.filter(pk=corner.customer.pk)
    made, job = open_round(by=corner.sales.finance, customers=rows, first_day=today, last_day=today, answer_by=today)
    job.delete()
    send_all(made, by=corner.sales.finance)


def _signed(corner: Corner) -> None:
    _published(corner)
    one = Reconciliation.objects.filter(customer=corner.customer).latest("pk")
    sign(one.pk, by=corner.sales.finance)


def _done(corner: Corner) -> None:
    exported(corner.agent)


def _failed(corner: Corner) -> None:
    job = start_job("export", by=corner.agent, title="Deliveries of Changshu Yushan", params=DELIVERIES)
    Job.objects.filter(pk=job.pk).update(params={**DELIVERIES, "path": "/nowhere/"})  # the page is gone meanwhile
    run_job(job.pk)
    job.refresh_from_db()
    assert job.state == JobState.FAILED


def _second_factor(corner: Corner) -> None:
    TOTPDevice.objects.create(user=corner.agent, name="phone", confirmed=True)
    reset_second_factor(corner.agent.pk, by=make_user(Role.ADMINISTRATOR), reason="Lost the phone")


NOTICES: dict[str, Callable[[Corner], None]] = {
    "account.second_factor": _second_factor,
    "approval.decided": _decided,
    "delivery.shipped": _shipped,
    "job.done": _done,
    "job.failed": _failed,
    "reconciliation.published": _published,
    "reconciliation.signed": _signed,
}
"""What makes each kind of notice that an agent gets."""
NEVER = {
    "approval.waiting": "no stage of a policy is an agent's",
    "bill.dishonoured": "the representative is told, and finance",
}
"""Kinds that stand in an agent's settings and never come."""


# ---- other mails ----
def _digest(corner: Corner) -> None:
    wish_mails(corner.agent, "digest")
    _decided(corner)
    _shipped(corner)
    make_digests(timezone.now() + timedelta(days=2))


def _invitation(corner: Corner) -> None:
    invite_person(
        corner.customer.pk, by=corner.sales.representative, email="gu@yushan.example", full_name="Gu Min of Yushan"
    )


def _reminder(corner: Corner) -> None:
    corner.sales.overdue(corner.customer, 100, 3)
    assert remind(corner.customer.pk, by=corner.sales.finance) is not None


LETTERS: dict[str, Callable[[Corner], None]] = {
    "digest": _digest,
    "invitation": _invitation,
    "reminder": _reminder,
}
"""What makes each of the mails that bring no single notice."""
MAILS = {**NOTICES, **LETTERS}


def mails_of(kind: str, corner: Corner) -> list[OutgoingMail]:
    """Make it happen, and return the mails that it sends to the agent's addresses."""
    before = set(OutgoingMail.objects.values_list("pk", flat=True))
    MAILS[kind](corner)
    addressed = OutgoingMail.objects.filter(to__endswith="@yushan.example").exclude(pk__in=before)
    return list(addressed.order_by("pk"))


def links_in(mail: OutgoingMail) -> list[str]:
    """The paths of all links of a mail."""
    site = settings.SITE_URL.rstrip("/")
    return [word.removeprefix(site) for word in mail.body.split() if word.startswith(site)]


def exported(person: User) -> Job:
    """A job of somebody's that wrote a list into a file."""
    job = start_job("export", by=person, title="Deliveries", params=DELIVERIES)
    run_job(job.pk)
    job.refresh_from_db()
    assert job.result, job.error
    return job
