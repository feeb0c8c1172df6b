"""Measures a server beside the library, and other ways of batching by simulation."""

import argparse
import asyncio
import hashlib
import json
import random
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import linnet

from .clients import Client, closed_loop, open_loop
from .processes import Library, Server
from .simulation import WAYS, Cost, simulate

WORDS = "good bad news train waited two hours on hold and then the kettle broke again love it not @anna 🎉"
BULK = 16
"""The texts of a request of the overload: fewer, larger requests, so that the clients are not what is measured."""


def measure(args: argparse.Namespace) -> None:
    """Measures what the arguments of ``scripts/serving.py`` ask, and prints it."""
    texts = [line.rstrip("\n") for line in args.texts.open(encoding="utf-8")] if args.texts else _made_up(2000)
    random.Random(5).shuffle(texts)
    bundle = str(args.bundle or "")
    found: dict[str, Any] = {"bundle": bundle or "the embedded default", "threads": args.threads}
    library, server = Library(bundle, args.threads), Server(bundle, args.threads, "--no-request-logs")
    try:
        found["start, seconds above the library"] = server.started - library.started
        found["idle memory, MB above the library"] = server.rss - library.rss
        asyncio.run(_one_client(found, library, server, texts, args))
        asyncio.run(_many_clients(found, library, server, texts, args))
        asyncio.run(_overload(found, library, server, texts, args))
    finally:
        library.end()
        server.end()
    asyncio.run(_swaps(found, bundle, args))
    _simulated(found, bundle, texts, args)
    if args.json:
        args.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    for name, value in found.items():
        print(f"{name:<58} {value:.3f}" if isinstance(value, float) else f"{name:<58} {value}")


async def _one_client(
    found: dict[str, Any], library: Library, server: Server, texts: list[str], args: argparse.Namespace
) -> None:
    rounds = []
    for number in range(args.rounds):
        some = texts[number * args.calls : (number + 1) * args.calls]
        alone = library.times(some)
        answers, _ = await closed_loop(server.port, [{"inputs": text} for text in some], 1)
        rounds.append(
            [_quantile(times, q) for times in (alone, [each.seconds for each in answers]) for q in (0.5, 0.99)]
        )
    for index, name in enumerate(("p50", "p99")):
        ours = statistics.median(row[2 + index] for row in rounds)
        theirs = statistics.median(row[index] for row in rounds)
        found[f"one client, {name}: library, ms"] = theirs * 1000
        found[f"one client, {name}: server, ms"] = ours * 1000
        found[f"one client, {name}: server / library"] = statistics.median(
            row[2 + index] / row[index] for row in rounds
        )


async def _many_clients(
    found: dict[str, Any], library: Library, server: Server, texts: list[str], args: argparse.Namespace
) -> None:
    bodies = [{"inputs": text} for text in texts]
    library.stream(texts[:200])
    await closed_loop(server.port, bodies[:200], args.clients)
    rounds = []
    for _ in range(args.rounds):
        seconds = library.stream(texts)["seconds"]
        answers, taken = await closed_loop(server.port, bodies, args.clients)
        assert {answer.status for answer in answers} == {200}
        times = [answer.seconds for answer in answers]
        rounds.append((len(texts) / seconds, len(texts) / taken, _quantile(times, 0.5), _quantile(times, 0.99)))
    found["stream of the library, texts/s"] = statistics.median(row[0] for row in rounds)
    found[f"{args.clients} clients, texts/s"] = statistics.median(row[1] for row in rounds)
    found[f"{args.clients} clients / stream of the library"] = statistics.median(row[1] / row[0] for row in rounds)
    found[f"{args.clients} clients, p50, ms"] = statistics.median(row[2] for row in rounds) * 1000
    found[f"{args.clients} clients, p99, ms"] = statistics.median(row[3] for row in rounds) * 1000


async def _overload(
    found: dict[str, Any], library: Library, server: Server, texts: list[str], args: argparse.Namespace
) -> None:
    requests = [texts[start : start + BULK] for start in range(0, len(texts) - BULK, BULK)]
    expected = [json.loads(json.dumps(library.stream(some, scores=True)["scores"])) for some in requests]
    bodies = [{"texts": some} for some in requests]
    answers, taken = await closed_loop(server.port, bodies, 8, "/classify")
    rate = 5 * len(answers) / taken
    outcome = await open_loop(server.port, bodies, rate, args.overload, "/classify")
    end = time.perf_counter()
    while (answer := await Client(server.port).post("/", {"inputs": "a"})).status != 200:
        await asyncio.sleep(0.02)
    found["overload, seconds until it answers again"] = answer.at - end
    accepted = [(number, each) for number, each in outcome if each and each.status == 200]
    wrong = sum(
        [row["scores"] for row in json.loads(each.content)["results"]] != expected[number] for number, each in accepted
    )
    statuses: dict[str, int] = {}
    for _, each in outcome:
        name = str(each.status) if each else "connection ended"
        statuses[name] = statuses.get(name, 0) + 1
    found["overload, requests by status"] = dict(sorted(statuses.items()))
    found["overload, accepted requests with other bits"] = wrong
    found["overload, accepted / sustainable rate"] = len(accepted) / args.overload / (rate / 5)
    found["overload, greatest memory, MB"] = server.peak


