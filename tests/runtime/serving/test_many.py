"""Many clients at once: the same bits, refusals that say when to come back, and an orderly end."""

import http.client
import json
import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import linnet
import pytest
from linnet.cli.main import main
from served import Answer, Running, running

WORDS = [
    "good",
    "bad",
    "news",
    "train",
    "the",
    "a",
    "😡",
    "never",
    "always",
    "love",
    "waited",
    "hours",
    "kettle",
    "cheap",
    "and",
    "not",
    "@anna",
]


def texts(count: int, seed: int = 7) -> list[str]:
    chosen = random.Random(seed)
    return [" ".join(chosen.choices(WORDS, k=chosen.randint(1, 30))) for _ in range(count)]


def wait(until: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not until():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_concurrent_clients_get_the_bits_of_the_library(server: Running, model: linnet.Classifier) -> None:
    given = texts(120)
    expected = {text: found.scores for text, found in zip(given, model(given), strict=True)}
    requests = [given[start : start + size] for start in range(0, 120, 8) for size in (1, 3, 8)]

    def ask(some: list[str]) -> bool:
        found = server.post("/classify", {"texts": some})["results"]
        return [each["scores"] for each in found] == [expected[text] for text in some]

    with ThreadPoolExecutor(12) as clients:
        assert all(clients.map(ask, requests))
    metrics = server.metrics()
    assert metrics["linnet_queue_tokens"] == metrics["linnet_queue_texts"] == 0
    assert metrics["linnet_batch_texts_sum"] > metrics["linnet_batch_texts_count"]


def test_metrics_count_what_was_answered(server: Running) -> None:
    names = {
        "texts": 'linnet_texts_total{model="mood",version="VERSION"}',
        "tokens": 'linnet_tokens_total{model="mood",version="VERSION"}',
        "truncated": 'linnet_truncated_texts_total{model="mood",version="VERSION"}',
        "label": 'linnet_labels_total{label="positive",model="mood",version="VERSION"}',
        "requests": 'linnet_requests_total{route="/predict",status="200"}',
        "refused": 'linnet_requests_total{route="/predict",status="422"}',
        "seconds": 'linnet_request_seconds_count{route="/predict"}',
    }
    version = next(row["version"] for row in server.get("/models")["models"] if row["model"] == "mood")
    names = {what: name.replace("VERSION", version) for what, name in names.items()}
    before = server.metrics()
    server.post("/predict", {"inputs": [["Good news!"], ["word " * 1000]]})
    server.ask("POST", "/predict", {"inputs": 5})
    after = server.metrics()
    grown = {what: after.get(name, 0) - before.get(name, 0) for what, name in names.items()}
    assert grown.pop("tokens") > 100
    assert grown.pop("label") >= 1
    assert grown == {"texts": 2, "truncated": 1, "requests": 1, "refused": 1, "seconds": 2}


def test_overload_is_refused_and_what_is_accepted_is_right(default: Path, model: linnet.Classifier) -> None:
    given = texts(64)
    expected = [found.scores for found in model(given)]
    with running(default, "--max-queue", "4000", "--threads", "1", "--no-request-logs") as server:

        def ask(_: int) -> Answer:
            return server.ask("POST", "/classify", {"texts": given})

        with ThreadPoolExecutor(16) as clients:
            answers = list(clients.map(ask, range(48)))
        accepted = [answer for answer in answers if answer.status == 200]
        refused = [answer for answer in answers if answer.status != 200]
        assert accepted and refused
        assert all([each["scores"] for each in answer.json["results"]] == expected for answer in accepted)
        assert {answer.status for answer in refused} <= {429, 503}
        assert all(int(answer.headers["retry-after"]) >= 1 for answer in refused)
        assert ask(0).status == 200
        assert server.metrics()["linnet_queue_tokens"] == 0


def long_work() -> bytes:
    return json.dumps({"texts": [f"{text} {number}" for number, text in enumerate(texts(300, seed=3))]}).encode()


def test_a_client_that_goes_away_frees_its_work(default: Path) -> None:
    with running(default, "--threads", "1") as server:
        body = {"texts": [" ".join([*WORDS * 6, str(number)]) for number in range(450)]}
        client = http.client.HTTPConnection("127.0.0.1", server.port)
        client.request("POST", "/classify", json.dumps(body), {"content-type": "application/json"})
        wait(lambda: server.metrics()["linnet_queue_tokens"] > 0)
        client.close()
        wait(lambda: any(event.get("route") == "/classify" for event in server.events))
        (event,) = [event for event in server.events if event.get("route") == "/classify"]
        assert event["status"] == 499
        wait(lambda: server.metrics()["linnet_queue_tokens"] == 0)
        assert server.metrics()["linnet_batch_tokens_total"] < 450 * 100
        assert server.ask("POST", "/", {"inputs": "a"}).status == 200


@pytest.mark.parametrize("threads", ["1", "2"])
def test_a_server_that_is_asked_to_end_finishes_what_it_accepted(default: Path, threads: str) -> None:
    with running(default, "--threads", threads) as server:
        answers: list[Answer] = []
        clients = [
            threading.Thread(target=lambda: answers.append(server.ask("POST", "/classify", long_work())))
            for _ in range(3)
        ]
        for client in clients:
            client.start()
        wait(lambda: server.metrics()["linnet_queue_tokens"] > 0 or len(answers) == 3)
        assert server.stop() == 0
        for client in clients:
            client.join()
        assert [answer.status for answer in answers].count(200) >= 1
        assert all(len(answer.json["results"]) == 300 for answer in answers if answer.status == 200)
        assert server.events[-1]["event"] == "stopped"


def test_a_port_that_is_taken_is_told(server: Running, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "--port", str(server.port)]) == 2
    assert "another program" in capsys.readouterr().err
