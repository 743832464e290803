"""`make run`: one command starts all, one signal stops all, and a refusal is one line."""

import os
import shutil
import signal
import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from salesops import run
from tests.setup.product import Product, wait_until
from tests.support.database import put_back
from tests.support.servers import url_of_database

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def filled_data() -> Iterator[Path]:
    """The data folder of a product that has been started and stopped once."""
    folder = Path(tempfile.mkdtemp(prefix="salesops-setup-"))
    product = Product(folder)
    try:
        product.start()
        product.address()
    finally:
        stop(product)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def product(filled_data: Path) -> Iterator[Product]:
    """A product that is not started yet; whatever a test leaves running is stopped."""
    product = Product(filled_data)
    yield product
    stop(product)


@pytest.fixture
def given_database(db: None, kept_dump: Path | None) -> str:
    """The address of a database of the test run's server that is neither the tests' nor anybody's."""
    name = f"salesops_given_{os.getpid()}"
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))
        if kept_dump is None:
            server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        else:
            put_back(kept_dump, name)
    return url_of_database(name)


def stop(product: Product) -> None:
    if product.process and product.alive():
        product.send(signal.SIGTERM)
        product.end()


def refused(product: Product) -> str:
    """What a start says that must not succeed: one line, and no traceback."""
    product.start()
    assert product.end() == 2
    assert "Traceback" not in product.said()
    return product.said().strip().splitlines()[-1]


def test_it_answers_and_ctrl_c_stops_all_that_it_started(product: Product) -> None:
    product.start()
    assert product.ask("live/") == "ok"
    wait_until(lambda: sum("celery" in process for process in product.processes()) >= 2, product.said)
    product.send(signal.SIGINT)
    assert product.end() == 0
    assert product.processes() == []
    assert "Traceback" not in product.said()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_signal_whose_exception_python_lost_stops_it_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    monkeypatch.setattr(run, "asked_to_stop", threading.Event())

    class Finalized:
        def __del__(self) -> None:
            run._stop_once(signal.SIGTERM, None)

    try:
        Finalized()  # what is raised while Python finalizes goes nowhere
        with pytest.raises(KeyboardInterrupt), ExitStack() as running:
            run.Processes(running, {}).watch()
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


def test_a_second_start_does_not_migrate_again(product: Product) -> None:
    product.start()
    product.address()
    assert "bringing the database up to date" not in product.said()


def test_a_new_database_is_migrated_whatever_the_stamp_says(product: Product) -> None:
    stamp = product.data / "migrated.txt"
    stamp.write_text(stamp.read_text() + "0")
    product.start()
    product.address()
    assert "bringing the database up to date" in product.said()


def test_after_kill_9_of_the_supervisor_nothing_runs_on(product: Product) -> None:
    product.start()
    product.address()
    wait_until(lambda: sum("celery" in process for process in product.processes()) >= 2, product.said)
    product.send(signal.SIGKILL)
    product.end()
    wait_until(lambda: product.processes() == [], product.processes, seconds=30)
    log = (product.data / "postgresql.log").read_text()
    assert log.rstrip().endswith("database system is shut down")


def test_a_start_right_after_a_kill_waits_for_the_old_servers_and_succeeds(product: Product) -> None:
    product.start()
    product.address()
    product.send(signal.SIGKILL)
    product.end()
    product.start()
    assert product.ask("live/") == "ok"


def test_a_second_copy_on_the_same_data_is_refused_with_the_process(product: Product) -> None:
    product.start()
    product.address()
    assert product.process
    second = Product(product.data)
    second.output = product.data / "second.txt"
    assert f"is in use by another copy (process {product.process.pid})" in refused(second)
    assert product.ask("live/") == "ok"


def test_a_busy_port_is_refused_before_anything_is_started(data: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        assert f"port {port} of 127.0.0.1 is not free" in refused(Product(data, PORT=str(port)))
    assert not (data / "postgresql").exists()


def test_a_port_that_is_no_number_is_refused(data: Path) -> None:
    assert "PORT=eighty is not the number of a port" in refused(Product(data, PORT="eighty"))


def test_a_server_that_does_not_answer_is_named_by_its_setting_without_its_password(
    data: Path, given_database: str
) -> None:
    nobody = "127.0.0.1:9"
    said = refused(Product(data, DATABASE_URL=f"postgresql://someone:hidden@{nobody}/books"))
    assert "DATABASE_URL does not answer" in said
    assert "hidden" not in said
    assert "REDIS_URL does not answer" in refused(
        Product(data, DATABASE_URL=given_database, REDIS_URL=f"redis://{nobody}/0")
    )


def test_servers_that_are_given_are_used_and_none_embedded_is_started(data: Path, given_database: str) -> None:
    product = Product(data, DATABASE_URL=given_database, REDIS_URL=os.environ["REDIS_URL"])
    product.start()
    assert product.ask("live/") == "ok"
    stop(product)
    assert not (data / "postgresql").exists()
    assert not (data / "valkey").exists()


def test_the_secret_key_is_made_once_and_closed_to_others(product: Product) -> None:
    key = product.data / "secret-key"
    before = key.read_text()
    product.start()
    product.address()
    assert key.read_text() == before
    assert len(before) >= 50
    assert key.stat().st_mode & 0o777 == 0o600
