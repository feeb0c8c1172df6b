"""The real client against a hub on the loopback: what is asked for, what is checked, and what is said when it fails."""

import hashlib
import json
import os
import random
import shutil
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from commands import attend
from hub_server import LoopbackHub, use_endpoint, wait_for
from huggingface_hub import hf_hub_download, scan_cache_dir
from linnet.errors import InputError
from linnet_export.errors import (
    HubAccessError,
    HubCacheError,
    HubConnectionError,
    HubError,
    HubIntegrityError,
    HubNotFoundError,
    HubOfflineError,
)
from linnet_export.source.hub import RemoteFile, Snapshot, client, is_hub_id, resolve

ID = "cardiffnlp/twitter-roberta-base-sentiment"
WEIGHTS = "pytorch_model.bin"
NEEDED = {
    *{"README.md", "LICENSE", "config.json", "vocab.json", "merges.txt", "special_tokens_map.json"},
    WEIGHTS,
}
OTHER = {".gitattributes", "tf_model.h5", "flax_model.msgpack", "training_args.bin", "onnx/model.onnx"}
MIB = 1 << 20


@pytest.fixture(autouse=True)
def only_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test of the hub leaves this machine."""
    connect = socket.socket.connect

    def checked(self: socket.socket, address: Any) -> None:
        assert isinstance(address, str) or address[0] in ("127.0.0.1", "::1"), f"a connection to {address}"
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", checked)


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, cache: Path) -> Iterator[LoopbackHub]:
    """An empty hub, which is this process's; tries follow one another at once."""
    monkeypatch.setattr(client, "PAUSES", (0.0,) * 5)
    with LoopbackHub() as hub:
        hub.use(monkeypatch, cache)
        yield hub


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What the repository has, the weights small."""
    return make_folder(tmp_path / "repository")


@pytest.fixture
def commit(hub: LoopbackHub, folder: Path) -> str:
    return hub.add_repository(ID, folder)


@pytest.fixture
def large(hub: LoopbackHub, tmp_path: Path) -> Path:
    """The same with weights of 23 MiB and a bit, served instead."""
    folder = make_folder(tmp_path / "large", weights=23 * MIB + 12345)
    hub.add_repository(ID, folder)
    return folder


def make_folder(folder: Path, *, weights: int = 3000, seed: int = 0) -> Path:
    for path in NEEDED | OTHER:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(f"{path} {seed}\n")
    (folder / WEIGHTS).write_bytes(random.Random(seed).randbytes(weights))
    return folder


def fetch_all(snapshot: Snapshot) -> Path:
    return snapshot.fetch(snapshot.conversion_files())


def size_of(file: Path) -> int:
    return file.stat().st_size


def assert_same(found: Path, folder: Path) -> None:
    """All that is needed, and nothing else, byte by byte."""
    paths = {file.relative_to(found).as_posix() for file in found.rglob("*") if file.is_file()}
    assert paths == NEEDED
    assert all((found / path).read_bytes() == (folder / path).read_bytes() for path in NEEDED)


def assert_cache_in_order(cache: Path) -> None:
    report = scan_cache_dir(cache)
    assert not report.warnings
    assert report.repos


# What is asked for


def test_a_commit_and_its_listing(hub: LoopbackHub, folder: Path, commit: str) -> None:
    snapshot = resolve(ID)
    assert (snapshot.id, snapshot.revision, snapshot.asked) == (ID, commit, "main")
    assert set(snapshot.paths) == NEEDED | OTHER
    listed = {file.path: file for file in snapshot.files}
    assert listed[WEIGHTS].sha256 == hashlib.sha256((folder / WEIGHTS).read_bytes()).hexdigest()
    config = (folder / "config.json").read_bytes()
    assert listed["config.json"].blob_id == hashlib.sha1(b"blob %d\0" % len(config) + config).hexdigest()
    assert listed["config.json"].sha256 is None
    assert [request.kind for request in hub.requests] == ["api"]


def test_only_the_needed_files_are_asked_for(hub: LoopbackHub, folder: Path, commit: str, cache: Path) -> None:
    snapshot = resolve(ID)
    first = snapshot.fetch(["README.md", "LICENSE"])
    assert hub.fetched() == {"README.md", "LICENSE"}
    found = fetch_all(snapshot)
    assert found == first == cache / f"models--{ID.replace('/', '--')}" / "snapshots" / commit
    assert hub.fetched() == NEEDED
    assert {request.path for request in hub.requests if request.kind != "api"} == NEEDED
    assert_same(found, folder)
    assert_cache_in_order(cache)


def test_what_the_cache_has_is_not_asked_for_again(hub: LoopbackHub, folder: Path, commit: str) -> None:
    fetch_all(resolve(ID))
    hub.requests.clear()
    assert_same(fetch_all(resolve(ID)), folder)
    assert [request.kind for request in hub.requests] == ["api"]


def test_everything_is_fetched_at_the_commit(hub: LoopbackHub, folder: Path, commit: str, tmp_path: Path) -> None:
    snapshot = resolve(ID)
    hub.add_repository(ID, make_folder(tmp_path / "newer", seed=1))  # the branch moves meanwhile
    assert_same(fetch_all(snapshot), folder)


@pytest.mark.parametrize("pinned", ["commit", "tag", "branch", "beginning"])
def test_a_pinned_revision(pinned: str, hub: LoopbackHub, folder: Path, commit: str, tmp_path: Path) -> None:
    hub.tag(ID, "v1.0", commit)
    hub.tag(ID, "refs/pr/1", commit)
    hub.add_repository(ID, make_folder(tmp_path / "newer", seed=1))
    revision = {"commit": commit, "tag": "v1.0", "branch": "refs/pr/1", "beginning": commit[:8]}[pinned]
    snapshot = resolve(ID, revision)
    assert snapshot.revision == commit
    assert_same(fetch_all(snapshot), folder)
    again = resolve(ID, revision, offline=True)
    assert again.revision == commit
    assert_same(fetch_all(again), folder)


def test_a_moved_branch_is_reported(hub: LoopbackHub, commit: str, cache: Path, tmp_path: Path) -> None:
    snapshot = resolve(ID)
    assert snapshot.moved_from is None and snapshot.moved is None
    fetch_all(snapshot)
    assert resolve(ID).moved_from is None
    newer = hub.add_repository(ID, make_folder(tmp_path / "newer", seed=1))
    moved = resolve(ID)
    assert (moved.moved_from, moved.revision) == (commit, newer)
    assert moved.moved == f"{ID}: main was {commit}, is now {newer}"
    assert resolve(ID, commit).moved is None
    fetch_all(moved)
    assert resolve(ID).moved is None
    assert_cache_in_order(cache)


def test_a_branch_that_huggingface_hub_looked_up_is_reported_too(hub: LoopbackHub, commit: str, tmp_path: Path) -> None:
    hf_hub_download(ID, "config.json")
    hub.add_repository(ID, make_folder(tmp_path / "newer", seed=1))
    assert resolve(ID).moved_from == commit


# Connections that are cut


def test_a_cut_connection_resumes(hub: LoopbackHub, large: Path, capsys: pytest.CaptureFixture[str]) -> None:
    size = (large / WEIGHTS).stat().st_size
    hub.cut(ID, WEIGHTS, after=15 * MIB + 500)
    assert_same(fetch_all(resolve(ID)), large)
    first, second = hub.downloads(WEIGHTS)
    assert first.range is None and first.sent == 15 * MIB + 500
    assert second.range == f"bytes={15 * MIB}-"
    assert (second.status, second.sent) == (206, size - 15 * MIB)
    assert f"{WEIGHTS} (15.7 MB of 24.1 MB): the connection was cut; trying again" in capsys.readouterr().err


def test_a_connection_cut_over_and_over_goes_on_while_it_brings_something(hub: LoopbackHub, large: Path) -> None:
    hub.cut(ID, WEIGHTS, after=2 * MIB, times=11)  # more often than it would be tried in vain
    assert_same(fetch_all(resolve(ID)), large)
    assert [request.range for request in hub.downloads(WEIGHTS)] == [
        None, *(f"bytes={2 * MIB * number}-" for number in range(1, 12)),
    ]  # fmt: skip


def test_giving_up_keeps_what_there_is(hub: LoopbackHub, large: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hub.cut(ID, WEIGHTS, after=15 * MIB + 500)
    hub.cut(ID, WEIGHTS, after=100, times=1 + len(client.PAUSES))  # less than would be kept
    with pytest.raises(
        HubConnectionError, match=r"the connection was cut.*run again .downloaded data is kept"
    ) as raised:
        fetch_all(resolve(ID))
    assert not isinstance(raised.value, InputError)  # the work failed: 1, not 2
    assert len(hub.downloads(WEIGHTS)) == 1 + len(client.PAUSES)
    assert capsys.readouterr().err.count("trying again") == len(client.PAUSES)
    hub.mend()
    hub.requests.clear()
    assert_same(fetch_all(resolve(ID)), large)
    assert [request.range for request in hub.downloads(WEIGHTS)] == [f"bytes={15 * MIB}-"]


def test_silence(hub: LoopbackHub, large: Path, capfd: pytest.CaptureFixture[str]) -> None:
    hub.cut(ID, WEIGHTS, after=15 * MIB)
    resolve(ID, silent=True).fetch([WEIGHTS], silent=True)
    assert len(hub.downloads(WEIGHTS)) == 2
    assert capfd.readouterr() == ("", "")


def test_no_bars_where_no_terminal_is(hub: LoopbackHub, large: Path, capfd: pytest.CaptureFixture[str]) -> None:
    fetch_all(resolve(ID))
    assert capfd.readouterr() == ("", "")


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")
def test_a_bar_for_a_large_file_on_a_terminal(hub: LoopbackHub, large: Path, cache: Path) -> None:
    import fcntl
    import pty
    import termios

    reader, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    code = f"from linnet_export.source.hub import resolve; s = resolve({ID!r}); s.fetch(s.conversion_files())"
    process = subprocess.Popen([sys.executable, "-c", code], env=hub.environment(cache), stderr=terminal)
    os.close(terminal)
    shown = b""
    with suppress(OSError):  # how the end shows on Linux
        while piece := os.read(reader, 1 << 16):
            shown += piece
    os.close(reader)
    assert process.wait(timeout=60) == 0
    assert f"{WEIGHTS}: 100%" in shown.decode()
    assert "json" not in shown.decode()


def test_accelerators_do_not_get_in_the_way(hub: LoopbackHub, large: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_ENABLE_HF_TRANSFER", True)  # which is not installed
    hub.xet = True  # and has no Xet storage
    hub.cut(ID, WEIGHTS, after=15 * MIB)
    assert_same(fetch_all(resolve(ID)), large)
    assert {request.kind for request in hub.requests} == {"api", "resolve", "lfs"}
    assert hub.downloads(WEIGHTS)[1].range == f"bytes={15 * MIB}-"
    assert constants.HF_HUB_ENABLE_HF_TRANSFER and not constants.HF_HUB_DISABLE_XET
    assert constants.DOWNLOAD_CHUNK_SIZE == 10 * MIB


@pytest.mark.parametrize("kind", ["api", "resolve", "lfs"])
def test_a_busy_hub(kind: str, hub: LoopbackHub, folder: Path, commit: str, capsys: pytest.CaptureFixture[str]) -> None:
    hub.answer(kind, 503)
    assert_same(fetch_all(resolve(ID)), folder)
    assert "trying again" in capsys.readouterr().err


def test_an_interruption_resumes(hub: LoopbackHub, large: Path, cache: Path) -> None:
    hub.hold(ID, WEIGHTS, after=15 * MIB + 500)
    command = [
        sys.executable,
        "-c",
        f"from linnet_export.source.hub import resolve; resolve({ID!r}).fetch([{WEIGHTS!r}])",
    ]
    process = subprocess.Popen(
        command, env=hub.environment(cache), stderr=subprocess.PIPE, text=True, preexec_fn=attend
    )
    wait_for(lambda: hub.holding.is_set() and max(map(size_of, cache.rglob("*.incomplete"))) == 15 * MIB)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert process.returncode != 0
    assert errors.rstrip().endswith("KeyboardInterrupt")
    assert resolve(ID, offline=True).revision == hub.repositories[ID].references["main"]
    with pytest.raises(HubOfflineError, match=WEIGHTS):
        resolve(ID, offline=True).fetch([WEIGHTS])
    hub.requests.clear()
    assert_same(fetch_all(resolve(ID)), large)
    assert [request.range for request in hub.downloads(WEIGHTS)] == [f"bytes={15 * MIB}-"]


# Files that are not what they should be


@pytest.mark.parametrize("path", [WEIGHTS, "vocab.json"])
def test_an_altered_file_of_equal_size_is_refused(
    path: str, hub: LoopbackHub, folder: Path, commit: str, cache: Path
) -> None:
    hub.alter(ID, path)
    snapshot = resolve(ID)
    with pytest.raises(HubIntegrityError) as raised:
        fetch_all(snapshot)
    listed = next(file for file in snapshot.files if file.path == path)
    message = str(raised.value)
    assert path in message and hub.url in message and "run again" in message
    assert f"expected the {'sha256' if listed.sha256 else 'git sha1'} {listed.digest}, found " in message
    assert not isinstance(raised.value, InputError)
    assert not [file for file in cache.rglob("*") if file.name in (path, listed.digest)]
    assert_cache_in_order(cache)
    hub.mend()
    assert_same(fetch_all(resolve(ID)), folder)


@pytest.mark.parametrize("path", [WEIGHTS, "vocab.json"])
@pytest.mark.parametrize("change", ["longer", "shorter"])
def test_a_file_of_another_size_is_refused(
    path: str, change: str, hub: LoopbackHub, folder: Path, commit: str, cache: Path
) -> None:
    hub.alter(ID, path, lambda content: content + b"more" if change == "longer" else content[:-4])
    with pytest.raises(HubIntegrityError, match=r"expected .* bytes"):
        fetch_all(resolve(ID))
    assert len(hub.downloads(path)) <= 2
    hub.mend()
    assert_same(fetch_all(resolve(ID)), folder)
    assert_cache_in_order(cache)


@pytest.mark.parametrize("path", [WEIGHTS, "vocab.json"])
@pytest.mark.parametrize("offline", [False, True])
def test_an_altered_cache_is_noticed(
    path: str, offline: bool, hub: LoopbackHub, folder: Path, commit: str, cache: Path
) -> None:
    found = fetch_all(resolve(ID))
    content = (found / path).read_bytes()
    (found / path).resolve().write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(HubIntegrityError, match=f"{path} in the cache .*run again"):
        fetch_all(resolve(ID, offline=offline))
    assert not (found / path).is_symlink()
    assert_cache_in_order(cache)
    assert_same(fetch_all(resolve(ID)), folder)


def test_an_altered_blob_goes_from_every_snapshot(
    hub: LoopbackHub, folder: Path, commit: str, cache: Path, tmp_path: Path
) -> None:
    old = fetch_all(resolve(ID))
    newer = shutil.copytree(folder, tmp_path / "newer")
    (newer / "README.md").write_text("another card")
    hub.add_repository(ID, newer)
    new = fetch_all(resolve(ID))
    (new / WEIGHTS).resolve().write_bytes(b"x" * 3000)
    with pytest.raises(HubIntegrityError):
        fetch_all(resolve(ID))
    assert not (old / WEIGHTS).is_symlink() and not (new / WEIGHTS).is_symlink()
    assert_cache_in_order(cache)


def test_a_file_of_the_users_own_that_a_snapshot_links_to_is_not_removed(
    hub: LoopbackHub, commit: str, tmp_path: Path
) -> None:
    found = fetch_all(resolve(ID))
    mine = tmp_path / "mine.bin"
    mine.write_bytes(b"x" * 3000)
    (found / WEIGHTS).unlink()
    (found / WEIGHTS).symlink_to(mine)
    with pytest.raises(HubIntegrityError):
        fetch_all(resolve(ID))
    assert mine.is_file() and not (found / WEIGHTS).is_symlink()


def test_a_partial_file_of_something_else_is_noticed(hub: LoopbackHub, large: Path, cache: Path) -> None:
    snapshot = resolve(ID)
    digest = next(file.digest for file in snapshot.files if file.path == WEIGHTS)
    partial = cache / f"models--{ID.replace('/', '--')}" / "blobs" / f"{digest}.incomplete"
    partial.parent.mkdir(parents=True)
    partial.write_bytes(bytes(5 * MIB))
    with pytest.raises(HubIntegrityError):
        snapshot.fetch([WEIGHTS])
    partial.write_bytes(bytes(30 * MIB))  # longer than the file: the hub has nothing to go on with
    assert_same(fetch_all(snapshot), large)


# Without a connection


def test_offline_with_a_full_cache(hub: LoopbackHub, folder: Path, commit: str) -> None:
    fetch_all(resolve(ID))
    hub.requests.clear()
    snapshot = resolve(ID, offline=True)
    assert (snapshot.revision, snapshot.offline, snapshot.listed) == (commit, True, True)
    assert set(snapshot.paths) == NEEDED | OTHER
    assert_same(fetch_all(snapshot), folder)
    assert_same(fetch_all(resolve(ID, commit, offline=True)), folder)
    assert not hub.requests


def test_offline_with_a_partial_cache(hub: LoopbackHub, commit: str, cache: Path) -> None:
    snapshot = resolve(ID)
    snapshot.fetch(NEEDED - {WEIGHTS, "merges.txt"})
    hub.requests.clear()
    with pytest.raises(HubOfflineError) as raised:
        fetch_all(resolve(ID, offline=True))
    message = str(raised.value)
    assert "lacks 2 of 7 files:\n  merges.txt (13 bytes)\n  pytorch_model.bin (3.0 kB)\n" in message
    assert f"hf download {ID} merges.txt pytorch_model.bin --revision {commit}\n" in message
    assert str(cache) in message
    assert isinstance(raised.value, InputError)
    assert not hub.requests


def test_offline_with_the_card_alone(hub: LoopbackHub, commit: str) -> None:
    resolve(ID).fetch(["README.md"])
    with pytest.raises(HubOfflineError) as raised:
        fetch_all(resolve(ID, offline=True))
    assert "lacks 6 of 7 files" in str(raised.value)
    assert all(f"  {path} (" in str(raised.value) for path in NEEDED - {"README.md"})


def test_offline_with_an_empty_cache(hub: LoopbackHub, commit: str, cache: Path) -> None:
    with pytest.raises(HubOfflineError) as raised:
        resolve(ID, offline=True)
    assert "'main'" in str(raised.value) and "it has none" in str(raised.value) and str(cache) in str(raised.value)
    assert f"hf download {ID} --revision main" in str(raised.value)
    assert not hub.requests
    assert not cache.exists()


def test_offline_with_another_revision(hub: LoopbackHub, commit: str) -> None:
    fetch_all(resolve(ID))
    with pytest.raises(HubOfflineError, match=f"no revision 'v2' .it has {commit}"):
        resolve(ID, "v2", offline=True)


def test_offline_with_a_cache_that_another_program_filled(hub: LoopbackHub, folder: Path, commit: str) -> None:
    for path in NEEDED:
        found = Path(hf_hub_download(ID, path))
    hub.requests.clear()
    snapshot = resolve(ID, offline=True)
    assert (snapshot.revision, snapshot.listed) == (commit, False)
    assert_same(fetch_all(snapshot), folder)
    (found.parent / WEIGHTS).resolve().write_bytes(b"x" * 3000)
    with pytest.raises(HubIntegrityError, match="expected the sha256"):  # the blob's name is its hash
        fetch_all(resolve(ID, offline=True))
    assert not hub.requests


def test_offline_with_a_cache_that_another_program_filled_in_part(hub: LoopbackHub, commit: str) -> None:
    for path in NEEDED - {WEIGHTS, "merges.txt"}:
        hf_hub_download(ID, path)
    with pytest.raises(HubOfflineError) as raised:
        resolve(ID, offline=True)
    missing = "\n  weights (model.safetensors or pytorch_model.bin)\n  a tokenizer"
    assert f"lacks files that a checkpoint needs:{missing}" in str(raised.value)
    assert commit in str(raised.value)


def test_what_is_kept_of_a_listing_is_checked(hub: LoopbackHub, folder: Path, commit: str, cache: Path) -> None:
    fetch_all(resolve(ID))
    (kept,) = cache.glob("models--*/.linnet/*.json")
    for content in (
        "",
        "{}",
        "[3]",
        json.dumps([{"path": "config.json", "size": -1, "sha256": None, "blob_id": None}]),
    ):
        kept.write_text(content)
        snapshot = resolve(ID, offline=True)
        assert not snapshot.listed
        assert_same(fetch_all(snapshot), folder)
    assert_same(fetch_all(resolve(ID)), folder)
    assert resolve(ID, offline=True).listed


@pytest.mark.parametrize(
    "more",
    [{"HF_HUB_OFFLINE": "1"}, {"TRANSFORMERS_OFFLINE": "1"}, {}],
    ids=["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "--offline"],
)
def test_offline_opens_no_connection(
    more: dict[str, str], hub: LoopbackHub, folder: Path, commit: str, cache: Path
) -> None:
    fetch_all(resolve(ID))
    hub.requests.clear()
    offline = f", offline={not more}"
    code = f"""
