"""The real client against a hub on the loopback: files that are not what they should be, and the cache."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from hub_files import ID, MIB, WEIGHTS, assert_cache_in_order, assert_same, fetch_all
from hub_server import LoopbackHub
from linnet.errors import InputError
from linnet_export.errors import (
    HubCacheError,
    HubIntegrityError,
)
from linnet_export.source.hub import RemoteFile, is_hub_id, resolve


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
