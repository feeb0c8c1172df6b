"""The image of `linnet serve` in a container that may write nothing, has no capability, and no network but its own."""

import hashlib
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from containers import HARD, Container, Podman, Secret, container
from pages import ROOT

TINY = ROOT / "tests" / "runtime" / "tiny_embedder"
PYTHON = "--entrypoint=/opt/linnet/bin/python"
TEXTS = ["Good news! The bridge opens on Friday 🎉", "so bad 😡", "", "not bad at all"]
LIBRARY = (
    "import json, sys, linnet; print(json.dumps([p.scores for p in linnet.load('/bundle')(json.loads(sys.argv[1]))]))"
)

IMPORTING = """
import http.client, json, os, signal, sys, threading, time
from importlib import metadata
from pathlib import Path

def asked():
    while True:
        try:
            for path, body in (("/", {"inputs": "Good news!"}), ("/explain", {"text": "so bad"}), ("/metrics", None),
                               ("/openapi.json", None), ("/v1/models", None), ("/nothing", None), ("/health", None)):
                connection = http.client.HTTPConnection("127.0.0.1", 8080)
                connection.request("POST" if body else "GET", path, json.dumps(body) if body else None)
                connection.getresponse().read()
            break
        except ConnectionRefusedError:
            time.sleep(0.1)
    os.kill(os.getpid(), signal.SIGTERM)

threading.Thread(target=asked).start()
sys.argv = ["linnet", "serve", "/bundle", "--no-request-logs"]
from linnet.cli.main import main
assert main() == 0
folder = Path(metadata.distribution("linnet").locate_file(""))
loaded = {Path(module.__file__) for module in list(sys.modules.values()) if getattr(module, "__file__", None)}
maps = Path("/proc/self/maps").read_text()
unused = []
for each in metadata.distributions():
    files = [Path(each.locate_file(file)).resolve() for file in each.files or ()]
    if not loaded & set(files):
        unused.append(each.name)
tops = {path.relative_to(folder).parts[0] for path in loaded if folder in path.parents}
tops |= {line.split(str(folder) + "/")[1].split("/")[0] for line in maps.splitlines() if str(folder) + "/" in line}
rest = [path.name for path in folder.iterdir() if path.name not in tops and not path.name.endswith(".dist-info")]
programs = sorted(path.name for path in Path(sys.prefix, "bin").iterdir())
print(json.dumps({"unused": unused, "rest": sorted(rest), "programs": programs}))
"""
NOT_IMPORTED = {"__pycache__"}
"""What the folder of packages has beside what the server imports."""
PROGRAMS = {"linnet", "python", "python3", "uvicorn", "f2py", "numpy-config", "onnxruntime_test"}
"""The programs of the environment: Python, Linnet, and what wheels bring along. None is more than a few lines."""


def test_it_has_what_the_server_imports_and_nothing_else(podman: Podman, image: str) -> None:
    printed = podman.run(image, "-c", IMPORTING, options=(PYTHON, *HARD))
    found = json.loads(printed.splitlines()[-1])
    assert found["unused"] == []
    assert set(found["rest"]) <= NOT_IMPORTED
    assert {name for name in found["programs"] if not name.startswith(("python3.", "activate", "Activate"))} <= PROGRAMS


def test_it_runs_as_a_user_without_rights(served: Container) -> None:
    lines = Path(f"/proc/{served.pid}/status").read_text(encoding="utf-8").splitlines()
    status = dict(line.split(":\t", 1) for line in lines)
    assert set(status["Uid"].split()) == set(status["Gid"].split()) == {"10001"}
    assert {status[f"Cap{name}"] for name in ("Inh", "Prm", "Eff", "Bnd", "Amb")} == {"0" * 16}
    assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")


def test_its_health_check_passes(podman: Podman, served: Container) -> None:
    podman("healthcheck", "run", served.id)
    assert served.ask("GET", "/health").status == served.ask("GET", "/ready").status == 200


