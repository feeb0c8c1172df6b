"""The command ``linnet serve``."""

import argparse

from ...errors import InputError
from ...extras import needed
from ...serving.access import LOOPBACK, new_key, sha256
from ...serving.options import DEFAULT_NAME, Given, Limits, Options, parse_given
from ..command import DONE


def run_serve(args: argparse.Namespace) -> int:
    """Serves until a signal ends it; returns the exit status."""
    if args.new_key:
        key = new_key()
        print(f"key   {key}\nline  NAME:{sha256(key)}")
        return DONE
    options = options_of(args)
    with needed("serve"):
        from ...serving.server import serve
    serve(options)
    return DONE


def options_of(args: argparse.Namespace) -> Options:
    """Returns the server that the arguments describe.

    Raises:
        InputError: they contradict each other.
    """
    if args.host not in LOOPBACK and not args.keys and not args.no_keys:
        raise InputError(
            f"expected --keys FILE with --host {args.host}, which others can reach, found none: "
            "give it, or --no-keys to answer everybody"
        )
    given = tuple(map(parse_given, args.models)) or (Given(DEFAULT_NAME, None, None),)
    names = [(model.name, model.version) for model in given]
    if len(set(names)) < len(names):
        raise InputError(
            "expected a name of its own for each bundle: give them as NAME=DIR, or several versions as NAME@VERSION=DIR"
        )
    limits = {"body": "max_body", "texts": "max_texts", "queue": "max_queue", "connections": "max_connections"}
    chosen = {name: value for name, option in limits.items() if (value := getattr(args, option)) is not None}
    if args.timeout is not None:
        chosen["timeout"] = args.timeout
    return Options(
        models=given,
        host=args.host,
        port=args.port,
        threads=args.threads,
        limits=Limits(**chosen),
        keys=args.keys,
        admin=args.admin,
        origins=tuple(args.origin),
        key=args.key,
        smoke=args.smoke,
        reference=args.reference,
        logs=not args.no_request_logs,
    )
