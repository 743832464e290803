"""gunicorn as `make run` starts it: before it forks, all is loaded, and no work for the garbage collector any more."""

import signal
import socket
from pathlib import Path

import pytest
import requests

from salesops.embedded.processes import start_process, stop_process, wait_until_ready
from salesops.run import answers, web_command

from .product import ROOT


@pytest.mark.slow
def test_what_is_loaded_stops_no_request(tmp_path: Path) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        command = [
            "tests.setup.settled_wsgi" if part == "salesops.wsgi" else part for part in web_command(listener.fileno())
        ]
        log = tmp_path / "web.log"
        web = start_process(command, when_parent_dies=signal.SIGTERM, cwd=ROOT, pass_fds=[listener.fileno()], log=log)
    try:
        wait_until_ready(lambda: answers("127.0.0.1", port), web, name="the web process", seconds=60, log=log)
        said = requests.get(f"http://127.0.0.1:{port}/", timeout=10).json()
    finally:
        stop_process(web, signal.SIGTERM, seconds=15)
    assert said["loaded"]
    assert said["passed_over"] > 10 * said["left"]
