"""Podman in a storage of its own, and containers that a test talks to."""

import ctypes
import http.client
import os
import resource
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from served import Answer, asked

_HYBRID = Path("/sys/fs/cgroup/unified")
_NEW_NETWORK = 0x40000000  # CLONE_NEWNET
HARD = ("--read-only", "--read-only-tmpfs=false", "--cap-drop=all", "--security-opt=no-new-privileges")
"""What a container of Linnet can do without: writing, every capability, and gaining some."""


class Podman:
    """Podman, as root. Images and containers are in ``storage``.

    Debian's crun refuses a machine where both versions of cgroups are mounted: a mount namespace hides the second.
    """

    def __init__(self, storage: Path) -> None:
        hide = f"umount {_HYBRID} 2>/dev/null && mount -t tmpfs none {_HYBRID}; echo; exec sleep infinity"
        self._holder = subprocess.Popen(["unshare", "--mount", "sh", "-c", hide], stdout=subprocess.PIPE)
        assert self._holder.stdout
        self._holder.stdout.readline()
        where = ["--root", str(storage / "root"), "--runroot", str(storage / "run"), "--cgroup-manager=cgroupfs"]
        self._command = ["nsenter", "--mount", "--target", str(self._holder.pid), "podman", *where]

    def __call__(self, *arguments: str | Path, expected: int = 0) -> str:
        """Runs a command of podman; returns what it printed, its messages too."""
        command = [*self._command, *map(str, arguments)]
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=600
        )
        assert done.returncode == expected, done.stdout
        return done.stdout

    def run(self, image: str, *arguments: str | Path, options: tuple[str, ...] = (), expected: int = 0) -> str:
        """Runs a container to its end; returns what it printed."""
        return self("run", "--rm", "--network=none", *ULIMITS, *options, image, *arguments, expected=expected)

    def close(self) -> None:
        """Ends all containers, so that the storage can be removed."""
        try:
            self("rm", "--force", "--time", "0", "--all")
        finally:
            self._holder.kill()
            self._holder.wait()


def _ulimits() -> tuple[str, ...]:
    """Limits that this user may set: podman's own may be higher than the machine's."""
    files = min(1024, resource.getrlimit(resource.RLIMIT_NOFILE)[1])
    return f"--ulimit=nofile={files}:{files}", "--ulimit=nproc=4096:4096"


ULIMITS = _ulimits()


class Secret(NamedTuple):
    """A key, and the file that has its hash."""

    key: str
    file: Path

    @property
    def headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.key}"}

    @property
    def mounted(self) -> tuple[str, str]:
        """The options of podman that mount the file."""
        return "--volume", f"{self.file}:/run/secrets/linnet-keys:ro"


class Container:
    """A running container, without a network: its requests come through its own loopback."""

    def __init__(self, podman: Podman, image: str, *arguments: str | Path, options: tuple[str, ...] = HARD) -> None:
        self.podman = podman
        started = podman("run", "--detach", "--network=none", *ULIMITS, *options, image, *arguments)
        self.id = started.split()[-1]
        self.pid = int(podman("inspect", "--format", "{{.State.Pid}}", self.id).split()[-1])

    @property
    def log(self) -> str:
        """What it has printed."""
        return self.podman("logs", self.id)

    def wait(self) -> None:
        """Waits until it takes requests."""
        deadline = time.monotonic() + 120
        while '"event": "ready"' not in self.log:
            running = self.podman("inspect", "--format", "{{.State.Running}}", self.id).split()[-1]
            assert running == "true" and time.monotonic() < deadline, self.log
            time.sleep(0.2)

    def ask(self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None) -> Answer:
        """Sends a request on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", 8080, timeout=120)
        connection.sock = self._connected()
        return asked(connection, method, path, body, headers)

    def _connected(self) -> socket.socket:
        """Returns a connection from within the container's network; this thread alone goes there, and comes back."""
        here, there = (os.open(f"/proc/{name}/ns/net", os.O_RDONLY) for name in ("thread-self", self.pid))
        try:
            _enter(there)
            return socket.create_connection(("127.0.0.1", 8080), timeout=120)
        finally:
            _enter(here)
            os.close(here)
            os.close(there)

    def end(self) -> tuple[int, float]:
        """Ends it as a person does; returns its exit status, and the seconds that it took."""
        began = time.monotonic()
        self.podman("stop", "--time", "60", self.id)
        taken = time.monotonic() - began
        return int(self.podman("inspect", "--format", "{{.State.ExitCode}}", self.id).split()[-1]), taken


def _enter(namespace: int) -> None:
    if ctypes.CDLL(None, use_errno=True).setns(namespace, _NEW_NETWORK):
        raise OSError(ctypes.get_errno(), "cannot enter a network namespace")


@contextmanager
def container(
    podman: Podman, image: str, *arguments: str | Path, options: tuple[str, ...] = HARD
) -> Iterator[Container]:
    """Yields a container that takes requests, and removes it."""
    found = Container(podman, image, *arguments, options=options)
    try:
        found.wait()
        yield found
    finally:
        podman("rm", "--force", "--time", "0", found.id)


def why_not() -> str | None:
    """Returns why no container can run here; None if nothing is known against it."""
    if os.geteuid() != 0:
        return "only root can make the containers of this test"
    missing = [name for name in ("podman", "crun", "nsenter", "unshare") if shutil.which(name) is None]
    return f"{', '.join(missing)} is not installed" if missing else None
