"""A small hub on the loopback, which speaks what huggingface_hub asks and misbehaves when told to.

    with LoopbackHub() as hub:
        commit = hub.add_repository("owner/name", folder)
        hub.use(monkeypatch, tmp_path / "cache")       # for this process, or
        subprocess.run(…, env=hub.environment(cache))  # for another

Files in LFS are served by a second port, as a content network of its own: tokens are not to reach it.
"""

import hashlib
import json
import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

LFS_SUFFIXES = (".bin", ".safetensors", ".model", ".h5", ".msgpack", ".onnx", ".ot")
_PIECE = 1 << 16
_MODEL = re.compile(r"/api/models/(?P<id>[^/]+/[^/]+)(?:/revision/(?P<revision>[^/]+))?")
_RESOLVE = re.compile(r"/(?P<id>[^/]+/[^/]+)/resolve/(?P<revision>[^/]+)/(?P<path>.+)")
_CONTENT = re.compile(r"/lfs/(?P<id>[^/]+/[^/]+)/(?P<revision>[^/]+)/(?P<path>.+)")


@dataclass(frozen=True)
class ServedFile:
    """One file of a commit. It is read when it is asked for: do not change it, add the repository again instead."""

    place: Path
    size: int
    blob_id: str
    sha256: str | None

    @classmethod
    def of(cls, place: Path, *, lfs: bool) -> "ServedFile":
        size = place.stat().st_size
        if not lfs:
            return cls(place, size, _hash(place, hashlib.sha1(b"blob %d\0" % size)), None)
        sha256 = _hash(place, hashlib.sha256())
        pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{sha256}\nsize {size}\n".encode()
        return cls(place, size, hashlib.sha1(b"blob %d\0" % len(pointer) + pointer).hexdigest(), sha256)


@dataclass
class Repository:
    """Commits, each with its files by path, and the branches and tags that lead to them."""

    commits: dict[str, dict[str, ServedFile]] = field(default_factory=dict)
    references: dict[str, str] = field(default_factory=dict)
    token: str | None = None
    gated: bool = False

    def commit(self, revision: str) -> str | None:
        if revision in self.references:
            return self.references[revision]
        found = [commit for commit in self.commits if len(revision) >= 7 and commit.startswith(revision)]
        return found[0] if len(found) == 1 else None


@dataclass
class Request:
    """What was asked and answered. ``kind`` is ``api``, ``resolve`` or ``lfs``; ``sent`` are bytes of a file."""

    method: str
    kind: str
    repository: str
    path: str
    range: str | None
    token: str | None
    xet: bool
    status: int = 0
    sent: int = 0


@dataclass(frozen=True)
class Fault:
    """What goes wrong with an answer: after so many bytes of it, the connection is cut or held."""

    after: int
    held: bool = False


