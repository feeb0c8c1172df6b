"""Versions that come and go while clients ask."""

import json
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import linnet
import pytest
from linnet.bundle.opening import open_bundle
from linnet.cli.main import main
from linnet.serving.access import sha256
from served import Running, running

BOSS = {"authorization": "Bearer boss"}
SWAPS = 12


@pytest.fixture(scope="module")
def other(default: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A version with other scores: the embedded default, calibrated to be less sure."""
    folder = tmp_path_factory.mktemp("versions")
    data = folder / "data.csv"
    rows = [f"text number {number},{('negative', 'neutral', 'positive')[number % 3]}" for number in range(60)]
    data.write_text("\n".join(["text,label", *rows]), encoding="utf-8")
    assert main(["calibrate", str(default), "--data", str(data), "--output", str(folder / "other")]) == 0
    return folder / "other"


@pytest.fixture(scope="module")
def administered(default: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("administered")
    (folder / "admin.txt").write_text(sha256("boss"))
    (folder / "smoke.jsonl").write_text(json.dumps({"text": "Good news!", "label": "positive"}) + "\n")
    shutil.copytree(default, folder / "one")
    (folder / "current").symlink_to("one")
    options: list[str | Path] = [
        "--admin",
        folder / "admin.txt",
        "--smoke",
        folder / "smoke.jsonl",
        "--no-request-logs",
    ]
    with running(f"mood@1={default}", "linked=current", *options, cwd=folder) as found:
        yield found


def change(server: Running, **asked: object) -> list[dict[str, Any]]:
    answer = server.ask("POST", "/admin/models", asked, BOSS)
    assert answer.status == 200, answer
    return [row for row in answer.json["models"] if row["model"] == asked["name"]]


def roles(rows: list[dict[str, Any]]) -> dict[str, str]:
    return {row["version"]: row["role"] for row in rows}


class Clients:
    """Clients that ask until they are stopped, and keep what they were answered."""

    def __init__(self, server: Running, path: str, count: int = 3) -> None:
        self._server, self._path, self._stop = server, path, threading.Event()
        self.answers: list[tuple[int, str, bytes]] = []
        self._threads = [threading.Thread(target=self._ask) for _ in range(count)]

    def __enter__(self) -> "Clients":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _ask(self) -> None:
        while not self._stop.is_set():
            answer = self._server.ask("POST", self._path, {"inputs": "Good news!"})
            self.answers.append((answer.status, answer.headers.get("x-linnet-model", ""), answer.content))


def test_swaps_and_rollbacks_under_load_fail_no_request(administered: Running, other: Path, default: Path) -> None:
    expected = {
        f"mood@{label}": linnet.load_classifier(path)("Good news!").score
        for label, path in (("1", default), ("2", other))
    }
    assert len(set(expected.values())) == 2
    assert roles(change(administered, name="mood", version="2", path=str(other), role="loaded")) == {
        "1": "current",
        "2": "loaded",
    }
    with Clients(administered, "/models/mood") as clients:
        for _ in range(SWAPS):
            assert roles(change(administered, name="mood", version="2"))["2"] == "current"
            time.sleep(0.05)
            assert roles(change(administered, name="mood", version="1"))["1"] == "current"
            time.sleep(0.05)
    assert {status for status, *_ in clients.answers} == {200}
    assert {model for _, model, _ in clients.answers} == set(expected)
    assert all(json.loads(content)[0][0]["score"] == expected[model] for _, model, content in clients.answers)
    assert administered.ask("POST", "/models/mood@2", {"inputs": "a"}).headers["x-linnet-model"] == "mood@2"
    assert roles(change(administered, name="mood", version="2", role="off")) == {"1": "current"}
    assert administered.ask("POST", "/models/mood@2", {"inputs": "a"}).status == 404


def test_a_link_that_changes_swaps_the_version(administered: Running, other: Path, default: Path) -> None:
    link = Path(f"/proc/{administered.process.pid}/cwd").resolve() / "current"

    def flip(target: Path) -> None:
        new = link.with_name("new")
        new.symlink_to(target)
        new.replace(link)

    def current() -> str:
        return administered.ask("POST", "/models/linked", {"inputs": "a"}).headers["x-linnet-model"]

    with Clients(administered, "/models/linked", 1) as clients:
        for target in (other, link.parent / "one"):
            flip(target)
            wait(lambda: current() == f"linked@{open_bundle(target).digest[:12]}")  # noqa: B023
        flip(link.parent / "nowhere")
        time.sleep(1.5)
        (link.parent / "broken").mkdir()
        flip(link.parent / "broken")
        wait(lambda: any(event["event"] == "version refused" for event in administered.events))
    assert {status for status, *_ in clients.answers} == {200}
    assert current() == f"linked@{open_bundle(default).digest[:12]}"


def wait(until: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not until():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_what_cannot_take_traffic_is_refused(administered: Running, default: Path, tiny: Path, tmp_path: Path) -> None:
    altered = Path(shutil.copytree(default, tmp_path / "altered"))
    weights = altered / "onnx" / "model_quantized.onnx_data"
    content = bytearray(weights.read_bytes())
    content[len(content) // 2] ^= 1
    weights.write_bytes(content)
    for asked, expected in (
        ({"path": str(altered), "version": "3"}, "altered"),
        ({"path": str(tiny), "version": "3"}, "the task"),
        ({"path": str(tmp_path / "nothing"), "version": "3"}, "nothing"),
        ({"path": str(default), "version": "a b"}, "version"),
        ({"path": "", "version": "3"}, "path"),
        ({"path": "\0", "version": "3"}, "path"),
        ({}, "version"),
        ({"version": "1", "role": "off"}, "traffic"),
    ):
        answer = administered.ask("POST", "/admin/models", {"name": "mood", **asked}, BOSS)
        assert answer.status == 422 and expected in answer.json["error"], answer
    assert administered.ask("POST", "/admin/models", {"name": "other"}, BOSS).status == 404
    rows = administered.ask("GET", "/admin/models", headers=BOSS).json["models"]
    assert roles([row for row in rows if row["model"] == "mood"]) == {"1": "current"}


def test_a_version_that_fails_a_known_answer_is_not_taken(administered: Running, default: Path, tmp_path: Path) -> None:
    data = tmp_path / "data.csv"
    swapped = {"negative": "positive", "positive": "negative", "neutral": "neutral"}
    words = {"negative": "bad awful hate", "positive": "Good news great love", "neutral": "train platform at nine"}
    rows = [f"{words[label]} {number},{swapped[label]}" for label in words for number in range(12)]
    data.write_text("\n".join(["text,label", *rows]), encoding="utf-8")
    assert main(["adapt", str(default), "--data", str(data), "--output", str(tmp_path / "wrong")]) == 0
    assert linnet.load_classifier(tmp_path / "wrong")("Good news!").label == "negative"
    answer = administered.ask("POST", "/admin/models", {"name": "mood", "path": str(tmp_path / "wrong")}, BOSS)
    assert answer.status == 422 and "smoke set" in answer.json["error"] and "Good news" not in answer.json["error"]


def test_traffic_is_mirrored_to_a_candidate(administered: Running, default: Path, tmp_path: Path) -> None:
    assert (
        roles(change(administered, name="mood", version="9", path=str(default), role="candidate"))["9"] == "candidate"
    )
    before = administered.ask("POST", "/models/mood", {"inputs": ["a", "so bad", "Good news!"]})
    assert before.headers["x-linnet-model"] == "mood@1"
    name = 'linnet_mirrored_texts_total{candidate="9",model="mood",version="1"}'
    wait(lambda: administered.metrics().get(name) == 3)
    assert administered.metrics()[name.replace("texts_total", "differing_share")] == 0
    assert roles(change(administered, name="mood", version="9", role="off")) == {"1": "current"}


def test_the_server_does_not_start_with_a_wrong_version(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "smoke.jsonl").write_text('{"text": "Good news!", "label": "negative"}\n')
    assert main(["serve", "--port", "0", "--smoke", str(tmp_path / "smoke.jsonl")]) == 2
    assert "smoke set" in capsys.readouterr().err
