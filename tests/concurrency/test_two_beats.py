"""Beats that run side by side, by mistake or while hosts change: everything that they call for happens once."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

import tests.support.job_kinds  # noqa: F401  declares the kinds
from customers.models import Attachment
from orders.models import Proof
from salesops.approvals.models import Decision, Request, Verdict
from salesops.celery import app
from salesops.jobs.models import Job
from salesops.jobs.services import start_job
from salesops.notify.models import Notice, OutgoingMail
from tests.support.at_once import at_once
from tests.support.build import make_sales, make_user
from tests.support.job_kinds import effects
from tests.support.tasks import Executed, execute, next_message, purge_queues

pytestmark = pytest.mark.django_db(transaction=True)

BEATS = 4


@pytest.mark.parametrize("round_", range(3))
def test_what_several_beats_call_for_at_once_happens_once(round_: int) -> None:
    purge_queues()
    sales = make_sales()
    customer = sales.customer()
    late = sales.submitted(customer)
    Request.objects.filter(pk=late.pk).update(due_at=timezone.now() - timedelta(hours=1))
    paper = Attachment.objects.create(
        customer=customer,
        title="Licence",
        file_name="a.pdf",
        file_type="application/pdf",
        valid_until=timezone.localdate() + timedelta(3),
    )
    paper.file.save("a.pdf", ContentFile(b"%PDF-1.4"))
    reader = make_user("finance", email="reader@example.com")
    notice = Notice.objects.create(user=reader, kind="job.done", title="x", url="/", waits_for_digest=True)
    Notice.objects.filter(pk=notice.pk).update(created_at=timezone.now() - timedelta(days=2))
    with transaction.atomic():
        job = start_job("test.count", by=reader, title="Count", params={})
    purge_queues()
    Job.objects.filter(pk=job.pk).update(sent_at=None)  # its message was lost
    app.loader.import_default_modules()  # as a worker does
    tasks = sorted({entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()})

    at_once(*[lambda name=name: app.tasks[name].apply(throw=True) for name in tasks for _beat in range(BEATS)])
    done = execute_what_is_queued()

    assert "salesops.jobs.tasks.run_job" in done
    assert effects() == 1
    assert Decision.objects.filter(request=late, verdict=Verdict.ESCALATED).count() == 1
    assert Notice.objects.of(sales.representative).filter(kind="attachment.expiring").count() == 1
    assert OutgoingMail.objects.filter(user=reader, body__contains="x").count() == 1
    assert Proof.objects.filter(night=timezone.localdate()).count() == 1


def execute_what_is_queued() -> list[str]:
    """Do what lies in the queue, messages that came twice too; returns the names of the tasks."""
    done = Executed()
    while message := next_message():
        execute(message, done, failing=False)
    return done.names
