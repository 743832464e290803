"""The background work of a run: read, check, and load in the transaction that ends the job."""

from django.db import IntegrityError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from salesops.jobs.models import Job
from salesops.jobs.progress import Progress
from salesops.jobs.registry import job_kind
from salesops.kernel.errors import RuleBroken

from .books import open_books
from .mapping import read_mapping
from .models import ImportRun
from .report import summary_of, write_report
from .services import JOB, note_outcome


@job_kind(JOB, label=gettext_lazy("Books from files"), permission="imports.import_books")
def import_books(job: Job, progress: Progress) -> None:
    """Check the books of a run, and load them where that was asked for and nothing stands against it."""
    run = ImportRun.objects.get(pk=job.params["run"])
    only_good = bool(job.params["only_good"])
    with open_books(read_mapping(run.mapping), run.books) as books:
        books.read(progress)
        books.check(progress)
        counts, errors = books.counts(), books.count_errors()
        report = f"report-{job.token}.xlsx"
        progress.start_part(_("Writing the report"))
        write_report(books, counts, run.folder / report, run.title)
        loads = bool(job.params["load"]) and (only_good or not errors)
        summary = summary_of(books, counts)
        try:
            with progress.finishing() as result:
                if loads:
                    books.load(by=job.owner, progress=progress, run_id=run.pk)
                note_outcome(
                    run.pk,
                    loaded=loads,
                    errors=errors,
                    rows=sum(count.new for count in counts),
                    summary=summary,
                    report=report,
                )
                result.url = run.get_absolute_url()
                result.summary = {count.label: count.new for count in counts if count.new}
        except IntegrityError as error:
            raise changed_meanwhile() from error


def changed_meanwhile() -> RuleBroken:
    """The words for books that were good when they were checked, and met something new when they were loaded."""
    return RuleBroken(
        _("Somebody filed something meanwhile that these books bring too. Nothing was loaded: check them again."),
        rule="changed",
    )
