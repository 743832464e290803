"""What a running job tells, and when it stops."""

from datetime import UTC, datetime, timedelta

import pytest

from salesops.jobs.models import Job
from salesops.jobs.progress import Cancelled, Progress, TakenOver
from salesops.jobs.words import in_words, progress_in_words

NOW = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.fixture
def progress():
    return Progress(Job(title="x"))


def test_what_is_gone_through_is_counted(progress):
    seen = [(item, progress.now_known()[:3]) for item in progress.over("abc", saying="Letters")]
    assert seen == [("a", (0, 3, "Letters")), ("b", (1, 3, "Letters")), ("c", (2, 3, "Letters"))]
    assert progress.now_known()[:3] == (3, 3, "Letters")


def test_rows_without_a_known_number_are_counted_too(progress):
    assert list(progress.over(iter("abc"))) == ["a", "b", "c"]
    assert progress.now_known()[:2] == (3, None)


def test_more_rows_than_were_announced_do_not_pass_the_end(progress):
    list(progress.over(iter("abc"), 2))
    assert progress.now_known()[:2] == (2, 2)


def test_each_part_counts_anew(progress):
    list(progress.over("abc", saying="One"))
    list(progress.over("ab", saying="Two"))
    assert progress.now_known()[:3] == (2, 2, "Two")


def test_a_cancelled_job_stops_at_the_next_row(progress):
    seen = []
    with pytest.raises(Cancelled):
        for item in progress.over("abc"):
            seen.append(item)
            progress.is_cancelled = True
    assert seen == ["a"]


def test_a_job_that_was_taken_over_stops(progress):
    progress.is_taken_over = True
    with pytest.raises(TakenOver):
        progress.say("more")


def test_what_is_finished_is_not_stopped_any_more(progress):
    progress.is_finished = progress.is_cancelled = progress.is_taken_over = True
    progress.step(1)


@pytest.mark.parametrize("name", ["../x", "a/b", "/etc/passwd", ".."])
def test_a_file_has_its_place_in_the_folder_of_the_attempt(progress, name):
    with pytest.raises(ValueError, match="plain"):
        progress.place(name)


@pytest.mark.parametrize(
    ("done", "total", "left"),
    [(50, 100, 60), (25, 100, 180), (100, 100, 0), (0, 100, None), (1, 100, None), (5, None, None)],
)
def test_the_time_left_follows_the_pace_so_far(done, total, left):
    job = Job(done=done, total=total, part_started_at=NOW - timedelta(seconds=60))
    assert job.time_left(NOW) == (None if left is None else timedelta(seconds=left))


def test_a_running_job_says_what_how_far_and_how_long_still():
    job = Job(
        state="running", saying="Writing rows", done=1500, total=3000, part_started_at=NOW - timedelta(seconds=20)
    )
    assert progress_in_words(job, NOW) == "Writing rows · 1,500 of 3,000 · about 20 s left"


def test_a_job_says_that_it_waits_or_stops():
    assert progress_in_words(Job(state="queued")) == "Waits for its turn"
    assert progress_in_words(Job(state="running", cancel_requested_at=NOW)) == "Stopping…"


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "1 s"), (59, "59 s"), (61, "1 min"), (3540, "59 min"), (7300, "2 h")]
)
def test_spans_are_said_as_people_say_them(seconds, words):
    assert in_words(timedelta(seconds=seconds)) == words