class LoopbackHub:
    """The hub. What it was asked stands in ``requests``."""

    def __init__(self) -> None:
        self.repositories: dict[str, Repository] = {}
        self.requests: list[Request] = []
        self.holding = threading.Event()
        """Set while an answer is held."""
        self.closing = threading.Event()
        self.xet = False
        """Whether files are said to be in Xet storage too, which this hub has not."""
        self.page: bytes | None = None
        """What is answered to everything, as by a network that wants a login first."""
        self.names_only = False
        """Whether the listing has the names of files alone, as some mirrors' have."""
        self.renamed: dict[str, str] = {}
        """Old ids of repositories, and what they are called now."""
        self._altered: dict[tuple[str, str], Callable[[bytes], bytes]] = {}
        self._faults: dict[tuple[str, str], list[Fault]] = {}
        self._statuses: list[tuple[str, int]] = []
        self._servers = [ThreadingHTTPServer(("127.0.0.1", 0), _handler(self)) for _ in range(2)]

    def __enter__(self) -> "LoopbackHub":
        for server in self._servers:
            server.daemon_threads = True
            threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closing.set()
        for server in self._servers:
            server.shutdown()
            server.server_close()

    @property
    def url(self) -> str:
        """What ``HF_ENDPOINT`` is to be."""
        return f"http://127.0.0.1:{self._servers[0].server_port}"

    @property
    def content_url(self) -> str:
        """Where files in LFS are."""
        return f"http://127.0.0.1:{self._servers[1].server_port}"

    def add_repository(
        self,
        hub_id: str,
        folder: Path,
        *,
        branch: str = "main",
        token: str | None = None,
        gated: bool = False,
        lfs_from: int = 1_000_000,
    ) -> str:
        """Serves a folder's files as a commit, at which the branch stands from now on; gives the commit.

        Weights and models are in LFS, and so is anything of ``lfs_from`` bytes or more.
        """
        files = {
            file.relative_to(folder).as_posix(): ServedFile.of(
                file, lfs=file.suffix in LFS_SUFFIXES or file.stat().st_size >= lfs_from
            )
            for file in sorted(folder.rglob("*"))
            if file.is_file()
        }
        content = json.dumps([hub_id, {path: file.blob_id for path, file in files.items()}])
        commit = hashlib.sha1(content.encode()).hexdigest()
        repository = self.repositories.setdefault(hub_id, Repository())
        repository.commits[commit] = files
        repository.references[branch] = commit
        repository.token, repository.gated = token, gated
        return commit

    def tag(self, hub_id: str, name: str, commit: str) -> None:
        """A tag, or another branch."""
        self.repositories[hub_id].references[name] = commit

    def alter(self, hub_id: str, path: str, how: Callable[[bytes], bytes] | None = None) -> None:
        """Serves other content than is listed: by default of equal size, with one bit turned in its middle."""
        self._altered[hub_id, path] = how or _turn_a_bit

    def mend(self) -> None:
        """Nothing goes wrong any more."""
        self._altered.clear()
        self._faults.clear()
        self._statuses.clear()
        self.page = None

    def cut(self, hub_id: str, path: str, *, after: int, times: int = 1) -> None:
        """Cuts the connection after so many bytes of an answer, the next times that the file is asked for."""
        self._faults.setdefault((hub_id, path), []).extend(times * [Fault(after)])

    def hold(self, hub_id: str, path: str, *, after: int) -> None:
        """Sends no more after so many bytes, once; ``holding`` is set when it has come to that."""
        self._faults.setdefault((hub_id, path), []).append(Fault(after, held=True))

    def answer(self, kind: str, status: int, times: int = 1) -> None:
        """Answers the next requests of a kind with an error."""
        self._statuses += [(kind, status)] * times

    def fetched(self) -> set[str]:
        """The paths of the files of which any content was asked for."""
        return {request.path for request in self.requests if request.method == "GET" and request.kind != "api"}

    def downloads(self, path: str) -> list[Request]:
        """The requests for a file's content, those that were only sent elsewhere left out."""
        return [
            request
            for request in self.requests
            if request.path == path and request.method == "GET" and request.status not in (302, 307)
        ]

    def environment(self, cache: Path, **more: str) -> dict[str, str]:
        """A process's environment in which this is the hub; none of the user's own settings or tokens are in it."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "HUGGING", "TRANSF"))}
        kept = {name: value for name, value in kept.items() if not name.lower().endswith("_proxy")}
        home = str(cache.parent / "hf-home")
        return {**kept, "HF_ENDPOINT": self.url, "HF_HOME": home, "HF_HUB_CACHE": str(cache), **more}

    def use(self, monkeypatch: pytest.MonkeyPatch, cache: Path, *, offline: bool = False) -> None:
        """This process's hub and cache, for a test: what huggingface_hub reads of the environment at import."""
        use_endpoint(monkeypatch, self.url, cache, offline=offline)

    def handled(self, request: Request) -> int | None:
        """Notes a request; gives the error to answer it with, if there is one to come."""
        self.requests.append(request)
        for index, (kind, _) in enumerate(self._statuses):
            if kind == request.kind:
                return self._statuses.pop(index)[1]
        return None

    def content(self, hub_id: str, path: str, file: ServedFile, start: int) -> tuple[int, Iterator[bytes]]:
        """How many bytes there are in all, and those from ``start`` on, in pieces."""
        if change := self._altered.get((hub_id, path)):
            altered = change(file.place.read_bytes())
            return len(altered), iter([altered[start:]] if start < len(altered) else [])
        return file.size, _pieces(file.place, start)

    def fault(self, hub_id: str, path: str) -> Fault | None:
        faults = self._faults.get((hub_id, path))
        return faults.pop(0) if faults else None


