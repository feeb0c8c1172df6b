"""The real client against a hub on the loopback: what is asked for, and the settings that huggingface_hub has."""

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest
from hub_files import (
    ID,
    NEEDED,
    OTHER,
    WEIGHTS,
    assert_cache_in_order,
    assert_same,
    fetch_all,
    make_folder,
)
from hub_server import LoopbackHub
from huggingface_hub import hf_hub_download
from linnet.errors import InputError
from linnet_export.errors import (
    HubAccessError,
    HubNotFoundError,
)
from linnet_export.source.hub import resolve


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
