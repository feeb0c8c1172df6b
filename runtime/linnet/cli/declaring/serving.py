"""Declares the command that answers HTTP requests: ``serve``."""

import argparse

from ..command import Commands, Run, add_command, path
from .texts import parsed_thread_count


def add_serve(commands: Commands) -> None:
    """Declares ``serve``."""
    parser = add_command(
        commands,
        "serve",
        "answer HTTP requests: Hugging Face Inference, Text Embeddings Inference, OpenAI embeddings",
        _serve,
        "%(prog)s",
        "%(prog)s my-bundle --port 8080",
        "%(prog)s mood@1=my-bundle mood@2=newer-bundle search=my-embeddings",
        "%(prog)s my-bundle --host 0.0.0.0 --keys keys.txt --admin admin.txt",
    )
    add = parser.add_argument
    add(
        "models",
        nargs="*",
        metavar="[NAME[@VERSION]=]DIR",
        help="a bundle, and what requests call it; without a name it is 'default'; without DIR the embedded one is "
        "served. Of several versions, the last takes the traffic. If DIR is a link, its next target takes over",
    )
    add("--host", default="127.0.0.1", help="the address to listen on (default: 127.0.0.1, for this machine only)")
    add("--port", type=_port, default=8080, metavar="N", help="the port (default: 8080; 0 for any free one)")
    add(
        "--threads",
        type=parsed_thread_count,
        metavar="N",
        help="number of threads (default: $LINNET_THREADS, else one per processor)",
    )
    _add_access(parser)
    _add_checks(parser)
    _add_limits(parser)
    add("--no-request-logs", action="store_true", help="log no requests, only what else happens")


def _add_access(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("who may ask").add_argument
    add(
        "--keys",
        type=path,
        metavar="FILE",
        help="answer only requests with a key; FILE has a line NAME:SHA256 for each",
    )
    add("--no-keys", action="store_true", help="answer everybody who reaches an address that is not this machine's own")
    add("--admin", type=path, metavar="FILE", help="let the token whose SHA256 FILE has change versions")
    add(
        "--new-key",
        action="store_true",
        help="print a new key and its line for FILE, whose NAME you choose, and serve nothing",
    )
    add("--origin", action="append", default=[], metavar="URL", help="let pages of this origin ask; may be repeated")


def _add_checks(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("what a version must do before it takes traffic").add_argument
    add("--key", type=path, metavar="PUBLIC", help="this public key, a PEM file, must have signed every bundle")
    add(
        "--smoke",
        type=path,
        metavar="FILE",
        help='JSON lines of texts with known answers: {"text": …, "label": …}, or "embedding" in place of "label"',
    )
    add("--reference", type=path, metavar="FILE", help='expected label shares, for metrics: {"NAME": {"LABEL": SHARE}}')


def _add_limits(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("limits").add_argument
    add("--max-body", type=_count, metavar="N", help="bytes of a body (default: 2,000,000)")
    add("--max-texts", type=_count, metavar="N", help="texts of a request (default: 1,024)")
    add(
        "--max-queue", type=_count, metavar="N", help="tokens that may wait; beyond, requests get 429 (default: 65,536)"
    )
    add("--max-connections", type=_count, metavar="N", help="connections at once (default: 1,024)")
    add("--timeout", type=_seconds, metavar="S", help="seconds after which a request is given up (default: 30)")


def _port(value: str) -> int:
    if not value.isdecimal() or int(value) > 65535:
        raise argparse.ArgumentTypeError(f"expected a port from 0 to 65535, found {value!r}")
    return int(value)


def _count(value: str) -> int:
    if not value.isdecimal() or not 0 < int(value) < 1 << 40:
        raise argparse.ArgumentTypeError(f"expected a whole number of at least 1, found {value!r}")
    return int(value)


def _seconds(value: str) -> float:
    try:
        found = float(value)
    except ValueError:
        found = 0.0
    if not 0 < found <= 3600:
        raise argparse.ArgumentTypeError(f"expected seconds above 0 and at most 3600, found {value!r}")
    return found


def _serve() -> Run:
    from ..commands.serve import run_serve

    return run_serve
