"""PostgreSQL and Valkey out of wheels, as children of the process that needs them: see docs/embedded-servers.md."""

from .errors import CannotStart
from .folders import FolderLock, SocketFolder
from .postgres import Postgres
from .processes import start_process, stop_process
from .valkey import Valkey

__all__ = ["CannotStart", "FolderLock", "Postgres", "SocketFolder", "Valkey", "start_process", "stop_process"]