def use_endpoint(monkeypatch: pytest.MonkeyPatch, url: str, cache: Path, *, offline: bool = False) -> None:
    """Points this process's huggingface_hub to a hub and a cache, and hides the user's own tokens."""
    from huggingface_hub import constants, file_download

    for name, value in {
        "ENDPOINT": url,
        "HF_HUB_CACHE": str(cache),
        "HF_HUB_OFFLINE": offline,
        "HF_TOKEN_PATH": str(cache / "no-token"),
        "HF_STORED_TOKENS_PATH": str(cache / "no-tokens"),
    }.items():
        monkeypatch.setattr(constants, name, value)
    template = url + "/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr(file_download, "HUGGINGFACE_CO_URL_TEMPLATE", template)
    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def _handler(hub: LoopbackHub) -> type[BaseHTTPRequestHandler]:
    class Handler(_Handler):
        pass

    Handler.hub = hub
    return Handler


class _Handler(BaseHTTPRequestHandler):
    hub: LoopbackHub
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # an answer is sent in two pieces

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        target = urlsplit(self.path)
        kind, asked = _understood(target.path)
        token = (self.headers.get("Authorization") or "").removeprefix("Bearer ") or None
        path = asked.get("path", "") or target.path
        self.request_record = Request(
            self.command, kind, asked.get("id", ""), path, self.headers.get("Range"), token, self.hub.xet
        )
        error = self.hub.handled(self.request_record)
        if self.hub.page is not None:
            self._answer(200, self.hub.page, {"Content-Type": "text/html"})
        elif error:
            self._refuse(error, "")
        elif kind == "lfs":  # its address is what gives the right to it
            repository = self.hub.repositories[asked["id"]]
            file = repository.commits[asked["revision"]][asked["path"]]
            name = f'attachment; filename="{path.rpartition("/")[2]}";'
            self._send(asked["id"], path, file, {"ETag": f'"{file.sha256}"', "Content-Disposition": name})
        else:
            self._look_up(kind, asked, parse_qs(target.query))

    def _look_up(self, kind: str, asked: dict[str, str], query: dict[str, list[str]]) -> None:
        repository = self.hub.repositories.get(asked.get("id", ""))
        if now := self.hub.renamed.get(asked.get("id", "")):
            self._answer(307, b"", {"Location": self.path.replace(asked["id"], now)})
        elif repository is None or (repository.token not in (None, self.request_record.token) and not repository.gated):
            self._refuse(401, "RepoNotFound")  # whether it is private or not there is not told
        elif (commit := repository.commit(asked["revision"] or "main")) is None:
            self._refuse(404, "RevisionNotFound")
        elif kind == "api":
            self._answer(
                200,
                json.dumps(
                    _info(asked["id"], repository, commit, "blobs" in query and not self.hub.names_only)
                ).encode(),
                {},
            )
        elif repository.gated and repository.token != self.request_record.token:
            self._refuse(403 if self.request_record.token else 401, "GatedRepo")
        elif (file := repository.commits[commit].get(asked["path"])) is None:
            self._refuse(404, "EntryNotFound", {"X-Repo-Commit": commit})
        else:
            self._resolve(asked["id"], asked["path"], commit, file)

    def _resolve(self, hub_id: str, path: str, commit: str, file: ServedFile) -> None:
        headers = {"X-Repo-Commit": commit, "Accept-Ranges": "bytes"}
        if file.sha256 is None:
            self._send(hub_id, path, file, {**headers, "ETag": f'"{file.blob_id}"'})
            return
        headers |= {"X-Linked-Etag": f'"{file.sha256}"', "X-Linked-Size": str(file.size)}
        headers |= {"Location": f"{self.hub.content_url}/lfs/{hub_id}/{commit}/{path}"}
        if self.hub.xet:
            headers |= {"X-Xet-Hash": file.sha256, "X-Xet-Refresh-Route": f"{self.hub.url}/xet/{hub_id}"}
        self._answer(302, b"", headers)

    def _send(self, hub_id: str, path: str, file: ServedFile, headers: dict[str, str]) -> None:
        asked = re.fullmatch(r"bytes=(\d+)-", self.request_record.range or "")
        start = int(asked[1]) if asked else 0
        size, pieces = self.hub.content(hub_id, path, file, start)
        if asked and start >= size:
            self._refuse(416, "", {"Content-Range": f"bytes */{size}"})
            return
        if asked:
            headers = {**headers, "Content-Range": f"bytes {start}-{size - 1}/{size}"}
        self._head(206 if asked else 200, {**headers, "Content-Length": str(size - start)})
        if self.command == "GET":
            self._send_pieces(pieces, self.hub.fault(hub_id, path))

    def _send_pieces(self, pieces: Iterator[bytes], fault: Fault | None) -> None:
        for piece in pieces:
            room = len(piece) if fault is None else fault.after - self.request_record.sent
            try:
                self.wfile.write(piece[:room])
            except OSError:  # whoever was reading has gone
                self.close_connection = True
                return
            self.request_record.sent += min(room, len(piece))
            if room < len(piece):
                break
        else:
            return
        self.wfile.flush()
        if fault and fault.held:
            self.hub.holding.set()
            self.hub.closing.wait(60)
        self.close_connection = True

    def _refuse(self, status: int, code: str, headers: dict[str, str] | None = None) -> None:
        self._answer(status, b"{}", {**(headers or {}), **({"X-Error-Code": code} if code else {})})

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self._head(status, {"Content-Type": "application/json", **headers, "Content-Length": str(len(body))})
        if self.command == "GET":
            self.wfile.write(body)

    def _head(self, status: int, headers: dict[str, str]) -> None:
        self.request_record.status = status
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """The hub keeps its own record."""