import socket
def refused(*arguments, **settings): raise SystemExit("a connection was opened")
socket.socket.connect = socket.getaddrinfo = refused
from linnet_export.source.hub import resolve
snapshot = resolve({ID!r}{offline})
print(snapshot.fetch(snapshot.conversion_files()))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], env=hub.environment(cache, **more), capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert_same(Path(done.stdout.strip()), folder)
    assert not hub.requests


# Settings of huggingface_hub


def test_the_environment(hub: LoopbackHub, folder: Path, tmp_path: Path) -> None:
    commit = hub.add_repository(ID, folder, token="hf_secret")
    environment = hub.environment(tmp_path / "unused", HF_TOKEN="hf_secret", HF_HOME=str(tmp_path / "home"))
    del environment["HF_HUB_CACHE"]
    code = f"from linnet_export.source.hub import resolve; s = resolve({ID!r}); print(s.fetch(s.conversion_files()))"
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    found = Path(done.stdout.strip())
    assert found == tmp_path / "home" / "hub" / f"models--{ID.replace('/', '--')}" / "snapshots" / commit
    assert_same(found, folder)
    assert {request.token for request in hub.requests if request.kind != "lfs"} == {"hf_secret"}
    assert {request.token for request in hub.requests if request.kind == "lfs"} == {None}  # it is told to no other host


