"""Runs a server: loads the bundles, listens, and ends when a signal asks for it. Imports `uvicorn`."""

import asyncio
import json
import signal
import socket
import threading
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

import uvicorn

from ..errors import InputError, LinnetError
from ..inference.cpu import thread_count
from .access import Access, Keys
from .administration import Administration
from .application import application, refusing
from .connections import BoundedProtocol
from .endpoint import Server
from .failures import RequestError
from .options import Limits, Options
from .queueing.queue import Queue
from .queueing.workers import Workers
from .reading import Bodies
from .service import Service
from .versions.loading import load_version, read_smoke
from .versions.registry import Registry, Served
from .versions.version import Version
from .watching.logs import forward_uvicorn, log
from .watching.metrics import Metrics

_KEEP_ALIVE = 30
"""Seconds for which a connection without a request stays open."""


def serve(options: Options) -> None:
    """Serves until a signal ends it; what was accepted is finished then.

    Raises:
        LinnetError: a bundle cannot be used, or an option.
    """
    keys = Keys(options.keys) if options.keys else None
    admin = Keys(options.admin) if options.admin else None
    access = Access(keys, admin, options.host, options.origins)
    smoke = read_smoke(options.smoke) if options.smoke else []
    limits = options.limits
    queue = Queue(most=limits.queue)
    metrics = Metrics(queue, _reference(options.reference))
    with listening(options) as listener:
        registry = Registry()
        for given in options.models:
            version = load_version(given, threads=options.threads, smoke=smoke, key=options.key)
            _register(registry, version, given.path, given.version)
        workers = Workers(queue, threads=thread_count(options.threads), observe=metrics.observe)
        service = Service(registry, queue, limits, metrics)
        service.alive = lambda: workers.alive
        administration = Administration(registry, options, smoke, metrics)
        server = Server(service, administration, access, Bodies(limits), options.logs)
        asyncio.run(_run(server, workers, listener))


def _register(registry: Registry, version: Version, path: Path | None, label: str | None) -> None:
    served = registry.models.get(version.name)
    if served is None:
        watched = path.absolute() if path is not None and label is None else None
        registry.models[version.name] = Served(version, watched=watched)
    else:
        served.add(version, keep=True)
        served.switch(version.label)


@contextmanager
def listening(options: Options) -> Iterator[socket.socket]:
    """Yields a socket that listens; clients wait in its queue until the bundles are loaded.

    Raises:
        InputError: the address cannot be used.
    """
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    # asyncio lets answers go at once (TCP_NODELAY) only where the protocol is named: without it, each took 40 ms more.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((options.host, options.port))
        listener.listen(1024)
    except OSError as error:
        listener.close()
        raise InputError(
            f"cannot listen on {options.host} port {options.port}: {error.strerror or error}; "
            "another program may have it: choose another port"
        ) from None
    with listener:
        yield listener


async def _run(server: Server, workers: Workers, listener: socket.socket) -> None:
    service, limits = server.service, server.service.limits

    @asynccontextmanager
    async def lifespan() -> AsyncIterator[None]:
        workers.start()
        watching = asyncio.ensure_future(server.administration.watch())
        service.ready = True
        host, port, *_ = listener.getsockname()
        log("ready", host=host, port=port, models=[version.id for version in service.registry.versions])
        yield
        service.ready = False
        watching.cancel()
        server.administration.close()
        await asyncio.get_running_loop().run_in_executor(None, workers.stop)
        service.close()
        log("stopped")

    config = uvicorn.Config(
        application(server, lifespan),
        http=_protocol(limits),
        ws="none",
        loop="asyncio",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=_KEEP_ALIVE,
        timeout_graceful_shutdown=int(limits.timeout) + 1,
    )
    forward_uvicorn()
    running = _Uvicorn(config)
    with _signals(running, server):
        await running.serve(sockets=[listener])


def _protocol(limits: Limits) -> type[BoundedProtocol]:
    """Returns the protocol of connections, bounded."""
    crowded = RequestError(
        "unhealthy",
        f"expected at most {limits.connections} connections at once, found more; try again later",
        retry_after=1,
        close=True,
    )
    return type("Protocol", (BoundedProtocol,), {"limits": limits, "crowded": staticmethod(refusing(crowded))})


class _Uvicorn(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leaves signals alone: `_signals` takes them."""
        yield


@contextmanager
def _signals(running: uvicorn.Server, server: Server) -> Iterator[None]:
    """Ends the server on SIGINT and SIGTERM, at once on the second; reads the keys again on SIGHUP."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()

    def end() -> None:
        running.force_exit = running.should_exit
        running.should_exit = True
        server.service.ready = False

    def reload() -> None:
        try:
            server.access.reload()
        except LinnetError as error:
            log("keys not reloaded", reason=str(error))
        else:
            log("keys reloaded")

    handlers = {"SIGINT": end, "SIGTERM": end, "SIGHUP": reload}
    taken = [getattr(signal, name) for name in handlers if hasattr(signal, name)]
    before = signal.set_wakeup_fd(-1)  # the command line's own end of the process waits on the other
    try:
        for number in taken:
            loop.add_signal_handler(number, handlers[number.name])
        yield
    finally:
        for number in taken:
            loop.remove_signal_handler(number)
        with suppress(ValueError, OSError):
            signal.set_wakeup_fd(before)


def _reference(file: Path | None) -> Mapping[str, Mapping[str, float]]:
    """Reads the expected share of each label, by model.

    Raises:
        InputError: the file is something else.
    """
    if file is None:
        return {}
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        return {name: {label: float(share) for label, share in shares.items()} for name, shares in found.items()}
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise InputError(f'{file}: expected JSON such as {{"NAME": {{"positive": 0.4}}}}: {error}') from None
