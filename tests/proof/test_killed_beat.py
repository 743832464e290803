"""Beat is killed: what fell due meanwhile is done when it is back, also where its file is damaged."""

import shelve
from datetime import timedelta
from pathlib import Path

import pytest
import redis

from tests.setup.product import wait_until

from .conftest import Installation
from .test_killed_broker import ask_for_a_proof, is_done_once

pytestmark = pytest.mark.slow


def schedule_of(installation: Installation) -> Path:
    return installation.folder / "beat-schedule"


def kill_beat_at_work(installation: Installation) -> None:
    """Start beat, and kill it once its file says what it has handed to the broker."""
    beat = installation.start_beat()
    wait_until(lambda: hands_over(installation), (installation.folder / "beat.log").read_text, seconds=90)
    assert beat.poll() is None
    beat.kill()
    beat.wait()


def hands_over(installation: Installation) -> bool:
    """Whether something lies in the broker's queue."""
    with redis.Redis.from_url(installation.valkey.url()) as broker:
        return bool(broker.llen("celery"))


def two_days_pass(installation: Installation) -> None:
    """As if beat had been killed two days ago: everything in its file was last done then."""
    with shelve.open(str(schedule_of(installation)), writeback=True) as schedule:  # noqa: S301  our own file
        for entry in schedule["entries"].values():
            entry.last_run_at -= timedelta(days=2)


def damage_its_file(installation: Installation) -> None:
    """As if it had been killed while it wrote."""
    files = list(installation.folder.glob("beat-schedule*"))
    assert files
    for path in files:
        path.write_bytes(b"\x00half a file")


def test_nightly_work_that_beat_missed_is_done_when_it_is_back(installation: Installation) -> None:
    kill_beat_at_work(installation)
    assert installation.ask("work")["proofs"] == 0
    two_days_pass(installation)
    installation.start_background()
    wait_until(lambda: installation.ask("work")["proofs"] == 1, lambda: installation.ask("work"), seconds=90)


@pytest.mark.parametrize("damaged", [False, True], ids=["with its file", "with a damaged file"])
def test_work_that_nobody_sent_while_beat_was_dead_is_done_once_when_it_is_back(
    installation: Installation, damaged: bool
) -> None:
    world = installation.ask("company")
    installation.start_web()
    kill_beat_at_work(installation)
    installation.kill_valkey(and_its_file=True)
    ask_for_a_proof(installation, installation.browser(world["sessions"]["finance"]))
    assert installation.ask("work") == {"states": ["queued"], "sent": [], "proofs": 0}
    installation.valkey.start()
    if damaged:
        damage_its_file(installation)
    installation.start_background()
    wait_until(lambda: is_done_once(installation), lambda: installation.ask("work"), seconds=90)
