"""The unit, the compose file and the Kubernetes file: what they name exists, and their sandbox lets the server run."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from linnet.cli.commands.serve import options_of
from linnet.cli.main import parse_args
from linnet.serving.dialects import watching
from linnet.serving.options import Options
from pages import ROOT
from served import Running

DEPLOY = ROOT / "scripts" / "deploy"
UNIT = (DEPLOY / "linnet-serve.service").read_text(encoding="utf-8")
CONTAINERFILE = (ROOT / "scripts" / "Containerfile").read_text(encoding="utf-8")
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))["services"]["linnet"]
DEPLOYMENT, SERVICE = yaml.safe_load_all((DEPLOY / "kubernetes.yaml").read_text(encoding="utf-8"))
POD = DEPLOYMENT["spec"]["template"]["spec"]
(IN_POD,) = POD["containers"]
MEASURED = 446
"""MB of RSS under load with the embedded default, which the files are for: see runtime/docs/service.md."""


def instruction(name: str) -> Any:
    """What the Containerfile's last instruction of this name has: JSON, or a word."""
    text = CONTAINERFILE.replace("\\\n", " ")
    found = re.findall(rf"^{name} (.*)$", text, re.MULTILINE)[-1]
    return json.loads(found) if found.startswith("[") else found


def served_with(arguments: list[str]) -> Options:
    """What the server makes of the image's entry point with these arguments."""
    _, *entry = instruction("ENTRYPOINT")
    return options_of(parse_args([*entry, *arguments]))


def test_all_start_the_server_with_arguments_that_it_takes() -> None:
    for arguments in (instruction("CMD"), COMPOSE["command"], IN_POD["args"]):
        options = served_with(arguments)
        assert (options.host, options.port) == ("0.0.0.0", 8080) and options.keys
    (command,) = re.findall(r"^ExecStart=\S+/linnet (.*)$", UNIT, re.MULTILINE)
    assert options_of(parse_args(command.split())).keys


def test_the_probes_ask_routes_that_need_no_key() -> None:
    ports = {port["name"]: port["containerPort"] for port in IN_POD["ports"]}
    access = {route.path: route.access for route in watching.DIALECT.routes}
    for name in ("startupProbe", "livenessProbe", "readinessProbe"):
        probe = IN_POD[name]["httpGet"]
        assert access[probe["path"]] == "open" and ports[probe["port"]] == 8080
    assert SERVICE["spec"]["ports"][0]["targetPort"] in ports
    assert SERVICE["spec"]["selector"].items() <= DEPLOYMENT["spec"]["template"]["metadata"]["labels"].items()


def test_compose_has_the_health_check_of_the_image() -> None:
    command = instruction("HEALTHCHECK").partition(" CMD ")[2]
    assert COMPOSE["healthcheck"]["test"] == ["CMD", *json.loads(command)]


def test_all_run_as_a_user_without_rights() -> None:
    assert COMPOSE["read_only"] and COMPOSE["cap_drop"] == ["ALL"]
    own, pods = IN_POD["securityContext"], POD["securityContext"]
    assert pods["runAsNonRoot"] and f"{pods['runAsUser']}:{pods['runAsGroup']}" == instruction("USER")
    assert own["readOnlyRootFilesystem"] and not own["allowPrivilegeEscalation"]
    assert own["capabilities"] == {"drop": ["ALL"]} and pods["seccompProfile"] == {"type": "RuntimeDefault"}


def megabytes(value: str) -> float:
    number, unit = re.fullmatch(r"(\d+)(\w+)", value).groups()  # type: ignore[union-attr]
    return int(number) * {"m": 1 << 20, "Mi": 1 << 20, "M": 1 << 20, "G": 1 << 30}[unit] / 1e6


def test_limits_leave_room_for_what_was_measured_and_for_a_graceful_end() -> None:
    unit = dict(line.split("=", 1) for line in UNIT.splitlines() if re.match(r"\w+=", line))
    limits = (COMPOSE["mem_limit"], IN_POD["resources"]["limits"]["memory"], unit["MemoryMax"])
    assert all(megabytes(limit) > 1.1 * MEASURED for limit in limits)
    timeout = served_with(instruction("CMD")).limits.timeout
    graces = (COMPOSE["stop_grace_period"].rstrip("s"), POD["terminationGracePeriodSeconds"], unit["TimeoutStopSec"])
    assert all(int(grace) > timeout + 5 for grace in graces)


def test_the_kubernetes_file_fits_its_schema() -> None:
    validate = pytest.importorskip("kubernetes_validate", reason="kubernetes-validate is not installed")
    for resource in (DEPLOYMENT, SERVICE):
        validate.validate(resource, validate.latest_version(), strict=True)


needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """The unit, with a program that is there."""
    program = tmp_path / "linnet"
    program.symlink_to("/bin/true")
    file = tmp_path / "linnet-serve.service"
    file.write_text(UNIT.replace("/opt/linnet/venv/bin/linnet", str(program)), encoding="utf-8")
    return file


@needs_systemd
def test_systemd_takes_the_unit(unit: Path) -> None:
    done = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True)
    assert [line for line in done.stderr.splitlines() if unit.name in line] == []


@needs_systemd
def test_systemd_finds_little_that_the_unit_leaves_open(unit: Path) -> None:
    command: list[str | Path] = ["systemd-analyze", "security", "--offline=true", "--threshold=15", "--no-pager", unit]
    done = subprocess.run(command, capture_output=True, text=True)
    if "unrecognized option" in done.stderr or "Unknown" in done.stderr:
        pytest.skip("this systemd-analyze judges no file")
    assert done.returncode == 0, done.stdout + done.stderr


NO_NEW_CODE = """
import ctypes, os, sys
refuse = ctypes.CDLL(None, use_errno=True).prctl(65, 1, 0, 0, 0)  # PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN
if refuse:
    raise SystemExit(77)
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""
TRIES = "import mmap; mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)"


def test_the_server_needs_no_memory_that_is_written_and_run() -> None:
    """`MemoryDenyWriteExecute=yes` of the unit: here the kernel refuses the same."""
    tried = subprocess.run([sys.executable, "-c", NO_NEW_CODE, "-c", TRIES], capture_output=True, text=True)
    if tried.returncode == 77:
        pytest.skip("this kernel cannot refuse such memory (Linux 6.3 can)")
    assert "PermissionError" in tried.stderr
    found = Running("--threads", "1", within=("-c", NO_NEW_CODE))
    try:
        assert found.post("/classify", {"texts": ["Good news!"]})["results"][0]["label"] == "positive"
        assert found.post("/explain", {"text": "so bad"})
        assert found.stop() == 0
    finally:
        found.process.kill()
