"""`make run`: the servers, the web process, the worker and beat as one; Ctrl-C stops them all."""

import http.client
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import FrameType
from typing import NoReturn

import redis

from salesops.database_state import DatabaseState
from salesops.embedded import CannotStart, FolderLock, Postgres, Valkey
from salesops.embedded.processes import start_process, wait_or_kill, wait_until_ready

ROOT = Path(__file__).resolve().parent.parent
STOP_SECONDS = 15
DEMO_USERS = (
    "representative",
    "supervisor",
    "regional-manager",
    "sales-manager",
    "finance",
    "supply",
    "personnel",
    "marketing",
    "agent",
    "admin",
)
STARTED = time.perf_counter()
asked_to_stop = threading.Event()


def main() -> int:
    """Run until asked to stop. 0 after Ctrl-C, 1 when a process ended by itself, 2 when starting was refused."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop_once)
    try:
        with ExitStack() as running:
            return run(running)
    except CannotStart as refusal:
        print(f"salesops: {refusal}", file=sys.stderr)
        return 2
    except PermissionError as refusal:
        print(f"salesops: {refusal}: was it made by another account?", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 0


def run(running: ExitStack) -> int:
    """Start everything in the order in which one needs the other; `running` stops it in reverse."""
    data = data_folder()
    FolderLock(data / "run.lock", what=f"the data folder {data}")
    listener = running.enter_context(listening_socket())
    host, port = listener.getsockname()[:2]
    env = environment(data, port)
    provide_database(running, data, env)
    provide_broker(running, data, env)
    state = DatabaseState(env["DATABASE_URL"], data / "migrated.txt", ROOT)
    if not state.is_migrated():
        say("bringing the database up to date")
        manage("migrate", "--no-input", "--verbosity=0", env=env)
        state.remember_migrated()
    if env["SALESOPS_DEMO"] != "no" and not state.has_people():
        make_demo(env)
    processes = Processes(running, env)
    processes.start("web", web_command(listener.fileno()), pass_fds=[listener.fileno()])
    processes.wait_for("web", lambda: answers(host, port))
    welcome(host, port, state.people_among(DEMO_USERS) if env["SALESOPS_DEMO"] != "no" else [])
    processes.start("worker", celery_command("worker", "--concurrency=2", "--without-mingle", "--without-gossip"))
    processes.start("beat", celery_command("beat", "--pidfile="))
    return processes.watch()


class Processes:
    """The product's own processes: started one by one, stopped together."""

    def __init__(self, running: ExitStack, env: dict[str, str]) -> None:
        self.env = env
        self.by_name: dict[str, subprocess.Popen[bytes]] = {}
        running.callback(self.stop)

    def start(self, name: str, command: Sequence[str], pass_fds: Sequence[int] = ()) -> None:
        """Start one; it ends with us, however we end."""
        self.by_name[name] = start_process(
            command, when_parent_dies=signal.SIGTERM, cwd=ROOT, env=self.env, pass_fds=pass_fds
        )

    def wait_for(self, name: str, ready: Callable[[], bool]) -> None:
        """Return when it is ready; raise CannotStart when it ends first."""
        wait_until_ready(ready, self.by_name[name], name=f"the {name} process", seconds=60)

    def watch(self) -> int:
        """Return 1 when one of them has ended by itself; KeyboardInterrupt when we were asked to stop."""
        while True:
            if asked_to_stop.is_set():
                raise KeyboardInterrupt
            for name, process in self.by_name.items():
                if process.poll() is not None:
                    say(f"the {name} process ended with code {process.returncode}: stopping")
                    return 1
            time.sleep(0.3)

    def stop(self) -> None:
        """Ask all at once, wait for each, kill what does not go."""
        say("stopping")
        for process in self.by_name.values():
            if process.poll() is None:
                process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for name, process in self.by_name.items():
            if not wait_or_kill(process, seconds=deadline - time.monotonic()):
                say(f"the {name} process did not stop and was killed; its job is taken up again at the next start")


def data_folder() -> Path:
    """Where all that lasts is kept; closed to others when we make it."""
    folder = Path(os.environ.get("SALESOPS_DATA") or ROOT / "var").resolve()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (folder / "static").mkdir(exist_ok=True)
    except OSError as failure:
        raise CannotStart(f"the data folder {folder} cannot be made: {failure.strerror}") from None
    return folder


