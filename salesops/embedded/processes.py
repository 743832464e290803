"""Child processes that never outlive their parent; on Linux not even after its kill -9."""

import ctypes
import os
import platform
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from .accounts import Account
from .errors import CannotStart

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None, use_errno=True)
POLL_SECONDS = 0.02


def start_process(
    command: Sequence[str | Path],
    *,
    when_parent_dies: signal.Signals,
    cwd: Path,
    log: Path | None = None,
    env: Mapping[str, str] | None = None,
    account: Account | None = None,
    pass_fds: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """Start a child in a session of its own, so that Ctrl-C reaches the parent only.

    The kernel sends `when_parent_dies` to the child when the thread that called this is gone: call it from the main
    thread. What the child says is appended to `log`, or shown in the terminal where there is none.
    """
    output = None if log is None else log.open("ab")
    try:
        return subprocess.Popen(
            [str(part) for part in command],
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            preexec_fn=_die_with(os.getpid(), when_parent_dies),
            pass_fds=pass_fds,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
        )
    finally:
        if output:
            output.close()


def stop_process(process: subprocess.Popen[bytes], asking: signal.Signals, *, seconds: float) -> bool:
    """Ask a child to end and wait; after `seconds` its whole session is killed. True if it went by itself."""
    if process.poll() is not None:
        return True
    process.send_signal(asking)
    return wait_or_kill(process, seconds=seconds)


def wait_or_kill(process: subprocess.Popen[bytes], *, seconds: float) -> bool:
    """Wait for a child to end; after `seconds` its whole session is killed. True if it went by itself."""
    try:
        process.wait(max(seconds, 0))
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return False
    return True


def wait_until_ready(
    ready: Callable[[], bool], process: subprocess.Popen[bytes], *, name: str, seconds: float, log: Path | None = None
) -> None:
    """Return once `ready` says so; raise CannotStart when the child ends first or takes longer than `seconds`."""
    deadline = time.monotonic() + seconds
    why = f": see {log}" if log else ", for the reason above"
    while not ready():
        if process.poll() is not None:
            raise CannotStart(f"{name} ended with code {process.returncode}{why}")
        if time.monotonic() > deadline:
            raise CannotStart(f"{name} was not ready within {seconds:.0f} s{why}")
        time.sleep(POLL_SECONDS)


def require_linux() -> None:
    """Raise CannotStart where the embedded servers cannot run."""
    if platform.system() != "Linux":
        raise CannotStart("the embedded servers run on Linux only: set DATABASE_URL and REDIS_URL to servers elsewhere")


def _die_with(parent: int, death_signal: signal.Signals) -> Callable[[], None]:
    """What the child does between fork and exec; the second look closes the gap in which the parent may have died."""

    def ask_kernel() -> None:
        if not hasattr(LIBC, "prctl"):
            return
        LIBC.prctl(PR_SET_PDEATHSIG, int(death_signal))
        if os.getppid() != parent:
            os._exit(1)

    return ask_kernel
