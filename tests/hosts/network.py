"""A network of hosts on this machine: each a network namespace of the kernel, joined by a switch in a namespace too.

Nothing of the machine's own network is touched. The hosts share the machine's files, as hosts share a folder by NFS.
"""

import ctypes
import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

NAMESPACES = Path("/run/netns")
PREFIX = "salesops-"
SWITCH = "switch"
NEW_NETWORK = 0x40000000  # CLONE_NEWNET of setns(2)
LIBC = ctypes.CDLL(None, use_errno=True)


class Network:
    """Hosts by name, with addresses from 198.18.0.0/24, which is set aside for tests of networks."""

    def __init__(self, names: Sequence[str]) -> None:
        self.address = {SWITCH: "198.18.0.254"} | {
            name: f"198.18.0.{number}" for number, name in enumerate(names, start=1)
        }

    def build(self) -> None:
        """Afterwards every host reaches every other, and the switch has an address for people."""
        for name in self.address:
            ip("netns", "add", namespace(name))
            self._on(name, "link", "set", "lo", "up")
        self._on(SWITCH, "link", "add", "bridge", "type", "bridge")
        self._on(SWITCH, "address", "add", f"{self.address[SWITCH]}/24", "dev", "bridge")
        self._on(SWITCH, "link", "set", "bridge", "up")
        for name in self.address:
            if name != SWITCH:
                self._plug_in(name)

    def remove(self) -> None:
        """Afterwards nothing of it is left; processes of the hosts must have ended."""
        for name in self.address:
            if (NAMESPACES / namespace(name)).exists():
                ip("netns", "delete", namespace(name))

    def cut_off(self, name: str) -> None:
        """Pull the cable of a host: nothing comes through any more, and nobody is told."""
        self._on(SWITCH, "link", "set", f"to-{name}", "down")

    def reconnect(self, name: str) -> None:
        """Plug it in again."""
        self._on(SWITCH, "link", "set", f"to-{name}", "up")

    @contextmanager
    def inside(self, name: str) -> Iterator[str]:
        """This thread, and what it starts, is on that host within the block; yields its address."""
        here = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        there = os.open(NAMESPACES / namespace(name), os.O_RDONLY)
        try:
            enter(there)
            yield self.address[name]
        finally:
            enter(here)
            os.close(there)
            os.close(here)

    def _plug_in(self, name: str) -> None:
        self._on(SWITCH, "link", "add", f"to-{name}", "type", "veth", "peer", "name", "wire", "netns", namespace(name))
        self._on(SWITCH, "link", "set", f"to-{name}", "master", "bridge", "up")
        self._on(name, "address", "add", f"{self.address[name]}/24", "dev", "wire")
        self._on(name, "link", "set", "wire", "up")

    def _on(self, name: str, *arguments: str) -> None:
        ip("-n", namespace(name), *arguments)


def why_not() -> str:
    """Why there can be no such network here; nothing where there can."""
    if os.geteuid() != 0:
        return "needs root, to make network namespaces"
    try:
        ip("netns", "add", namespace("probe"))
    except FileNotFoundError:
        return "ip is not installed: apt-get install iproute2"
    except subprocess.CalledProcessError as refusal:
        return f"no network namespaces here: {refusal.stderr.strip()}"
    ip("netns", "delete", namespace("probe"))
    return ""


def remove_abandoned_networks() -> None:
    """Remove the namespaces of runs that were killed."""
    for path in NAMESPACES.glob(f"{PREFIX}*-*"):
        pid = path.name.removeprefix(PREFIX).partition("-")[0]
        if pid.isdecimal() and not Path(f"/proc/{pid}").exists():
            ip("netns", "delete", path.name)


def namespace(name: str) -> str:
    """What the namespace of a host of this run is called."""
    return f"{PREFIX}{os.getpid()}-{name}"


def ip(*arguments: str) -> None:
    """iproute2, where Debian keeps it for root."""
    env = os.environ | {"PATH": f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"}
    subprocess.run(["ip", *arguments], check=True, capture_output=True, text=True, env=env)


def enter(namespace_fd: int) -> None:
    """Put this thread into a namespace."""
    if LIBC.setns(namespace_fd, NEW_NETWORK):
        raise OSError(ctypes.get_errno(), "setns")