def _understood(path: str) -> tuple[str, dict[str, str]]:
    """What kind of request it is, and of what."""
    for kind, pattern in (("api", _MODEL), ("lfs", _CONTENT), ("resolve", _RESOLVE)):
        if match := pattern.fullmatch(path):
            return kind, {name: unquote(value or "") for name, value in match.groupdict().items()}
    return "other", {}


def _info(hub_id: str, repository: Repository, commit: str, blobs: bool) -> dict[str, Any]:
    siblings = [{"rfilename": path, **(_details(file) if blobs else {})} for path, file in _files(repository, commit)]
    return {
        "_id": commit[:24],
        "id": hub_id,
        "modelId": hub_id,
        "sha": commit,
        "private": repository.token is not None and not repository.gated,
        "gated": "manual" if repository.gated else False,
        "tags": [],
        "siblings": siblings,
    }


def _files(repository: Repository, commit: str) -> list[tuple[str, ServedFile]]:
    return sorted(repository.commits[commit].items())


def _details(file: ServedFile) -> dict[str, Any]:
    lfs = {"lfs": {"sha256": file.sha256, "size": file.size, "pointerSize": 134}} if file.sha256 else {}
    return {"size": file.size, "blobId": file.blob_id, **lfs}


def _pieces(file: Path, start: int) -> Iterator[bytes]:
    with file.open("rb") as stream:
        stream.seek(start)
        while piece := stream.read(_PIECE):
            yield piece


def _turn_a_bit(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


def _hash(file: Path, state: Any) -> str:
    for piece in _pieces(file, 0):
        state.update(piece)
    return str(state.hexdigest())


def wait_for(what: Callable[[], bool], seconds: float = 30) -> None:
    """Waits for what another process is to bring about."""
    began = time.monotonic()
    while not what():
        assert time.monotonic() - began < seconds, "waited in vain"
        time.sleep(0.02)
