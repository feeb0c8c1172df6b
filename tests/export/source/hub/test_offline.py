"""The real client without a connection."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hub_files import ID, NEEDED, OTHER, WEIGHTS, assert_same, fetch_all
from hub_server import LoopbackHub
from huggingface_hub import hf_hub_download
from linnet.errors import InputError
from linnet_export.errors import (
    HubIntegrityError,
    HubOfflineError,
)
from linnet_export.source.hub import resolve


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
