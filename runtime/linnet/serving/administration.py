"""Versions that come and go while the server runs: by request of an administrator, or because a link changed."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ..errors import LinnetError
from .failures import RequestError
from .options import LATEST, VERSION, Given, Options
from .versions.loading import Smoke, load_version
from .versions.registry import Registry, Served
from .versions.version import Version
from .watching.logs import log, log_error
from .watching.metrics import Metrics

POLL = 1.0
"""Seconds between two looks at the links of bundles."""


class Administration:
    """Loads versions aside, and gives them the traffic once they are checked.

    Args:
        registry: the models.
        options: the server's settings.
        smoke: texts with known answers.
        metrics: what is counted.
    """

    def __init__(self, registry: Registry, options: Options, smoke: list[Smoke], metrics: Metrics) -> None:
        self.registry, self._options, self._smoke, self._metrics = registry, options, smoke, metrics
        self._loader = ThreadPoolExecutor(1, thread_name_prefix="linnet-loading")
        self._turn = asyncio.Lock()

    async def load(self, name: str, label: str | None, path: Path, *, keep: bool) -> Version:
        """Loads, verifies and tries a bundle, and adds it to the versions of a model.

        Raises:
            RequestError: it cannot be used, or fails a text with a known answer; nothing has changed.
        """
        served = self.registry.served(name)
        async with self._turn:
            try:
                version = await self._loaded(Given(name, label, path))
                same = served.versions.get(version.label)
                if same is not None and same.model.bundle.digest == version.model.bundle.digest:
                    return same
                served.add(version, keep=keep)
            except LinnetError as error:
                self._metrics.failed_swaps.labels(name).inc()
                log("version refused", model=name, path=str(path), reason=str(error))
                raise RequestError("invalid", str(error)) from None
        log("version loaded", model=name, version=version.label, path=str(version.path))
        return version

    def may_name(self, label: str) -> bool:
        """Returns whether a version may be called so."""
        return VERSION.fullmatch(label) is not None and label != LATEST

    def switch(self, served: Served, label: str) -> None:
        """Gives the traffic of a model to one of its versions.

        Raises:
            RequestError: there is no such version.
        """
        before = served.current
        served.switch(label)
        if served.current is not before:
            self._metrics.swaps.labels(served.name, served.current.label).inc()
            log("version switched", model=served.name, version=served.current.label, before=before.label)

    async def watch(self) -> None:
        """Follows the links of bundles for ever: where one has a new target, that takes the traffic."""
        refused: dict[str, Path] = {}
        while True:
            await asyncio.sleep(POLL)
            for served in self.registry:
                target = _target(served.watched)
                if target is None or target in (served.current.path, refused.get(served.name)):
                    continue
                try:
                    known = [found for found in served.versions.values() if found.path == target]
                    version = known[0] if known else await self.load(served.name, None, target, keep=False)
                    self.switch(served, version.label)
                    refused.pop(served.name, None)
                except RequestError:  # it was logged; another target is tried again
                    refused[served.name] = target
                except Exception as error:  # the server goes on with what it has
                    log_error("watching failed", error, model=served.name)
                    refused[served.name] = target

    def close(self) -> None:
        """Ends the thread that loads."""
        self._loader.shutdown(wait=False, cancel_futures=True)

    async def _loaded(self, given: Given) -> Version:
        options, loop = self._options, asyncio.get_running_loop()
        return await loop.run_in_executor(
            self._loader, lambda: load_version(given, threads=options.threads, smoke=self._smoke, key=options.key)
        )


def _target(watched: Path | None) -> Path | None:
    try:
        return watched.resolve(strict=True) if watched else None
    except OSError:  # the link is being replaced
        return None
