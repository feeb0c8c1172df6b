"""The unit of `linnet serve` under a real systemd, which is the first process of a container."""

import hashlib
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from containers import Container, Podman
from pages import ROOT

UNIT = (ROOT / "scripts" / "deploy" / "linnet-serve.service").read_text(encoding="utf-8")
NAME = "linnet-serve.service"
KEY = {"authorization": "Bearer a key of the unit"}
TARGET = "[Unit]\nDefaultDependencies=no\nWants=linnet-serve.service\n"
HERE = """[Unit]
DefaultDependencies=no
[Service]
Environment=LD_LIBRARY_PATH=/usr/local/lib
StandardError=file:/out/log
Restart=no
"""
"""What differs in the container: nothing else of the system is started, Python is elsewhere, and the log is a file."""
START = 'mount --make-rshared / && exec /lib/systemd/systemd "$@"'
"""A machine's mounts are shared, a container's are not: without, the unit does not see its credentials."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The units, the keys that only root reads, and the folder of the log."""
    found = tmp_path_factory.mktemp("unit")
    (found / "units" / f"{NAME}.d").mkdir(parents=True)
    (found / "out").mkdir()
    start = UNIT.replace("/opt/linnet/venv/bin/linnet serve /opt/linnet/bundle", "/opt/linnet/bin/linnet serve /bundle")
    assert start != UNIT
    (found / "units" / NAME).write_text(start, encoding="utf-8")
    (found / "units" / f"{NAME}.d" / "here.conf").write_text(HERE, encoding="utf-8")
    (found / "units" / "test.target").write_text(TARGET, encoding="utf-8")
    (found / "keys.txt").write_text(f"tests:{hashlib.sha256(b'a key of the unit').hexdigest()}\n", encoding="utf-8")
    (found / "keys.txt").chmod(0o600)
    return found


@pytest.fixture(scope="module")
def machine(podman: Podman, image: str, folder: Path) -> Iterator[Container]:
    """A container whose first process is this machine's systemd, with the image's Python and packages."""
    if not Path("/lib/systemd/systemd").exists() or shutil.which("systemctl") is None:
        pytest.skip("systemd is not installed")
    of_the_machine = ("/lib", "/lib64", "/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/lib")
    volumes = [f"--volume={path}:{path}:ro" for path in of_the_machine if Path(path).exists()]
    volumes += [f"--volume={folder}/units:/run/systemd/system:ro", f"--volume={folder}/out:/out"]
    volumes += [f"--volume={folder}/keys.txt:/etc/linnet/keys.txt:ro"]
    rights = (
        "--cap-add=SYS_ADMIN",
        "--cap-add=SYS_PTRACE",
        "--security-opt=seccomp=unconfined",
        "--systemd=always",
        "--user=0",
    )
    options = (*rights, "--tmpfs=/tmp", "--tmpfs=/var", "--entrypoint=/bin/sh", *volumes)
    arguments = ("--system", "--unit=test.target", "--log-target=console", "--show-status=no")
    found = Container(podman, image, "-c", START, "sh", *arguments, options=options)
    try:
        _wait(found, folder, '"event": "ready"')
        yield found
    finally:
        podman("rm", "--force", "--time", "0", found.id)


def _wait(machine: Container, folder: Path, event: str) -> None:
    log, deadline = folder / "out" / "log", time.monotonic() + 120
    while not log.exists() or event not in log.read_text(encoding="utf-8"):
        assert time.monotonic() < deadline, (machine.log, log.exists() and log.read_text(encoding="utf-8"))
        time.sleep(0.2)


def systemctl(machine: Container, *arguments: str) -> str:
    return machine.podman("exec", machine.id, "systemctl", *arguments)


def test_the_server_runs_in_the_sandbox_of_the_unit(machine: Container, folder: Path) -> None:
    answer = machine.ask("POST", "/classify", {"texts": ["Good news!", "so bad"]}, KEY)
    assert [each["label"] for each in answer.json["results"]] == ["positive", "negative"]
    assert machine.ask("POST", "/explain", {"text": "so bad"}, KEY).status == 200
    assert machine.ask("POST", "/classify", {"texts": ["Good news!"]}).status == 401
    assert "cpuinfo" not in (folder / "out" / "log").read_text(encoding="utf-8"), "the processor must be recognised"


def test_the_sandbox_is_there(machine: Container) -> None:
    main = systemctl(machine, "show", NAME, "--property=MainPID", "--value").split()[-1]
    shown = machine.podman("exec", machine.id, "cat", f"/proc/{main}/status")
    status = dict(line.split(":\t", 1) for line in shown.splitlines() if ":\t" in line)
    assert "0" not in status["Uid"].split()
    assert {status[f"Cap{name}"] for name in ("Inh", "Prm", "Eff", "Bnd", "Amb")} == {"0" * 16}
    assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2") and int(status["Seccomp_filters"]) > 5


def test_reload_reads_the_keys_and_stop_ends_in_order(machine: Container, folder: Path) -> None:
    systemctl(machine, "reload", NAME)
    _wait(machine, folder, '"event": "keys reloaded"')
    systemctl(machine, "stop", NAME)
    _wait(machine, folder, '"event": "stopped"')
    shown = systemctl(machine, "show", NAME, "--property=Result", "--property=ExecMainStatus")
    assert "Result=success" in shown and "ExecMainStatus=0" in shown