def listening_socket() -> socket.socket:
    """The address of the web process, taken before anything else starts: a busy port then costs and changes nothing."""
    host, port = os.environ.get("SALESOPS_HOST", "127.0.0.1"), os.environ.get("PORT") or "8000"
    if not port.isdecimal() or int(port) > 65535:
        raise CannotStart(f"PORT={port} is not the number of a port")
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, int(port)))
    except OSError as failure:
        listener.close()
        raise CannotStart(
            f"port {port} of {host} is not free ({failure.strerror}): choose another, as in make run PORT=8001"
        ) from None
    return listener


def environment(data: Path, port: int) -> dict[str, str]:
    """What the processes read their settings from."""
    return {
        "SALESOPS_DEMO": "yes",
        "SECRET_KEY": secret_key(data / "secret-key"),
        **os.environ,
        "SALESOPS_DATA": str(data),
        "PORT": str(port),
        "DJANGO_SETTINGS_MODULE": "salesops.settings",
        "PYTHONUNBUFFERED": "1",
    }


def secret_key(file: Path) -> str:
    """The key that signs sessions, made at the first start and readable by us alone."""
    if not file.exists():
        with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as new:
            new.write(secrets.token_urlsafe(64))
    return file.read_text()


def provide_database(running: ExitStack, data: Path, env: dict[str, str]) -> None:
    """Afterwards DATABASE_URL names a database: the one given, or that of the embedded server."""
    if env.get("DATABASE_URL"):
        return
    postgres = Postgres(data / "postgresql")
    running.callback(postgres.stop)
    postgres.start()
    postgres.create_database()
    env["DATABASE_URL"] = postgres.url()


def provide_broker(running: ExitStack, data: Path, env: dict[str, str]) -> None:
    """Afterwards REDIS_URL names a Redis database: the one given, or that of the embedded Valkey."""
    if env.get("REDIS_URL"):
        require_answer(env["REDIS_URL"])
        return
    valkey = Valkey(data / "valkey")
    running.callback(valkey.stop)
    valkey.start()
    env["REDIS_URL"] = valkey.url()


def require_answer(redis_url: str) -> None:
    """Raise CannotStart when a given Redis does not answer: the worker would try for ever."""
    try:
        redis.Redis.from_url(redis_url, socket_timeout=10).ping()
    except (redis.RedisError, ValueError) as failure:
        raise CannotStart(f"the server of REDIS_URL does not answer: {failure}") from None


def make_demo(env: dict[str, str]) -> None:
    """Fill an empty database with the demo company."""
    say("making the demo company (SALESOPS_DEMO=no leaves it out)")
    manage("make_demo", env=env)


def manage(*arguments: str, env: dict[str, str]) -> None:
    """Run a command of manage.py to its end; raise CannotStart when it fails."""
    command = start_process(
        [sys.executable, "manage.py", *arguments], when_parent_dies=signal.SIGTERM, cwd=ROOT, env=env
    )
    try:
        code = command.wait()
    finally:
        wait_or_kill(command, seconds=0)
    if code:
        raise CannotStart(f"manage.py {arguments[0]} ended with code {code}, for the reason above")


def web_command(listener: int) -> list[str]:
    """gunicorn on the socket that we have bound."""
    command = [sys.executable, "-m", "gunicorn", "salesops.wsgi", f"--bind=fd://{listener}", "--preload", "--workers=2"]
    return [*command, "--worker-class=gthread", "--threads=4", "--graceful-timeout=10", "--log-level=warning"]


def celery_command(*arguments: str) -> list[str]:
    """A Celery process that speaks only of what is wrong; that it runs as root, where it does, the person knows."""
    return [
        sys.executable,
        "-W",
        "ignore:You're running the worker with superuser",
        "-m",
        "celery",
        "--quiet",
        "--app=salesops",
        *arguments,
        "--loglevel=WARNING",
    ]


def answers(host: str, port: int) -> bool:
    """Whether the web process answers at all; whatever the answer is, it comes from Django."""
    connection = http.client.HTTPConnection(host, port, timeout=1)
    try:
        connection.request("GET", "/live/", headers={"Host": "localhost"})
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def welcome(host: str, port: int, demo_users: list[str]) -> None:
    """Say where to go and how to get in."""
    say(f"SalesOps is ready at http://{host}:{port}/")
    if demo_users:
        say(f"sign in as {', '.join(demo_users)}; the password is salesops-demo")
    say("Ctrl-C stops everything")


def say(text: str) -> None:
    """One line, with the seconds since the start."""
    print(f"[{time.perf_counter() - STARTED:5.1f} s] {text}", flush=True)


def _stop_once(number: int, frame: FrameType | None) -> NoReturn:
    """Leave by the way of Ctrl-C; while we stop, a second signal changes nothing.

    Raised in the moment in which Python finalizes something, the exception is lost: `asked_to_stop` is not.
    """
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)
    asked_to_stop.set()
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
