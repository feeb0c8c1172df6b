#!/usr/bin/env python3
"""Measures the memory of `linnet serve` under load, which limits of containers and services must leave room for.

    .venv/bin/python scripts/serving_memory.py [--bundle DIR]

Clients send as many long texts as a request may have, more than the queue takes, and explanations beside them. RSS is
that of the process, with the mapped weights. The cgroup's figure needs root, or a delegated cgroup; it counts a file's
pages only where no other process has read the file before.
"""

import argparse
import asyncio
import sys
from contextlib import ExitStack
from pathlib import Path

from needed import packages

_TESTS = Path(__file__).resolve().parents[1] / "tests"
_LONG = "the train waited two hours on hold and then the kettle broke again, love it not " * 40
"""A text that is longer than a model reads."""


def main() -> None:
    """Prints the figures in MB."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bundle", type=Path, metavar="DIR", help="a classifier (default: the embedded one)")
    parser.add_argument("--threads", type=int, default=2, metavar="N", help="threads of the server (default: 2)")
    parser.add_argument("--seconds", type=float, default=60, metavar="S", help="seconds of load (default: 60)")
    args = parser.parse_args()
    with packages():
        import linnet  # noqa: F401
        from serving_load.processes import Server

    sys.path.insert(0, str(_TESTS / "support"))
    from cgroups import memory_group

    with ExitStack() as stack:
        try:
            group = stack.enter_context(memory_group())
        except OSError:
            group = None
        server = Server(str(args.bundle or ""), args.threads, "--no-request-logs", join=group.join if group else None)
        stack.callback(server.end)
        print(f"idle: RSS {server.rss:.0f} MB")
        statuses = asyncio.run(_load(server.port, args.seconds))
        print(f"answers by status: {statuses}")
        print(f"under load: RSS at most {server.peak:.0f} MB")
        print(f"cgroup: {f'at most {group.peak / 1e6:.0f} MB' if group else 'not measured'}")


async def _load(port: int, seconds: float) -> dict[int, int]:
    """Has clients send what takes the most memory; returns how many answers had each status."""
    from serving_load.clients import Client

    words = ["good", "bad", "news", "train", "two", "hours", "on", "hold", "love", "it", "not"]
    bodies: list[tuple[str, object]] = [
        ("/classify", {"texts": [f"{number} {_LONG}" for number in range(500)]}),
        ("/classify", {"texts": [" ".join(words[: number % 11 + 1]) + f" {number}" for number in range(1024)]}),
        ("/explain", {"text": " ".join(words * 8)}),
        ("/classify", {"texts": [f"{number} {_LONG}" for number in range(64)]}),
    ]
    statuses: dict[int, int] = {}
    end = asyncio.get_running_loop().time() + seconds

    async def one(number: int) -> None:
        client = Client(port)
        while asyncio.get_running_loop().time() < end:
            path, body = bodies[number % len(bodies)]
            answer = await client.post(path, body)
            statuses[answer.status] = statuses.get(answer.status, 0) + 1
            await asyncio.sleep(0.05 if answer.status == 200 else 0.5)
        client.close()

    await asyncio.gather(*(one(number) for number in range(32)))
    return dict(sorted(statuses.items()))


if __name__ == "__main__":
    main()