async def _swaps(found: dict[str, Any], bundle: str, args: argparse.Namespace) -> None:
    """Swaps two versions of one bundle and back while clients ask."""
    folder = bundle or str(linnet.load().bundle.path)
    with tempfile.TemporaryDirectory() as place:
        token = Path(place, "admin.txt")
        token.write_text(hashlib.sha256(b"boss").hexdigest(), encoding="ascii")
        options = (f"m@2={folder}", "--admin", str(token), "--no-request-logs")
        server = Server(f"m@1={folder}", args.threads, *options)
        try:
            models = await _swapped(server, args.swaps, found)
        finally:
            server.end()
    found[f"{args.swaps} swaps and back, versions that answered"] = " ".join(sorted(models))


async def _swapped(server: Server, swaps: int, found: dict[str, Any]) -> set[str]:
    statuses, models, ended = dict[int, int](), set[str](), False

    async def ask() -> None:
        client = Client(server.port)
        while not ended:
            answer = await client.post("/models/m", {"inputs": "Good news!"})
            statuses[answer.status] = statuses.get(answer.status, 0) + 1
            models.add(answer.model)

    clients = [asyncio.ensure_future(ask()) for _ in range(8)]
    administrator = Client(server.port)
    for _ in range(swaps):
        for label in ("1", "2"):
            asked = {"name": "m", "version": label}
            answer = await administrator.post("/admin/models", asked, "authorization: Bearer boss\r\n")
            assert answer.status == 200, answer
            await asyncio.sleep(0.02)
    ended = True
    await asyncio.gather(*clients)
    found[f"{swaps} swaps and back, answers by status"] = statuses
    return models


def _simulated(found: dict[str, Any], bundle: str, texts: list[str], args: argparse.Namespace) -> None:
    model = linnet.load(bundle or None, threads=1)
    lengths = [len(read.ids) for read in model.encoder.read(texts, preprocess=True)]
    cost = _cost(model, lengths)
    found["cost of a batch / of a token, one thread"] = cost.batch / cost.token
    for way in WAYS:
        run = simulate(way, lengths, cost, clients=args.clients, threads=args.threads)
        found[f"simulated, {args.clients} clients: {way}"] = (
            f"padding {run.padding:.0%}, {run.rate:.0f} texts/s, p50 {run.p50 * 1000:.0f} ms, p99 {run.p99 * 1000:.0f} ms"
        )
    mean = sum(lengths) / len(lengths)
    rate = 0.5 * args.threads / (cost.batch + cost.token * mean)
    for way in WAYS:
        run = simulate(way, lengths, cost, clients=0, threads=args.threads, rate=rate)
        found[f"simulated, {rate:.0f} texts/s arrive: {way}"] = (
            f"padding {run.padding:.0%}, p50 {run.p50 * 1000:.1f} ms, p99 {run.p99 * 1000:.1f} ms"
        )


def _cost(model: linnet.Classifier | linnet.Embedder, lengths: list[int]) -> Cost:
    """Fits the seconds of a batch on one thread: from batches of 1, and of as many texts as fit."""
    length = round(sum(lengths) / len(lengths))
    texts = [
        " ".join(random.Random(number).choices(["good", "bad", "train", "news"], k=length - 2)) for number in range(24)
    ]
    model(texts)
    one = statistics.median(_timed(model, texts[:1]) for _ in range(15))
    many = statistics.median(_timed(model, texts) for _ in range(5))
    token = max((many - one) / (23 * length), 1e-9)
    return Cost(max(one - token * length, 0.0), token)


def _timed(model: linnet.Classifier | linnet.Embedder, texts: list[str]) -> float:
    start = time.perf_counter()
    model(texts)
    return time.perf_counter() - start


def _quantile(times: list[float], share: float) -> float:
    return sorted(times)[min(len(times) - 1, int(len(times) * share))]


def _made_up(count: int) -> list[str]:
    """Returns texts as long as tweets."""
    chosen = random.Random(3)
    return [" ".join(chosen.choices(WORDS.split(), k=max(1, round(chosen.gauss(20, 8))))) for _ in range(count)]