def test_a_mirror(hub: LoopbackHub, folder: Path, commit: str, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with LoopbackHub() as mirror:
        mirror.add_repository(ID, folder)
        mirror.use(monkeypatch, cache)
        assert_same(fetch_all(resolve(ID)), folder)
        assert mirror.fetched() == NEEDED
    assert not hub.requests


def test_a_repository_that_needs_a_token(hub: LoopbackHub, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hub.add_repository(ID, folder, token="hf_secret")
    with pytest.raises(
        HubNotFoundError, match=f"no repository {ID}: .*spelling.*it is private: .*hf auth login.*HF_TOKEN"
    ):
        resolve(ID)
    monkeypatch.setenv("HF_TOKEN", "hf_other")
    with pytest.raises(HubNotFoundError, match="your token has no access"):
        resolve(ID)
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    assert_same(fetch_all(resolve(ID)), folder)


def test_a_gated_repository(hub: LoopbackHub, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hub.add_repository(ID, folder, token="hf_secret", gated=True)
    snapshot = resolve(ID)  # its listing is for everybody
    with pytest.raises(HubAccessError, match=f"gated: ask for access at {hub.url}/{ID}, then log in with") as raised:
        fetch_all(snapshot)
    assert isinstance(raised.value, InputError)
    monkeypatch.setenv("HF_TOKEN", "hf_other")
    with pytest.raises(HubAccessError, match="your token has no access: ask"):
        fetch_all(snapshot)
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    assert_same(fetch_all(snapshot), folder)


def test_a_repository_that_was_renamed(hub: LoopbackHub, folder: Path, commit: str) -> None:
    hub.renamed["cardiffnlp/as-it-was-called"] = ID
    snapshot = resolve("cardiffnlp/as-it-was-called")
    assert (snapshot.id, snapshot.revision) == ("cardiffnlp/as-it-was-called", commit)
    assert_same(fetch_all(snapshot), folder)
    assert_same(fetch_all(resolve("cardiffnlp/as-it-was-called", offline=True)), folder)


# What is not there


def test_no_such_repository(hub: LoopbackHub, commit: str) -> None:
    with pytest.raises(
        HubNotFoundError, match="no repository cardiffnlp/twitter-roberta: check the spelling"
    ) as raised:
        resolve("cardiffnlp/twitter-roberta")
    assert isinstance(raised.value, InputError)
    assert len(hub.requests) == 1  # trying again would not help


def test_no_such_revision(hub: LoopbackHub, commit: str) -> None:
    with pytest.raises(HubNotFoundError, match=r"no revision 'v9'.*--revision"):
        resolve(ID, "v9")


def test_no_such_file(hub: LoopbackHub, commit: str) -> None:
    with pytest.raises(HubNotFoundError, match=r"has no model.safetensors"):
        resolve(ID).fetch(["config.json", "model.safetensors"])
    assert not hub.fetched()


def test_a_listed_file_that_is_not_there(hub: LoopbackHub, commit: str) -> None:
    snapshot = resolve(ID)
    del hub.repositories[ID].commits[commit]["vocab.json"]
    with pytest.raises(HubNotFoundError, match="lists a file that it does not have"):
        fetch_all(snapshot)


def test_no_checkpoint(hub: LoopbackHub, tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "tensorflow")
    (folder / WEIGHTS).unlink()
    hub.add_repository(ID, folder)
    with pytest.raises(HubNotFoundError, match=r"it has no weights .model.safetensors or pytorch_model.bin"):
        resolve(ID).conversion_files()


def test_no_id(hub: LoopbackHub) -> None:
    with pytest.raises(HubNotFoundError, match="expected a hub id"):
        resolve("bert")
    assert not hub.requests


def test_no_connection(monkeypatch: pytest.MonkeyPatch, cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(client, "PAUSES", (0.0,) * 5)
    with socket.socket() as taken:  # bound, and nobody listens
        taken.bind(("127.0.0.1", 0))
        use_endpoint(monkeypatch, f"http://127.0.0.1:{taken.getsockname()[1]}", cache)
        with pytest.raises(HubConnectionError, match=r"no connection .http://127.* HF_ENDPOINT .*--offline") as raised:
            resolve(ID)
    assert not isinstance(raised.value, InputError)
    assert capsys.readouterr().err.count("no connection; trying again in 0 s") == 2


@pytest.mark.parametrize("status", [403, 418, 500, 504])
def test_other_answers(status: int, hub: LoopbackHub, commit: str) -> None:
    hub.answer("api", status, times=9)
    with pytest.raises(HubError, match=str(status)):
        resolve(ID)
    assert len(hub.requests) == (3 if status >= 500 else 1)


@pytest.mark.parametrize("page", [b"<html>Log in to the network</html>", b"[]", b"{}", b'{"id": "a/b", "sha": "x"}'])
def test_what_is_no_hub(page: bytes, hub: LoopbackHub, commit: str) -> None:
    hub.page = page
    with pytest.raises(HubConnectionError, match=r"does not answer as a Hugging Face hub does.*HF_ENDPOINT"):
        resolve(ID)


def test_a_listing_without_hashes(hub: LoopbackHub, commit: str) -> None:
    """What the listing lacks is in the headers of each file."""
    hub.names_only = True
    snapshot = resolve(ID)
    assert all(file.digest for file in snapshot.files)
    assert snapshot.fetch(["config.json"]).joinpath("config.json").is_file()
    hub.alter(ID, WEIGHTS)
    with pytest.raises(HubIntegrityError, match=WEIGHTS):
        snapshot.fetch([WEIGHTS])


def test_a_hub_without_hashes(hub: LoopbackHub, commit: str) -> None:
    hub.page = json.dumps({"id": ID, "sha": commit, "siblings": [{"rfilename": "config.json", "size": 3}]}).encode()
    with pytest.raises(HubConnectionError, match=r"no hash of config.json"):
        resolve(ID)


# The cache


def test_a_cache_that_cannot_be_written(hub: LoopbackHub, commit: str, cache: Path) -> None:
    cache.write_text("a file where the folder should be")
    with pytest.raises(HubCacheError, match=f"cannot write to the cache {cache}: .*HF_HUB_CACHE"):
        fetch_all(resolve(ID))


def test_no_room(hub: LoopbackHub, commit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    snapshot = resolve(ID)
    usage = shutil.disk_usage("/")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1000))
    with pytest.raises(HubCacheError, match=r"expected 3.1 kB of free space.*found 1.0 kB"):
        fetch_all(snapshot)
    assert not hub.fetched()


@pytest.mark.parametrize(
    ("size", "sha256", "blob_id"), [(-1, None, None), (None, None, None), (3, "0" * 40, None), (3, None, "g" * 40)]
)
def test_what_is_no_listing_of_a_file(size: Any, sha256: str | None, blob_id: str | None) -> None:
    with pytest.raises(ValueError, match="expected"):
        RemoteFile("config.json", size, sha256, blob_id)


@pytest.mark.parametrize("text", [ID, "a/b", "cardiffnlp/x_y.z-1", "_a/b_"])
def test_hub_ids(text: str) -> None:
    assert is_hub_id(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "bert",
        "a/b/c",
        "./a/b",
        "../b",
        "/a",
        "a/",
        "a//b",
        "a/b ",
        "a/.b",
        "a/b.",
        "a/b--c",
        "a/b.git",
        "a/" + 96 * "b",
    ],
)
def test_what_is_no_hub_id(text: str) -> None:
    assert not is_hub_id(text)