def test_its_health_check_fails_where_nothing_answers(podman: Podman, image: str, secret: Secret) -> None:
    options = ("--entrypoint=/opt/linnet/bin/python", *HARD)
    waiting = Container(podman, image, "-c", "import time; time.sleep(600)", options=options)
    try:
        podman("healthcheck", "run", waiting.id, expected=1)
    finally:
        podman("rm", "--force", "--time", "0", waiting.id)


def test_it_answers_as_the_library_does(podman: Podman, image: str, served: Container, secret: Secret) -> None:
    printed = podman.run(image, "-c", LIBRARY, json.dumps(TEXTS), options=(PYTHON, *HARD))
    expected = json.loads(printed.splitlines()[-1])
    answer = served.ask("POST", "/classify", {"texts": TEXTS}, secret.headers)
    assert [each["scores"] for each in answer.json["results"]] == expected


def test_a_request_without_the_key_is_refused(served: Container) -> None:
    for headers in ({}, {"authorization": "Bearer another"}):
        assert served.ask("POST", "/", {"inputs": "Good news!"}, headers).status == 401


def test_without_keys_it_does_not_start(podman: Podman, image: str) -> None:
    printed = podman.run(image, options=HARD, expected=2)
    assert "/run/secrets/linnet-keys" in printed and "Traceback" not in printed


def test_sighup_reads_the_keys_again(served: Container, secret: Secret) -> None:
    hashed = hashlib.sha256(b"another key").hexdigest()
    before = secret.file.read_text(encoding="utf-8")
    secret.file.write_text(before + f"other:{hashed}\n", encoding="utf-8")
    served.podman("kill", "--signal", "HUP", served.id)
    deadline = time.monotonic() + 30
    while (answer := served.ask("GET", "/models", headers={"authorization": "Bearer another key"})).status != 200:
        assert answer.status == 401 and time.monotonic() < deadline, served.log
        time.sleep(0.1)
    assert served.ask("GET", "/models", headers=secret.headers).status == 200


def changes(podman: Podman, found: Container) -> list[str]:
    """What differs from the image, beside what podman itself puts there."""
    own = ("C /etc", "A /etc/", "A /run", "C /run", "A /dev", "A /proc", "A /sys")
    return [line for line in podman("diff", found.id).splitlines() if not line.startswith(own)]


def test_it_writes_nothing_even_where_it_may(podman: Podman, image: str) -> None:
    with container(podman, image, "/bundle", "--no-keys", options=("--env=HOME=/tmp",)) as found:
        assert found.ask("POST", "/", {"inputs": "Good news!"}).status == 200
        assert found.ask("POST", "/explain", {"text": "so bad"}).status == 200
        assert changes(podman, found) == []
        podman("exec", found.id, "/opt/linnet/bin/python", "-c", "open('/tmp/mark', 'w').close()")
        assert [line for line in changes(podman, found) if "mark" in line], "a file that is written is not seen"


def test_a_bundle_can_be_mounted(podman: Podman, image: str) -> None:
    mounted = ("--volume", f"{TINY}:/bundle:ro")
    with container(podman, image, "/bundle", "--no-keys", options=(*HARD, *mounted)) as found:
        assert found.ask("POST", "/embed", {"inputs": ["a text"]}).status == 200


@pytest.fixture
def ending(podman: Podman, image: str) -> Iterator[Container]:
    with container(podman, image, "/bundle", "--no-keys") as found:
        yield found


def test_it_ends_within_seconds_and_finishes_what_it_accepted(ending: Container) -> None:
    texts = [f"{number} good news, then two hours on hold" for number in range(200)]
    with ThreadPoolExecutor(8) as clients:
        asked = [clients.submit(ending.ask, "POST", "/classify", {"texts": texts}) for _ in range(8)]
        time.sleep(0.3)
        assert not all(each.done() for each in asked)
        status, seconds = ending.end()
        answers = [each.result() for each in asked]
    assert status == 0 and seconds < 30
    assert [answer.status for answer in answers] == [200] * 8
    assert '"event": "stopped"' in ending.log
